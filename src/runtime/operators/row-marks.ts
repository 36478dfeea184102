/** A set of row slots that is filled and emptied often. */
export class RowMarks {
  #round = 1;
  /** The round in which each slot was marked last. */
  #marked = new Uint32Array(256);

  clear(): void {
    this.#round += 1;
    if (this.#round === 0xffff_ffff) {
      this.#marked.fill(0);
      this.#round = 1;
    }
  }

  mark(slot: number): void {
    if (slot >= this.#marked.length) {
      const larger = new Uint32Array(Math.max(2 * this.#marked.length, slot + 1));
      larger.set(this.#marked);
      this.#marked = larger;
    }
    this.#marked[slot] = this.#round;
  }

  has(slot: number): boolean {
    return this.#marked[slot] === this.#round;
  }
}
