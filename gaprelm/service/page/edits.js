// Edits without the page: which are made, what they give, what stays decided when the text changes.
//
// Offsets of the service count code points, strings of JavaScript count UTF-16 units: an emoji or a character of
// Extension B is one of the first and two of the second. So a text is cut into code points once, and only those are indexed.

export const KINDS = ["replace", "insert", "delete"];

/** A text as an array of its code points. */
export function codePoints(text) {
  return Array.from(text);
}

/** What names an edit within its text. */
export function keyOf(edit) {
  return `${edit.start}:${edit.end}:${edit.target}`;
}

/** Whether an edit reaches the threshold of its kind, and that kind is switched on. */
function isProposed(edit, settings) {
  const { on, threshold } = settings[edit.type];
  return on && edit.confidence >= threshold;
}

/** "accepted", "rejected", "made" (by threshold) or "off". */
export function stateOf(edit, decisions, settings) {
  return decisions.get(keyOf(edit)) ?? (isProposed(edit, settings) ? "made" : "off");
}

/** Whether an edit in such a state is made. */
export function isMade({ state }) {
  return state === "made" || state === "accepted";
}

/** The text with the edits for which `made` holds; they are in ascending order. */
export function apply(text, edits, made) {
  const characters = codePoints(text);
  const parts = [];
  let done = 0;
  for (const edit of edits.filter(made)) {
    parts.push(characters.slice(done, edit.start).join(""), edit.target);
    done = edit.end;
  }
  parts.push(characters.slice(done).join(""));
  return parts.join("");
}

/** Decisions about a text, carried over to a changed one where nothing around them changed. */
export function carryOver(before, after, edits, decisions) {
  const [old, fresh] = [codePoints(before), codePoints(after)];
  const shorter = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < shorter && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]) tail += 1;
  const shift = fresh.length - old.length;
  const kept = new Map();
  for (const edit of edits) {
    const decision = decisions.get(keyOf(edit));
    if (decision === undefined) continue;
    if (edit.end <= head) kept.set(keyOf(edit), decision);
    else if (edit.start >= old.length - tail) {
      kept.set(keyOf({ ...edit, start: edit.start + shift, end: edit.end + shift }), decision);
    }
  }
  return kept;
}
