const HASH_BITS = 14;
/** Blocks are at most this long, so that a distance fits into two bytes. */
export const BLOCK_BYTES = 1 << 16;
/** No match starts in the last bytes of a block or reaches into the very last ones: a rule of LZ4, harmless for Snappy. */
const LAST_START = 12;
const LAST_LITERALS = 5;
const MIN_MATCH = 4;

/**
 * Finds what repeats in a block, for LZ4 and Snappy, which differ only in how they spell it: match i of a block has
 * `lengths[i]` bytes at `positions[i]` that equal those `distances[i]` before. Greedy, each position tried once.
 */
export class MatchFinder {
  readonly positions = new Int32Array(BLOCK_BYTES / MIN_MATCH);
  readonly lengths = new Int32Array(BLOCK_BYTES / MIN_MATCH);
  readonly distances = new Int32Array(BLOCK_BYTES / MIN_MATCH);
  readonly #table = new Int32Array(1 << HASH_BITS);

  /** The number of matches in `bytes[start .. end)`, at most BLOCK_BYTES of them, in order and without overlap. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const table = this.#table.fill(-1);
    const { positions, lengths, distances } = this;
    const lastStart = end - LAST_START;
    const lastEnd = end - LAST_LITERALS;
    let count = 0;
    // What does not repeat is passed over in growing steps.
    let misses = 64;
    let at = start;
    while (at <= lastStart) {
      const word = wordAt(bytes, at);
      const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
      const candidate = table[slot] as number;
      table[slot] = at;
      if (candidate < 0 || wordAt(bytes, candidate) !== word) {
        at += misses++ >> 6;
        continue;
      }
      let length = MIN_MATCH;
      while (at + length < lastEnd && bytes[at + length] === bytes[candidate + length]) length += 1;
      positions[count] = at;
      lengths[count] = length;
      distances[count] = at - candidate;
      count += 1;
      at += length;
      misses = 64;
    }
    return count;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
