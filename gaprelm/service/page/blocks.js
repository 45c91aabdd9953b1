// A text in blocks, so that of a long one only what is near the eye holds marks; the rest is plain corrected text.

import { apply, isMade } from "./edits.js";

const LEAST = 200; // characters of a block; then it ends at the next sign of punctuation,
const MOST = 300; // or here at the latest
const STOPS = new Set("\n。！？；，.!?;,");

/** Cut a text between its edits: [{start, end, entries}], which cover all characters and all entries in their order. */
export function cutIntoBlocks(characters, entries) {
  const blocks = [];
  let [start, next] = [0, 0];
  while (start < characters.length || next < entries.length) {
    const first = next;
    let end = Math.min(blockEnd(characters, start), characters.length);
    const last = end === characters.length;
    // An insertion right at the end belongs to the block that begins there; at the end of the text there is no other.
    while (next < entries.length && (last || entries[next].edit.start < end)) {
      end = Math.max(end, entries[next].edit.end);
      next += 1;
    }
    blocks.push({ start, end, entries: entries.slice(first, next) });
    start = end;
  }
  return blocks;
}

function blockEnd(characters, start) {
  let end = start + LEAST;
  while (end < start + MOST && !STOPS.has(characters[end - 1])) end += 1;
  return end;
}

/** One block on the page: drawn with marks, or at rest as plain text. */
export class Block {
  /**
   * @param {string[]} characters of the whole text
   * @param {{start: number, end: number, entries: object[]}} part which of them, and the edits there
   * @param {{create: (entry: object) => HTMLElement, describe: (entry: object) => void}} marks makes a mark, and words it
   */
  constructor(characters, { start, end, entries }, marks) {
    Object.assign(this, { start, entries, marks, drawn: false, shown: null });
    this.characters = characters.slice(start, end);
    this.node = document.createElement("span");
  }

  /** Bring it into line with the states of its entries. */
  update() {
    if (this.drawn) this.#fill();
    else this.#rest();
  }

  /** Show marks, or plain text. A mark that has the keyboard stays. */
  draw(drawn) {
    if (drawn === this.drawn || (!drawn && this.node.contains(document.activeElement))) return;
    Object.assign(this, { drawn, shown: null });
    if (!drawn) for (const entry of this.entries) entry.mark = null;
    this.update();
  }

  #rest() {
    const edits = this.entries.map(({ edit, state }) => ({ ...this.#within(edit), state }));
    const text = apply(this.characters.join(""), edits, isMade);
    if (this.node.textContent !== text) this.node.textContent = text;
  }

  #fill() {
    const visible = this.entries.filter((entry) => entry.state !== "off");
    for (const entry of visible) {
      entry.mark ??= this.marks.create(entry);
      this.marks.describe(entry);
    }
    if (this.shown?.length === visible.length && this.shown.every((entry, i) => entry === visible[i])) return;
    this.shown = visible;
    keepingFocus(() => this.node.replaceChildren(...this.#parts(visible)));
  }

  #parts(visible) {
    const parts = [];
    let done = 0;
    for (const { edit, mark } of visible) {
      const { start, end } = this.#within(edit);
      parts.push(this.characters.slice(done, start).join(""), mark);
      done = end;
    }
    return [...parts, this.characters.slice(done).join("")];
  }

  #within(edit) {
    return { start: edit.start - this.start, end: edit.end - this.start, target: edit.target };
  }
}

/** Change the page; what has the keyboard, and is put back in its place, has it again. */
export function keepingFocus(change) {
  const focused = document.activeElement;
  change();
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}
