import type { AnyColumns, RowOrder } from "./row-order.ts";

const CHUNK_ROWS = 512;

/** Row slots in order, in chunks, so that putting one in the middle of many moves few. */
export class RankedRows {
  readonly #chunks: number[][] = [[]];
  length = 0;

  /** The row slot at the place (from 0). */
  at(place: number): number {
    let rest = place;
    for (const chunk of this.#chunks) {
      if (rest < chunk.length) return chunk[rest]!;
      rest -= chunk.length;
    }
    return -1;
  }

  /** The place behind all rows that do not come after row `row` of `columns`. */
  placeAfterEqual(order: RowOrder, columns: AnyColumns, row: number, stored: AnyColumns): number {
    return this.#search((slot) => order(columns, row, stored, slot) >= 0);
  }

  /** The first place that does not come before row `row` of `columns`. */
  placeBeforeEqual(order: RowOrder, columns: AnyColumns, row: number, stored: AnyColumns): number {
    return this.#search((slot) => order(columns, row, stored, slot) > 0);
  }

  insert(place: number, slot: number): void {
    let rest = place;
    let c = 0;
    while (c < this.#chunks.length - 1 && rest > this.#chunks[c]!.length) rest -= this.#chunks[c++]!.length;
    const chunk = this.#chunks[c]!;
    chunk.splice(rest, 0, slot);
    if (chunk.length > CHUNK_ROWS)
      this.#chunks.splice(c, 1, chunk.slice(0, CHUNK_ROWS >> 1), chunk.slice(CHUNK_ROWS >> 1));
    this.length += 1;
  }

  /** Puts another row slot at the place. */
  replace(place: number, slot: number): void {
    let rest = place;
    for (const chunk of this.#chunks) {
      if (rest < chunk.length) {
        chunk[rest] = slot;
        return;
      }
      rest -= chunk.length;
    }
  }

  /** Takes the row slot at the place out and returns it. */
  remove(place: number): number {
    let rest = place;
    let c = 0;
    while (rest >= this.#chunks[c]!.length) rest -= this.#chunks[c++]!.length;
    const [slot] = this.#chunks[c]!.splice(rest, 1);
    if (this.#chunks[c]!.length === 0 && this.#chunks.length > 1) this.#chunks.splice(c, 1);
    this.length -= 1;
    return slot!;
  }

  /** How many rows from the first on pass the test. */
  countWhile(test: (slot: number) => boolean): number {
    let count = 0;
    for (const chunk of this.#chunks) {
      for (const slot of chunk) {
        if (!test(slot)) return count;
        count += 1;
      }
    }
    return count;
  }

  /** Takes the first rows out. */
  removeFirst(count: number): number[] {
    const out: number[] = [];
    while (out.length < count) {
      const chunk = this.#chunks[0]!;
      const wanted = count - out.length;
      if (wanted < chunk.length || this.#chunks.length === 1) out.push(...chunk.splice(0, wanted));
      else out.push(...this.#chunks.shift()!);
    }
    this.length -= count;
    return out;
  }

  /** The first place whose row is not `before`; all such rows stand in front. */
  #search(before: (slot: number) => boolean): number {
    let c = 0;
    for (let end = this.#chunks.length - 1; c < end;) {
      const middle = (c + end + 1) >> 1;
      if (before(this.#chunks[middle]![0]!)) c = middle;
      else end = middle - 1;
    }
    let place = 0;
    for (let k = 0; k < c; k++) place += this.#chunks[k]!.length;
    const chunk = this.#chunks[c]!;
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(chunk[middle]!)) low = middle + 1;
      else high = middle;
    }
    return place + low;
  }
}
