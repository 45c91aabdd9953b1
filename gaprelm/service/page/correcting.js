// Asks the service for the text in the field, shows what it answers, and lets a person decide.

import { keyOf, stateOf } from "./edits.js";
import { Marks } from "./marks.js";
import { offerNames } from "./names.js";
import { Rows } from "./rows.js";
import { ask, Failure, Waiting } from "./service.js";
import { $, decisions, input, isAsked, isCurable, isTooLong, state, visibleEntries } from "./state.js";
import { showState } from "./status.js";
import { Thresholds } from "./thresholds.js";

let timer = 0;
let request = null;

export const thresholds = new Thresholds($("kinds"), update);
const marks = new Marks($("marked"), (edit, decision) => decide([edit], decision));
const rows = new Rows($("list"), (edit, decision) => decide([edit], decision), (entry) => marks.goTo(entry));
const waiting = new Waiting(() => {
  retry();
  refresh();
}, refresh);

/** Correct what stands in the text field, unless that has been done or is being done. */
export async function correct() {
  clearTimeout(timer);
  const text = input.value;
  if (state.composing || isAsked()) return;
  request?.abort();
  const asked = { text, names: state.names };
  if (!text.trim()) return show(asked, []);
  if (isTooLong()) return fail(new Failure("text_too_long"));
  // When the time has come, what stands in the field by then is asked for.
  if (waiting.left) return complain(waiting.reason);
  Object.assign(state, { asked, problem: null });
  request = new AbortController();
  refresh();
  try {
    if (!state.limit) {
      await readInfo();
      asked.names = state.names; // which was not known before
    }
    const answer = await ask("correct", bodyOf(asked), request.signal);
    waiting.stop();
    show(asked, answer.results[0].proposals);
  } catch (error) {
    if (error.name !== "AbortError") fail(error);
  }
}

/** Correct after a pause, unless there is more to come; without one, wait for the button. */
export function correctAfter(milliseconds) {
  clearTimeout(timer);
  if (milliseconds !== null) timer = setTimeout(correct, milliseconds);
}

/** Ask for the limits and thresholds of the service. */
export async function start() {
  try {
    await readInfo();
    waiting.stop();
    state.problem = null;
    update();
  } catch (error) {
    fail(error);
  }
}

/** Ask again for what failed. */
export function retry() {
  return input.value.trim() ? correct() : start();
}

/** Show that something went wrong; what runs goes on. */
export function complain(error) {
  state.problem = error instanceof Failure ? error : new Failure("http", String(error));
  refresh();
}

/** Bring everything shown into line with the decisions, thresholds and language. */
export function update() {
  setStates();
  marks.update();
  rows.update();
  refresh();
}

/** The same without the edits. */
export function refresh() {
  showState(waiting.left);
}

/** Accept or reject edits; null takes back what was decided of them. */
export function decide(edits, decision) {
  change(() => decisions.decide(edits.map(keyOf), decision));
}

/** Accept or reject all edits that are shown. */
export function decideAll(decision) {
  decide(visibleEntries().map((entry) => entry.edit), decision);
}

/** Take back the last decision, of one edit or of all. */
export function undo() {
  change(() => decisions.undo());
}

async function readInfo() {
  const info = await ask("info");
  thresholds.calibrate(info.thresholds);
  offerNames(info);
  state.limit = info.limits.max_length;
}

function bodyOf({ text, names }) {
  return { texts: [text], proposals: true, ...(names !== null && { options: { protect_names: names } }) };
}

function show(asked, edits) {
  const { text } = asked;
  decisions.follow(text, edits);
  const entries = edits.map((edit) => ({ edit, state: "off", mark: null, row: null }));
  Object.assign(state, { source: text, sourceNames: asked.names, entries, asked, problem: null });
  setStates();
  marks.show(text, entries);
  rows.show(text, entries);
  update();
}

function fail(error) {
  state.asked = null;
  complain(error);
  if (isCurable()) waiting.start(state.problem);
  refresh();
}

function setStates() {
  for (const entry of state.entries) entry.state = stateOf(entry.edit, decisions.made, thresholds.settings);
}

function change(made) {
  const focused = document.activeElement;
  made();
  state.safe = "";
  update();
  // What was pressed may have gone with its edit; then the keyboard goes on at the marks.
  if (focused && (!focused.isConnected || focused.disabled)) marks.focus();
}
