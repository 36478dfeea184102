/** Tests the bytes `data[start .. start + length)` of UTF-8 text. */
export type BytesTest = (data: Uint8Array, start: number, length: number) => boolean;

/**
 * A LIKE pattern without an escape character as a test on UTF-8 bytes: `%` stands for any text, `_` for one character
 * that is no line end.
 * UTF-8 is self-synchronising, so that finding the bytes of a piece is finding its text.
 */
export function likeTest(pattern: string): BytesTest {
  const pieces = pattern.split("%").map((piece) => pieceOf(piece));
  const first = pieces[0]!;
  const last = pieces[pieces.length - 1]!;
  if (pieces.length === 1)
    return (data, start, length) => matchAt(first, data, start, start + length) === start + length;
  const middle = pieces.slice(1, -1).filter((piece) => piece.bytes.length > 0);
  return (data, start, length) => {
    const end = start + length;
    let at = matchAt(first, data, start, end);
    if (at < 0) return false;
    const tail = lastStart(last, data, at, end);
    if (tail < 0) return false;
    for (const piece of middle) {
      at = find(piece, data, at, tail);
      if (at < 0) return false;
    }
    return true;
  };
}

/** A run without `%`. `bytes` holds ANY for `_`. */
interface Piece {
  readonly bytes: Int16Array;
  readonly hasAny: boolean;
}

const ANY = -1;

function pieceOf(text: string): Piece {
  const bytes: number[] = [];
  for (const character of text) {
    if (character === "_") bytes.push(ANY);
    else bytes.push(...Buffer.from(character));
  }
  return { bytes: Int16Array.from(bytes), hasAny: bytes.includes(ANY) };
}

/** A character that ends a line for Java's patterns, which is none for their `.`, and so for `_`. */
function isLineEnd(data: Uint8Array, at: number): boolean {
  const byte = data[at]!;
  if (byte < 0x80) return byte === 10 || byte === 13;
  if (byte === 0xc2) return data[at + 1] === 0x85;
  return byte === 0xe2 && data[at + 1] === 0x80 && (data[at + 2]! & 0xfe) === 0xa8;
}

/** Where the piece ends when it starts at `at`, or -1. */
function matchAt(piece: Piece, data: Uint8Array, at: number, end: number): number {
  const { bytes, hasAny } = piece;
  const length = bytes.length;
  if (at + length > end) return -1;
  let position = at;
  if (!hasAny) {
    for (let k = 0; k < length; k++) if (data[position++] !== bytes[k]) return -1;
    return position;
  }
  for (let k = 0; k < length; k++) {
    if (position >= end) return -1;
    const byte = bytes[k]!;
    if (byte === ANY) {
      if (isLineEnd(data, position)) return -1;
      position += 1;
      while (position < end && (data[position]! & 0xc0) === 0x80) position += 1;
    } else if (data[position++] !== byte) {
      return -1;
    }
  }
  return position;
}

/** Where the first occurrence from `from` ends, or -1. */
function find(piece: Piece, data: Uint8Array, from: number, end: number): number {
  const first = piece.bytes[0]!;
  for (let at = from, last = end - piece.bytes.length; at <= last; at++) {
    const byte = data[at]!;
    if (first === ANY ? (byte & 0xc0) === 0x80 : byte !== first) continue;
    const found = matchAt(piece, data, at, end);
    if (found >= 0) return found;
  }
  return -1;
}

/** Where the piece starts so that it ends at `end`, not before `from`, or -1. */
function lastStart(piece: Piece, data: Uint8Array, from: number, end: number): number {
  const { bytes, hasAny } = piece;
  if (!hasAny) {
    const at = end - bytes.length;
    return at >= from && matchAt(piece, data, at, end) >= 0 ? at : -1;
  }
  let at = end;
  for (let k = bytes.length - 1; k >= 0; k--) {
    at -= 1;
    if (bytes[k] === ANY) while (at > from && (data[at]! & 0xc0) === 0x80) at -= 1;
    if (at < from || (bytes[k] === ANY ? isLineEnd(data, at) : data[at] !== bytes[k])) return -1;
  }
  return at;
}
