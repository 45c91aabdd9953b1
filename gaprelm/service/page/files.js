// Files: from bytes to text and back, with the line ends that they had.

import { Failure } from "./service.js";

const LARGEST = 10_000_000; // bytes
const UTF_16 = { "255,254": "utf-16le", "254,255": "utf-16be" };

/**
 * The text of a file: {text, encoding, lineEnd, mixed}. UTF-8 is read as such, UTF-16 by its mark of the byte order,
 * and what is neither as GB18030, which older Chinese files are in. A field of text knows "\n" only, so `lineEnd` is what
 * stands in the file, and `mixed` says that there are several. Throws a Failure "not_text".
 */
export function decode(bytes) {
  const marked = UTF_16[bytes.slice(0, 2).join()];
  const [encoding, text] = marked ? [marked, read(bytes, marked)] : readUnmarked(bytes);
  if (text === null || text.includes("\0")) throw new Failure("not_text");
  const ends = new Set(text.match(/\r\n|\r|\n/g));
  return { text, encoding, lineEnd: ends.size === 1 ? [...ends][0] : "\n", mixed: ends.size > 1 };
}

function readUnmarked(bytes) {
  const text = read(bytes, "utf-8");
  return text === null ? ["gb18030", read(bytes, "gb18030")] : ["utf-8", text];
}

function read(bytes, encoding) {
  try {
    // A mark at the beginning of UTF-8 is part of the file, and goes back into it.
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: encoding === "utf-8" }).decode(bytes);
  } catch {
    return null;
  }
}

/** What a file holds, with its name. Throws a Failure "not_text" or "file_too_large". */
export async function open(file) {
  if (file.size > LARGEST) throw new Failure("file_too_large");
  const bytes = await file.arrayBuffer().catch(() => {
    throw new Failure("not_readable");
  });
  return { name: file.name, ...decode(new Uint8Array(bytes)) };
}

/** A text as it is saved: in UTF-8, with the line ends of the file that it came from. */
export function encode(text, file) {
  return new TextEncoder().encode(text.replaceAll("\n", file?.lineEnd ?? "\n"));
}

/** A name for the result. */
export function nameFor(file) {
  const [, stem, ending] = /^(.*?)(\.[^.]*)?$/s.exec(file?.name ?? "");
  return stem ? `${stem}-corrected${ending ?? ""}` : "corrected.txt";
}

/** Hand a file to the browser, which saves it where it saves downloads. */
export function save(name, bytes) {
  const address = URL.createObjectURL(new Blob([bytes], { type: "text/plain;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // some browsers ask first where to save it
}
