// The switch that keeps names of people, places and organisations as they are.

import { $, state } from "./state.js";
import { recall, remember } from "./stored.js";

const NAME = "protect-names";
const box = $(NAME);

/** Show the switch if the service can find names: as it was left the last time, else as the service was started. */
export function offerNames(info) {
  box.closest("label").hidden = !info.can_protect_names;
  if (!info.can_protect_names) state.names = null; // to ask for it would be an error
  else if (state.names === null) {
    const last = recall(NAME);
    box.checked = last ? last === "on" : info.protect_names;
    state.names = box.checked;
  }
}

/** Take what the switch says, and keep it for the next time. */
export function switchNames() {
  state.names = box.checked;
  remember(NAME, box.checked ? "on" : "off");
}
