// The corrected text with its edits marked in place, and the list of them. Everything shown is set as text, never as markup.

import { codePoints, keyOf, stateOf } from "./edits.js";
import { say } from "./texts.js";

const MADE = new Set(["made", "accepted"]);
const CONTEXT = 6; // characters shown on either side of an edit in the list
// Blanks have no shape of their own, so a mark shows them by a sign.
const SIGNS = { " ": "␣", "\u3000": "␣", "\n": "↵", "\t": "⇥" };

export class Marks {
  /**
   * @param {HTMLElement} container for the marked text
   * @param {HTMLElement} list for a row an edit
   * @param {(edit: object, decision: "accepted" | "rejected" | null) => void} onDecide what a person wants of an edit
   */
  constructor(container, list, onDecide) {
    Object.assign(this, { container, list, onDecide, entries: [] });
    container.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Show a text with all its proposals; `update` then says which are visible. */
  show(text, edits) {
    const characters = codePoints(text);
    const parts = [];
    let done = 0;
    this.entries = edits.map((edit) => {
      parts.push(characters.slice(done, edit.start).join(""));
      done = edit.end;
      const entry = { edit, plain: document.createTextNode(edit.source), ...this.#mark(edit), ...this.#row(edit, characters) };
      parts.push(entry.plain, entry.mark);
      return entry;
    });
    this.container.replaceChildren(...parts, characters.slice(done).join(""));
    this.list.replaceChildren(...this.entries.map((entry) => entry.row));
  }

  /** Show each edit in its state; returns how many are made. */
  update(decisions, settings) {
    const language = document.documentElement.lang;
    for (const entry of this.entries) {
      const state = stateOf(entry.edit, decisions, settings);
      // A long text has thousands of proposals, of which a move of a threshold changes few.
      if (state === entry.state && language === entry.language) continue;
      Object.assign(entry, { state, language });
      const off = state === "off";
      entry.plain.data = off ? entry.edit.source : "";
      entry.mark.hidden = entry.row.hidden = off;
      if (!off) this.#describe(entry);
    }
    this.#setTabStop();
    return this.entries.filter((entry) => MADE.has(entry.state)).length;
  }

  #describe({ edit, state, mark, row, kind, confidence, buttons }) {
    mark.dataset.state = row.dataset.state = state;
    mark.setAttribute("aria-pressed", String(MADE.has(state)));
    const likelihood = say("confidence", percent(edit));
    mark.title = [sayEdit(edit), likelihood, say(state)].join(", ");
    mark.setAttribute("aria-label", mark.title);
    kind.textContent = say(edit.type);
    confidence.textContent = likelihood;
    for (const [decision, button] of Object.entries(buttons)) {
      button.textContent = say(decision === "accepted" ? "accept" : "reject");
      button.setAttribute("aria-label", `${button.textContent}: ${sayEdit(edit)}`);
      button.setAttribute("aria-pressed", String(state === decision));
    }
  }

  /** The edits that are visible now. */
  visible() {
    return this.entries.filter((entry) => entry.state !== "off").map((entry) => entry.edit);
  }

  #mark(edit) {
    const mark = element("button", `mark ${edit.type}`);
    mark.type = "button";
    mark.dataset.key = keyOf(edit);
    if (edit.source) mark.append(element("span", "old", signs(edit.source), "zh"));
    if (edit.target) mark.append(element("span", "new", signs(edit.target), "zh"));
    mark.append(element("span", "percent", String(percent(edit))));
    mark.addEventListener("click", () => this.#decide(edit, MADE.has(this.#stateOf(edit)) ? "rejected" : "accepted"));
    return { mark };
  }

  #row(edit, characters) {
    const row = element("li");
    const kind = element("span", `kind ${edit.type}`);
    const change = element("span", `change ${edit.type}`);
    const before = characters.slice(Math.max(edit.start - CONTEXT, 0), edit.start);
    const after = characters.slice(edit.end, edit.end + CONTEXT);
    change.append(element("span", "context", signs(before.join("")), "zh"), " ");
    if (edit.source) change.append(element("span", "old", signs(edit.source), "zh"));
    if (edit.source && edit.target) change.append(" → ");
    if (edit.target) change.append(element("span", "new", signs(edit.target), "zh"));
    change.append(" ", element("span", "context", signs(after.join("")), "zh"));
    const meter = element("meter");
    Object.assign(meter, { min: 0, max: 1, value: edit.confidence });
    meter.setAttribute("aria-hidden", "true");
    const confidence = element("span", "confidence");
    const buttons = {};
    const choice = element("span", "choice");
    for (const decision of ["accepted", "rejected"]) {
      const button = element("button");
      button.type = "button";
      button.addEventListener("click", () => this.#decide(edit, this.#stateOf(edit) === decision ? null : decision));
      buttons[decision] = button;
      choice.append(button);
    }
    row.append(kind, change, meter, confidence, choice);
    return { row, kind, confidence, buttons };
  }

  #stateOf(edit) {
    return this.entries.find((entry) => entry.edit === edit).state;
  }

  #decide(edit, decision) {
    const focused = document.activeElement;
    this.onDecide(edit, decision);
    // What was pressed may have gone with its edit; then the keyboard goes on at the next place that is there.
    if (focused?.closest("[hidden]")) this.#visibleMarks()[0]?.focus();
  }

  // The marks are one stop of the Tab key; arrows move among them.
  #setTabStop() {
    const marks = this.#visibleMarks();
    const current = marks.find((mark) => mark.tabIndex === 0) ?? marks[0];
    for (const mark of marks) mark.tabIndex = mark === current ? 0 : -1;
  }

  #visibleMarks() {
    return this.entries.map((entry) => entry.mark).filter((mark) => !mark.hidden);
  }

  #onKey(event) {
    const marks = this.#visibleMarks();
    const index = marks.indexOf(event.target);
    if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: marks.length - 1 }[event.key];
    const decision = { a: "accepted", r: "rejected" }[event.key.toLowerCase()];
    if (marks[next]) {
      for (const mark of marks) mark.tabIndex = -1;
      marks[next].tabIndex = 0;
      marks[next].focus();
    } else if (decision) {
      this.#decide(this.entries.find((entry) => entry.mark === event.target).edit, decision);
    }
    if (next !== undefined || decision) event.preventDefault();
  }
}

function sayEdit(edit) {
  return say(`say.${edit.type}`, edit.source, edit.target);
}

function percent(edit) {
  // Rounded down: what shows 60 has reached a threshold of 60.
  return Math.floor(edit.confidence * 100 + 1e-9);
}

function signs(text) {
  return codePoints(text)
    .map((character) => SIGNS[character] ?? character)
    .join("");
}

function element(name, className = "", text = "", lang = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  if (lang) node.lang = lang;
  return node;
}
