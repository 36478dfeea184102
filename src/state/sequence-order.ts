/** So many bits are sorted by in one pass. */
const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;
/** Fewer are compared with one another: a pass looks at all digits. */
const FEW = 4096;
const WORD = 2 ** 32;

/**
 * The positions 0 … n − 1 by ascending number: whole numbers from 0 below 2^53; equal ones keep their order. A radix
 * sort, since a comparing one takes seconds for millions.
 */
export function positionsInOrder(numbers: Float64Array): Int32Array {
  const count = numbers.length;
  const positions = new Int32Array(count);
  let ascending = true;
  let least = count === 0 ? 0 : numbers[0]!;
  let greatest = least;
  for (let i = 0; i < count; i++) {
    positions[i] = i;
    const value = numbers[i]!;
    if (i > 0 && value < numbers[i - 1]!) ascending = false;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (ascending) return positions;
  if (count < FEW) return positions.sort((a, b) => numbers[a]! - numbers[b]! || a - b);
  const range = greatest - least;
  const low = new Uint32Array(count);
  for (let i = 0; i < count; i++) low[i] = numbers[i]! - least;
  const sorted = sortByDigits(low, Math.min(range, WORD - 1), positions);
  if (range < WORD) return sorted;
  const high = new Uint32Array(count);
  for (let i = 0; i < count; i++) high[i] = Math.floor((numbers[i]! - least) / WORD);
  return sortByDigits(high, Math.floor(range / WORD), sorted);
}

/** Sorts positions by their word, the lowest digit first; those with the same word keep their order. */
function sortByDigits(words: Uint32Array, greatest: number, positions: Int32Array): Int32Array {
  let from = positions;
  let to = new Int32Array(positions.length);
  const next = new Int32Array(DIGITS + 1);
  for (let shift = 0; shift < 32 && greatest >= 2 ** shift; shift += DIGIT_BITS) {
    next.fill(0);
    for (let i = 0; i < words.length; i++) {
      const digit = (words[i]! >>> shift) & (DIGITS - 1);
      next[digit + 1] = next[digit + 1]! + 1;
    }
    for (let digit = 0; digit < DIGITS; digit++) next[digit + 1] = next[digit + 1]! + next[digit]!;
    for (let i = 0; i < from.length; i++) {
      const position = from[i]!;
      const digit = (words[position]! >>> shift) & (DIGITS - 1);
      const at = next[digit]!;
      to[at] = position;
      next[digit] = at + 1;
    }
    [from, to] = [to, from as Int32Array<ArrayBuffer>];
  }
  return from;
}
