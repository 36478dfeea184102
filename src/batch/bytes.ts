/** Copies bytes; a plain loop for short runs, because `set(subarray)` allocates a view. */
export function copyBytes(source: Uint8Array, start: number, length: number, target: Uint8Array, offset: number): void {
  if (length > 48) {
    target.set(source.subarray(start, start + length), offset);
    return;
  }
  for (let i = 0; i < length; i++) target[offset + i] = source[start + i]!;
}

/** Runs from here on are left to the engine's own copying. */
const LONG_RUN = 256;

/** Copies bytes from view to view, eight at a time as doubles, which V8 moves bit by bit (NaN too). The ranges do not overlap. */
export function copyWords(source: DataView, start: number, length: number, target: DataView, offset: number): void {
  if (length >= LONG_RUN) {
    const run = new Uint8Array(source.buffer, source.byteOffset + start, length);
    new Uint8Array(target.buffer, target.byteOffset + offset, length).set(run);
    return;
  }
  if (length < 8) {
    for (let done = 0; done < length; done = (done + 1) | 0)
      target.setUint8(offset + done, source.getUint8(start + done));
    return;
  }
  // The last eight may overlap those before.
  const last = (length - 8) | 0;
  for (let done = 0; done < last; done = (done + 8) | 0)
    target.setFloat64(offset + done, source.getFloat64(start + done, true), true);
  target.setFloat64(offset + last, source.getFloat64(start + last, true), true);
}

let viewed: Uint8Array = new Uint8Array(0);
let view = viewOfBytes(viewed);

/** A view of the bytes; the last one is kept, since many values come out of one array after the other. */
export function recentView(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    viewed = bytes;
    view = viewOfBytes(bytes);
  }
  return view;
}

function viewOfBytes(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** True when two byte ranges hold the same bytes. */
export function equalBytes(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): boolean {
  if (aLength !== bLength) return false;
  for (let i = 0; i < aLength; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

/** Order of two byte ranges by unsigned bytes, shorter first (UTF-8: by code point): negative, 0 or positive. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aLength: number,
  b: Uint8Array,
  bStart: number,
  bLength: number,
): number {
  const common = aLength < bLength ? aLength : bLength;
  for (let i = 0; i < common; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
