/** Copies bytes; a plain loop for short runs, because `set(subarray)` allocates a view. */
export function copyBytes(source: Uint8Array, start: number, length: number, target: Uint8Array, offset: number): void {
  if (length > 48) {
    target.set(source.subarray(start, start + length), offset);
    return;
  }
  for (let i = 0; i < length; i++) target[offset + i] = source[start + i]!;
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
