// What the marks and the list have in common: elements, and an edit in words.

import { codePoints } from "./edits.js";
import { say } from "./texts.js";

// Blanks have no shape of their own, so a mark shows them by a sign.
const SIGNS = { " ": "␣", "\u3000": "␣", "\n": "↵", "\t": "⇥" };

/** An edit in words. */
export function sayEdit(edit) {
  return say(`say.${edit.type}`, edit.source, edit.target);
}

/** Its confidence in words. */
export function confidenceOf(edit) {
  return say("confidence", percent(edit));
}

/** Its confidence in per cent, rounded down: what shows 60 has reached a threshold of 60. */
export function percent(edit) {
  return Math.floor(edit.confidence * 100 + 1e-9);
}

/** A text in which blanks can be seen. */
export function signs(text) {
  return codePoints(text)
    .map((character) => SIGNS[character] ?? character)
    .join("");
}

/** An element with a class, a text and the language of that text; each may be missing. */
export function element(name, className = "", text = "", lang = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  if (lang) node.lang = lang;
  return node;
}

/** A button. */
export function button(className, onClick) {
  const node = element("button", className);
  node.type = "button";
  node.addEventListener("click", onClick);
  return node;
}
