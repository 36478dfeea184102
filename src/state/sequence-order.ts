/** So many bits are sorted by in one pass. */
const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;
/** Fewer are compared with one another: a pass looks at all digits. */
const FEW = 4096;

/**
 * The positions 0 … n − 1 by ascending number: whole numbers from 0 below 2^53; equal ones keep their order. A radix
 * sort, since a comparing one takes seconds for millions.
 */
export function positionsInOrder(numbers: Float64Array): Int32Array {
  let positions = Int32Array.from(numbers, (_, i) => i);
  let ascending = true;
  let least = numbers.length === 0 ? 0 : numbers[0]!;
  let greatest = least;
  for (let i = 1; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (value < numbers[i - 1]!) ascending = false;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (ascending) return positions;
  if (numbers.length < FEW) return positions.sort((a, b) => numbers[a]! - numbers[b]! || a - b);
  let next = new Int32Array(numbers.length);
  const starts = new Int32Array(DIGITS + 1);
  for (let scale = 1; scale <= greatest - least; scale *= DIGITS) {
    starts.fill(0);
    for (let i = 0; i < numbers.length; i++) {
      const digit = Math.floor((numbers[i]! - least) / scale) % DIGITS;
      starts[digit + 1] = starts[digit + 1]! + 1;
    }
    for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1] = starts[digit + 1]! + starts[digit]!;
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i]!;
      const digit = Math.floor((numbers[position]! - least) / scale) % DIGITS;
      next[starts[digit]!] = position;
      starts[digit] = starts[digit]! + 1;
    }
    [positions, next] = [next, positions];
  }
  return positions;
}
