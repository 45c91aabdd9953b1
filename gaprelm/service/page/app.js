// The page: text in, corrections out, a person decides.

import { apply, codePoints, isMade, keyOf, stateOf } from "./edits.js";
import { copy, write } from "./field.js";
import { encode, nameFor, open, save } from "./files.js";
import { Decisions, ReplacedTexts } from "./history.js";
import { Marks } from "./marks.js";
import { Rows } from "./rows.js";
import { ask, Failure, Waiting } from "./service.js";
import { known, preferredLanguage, say, setLanguage } from "./texts.js";
import { Thresholds } from "./thresholds.js";

const EXAMPLE = "我再家看书。\n今天下雨了，我们不公园。\n他在在图书馆学习。";
const PAUSE_MS = 400; // of typing, before the text is corrected
// What asking again does not cure.
const FINAL = ["text_too_long", "not_unicode", "body_too_large", "not_text", "not_readable", "file_too_large"];

const $ = (id) => document.getElementById(id);
const input = $("input");
// `source` is what the result belongs to, `asked` what the service was asked for, `safe` what is kept elsewhere, too.
const state = { source: "", asked: null, limit: null, problem: null, file: null, safe: "" };
let entries = []; // {edit, state} of `source`
let composing = false;
let timer = 0;
let request = null;

const decisions = new Decisions();
const replaced = new ReplacedTexts();
const thresholds = new Thresholds($("kinds"), update);
const marks = new Marks($("marked"), (edit, decision) => decide([edit], decision));
const rows = new Rows($("list"), (edit, decision) => decide([edit], decision), (entry) => marks.goTo(entry));
const waiting = new Waiting(() => {
  retry();
  showState();
}, showState);

/** Correct what stands in the text field, unless that has been done or is being done. */
async function correct() {
  clearTimeout(timer);
  const text = input.value;
  if (composing || text === state.asked) return;
  request?.abort();
  if (!text.trim()) return show(text, []);
  if (state.limit && codePoints(text).length > state.limit) return fail(new Failure("text_too_long"));
  if (waiting.left) return;
  Object.assign(state, { asked: text, problem: null });
  request = new AbortController();
  showState();
  try {
    if (!state.limit) await readInfo();
    const answer = await ask("correct", { texts: [text], proposals: true }, request.signal);
    waiting.stop();
    show(text, answer.results[0].proposals);
  } catch (error) {
    if (error.name !== "AbortError") fail(error);
  }
}

async function readInfo() {
  const info = await ask("info");
  thresholds.calibrate(info.thresholds);
  state.limit = info.limits.max_length;
}

function show(text, edits) {
  decisions.follow(text, edits);
  entries = edits.map((edit) => ({ edit, state: "off", mark: null, row: null }));
  Object.assign(state, { source: text, asked: text, problem: null });
  setStates();
  marks.show(text, entries);
  rows.show(text, entries);
  update();
}

function fail(error) {
  state.asked = null;
  complain(error);
  if (isCurable(state.problem)) waiting.start(state.problem.wait);
  showState();
}

function complain(error) {
  state.problem = error instanceof Failure ? error : new Failure("http", String(error));
  showState();
}

function isCurable(problem) {
  return problem !== null && !FINAL.includes(problem.code);
}

function setStates() {
  for (const entry of entries) entry.state = stateOf(entry.edit, decisions.made, thresholds.settings);
}

/** Bring everything shown into line with the decisions, thresholds and language. */
function update() {
  setStates();
  marks.update();
  rows.update();
  showState();
}

/** Show how things stand, without the edits themselves. */
function showState() {
  const outdated = input.value !== state.source;
  const visible = entries.filter((entry) => entry.state !== "off").length;
  const empty = !input.value.trim() && !state.source.trim();
  $("welcome").hidden = !empty;
  $("marked").hidden = empty;
  $("marked").classList.toggle("outdated", outdated);
  $("marked").setAttribute("aria-busy", String(isWorking()));
  // What would be copied now is not what stands in the field.
  $("copy").disabled = $("save").disabled = outdated || state.source === "";
  $("accept-all").disabled = $("reject-all").disabled = visible === 0;
  $("undo").disabled = !decisions.undoable;
  $("bring-back").hidden = !replaced.offers(input.value);
  showStatus(outdated, visible);
  showProblem();
  showCount();
  showFile();
  guard();
}

function isWorking() {
  return state.asked === input.value && input.value !== state.source;
}

function showStatus(outdated, visible) {
  if (isWorking()) setStatus("working");
  else if (outdated && state.source) setStatus("outdated");
  else if (outdated || !state.source.trim()) setStatus(null);
  else if (visible) setStatus("found", entries.filter(isMade).length, entries.length);
  else if (entries.length) setStatus("below", entries.length);
  else setStatus("clean");
}

function setStatus(key, ...values) {
  setText("status", key === null ? "" : say(key, ...values));
}

