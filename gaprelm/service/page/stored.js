// What the browser keeps when the page is closed: settings, never text.

/** What was kept under a name; empty if nothing was. */
export function recall(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return ""; // Storage may be switched off.
  }
}

/** Keep a setting, if the browser lets us. */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Then the page starts as if for the first time.
  }
}
