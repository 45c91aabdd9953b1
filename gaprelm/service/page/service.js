// Asking the service: what it answers, what went wrong, and when to ask again.

const MOST_WAITS = 5; // one after another; then a person decides
const LONGEST_WAIT_S = 600;

/** Why there is no answer: a code of the service, "network" or "http"; `wait` in seconds if the service names it. */
export class Failure extends Error {
  constructor(code, detail = "", wait = null) {
    super(detail);
    Object.assign(this, { code, wait });
  }
}

/**
 * The JSON that stands at an address of the service; a body is posted there.
 * Throws a Failure, or what `signal` was aborted with.
 */
export async function ask(path, body, signal) {
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let [status, response, answer] = [""];
  try {
    response = await fetch(path, body ? { ...post, signal } : { signal });
    status = `${response.status} ${response.statusText}`.trim();
    answer = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    // Not every answer comes from the service: a web server before it has pages of its own for errors.
    throw error instanceof SyntaxError ? new Failure("http", status, waitOf(response)) : new Failure("network");
  }
  if (response.ok) return answer;
  throw new Failure(answer?.code ?? "http", answer?.detail ?? status, waitOf(response));
}

function waitOf(response) {
  return secondsUntil(response.headers.get("Retry-After"), Date.now());
}

/** What Retry-After says, in seconds from now: it names seconds or a date. Null if it says nothing to be understood. */
export function secondsUntil(value, now) {
  if (!value?.trim()) return null;
  const seconds = /^\s*\d+\s*$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

/** Waits as long as the service asked for, then asks again. */
export class Waiting {
  #timer = 0;
  #until = 0;
  #waits = 0;

  /**
   * @param {() => void} onEnd the time has come
   * @param {() => void} onSecond another second has passed
   */
  constructor(onEnd, onSecond) {
    Object.assign(this, { onEnd, onSecond, reason: null });
  }

  /** Seconds that are left; 0 when it does not wait. */
  get left() {
    return Math.max(0, Math.ceil((this.#until - Date.now()) / 1000));
  }

  /** Wait as long as a failure says; but not for ever. */
  start(failure) {
    if (failure.wait === null || failure.wait > LONGEST_WAIT_S) return;
    this.#waits += 1;
    if (this.#waits > MOST_WAITS) return;
    this.reason = failure;
    this.#until = Date.now() + Math.max(1, failure.wait) * 1000;
    this.#tick();
  }

  /** The service answered, or nothing is to be asked any more. */
  stop() {
    clearTimeout(this.#timer);
    this.#until = this.#waits = 0;
  }

  #tick() {
    clearTimeout(this.#timer);
    if (this.left === 0) return this.onEnd();
    this.#timer = setTimeout(() => this.#tick(), Math.min(1000, this.#until - Date.now()));
    this.onSecond();
  }
}
