// The page: text in, corrections out, a person decides. Here is what each key and button does.

import { correct, correctAfter, decideAll, refresh, retry, start, thresholds, undo, update } from "./correcting.js";
import { bringBack, clear, copyResult, openFile, putExample, saveResult } from "./exchange.js";
import { switchNames } from "./names.js";
import { $, decisions, input, isCurable, isOtherText, state } from "./state.js";
import { preferredLanguage, setLanguage } from "./texts.js";

const PAUSE_MS = 400; // of typing, before the text is corrected

function onInput(event) {
  if (!isCurable()) state.problem = null; // a problem of the text, which is another one now
  refresh();
  const waits = state.composing || event.isComposing || !$("live").checked;
  correctAfter(waits ? null : event.inputType === "insertFromPaste" ? 0 : PAUSE_MS);
}

function onKey(event) {
  if (event.isComposing || !(event.ctrlKey || event.metaKey)) return;
  if (event.key === "Enter") correct();
  // In the field the browser itself undoes.
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

function onFile() {
  const [file] = $("file").files;
  $("file").value = ""; // so that the same file can be opened once more
  if (file) openFile(file);
}

function onNames() {
  switchNames();
  refresh();
  if ($("live").checked || !isOtherText()) correct();
}

function onLanguage(language) {
  setLanguage(language);
  thresholds.relabel();
  update();
}

input.addEventListener("compositionstart", () => {
  state.composing = true;
  correctAfter(null);
});
input.addEventListener("compositionend", (event) => {
  state.composing = false;
  onInput(event);
});
input.addEventListener("input", onInput);
document.addEventListener("keydown", onKey);
document.addEventListener("dragover", onDrag);
document.addEventListener("drop", onDrag);

const onClick = {
  correct,
  "try-again": retry,
  example: putExample,
  open: () => $("file").click(),
  clear,
  "bring-back": bringBack,
  copy: copyResult,
  save: saveResult,
  "accept-all": () => decideAll("accepted"),
  "reject-all": () => decideAll("rejected"),
  undo,
  calibrated: () => {
    thresholds.reset();
    update();
  },
};
for (const [id, action] of Object.entries(onClick)) $(id).addEventListener("click", () => action());
$("file").addEventListener("change", onFile);
$("live").addEventListener("change", () => $("live").checked && correct());
$("protect-names").addEventListener("change", onNames);
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => onLanguage(button.dataset.language));
}

// On a phone the page is long enough without them.
document.querySelector("#thresholds details").open = !matchMedia("(max-width: 52rem)").matches;
onLanguage(preferredLanguage());
await start();
if (input.value) correct(); // typed before all of this was there
