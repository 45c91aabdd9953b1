// What a person did, so that it can be taken back: decisions, and texts that another one took the place of.

import { carryOver } from "./edits.js";

const KEPT = 50; // steps; each holds all decisions of its time
const TEXTS = 20;

/** The decisions of a text, and the steps that led to them. */
export class Decisions {
  #steps = [];
  #lost = new Map();

  constructor() {
    Object.assign(this, { text: "", edits: [], made: new Map() });
  }

  /** Whether there is a step to take back. */
  get undoable() {
    return this.#steps.length > 0;
  }

  /** Decide some edits in one step; null takes the decision about them back. */
  decide(keys, decision) {
    this.#steps.push({ text: this.text, edits: this.edits, made: new Map(this.made) });
    this.#steps.splice(0, this.#steps.length - KEPT);
    for (const key of keys) {
      if (decision) this.made.set(key, decision);
      else this.made.delete(key);
    }
  }

  /** Take the last step back, even if the text has changed elsewhere since. */
  undo() {
    const step = this.#steps.pop();
    if (step) this.made = carryOver(step.text, this.text, step.edits, step.made);
  }

  /**
   * Go on with another text: decisions stay where nothing around them changed. A text that comes back, as by Ctrl+Z,
   * has those again that were lost when it went.
   */
  follow(text, edits) {
    const carried = carryOver(this.text, text, this.edits, this.made);
    if (carried.size < this.made.size) remember(this.#lost, this.text, { made: this.made, steps: [...this.#steps] });
    const known = this.#lost.get(text);
    // Where nothing was carried over, it is not the same text, and what was done to that one means nothing here.
    if (this.made.size && !carried.size) this.#steps = [];
    if (!this.#steps.length) this.#steps = [...(known?.steps ?? [])];
    this.made = new Map([...(known?.made ?? []), ...carried]);
    Object.assign(this, { text, edits });
  }
}

function remember(map, key, value) {
  map.delete(key);
  map.set(key, value);
  if (map.size > TEXTS) map.delete(map.keys().next().value);
}

/** Texts that another one took the place of: {text, …}. */
export class ReplacedTexts {
  #texts = [];

  /** Whether there is another one than the text that stands there now. */
  offers(text) {
    return this.#texts.some((entry) => entry.text !== text);
  }

  /** Keep one. A blank text is not worth it. */
  keep(entry) {
    this.#drop(entry);
    if (entry.text.trim()) this.#texts.push(entry);
    this.#texts.splice(0, this.#texts.length - TEXTS);
  }

  /** The last one, for the one that stands there now. That goes to the other end, so that each comes in its turn. */
  exchange(entry) {
    this.#drop(entry);
    const last = this.#texts.pop();
    if (entry.text.trim()) this.#texts.unshift(entry);
    return last;
  }

  #drop({ text }) {
    this.#texts = this.#texts.filter((other) => other.text !== text);
  }
}
