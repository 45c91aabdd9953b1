// Putting a text into the field, and a result into the clipboard.

/** Replace the text of a field so that the browser's own undo (Ctrl+Z) brings the old one back. */
export function write(field, text) {
  field.focus();
  field.select();
  // The only way that keeps the field's history; assigning to `value` empties it.
  const done = document.execCommand(text ? "insertText" : "delete", false, text);
  if (!done || field.value !== text) field.value = text;
  field.setSelectionRange(0, 0);
  field.scrollTop = 0;
}

/** Put a text into the clipboard. Throws if the browser refuses. */
export async function copy(text) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyOldWay(text);
}

// Browsers offer navigator.clipboard on https and this machine only; a service in the local network needs the old way.
function copyOldWay(text) {
  const focused = document.activeElement;
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "offscreen" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused.focus();
  if (!done) throw new Error("not copied");
}
