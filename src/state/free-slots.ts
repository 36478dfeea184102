/**
 * A set of slots that hands out its lowest one: a tree of bits, 32 to a word, in which a bit of a level says that a word
 * of the level below is not empty. Which slot comes next depends on the set alone, never on the order of releases, so
 * that a restored table goes on with the same slots as one that was never stopped.
 */
export class FreeSlots {
  /** Slots in the set. */
  count = 0;
  /** Lowest level first; the last has one word. */
  #levels: Int32Array[] = [new Int32Array(1)];

  add(slot: number): void {
    while (slot >= this.#capacity) this.#grow();
    this.count += 1;
    let at = slot;
    for (const level of this.#levels) {
      const before = level[at >> 5]!;
      level[at >> 5] = before | (1 << (at & 31));
      if (before !== 0) return;
      at >>= 5;
    }
  }

  /** Takes the slot, which must be in the set, out. */
  remove(slot: number): void {
    this.count -= 1;
    let at = slot;
    for (const level of this.#levels) {
      const after = level[at >> 5]! & ~(1 << (at & 31));
      level[at >> 5] = after;
      if (after !== 0) return;
      at >>= 5;
    }
  }

  /** Takes the lowest slot out of a set that is not empty. */
  takeLowest(): number {
    let at = 0;
    for (let i = this.#levels.length - 1; i >= 0; i--) {
      const word = this.#levels[i]![at]!;
      at = (at << 5) | (31 - Math.clz32(word & -word));
    }
    this.remove(at);
    return at;
  }

  get memoryBytes(): number {
    return this.#levels.reduce((sum, level) => sum + level.byteLength, 0);
  }

  get #capacity(): number {
    return this.#levels[0]!.length * 32;
  }

  /** Every level has 32 times as many words, and a new one stands on top. */
  #grow(): void {
    this.#levels = this.#levels.map((level) => {
      const grown = new Int32Array(level.length * 32);
      grown.set(level);
      return grown;
    });
    this.#levels.push(Int32Array.of(this.count === 0 ? 0 : 1));
  }
}
