/** Entries grow when more than this part of them is used. */
const MAX_LOAD = 0.6;
const FIRST_ENTRIES = 128;

/**
 * Open addressing with linear probing: entry e is `cells[2e]` = slot + 1 (0: free) and `cells[2e + 1]` = hash, so that a
 * probe touches one cache line before it looks at keys. The search itself is generated code (`lookup-kernel.ts`).
 */
export class HashIndex {
  cells = new Int32Array(2 * FIRST_ENTRIES);
  /** Number of entries − 1; entries are a power of two. */
  mask = FIRST_ENTRIES - 1;
  #used = 0;
  #limit = Math.floor(FIRST_ENTRIES * MAX_LOAD);

  /** Makes room for so many slots at once; only of use while it is empty. */
  reserve(slots: number): void {
    let entries = this.mask + 1;
    while (entries * MAX_LOAD < slots) entries *= 2;
    if (this.#used > 0 || entries === this.mask + 1) return;
    this.cells = new Int32Array(2 * entries);
    this.mask = entries - 1;
    this.#limit = Math.floor(entries * MAX_LOAD);
  }

  /** Puts the slot at the free entry where the search ended. May replace `cells`. */
  insert(entry: number, hash: number, slot: number): void {
    this.cells[2 * entry] = slot + 1;
    this.cells[2 * entry + 1] = hash;
    if (++this.#used > this.#limit) this.#grow();
  }

  /** Takes the slot out; entries behind it move up, so that no tombstones remain. */
  remove(hash: number, slot: number): void {
    const { cells, mask } = this;
    let hole = hash & mask;
    while (cells[2 * hole] !== slot + 1) {
      if (cells[2 * hole] === 0) return;
      hole = (hole + 1) & mask;
    }
    for (let entry = (hole + 1) & mask; cells[2 * entry] !== 0; entry = (entry + 1) & mask) {
      const wanted = cells[2 * entry + 1]! & mask;
      if (((entry - wanted) & mask) < ((entry - hole) & mask)) continue;
      cells[2 * hole] = cells[2 * entry]!;
      cells[2 * hole + 1] = cells[2 * entry + 1]!;
      hole = entry;
    }
    cells[2 * hole] = 0;
    this.#used -= 1;
  }

  /** Forgets all slots. */
  clear(): void {
    this.cells.fill(0);
    this.#used = 0;
  }

  get memoryBytes(): number {
    return this.cells.byteLength;
  }

  #grow(): void {
    const old = this.cells;
    const entries = (this.mask + 1) * 2;
    const mask = entries - 1;
    const cells = new Int32Array(2 * entries);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0) continue;
      const hash = old[at + 1]!;
      let entry = hash & mask;
      while (cells[2 * entry] !== 0) entry = (entry + 1) & mask;
      cells[2 * entry] = old[at]!;
      cells[2 * entry + 1] = hash;
    }
    this.cells = cells;
    this.mask = mask;
    this.#limit = Math.floor(entries * MAX_LOAD);
  }
}
