// A slider and a switch for each kind of edit; they also are the legend of the marks.

import { KINDS } from "./edits.js";
import { say } from "./texts.js";

const SAMPLES = { replace: ["再", "在"], insert: ["", "去"], delete: ["的", ""] };

export class Thresholds {
  /**
   * @param {HTMLElement} container for the rows
   * @param {() => void} onChange called when a person moves or switches something
   */
  constructor(container, onChange) {
    this.settings = Object.fromEntries(KINDS.map((kind) => [kind, { on: true, threshold: 0.5 }]));
    this.calibrated = {};
    this.rows = KINDS.map((kind) => this.#row(kind, onChange));
    container.replaceChildren(...this.rows.map((row) => row.row));
  }

  /** Take these thresholds, and come back to them on `reset`; a kind without one cannot be made at all. */
  calibrate(thresholds) {
    this.calibrated = thresholds;
    this.reset();
  }

  reset() {
    for (const row of this.rows) {
      const calibrated = this.calibrated[row.kind];
      row.row.hidden = calibrated === undefined;
      this.settings[row.kind] = { on: calibrated !== undefined, threshold: calibrated ?? 1 };
      row.slider.value = String(Math.round((calibrated ?? 1) * 100));
      row.box.checked = calibrated !== undefined;
    }
    this.relabel();
  }

  /** In the language chosen now. */
  relabel() {
    for (const { kind, name, slider, value } of this.rows) {
      name.textContent = say(kind);
      slider.setAttribute("aria-label", say("threshold", say(kind)));
      slider.setAttribute("aria-valuetext", `${slider.value}%`);
      value.textContent = `${slider.value}%`;
    }
  }

  #row(kind, onChange) {
    const row = document.createElement("div");
    row.className = "kind-row";
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: true });
    box.name = `on-${kind}`;
    const sample = Object.assign(document.createElement("span"), { className: `mark ${kind}`, lang: "zh" });
    sample.setAttribute("aria-hidden", "true");
    for (const [place, name] of ["old", "new"].entries()) {
      const text = SAMPLES[kind][place];
      if (text) sample.append(Object.assign(document.createElement("span"), { className: name, textContent: text }));
    }
    const name = document.createElement("span");
    label.append(box, sample, name);
    const slider = Object.assign(document.createElement("input"), { type: "range", min: "0", max: "100", step: "1" });
    slider.name = `threshold-${kind}`;
    const value = Object.assign(document.createElement("span"), { className: "value" });
    value.setAttribute("aria-hidden", "true"); // the slider says it itself
    box.addEventListener("change", () => {
      this.settings[kind].on = box.checked;
      onChange();
    });
    slider.addEventListener("input", () => {
      this.settings[kind].threshold = Number(slider.value) / 100;
      this.relabel();
      onChange();
    });
    row.append(label, slider, value);
    return { kind, row, box, name, slider, value };
  }
}
