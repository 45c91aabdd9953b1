// Whole texts: put into the field, brought back, opened, copied, saved.

import { complain, correct, refresh } from "./correcting.js";
import { copy, write } from "./field.js";
import { encode, nameFor, open, save } from "./files.js";
import { input, replaced, result, state } from "./state.js";
import { guard, setStatus } from "./status.js";

const EXAMPLE = "我再家看书。\n今天下雨了，我们不公园。\n他在在图书馆学习。";

/** Put the example into the field. */
export function putExample() {
  state.safe = EXAMPLE;
  replaceText({ text: EXAMPLE });
}

/** Empty the field. */
export function clear() {
  replaceText({ text: "" });
}

/** Put the text that was replaced last into the field again. */
export function bringBack() {
  put(replaced.exchange(standing()));
}

/** Put what a file holds into the field. */
export async function openFile(file) {
  try {
    const opened = await open(file);
    state.safe = opened.text.replace(/\r\n?/g, "\n"); // as the field has it
    replaceText({ text: state.safe, file: opened });
  } catch (error) {
    complain(error);
  }
}

/** Put the result into the clipboard. */
export async function copyResult() {
  try {
    await copy(result());
    keptElsewhere();
    setStatus("copied");
  } catch {
    setStatus("notCopied");
  }
}

/** Save the result as a file. */
export function saveResult() {
  save(nameFor(state.file), encode(result(), state.file));
  keptElsewhere();
}

function standing() {
  return { text: input.value, file: state.file };
}

function replaceText(entry) {
  if (input.value !== EXAMPLE) replaced.keep(standing());
  put(entry);
}

function put({ text, file = null }) {
  state.file = file;
  write(input, text);
  refresh();
  correct();
  // On a phone the field would call up its keyboard, over the result.
  if (text && matchMedia("(hover: none)").matches) input.blur();
}

function keptElsewhere() {
  state.safe = state.source;
  guard();
}