function showProblem() {
  const { problem } = state;
  $("problem").hidden = problem === null;
  setText("problem-text", problem ? problemText(problem) : "");
  setText("again-in", problem && waiting.left ? say("again", waiting.left) : "");
  $("try-again").hidden = !isCurable(problem) || waiting.left > 0;
}

function problemText({ code, message }) {
  return known(`problem.${code}`) ? say(`problem.${code}`, state.limit) : say("problem", message);
}

// What has not changed is not set again, or screen readers would say it again.
function setText(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

function showCount() {
  const length = codePoints(input.value).length;
  setText("count", state.limit ? say("count", length, state.limit) : say("countOnly", length));
  $("count").classList.toggle("over", Boolean(state.limit) && length > state.limit);
}

function showFile() {
  const { file } = state;
  $("opened").hidden = file === null;
  const parts = file ? [say("opened", file.name)] : [];
  if (file && file.encoding !== "utf-8") parts.push(say("readAs", file.encoding.toUpperCase()));
  if (file?.mixed) parts.push(say("mixedLines"));
  setText("opened", parts.join(" "));
}

// The browser asks before it throws away a text that stands nowhere else.
function guard() {
  window.onbeforeunload = input.value.trim() && input.value !== state.safe ? () => true : null;
}

function decide(edits, decision) {
  withFocus(() => decisions.decide(edits.map(keyOf), decision));
}

function decideAll(decision) {
  decide(entries.filter((entry) => entry.state !== "off").map((entry) => entry.edit), decision);
}

function undo() {
  withFocus(() => decisions.undo());
}

/** Change decisions. What was pressed may go with its edit; then the keyboard goes on at the marks. */
function withFocus(change) {
  const focused = document.activeElement;
  change();
  state.safe = "";
  update();
  if (focused && (!focused.isConnected || focused.disabled)) marks.focus();
}

/** Put another text in the place of what stands in the field, which can be brought back. */
function replaceText(entry) {
  if (input.value !== EXAMPLE) replaced.keep({ text: input.value, file: state.file });
  put(entry);
}

function put({ text, file = null }) {
  state.file = file;
  write(input, text);
  showState();
  correct();
  // On a phone the field would call up its keyboard, over the result.
  if (text && matchMedia("(hover: none)").matches) input.blur();
}

async function openFile(file) {
  if (!file) return;
  try {
    const opened = await open(file);
    // As the field has them.
    state.safe = opened.text.replace(/\r\n?/g, "\n");
    replaceText({ text: state.safe, file: opened });
  } catch (error) {
    complain(error);
  }
}

function result() {
  return apply(state.source, entries.map((entry) => ({ ...entry.edit, state: entry.state })), isMade);
}

async function copyResult() {
  try {
    await copy(result());
    state.safe = state.source;
    guard();
    setStatus("copied");
  } catch {
    setStatus("notCopied");
  }
}

function saveResult() {
  save(nameFor(state.file), encode(result(), state.file));
  state.safe = state.source;
  guard();
}

function onInput(event) {
  // A problem of the text may be gone with what was changed.
  if (!isCurable(state.problem)) state.problem = null;
  showState();
  clearTimeout(timer);
  // While an input method composes, the field holds half-written syllables that are not the text yet.
  if (composing || event.isComposing || !$("live").checked) return;
  timer = setTimeout(correct, event.inputType === "insertFromPaste" ? 0 : PAUSE_MS);
}

function onKey(event) {
  if (event.isComposing || !(event.ctrlKey || event.metaKey)) return;
  if (event.key === "Enter") correct();
  // In the field the key is the browser's own.
  if (event.key === "z" && event.target !== input && decisions.undoable) {
    event.preventDefault();
    undo();
  }
}

function onDrag(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault(); // or the browser would leave the page for the file
  if (event.type === "drop") openFile(event.dataTransfer.files[0]);
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
document.addEventListener("keydown", onKey);
document.addEventListener("dragover", onDrag);
document.addEventListener("drop", onDrag);
$("correct").addEventListener("click", correct);
$("try-again").addEventListener("click", retry);
$("example").addEventListener("click", () => {
  state.safe = EXAMPLE;
  replaceText({ text: EXAMPLE });
});
$("clear").addEventListener("click", () => replaceText({ text: "" }));
$("bring-back").addEventListener("click", () => put(replaced.exchange({ text: input.value, file: state.file })));
$("open").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", () => {
  openFile($("file").files[0]);
  $("file").value = ""; // so that the same file can be opened once more
});
$("live").addEventListener("change", () => $("live").checked && correct());
$("copy").addEventListener("click", copyResult);
$("save").addEventListener("click", saveResult);
$("accept-all").addEventListener("click", () => decideAll("accepted"));
$("reject-all").addEventListener("click", () => decideAll("rejected"));
$("undo").addEventListener("click", undo);
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

async function retry() {
  if (input.value.trim()) return correct();
  await start();
}

async function start() {
  try {
    await readInfo();
    state.problem = null;
    update();
  } catch (error) {
    fail(error);
  }
}

setLanguage(preferredLanguage());
thresholds.relabel();
update();
await start();
