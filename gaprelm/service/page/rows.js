// The list of edits: a row each, so many on a page of it that a long text stays quick.

import { keepingFocus } from "./blocks.js";
import { codePoints } from "./edits.js";
import { button, confidenceOf, element, sayEdit, signs } from "./elements.js";
import { language, say } from "./texts.js";

const PAGE = 50; // rows shown at a time
const CONTEXT = 4; // characters shown on either side of an edit

export class Rows {
  /**
   * @param {HTMLElement} section with an `ol`, and a `.pages` that holds two buttons around a `span`
   * @param {(edit: object, decision: "accepted" | "rejected" | null) => void} onDecide what a person wants of an edit
   * @param {(entry: object) => void} onPlace a person wants to see its place
   */
  constructor(section, onDecide, onPlace) {
    Object.assign(this, { section, onDecide, onPlace, characters: [], entries: [], shown: [], first: 0 });
    this.list = section.querySelector("ol");
    this.pages = section.querySelector(".pages");
    const [earlier, later] = this.pages.querySelectorAll("button");
    Object.assign(this, { earlier, later, range: this.pages.querySelector("span") });
    earlier.addEventListener("click", () => this.#turn(-PAGE));
    later.addEventListener("click", () => this.#turn(PAGE));
  }

  /** Show a text's proposals, each with its state; `update` draws them. */
  show(text, entries) {
    Object.assign(this, { characters: codePoints(text), entries });
  }

  /** Bring the rows into line with the states of the entries, and with the language. */
  update() {
    const visible = this.entries.filter((entry) => entry.state !== "off");
    const last = Math.max(0, Math.ceil(visible.length / PAGE) - 1) * PAGE;
    this.first = Math.min(this.first, last);
    const page = visible.slice(this.first, this.first + PAGE);
    for (const entry of page) this.#describe((entry.row ??= this.#create(entry)), entry);
    if (page.length !== this.shown.length || page.some((entry, i) => entry !== this.shown[i])) this.#replace(page);
    this.section.hidden = visible.length === 0;
    this.pages.hidden = visible.length <= PAGE;
    this.earlier.disabled = this.first === 0;
    this.later.disabled = this.first === last;
    this.range.textContent = say("range", this.first + 1, this.first + page.length, visible.length);
  }

  #replace(page) {
    const gone = this.shown.filter((entry) => !page.includes(entry));
    keepingFocus(() => this.list.replaceChildren(...page.map((entry) => entry.row.node)));
    for (const entry of gone) entry.row = null;
    this.shown = page;
  }

  #turn(by) {
    this.first = Math.max(0, this.first + by);
    this.update();
    this.section.scrollIntoView({ block: "start" });
  }

  #create(entry) {
    const { edit } = entry;
    const node = element("li");
    const kind = element("span", `kind ${edit.type}`);
    const word = element("span", "word");
    const change = button(`change ${edit.type}`, () => this.onPlace(entry));
    change.append(...this.#change(edit, word));
    const meter = Object.assign(element("meter"), { min: 0, max: 1, value: edit.confidence });
    meter.setAttribute("aria-hidden", "true");
    const confidence = element("span", "confidence");
    const choice = element("span", "choice");
    const buttons = {};
    for (const decision of ["accepted", "rejected"]) {
      buttons[decision] = button("", () => this.onDecide(edit, entry.state === decision ? null : decision));
      choice.append(buttons[decision]);
    }
    node.append(kind, change, meter, confidence, choice);
    return { node, kind, change, word, confidence, buttons };
  }

  #change({ start, end, source, target }, word) {
    const context = (from, to) => element("span", "context", signs(this.characters.slice(from, to).join("")), "zh");
    const parts = [context(Math.max(start - CONTEXT, 0), start), " "];
    if (source) parts.push(element("span", "old", signs(source), "zh"));
    if (source) parts.push(" → ");
    parts.push(target ? element("span", "new", signs(target), "zh") : word, " ", context(end, end + CONTEXT));
    return parts;
  }

  #describe(row, { edit, state }) {
    if (row.state === state && row.language === language()) return;
    Object.assign(row, { state, language: language() });
    row.node.dataset.state = state;
    row.kind.textContent = say(edit.type);
    row.word.textContent = say("deleted");
    row.change.title = say("showPlace");
    row.change.setAttribute("aria-label", `${row.change.title}: ${sayEdit(edit)}`);
    row.confidence.textContent = confidenceOf(edit);
    for (const [decision, node] of Object.entries(row.buttons)) {
      node.textContent = say(decision === "accepted" ? "accept" : "reject");
      node.setAttribute("aria-label", `${node.textContent}: ${sayEdit(edit)}`);
      node.setAttribute("aria-pressed", String(state === decision));
    }
  }
}
