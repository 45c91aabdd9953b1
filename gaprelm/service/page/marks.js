// The corrected text with its edits marked in place. Everything shown is set as text, never as markup.

import { Block, cutIntoBlocks } from "./blocks.js";
import { codePoints, isMade } from "./edits.js";
import { confidenceOf, element, percent, sayEdit, signs } from "./elements.js";
import { language, say } from "./texts.js";

const AT_ONCE = 2; // blocks drawn before the browser says which are near
const NEAR = "100% 0px"; // as many heights of the field above and below count as near

export class Marks {
  /**
   * @param {HTMLElement} container for the marked text
   * @param {(edit: object, decision: "accepted" | "rejected") => void} onDecide what a person wants of an edit
   */
  constructor(container, onDecide) {
    Object.assign(this, { container, onDecide, entries: [], blocks: [], stop: null });
    container.addEventListener("keydown", (event) => this.#onKey(event));
    this.observer = new IntersectionObserver((seen) => this.#onSight(seen), { root: container, rootMargin: NEAR });
  }

  /**
   * Show a text.
   * @param {string} text of the user
   * @param {{edit: object, state: string}[]} entries all its proposals in ascending order, each with its state
   */
  show(text, entries) {
    const before = this.blocks.map((block) => block.drawn);
    const characters = codePoints(text);
    const marks = { create: (entry) => this.#create(entry), describe };
    this.observer.disconnect();
    this.entries = entries;
    this.blocks = cutIntoBlocks(characters, entries).map((part) => new Block(characters, part, marks));
    this.container.replaceChildren(...this.blocks.map((block) => block.node));
    // Most texts differ little from the one before, so what was near still is.
    this.blocks.forEach((block, index) => (index < AT_ONCE || before[index] ? block.draw(true) : block.update()));
    for (const block of this.blocks) this.observer.observe(block.node);
    this.#setTabStop();
  }

  /** Bring the marks into line with the states of the entries, and with the language. */
  update() {
    for (const block of this.blocks) block.update();
    this.#setTabStop();
  }

  /** Bring an edit into sight and give it the keyboard. */
  goTo(entry) {
    this.blocks.find((block) => block.entries.includes(entry)).draw(true);
    this.stop = entry;
    this.#setTabStop();
    entry.mark.scrollIntoView({ block: "center" });
    entry.mark.focus({ preventScroll: true });
    entry.mark.classList.add("sought");
  }

  /** Give the keyboard to a mark, if there is one. */
  focus() {
    this.#drawnEntries().find((entry) => entry.mark.tabIndex === 0)?.mark.focus();
  }

  #onSight(seen) {
    const blocks = new Map(this.blocks.map((block) => [block.node, block]));
    for (const { target, isIntersecting } of seen) blocks.get(target)?.draw(isIntersecting);
    this.#setTabStop();
  }

  #create(entry) {
    const { edit } = entry;
    const mark = element("button", `mark ${edit.type}`);
    mark.type = "button";
    if (edit.source) mark.append(element("span", "old", signs(edit.source), "zh"));
    if (edit.target) mark.append(element("span", "new", signs(edit.target), "zh"));
    mark.append(element("span", "percent", String(percent(edit))));
    mark.addEventListener("blur", () => mark.classList.remove("sought"));
    mark.addEventListener("click", () => this.onDecide(edit, isMade(entry) ? "rejected" : "accepted"));
    return mark;
  }

  // The marks are one stop of the Tab key; arrows move among them.
  #setTabStop() {
    const drawn = this.#drawnEntries();
    if (!drawn.includes(this.stop)) this.stop = drawn[0] ?? null;
    for (const entry of drawn) entry.mark.tabIndex = entry === this.stop ? 0 : -1;
  }

  #drawnEntries() {
    return this.blocks.flatMap((block) => (block.drawn ? block.shown : []));
  }

  #onKey(event) {
    const entries = this.entries.filter((entry) => entry.state !== "off");
    const index = entries.findIndex((entry) => entry.mark === event.target);
    if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: entries.length - 1 }[event.key];
    const decision = { a: "accepted", r: "rejected" }[event.key.toLowerCase()];
    if (entries[next]) this.goTo(entries[next]);
    else if (decision) this.onDecide(entries[index].edit, decision);
    if (next !== undefined || decision) event.preventDefault();
  }
}

/** Say what a mark stands for, unless that is said already. */
function describe({ edit, state, mark }) {
  if (mark.dataset.state === state && mark.dataset.language === language()) return;
  Object.assign(mark.dataset, { state, language: language() });
  if (edit.type === "delete") mark.dataset.word = say("deleteWord");
  mark.setAttribute("aria-pressed", String(isMade({ state })));
  mark.title = [sayEdit(edit), confidenceOf(edit), say(state)].join(", ");
  mark.setAttribute("aria-label", mark.title);
}
