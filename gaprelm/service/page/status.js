// Says how things stand: what is under way, what went wrong, which buttons have something to do.

import { codePoints, isMade } from "./edits.js";
import {
  $, decisions, input, isCurable, isOtherText, isOutdated, isTooLong, isUnsaved, isWorking, replaced, state,
  visibleEntries,
} from "./state.js";
import { known, say } from "./texts.js";

/** Bring everything but the edits themselves into line with the state. `left`: seconds until the service is asked again. */
export function showState(left) {
  const empty = !input.value.trim() && !state.source.trim();
  const visible = visibleEntries().length;
  $("welcome").hidden = !empty;
  $("marked").hidden = empty;
  $("marked").classList.toggle("outdated", isOutdated());
  $("marked").setAttribute("aria-busy", String(isWorking()));
  // What would be copied now is not what stands in the field.
  $("copy").disabled = $("save").disabled = isOutdated() || state.source === "";
  $("accept-all").disabled = $("reject-all").disabled = visible === 0;
  $("undo").disabled = !decisions.undoable;
  $("bring-back").hidden = !replaced.offers(input.value);
  showStatus(visible);
  showProblem(left);
  showCount();
  showFile();
  guard();
}

/** Show one line on the result until something changes. */
export function setStatus(key, ...values) {
  setText("status", key === null ? "" : say(key, ...values));
}

/** The browser asks before it throws away a text that stands nowhere else. */
export function guard() {
  window.onbeforeunload = isUnsaved() ? () => true : null;
}

function showStatus(visible) {
  if (isWorking()) setStatus("working");
  else if (isOtherText() && state.source) setStatus("outdated");
  else if (isOutdated() || !state.source.trim()) setStatus(null);
  else if (visible) setStatus("found", state.entries.filter(isMade).length, state.entries.length);
  else if (state.entries.length) setStatus("below", state.entries.length);
  else setStatus("clean");
}

function showProblem(left) {
  const { problem } = state;
  $("problem").hidden = problem === null;
  setText("problem-text", problem ? problemText(problem) : "");
  setText("again-in", isCurable() && left ? say("again", left) : "");
  $("try-again").hidden = !isCurable() || left > 0;
}

function problemText({ code, message }) {
  return known(`problem.${code}`) ? say(`problem.${code}`, state.limit) : say("problem", message);
}

function showCount() {
  const { length } = codePoints(input.value);
  setText("count", state.limit ? say("count", length, state.limit) : say("countOnly", length));
  $("count").classList.toggle("over", isTooLong());
}

function showFile() {
  const { file } = state;
  const parts = file ? [say("opened", file.name)] : [];
  if (file && file.encoding !== "utf-8") parts.push(say("readAs", file.encoding.toUpperCase()));
  if (file?.mixed) parts.push(say("mixedLines"));
  $("opened").hidden = file === null;
  setText("opened", parts.join(" "));
}

// What has not changed is not set again, or screen readers would say it again.
function setText(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}
