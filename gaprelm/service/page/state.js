// How things stand: the text in the field, the result that is shown, and what follows from the two.

import { apply, codePoints, isMade } from "./edits.js";
import { Decisions, ReplacedTexts } from "./history.js";

export const $ = (id) => document.getElementById(id);
export const input = $("input");

export const state = {
  source: "", // the text that the result belongs to
  sourceNames: null, // what `names` was for it
  entries: [], // its edits: {edit, state, mark, row}
  asked: null, // what the service was asked for last: {text, names}
  names: null, // whether names stay as they are; null if the service cannot find them
  limit: null, // characters of one text, once the service has said so
  problem: null, // a Failure
  file: null, // what the text was opened from
  safe: "", // a text that stands elsewhere as well
  composing: false, // an input method holds half-written syllables, which are not the text yet
};
export const decisions = new Decisions();
export const replaced = new ReplacedTexts();

// What asking again does not cure.
const FINAL = ["text_too_long", "not_unicode", "body_too_large", "not_text", "not_readable", "file_too_large"];

/** Whether the result belongs to another text than the one in the field. */
export function isOtherText() {
  return input.value !== state.source;
}

/** Whether the result is not what the service would answer now. */
export function isOutdated() {
  return isOtherText() || state.names !== state.sourceNames;
}

/** Whether the service was asked last for what stands in the field. */
export function isAsked() {
  return state.asked?.text === input.value && state.asked.names === state.names;
}

/** Whether the service has been asked for the text in the field, and has not answered. */
export function isWorking() {
  return isOutdated() && isAsked();
}

export function isTooLong() {
  return state.limit !== null && codePoints(input.value).length > state.limit;
}

/** Whether the text in the field would be lost with the page. */
export function isUnsaved() {
  return input.value.trim() !== "" && input.value !== state.safe;
}

/** Whether to ask again may help. */
export function isCurable() {
  return state.problem !== null && !FINAL.includes(state.problem.code);
}

/** The edits that are shown. */
export function visibleEntries() {
  return state.entries.filter((entry) => entry.state !== "off");
}

/** The text with the edits that are made. */
export function result() {
  return apply(state.source, state.entries.map((entry) => ({ ...entry.edit, state: entry.state })), isMade);
}
