import type { ByteWriter } from "../../base/byte-writer.ts";
import { nextMark } from "./text-marks.ts";

/** JSON string literals as bytes. */

const QUOTE = 34;
const BACKSLASH = 92;

/** The bytes that `\b`, `\f`, `\n`, `\r`, `\t`, `\"`, `\\`, `\/` stand for; 0: not such an escape. */
const ESCAPED = new Uint8Array(256);
for (const [letter, byte] of [
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ['"', 34],
  ["\\", 92],
  ["/", 47],
] as const) {
  ESCAPED[letter.charCodeAt(0)] = byte;
}

/** Value of a hexadecimal digit, or 255. */
const HEX = new Uint8Array(256).fill(255);
for (let i = 0; i < 16; i++) {
  HEX[i.toString(16).charCodeAt(0)] = i;
  HEX[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

/**
 * Where the string ends (its closing quote) when it goes on at `p` with valid escapes only; -1 when an escape is not
 * valid or the string does not end before `end`.
 */
export function endOfEscapedString(data: Uint8Array, start: number, end: number): number {
  let p = start;
  while (p < end) {
    const c = data[p]!;
    if (c === QUOTE) return p;
    if (c !== BACKSLASH) {
      p++;
      continue;
    }
    if (p + 1 >= end) return -1;
    if (data[p + 1] !== 117) {
      if (ESCAPED[data[p + 1]!] === 0) return -1;
      p += 2;
      continue;
    }
    if (p + 5 >= end || (HEX[data[p + 2]!]! | HEX[data[p + 3]!]! | HEX[data[p + 4]!]! | HEX[data[p + 5]!]!) > 15)
      return -1;
    p += 6;
  }
  return -1;
}

/** The closing quote of a text that nobody reads (its escapes are not checked); -1 at a control character. */
export function skipText(data: Uint8Array, marks: Int32Array, start: number): number {
  let p = nextMark(marks, start);
  while (data[p] === BACKSLASH) {
    if (data[p + 1]! < 32) return -1;
    p = nextMark(marks, p + 2);
  }
  return data[p] === QUOTE ? p : -1;
}

/** The closing quote of a text whose first escape is at `start`; -1 at a control character or an escape that is not valid. */
export function endOfEscapedText(data: Uint8Array, marks: Int32Array, start: number): number {
  let p = start;
  while (data[p] === BACKSLASH) {
    const kind = data[p + 1]!;
    if (kind !== 117) {
      if (ESCAPED[kind] === 0) return -1;
      p += 2;
    } else {
      // A line end is no digit either, so that this does not look beyond it.
      for (let i = 2; i < 6; i++) if (HEX[data[p + i]!]! > 15) return -1;
      p += 6;
    }
    p = nextMark(marks, p);
  }
  return data[p] === QUOTE ? p : -1;
}

/** The closing quote of a string that nobody reads (its escapes are not checked), or -1. */
export function endOfSkippedString(data: Uint8Array, start: number, end: number): number {
  for (let p = start; p < end; p++) {
    const c = data[p]!;
    if (c === QUOTE) return p;
    if (c === BACKSLASH) p++;
  }
  return -1;
}

function hex4(data: Uint8Array, p: number): number {
  return (HEX[data[p]!]! << 12) | (HEX[data[p + 1]!]! << 8) | (HEX[data[p + 2]!]! << 4) | HEX[data[p + 3]!]!;
}

/**
 * Resolves the escapes of `source[start .. start + length)` into `target` from `offset` on; returns the number of bytes
 * written, never more than `length`. The same array and place is allowed. Escapes were checked before. Half of a
 * surrogate pair becomes `?`, as in Java.
 */
export function unescape(
  source: Uint8Array,
  start: number,
  length: number,
  target: Uint8Array,
  offset: number,
): number {
  const end = start + length;
  let from = start;
  let to = offset;
  while (from < end) {
    const c = source[from++]!;
    if (c !== BACKSLASH) {
      target[to++] = c;
      continue;
    }
    const kind = source[from++]!;
    if (kind !== 117) {
      target[to++] = ESCAPED[kind]!;
      continue;
    }
    let code = hex4(source, from);
    from += 4;
    if (code >= 0xd800 && code < 0xdc00 && from + 6 <= end && source[from] === BACKSLASH && source[from + 1] === 117) {
      const low = hex4(source, from + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        from += 6;
      }
    }
    to = putCodePoint(target, to, code >= 0xd800 && code < 0xe000 ? 63 : code);
  }
  return to - offset;
}

/**
 * Resolves the escapes of a text where it stands, from its first escape at `start` to its closing quote `length` bytes
 * behind that; returns the number of bytes that are left.
 */
export function unescapeInPlace(
  data: Uint8Array,
  view: DataView,
  marks: Int32Array,
  start: number,
  length: number,
): number {
  const end = start + length;
  let from = start;
  let to = start;
  while (from < end) {
    const kind = data[from + 1]!;
    // A control character, which the general reader lets pass.
    if (data[from] !== BACKSLASH) data[to++] = data[from++]!;
    else if (kind === 117) return to - start + unescape(data, from, end - from, data, to);
    else {
      data[to++] = ESCAPED[kind]!;
      from += 2;
    }
    const stop = nextMark(marks, from);
    for (; from + 4 <= stop; from += 4, to += 4) view.setInt32(to, view.getInt32(from, true), true);
    while (from < stop) data[to++] = data[from++]!;
  }
  return to - start;
}

function putCodePoint(target: Uint8Array, offset: number, code: number): number {
  let to = offset;
  if (code < 0x80) {
    target[to++] = code;
  } else if (code < 0x800) {
    target[to++] = 0xc0 | (code >> 6);
    target[to++] = 0x80 | (code & 63);
  } else if (code < 0x10000) {
    target[to++] = 0xe0 | (code >> 12);
    target[to++] = 0x80 | ((code >> 6) & 63);
    target[to++] = 0x80 | (code & 63);
  } else {
    target[to++] = 0xf0 | (code >> 18);
    target[to++] = 0x80 | ((code >> 12) & 63);
    target[to++] = 0x80 | ((code >> 6) & 63);
    target[to++] = 0x80 | (code & 63);
  }
  return to;
}

/** The letter of the short escape for a byte, 1 for `\u00XX`, 0 for none. */
const SHORT_ESCAPE = new Uint8Array(256);
SHORT_ESCAPE.fill(1, 0, 32);
for (const [letter, byte] of [
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ['"', 34],
  ["\\", 92],
] as const) {
  SHORT_ESCAPE[byte] = letter.charCodeAt(0);
}

/** 1 for bytes that may be written in another way. */
const NOT_PLAIN = SHORT_ESCAPE.map((escape, byte) => (escape > 0 || byte >= 0xf0 ? 1 : 0));

const UPPER_HEX = "0123456789ABCDEF";

/**
 * Writes UTF-8 text as a JSON string with quotes. `escapePairs`: characters beyond U+FFFF as two `\uXXXX`, which
 * Jackson does when it writes bytes but not when it writes text.
 */
export function writeJsonString(
  out: ByteWriter,
  data: Uint8Array,
  start: number,
  length: number,
  escapePairs: boolean,
): void {
  // A control character takes six bytes, one of four bytes takes twelve.
  out.ensure(length * 6 + 2);
  const target = out.bytes;
  let to = out.length;
  target[to++] = QUOTE;
  let p = start;
  for (const end = start + length; p < end; p++) {
    // Most bytes stand as they are, and so do their neighbours.
    while (p + 4 <= end) {
      const c0 = data[p]!;
      const c1 = data[p + 1]!;
      const c2 = data[p + 2]!;
      const c3 = data[p + 3]!;
      if ((NOT_PLAIN[c0]! | NOT_PLAIN[c1]! | NOT_PLAIN[c2]! | NOT_PLAIN[c3]!) !== 0) break;
      target[to] = c0;
      target[to + 1] = c1;
      target[to + 2] = c2;
      target[to + 3] = c3;
      to += 4;
      p += 4;
    }
    if (p >= end) break;
    const c = data[p]!;
    const escape = SHORT_ESCAPE[c]!;
    if (escape > 1) {
      target[to++] = BACKSLASH;
      target[to++] = escape;
    } else if (escape === 1) {
      to = putHexEscape(target, to, c);
    } else if (c >= 0xf0 && escapePairs && p + 3 < end) {
      const code = ((c & 7) << 18) | ((data[p + 1]! & 63) << 12) | ((data[p + 2]! & 63) << 6) | (data[p + 3]! & 63);
      to = putHexEscape(target, to, 0xd800 + ((code - 0x10000) >> 10));
      to = putHexEscape(target, to, 0xdc00 + ((code - 0x10000) & 0x3ff));
      p += 3;
    } else target[to++] = c;
  }
  target[to++] = QUOTE;
  out.length = to;
}

function putHexEscape(target: Uint8Array, offset: number, code: number): number {
  target[offset] = BACKSLASH;
  target[offset + 1] = 117;
  for (let i = 0; i < 4; i++) target[offset + 2 + i] = UPPER_HEX.charCodeAt((code >> (12 - 4 * i)) & 15);
  return offset + 6;
}
