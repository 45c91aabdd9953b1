// The page: text in, corrections out, a person decides.

import { apply, carryOver, codePoints, keyOf, stateOf } from "./edits.js";
import { Marks } from "./marks.js";
import { known, preferredLanguage, say, setLanguage } from "./texts.js";
import { Thresholds } from "./thresholds.js";

const EXAMPLE = "我再家看书。\n今天下雨了，我们不公园。\n他在在图书馆学习。";
const PAUSE_MS = 400; // of typing, before the text is corrected

const $ = (id) => document.getElementById(id);
const input = $("input");
const state = { source: "", edits: [], decisions: new Map(), asked: null, limit: null, problem: null };
let composing = false;
let timer = 0;
let request = null;

const thresholds = new Thresholds($("kinds"), update);
const marks = new Marks($("marked"), $("edits"), (edit, decision) => {
  if (decision) state.decisions.set(keyOf(edit), decision);
  else state.decisions.delete(keyOf(edit));
  update();
});

/** Correct what stands in the text field, unless that has been done or is being done. */
async function correct() {
  clearTimeout(timer);
  const text = input.value;
  if (composing || text === state.asked) return;
  request?.abort();
  if (!text.trim()) return show(text, []);
  if (state.limit && codePoints(text).length > state.limit) return fail("text_too_long");
  state.asked = text;
  request = new AbortController();
  setStatus("working");
  $("marked").setAttribute("aria-busy", "true");
  try {
    const answer = await post({ texts: [text], proposals: true }, request.signal);
    show(text, answer.results[0].proposals);
  } catch (error) {
    if (error.name === "AbortError") return;
    fail(error.code ?? "network", error.message);
  }
}

async function post(body, signal) {
  const response = await fetch("correct", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.detail), { code: answer.code });
}

function show(text, edits) {
  const decisions = carryOver(state.source, text, state.edits, state.decisions);
  Object.assign(state, { source: text, edits, decisions, asked: text, problem: null });
  marks.show(text, edits);
  update();
}

function fail(code, detail) {
  Object.assign(state, { asked: null, problem: { code, detail } });
  update();
}

/** Bring everything shown into line with the decisions, thresholds and language. */
function update() {
  const made = marks.update(state.decisions, thresholds.settings);
  const visible = marks.visible().length;
  $("marked").setAttribute("aria-busy", "false");
  $("list").hidden = visible === 0;
  $("copy").disabled = state.source === "";
  $("accept-all").disabled = $("reject-all").disabled = visible === 0;
  $("problem").hidden = state.problem === null;
  $("problem").textContent = state.problem ? problemText(state.problem) : "";
  showCount();
  const outdated = input.value !== state.source;
  $("marked").classList.toggle("outdated", outdated);
  if (state.problem || (outdated && state.asked === input.value)) return;
  if (outdated && state.source) setStatus("outdated");
  else if (!state.source.trim()) setStatus(null);
  else if (visible) setStatus("found", made, state.edits.length);
  else if (state.edits.length) setStatus("below", state.edits.length);
  else setStatus("clean");
}

function problemText({ code, detail }) {
  return known(`problem.${code}`) ? say(`problem.${code}`, state.limit) : say("problem", detail);
}

function setStatus(key, ...values) {
  $("status").textContent = key === null ? "" : say(key, ...values);
}

function showCount() {
  const length = codePoints(input.value).length;
  $("count").textContent = state.limit ? say("count", length, state.limit) : say("countOnly", length);
  $("count").classList.toggle("over", Boolean(state.limit) && length > state.limit);
}

function result() {
  const made = (edit) => ["made", "accepted"].includes(stateOf(edit, state.decisions, thresholds.settings));
  return apply(state.source, state.edits, made);
}

async function copy() {
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(result());
    else copyOldWay(result());
    setStatus("copied");
  } catch {
    setStatus("notCopied");
  }
}

// Browsers offer navigator.clipboard on https and this machine only; a service in the local network needs the old way.
function copyOldWay(text) {
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "offscreen" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  $("copy").focus();
  if (!done) throw new Error("not copied");
}

function decideAll(decision) {
  for (const edit of marks.visible()) state.decisions.set(keyOf(edit), decision);
  update();
}

function setText(text) {
  input.value = text;
  update();
  correct();
  input.focus();
}

function onInput(event) {
  update();
  clearTimeout(timer);
  // While an input method composes, the field holds half-written syllables that are not the text yet.
  if (composing || event.isComposing || !$("live").checked) return;
  timer = setTimeout(correct, event.inputType === "insertFromPaste" ? 0 : PAUSE_MS);
}

input.addEventListener("compositionstart", () => {
  composing = true;
  clearTimeout(timer);
});
input.addEventListener("compositionend", (event) => {
  composing = false;
  onInput(event);
});
input.addEventListener("input", onInput);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) correct();
});
$("correct").addEventListener("click", correct);
$("example").addEventListener("click", () => setText(EXAMPLE));
$("clear").addEventListener("click", () => setText(""));
$("live").addEventListener("change", () => $("live").checked && correct());
$("copy").addEventListener("click", copy);
$("accept-all").addEventListener("click", () => decideAll("accepted"));
$("reject-all").addEventListener("click", () => decideAll("rejected"));
$("calibrated").addEventListener("click", () => {
  thresholds.reset();
  update();
});
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    setLanguage(button.dataset.language);
    thresholds.relabel();
    update();
  });
}

setLanguage(preferredLanguage());
thresholds.relabel();
update();
try {
  const info = await (await fetch("info")).json();
  state.limit = info.limits.max_length;
  thresholds.calibrate(info.thresholds);
  update();
} catch {
  fail("network");
}
