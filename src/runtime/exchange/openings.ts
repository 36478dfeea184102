/** What one thread sends to another at once. */
interface Parcel {
  /** What it said while it opened; the first parcel, and there is always one. */
  readonly opening: boolean;
}

/**
 * Lets what the other threads said while they opened be heard before anything that any of them sends in its run. All
 * threads open before the first runs, but a thread that runs later finds both in its ports; an end that is heard behind
 * the rows of another thread would hold the watermark back, and it would depend on chance which rows are late.
 */
export class Openings<P extends Parcel> {
  readonly #take: (sender: number, parcel: P) => void;
  /** Threads that were not heard yet. */
  #missing: number;
  #early: (readonly [sender: number, parcel: P])[] = [];

  constructor(others: number, take: (sender: number, parcel: P) => void) {
    this.#missing = others;
    this.#take = take;
  }

  arrive(sender: number, parcel: P): void {
    if (this.#missing === 0) return this.#take(sender, parcel);
    if (!parcel.opening) {
      this.#early.push([sender, parcel]);
      return;
    }
    this.#take(sender, parcel);
    this.#missing -= 1;
    if (this.#missing > 0) return;
    const early = this.#early;
    this.#early = [];
    for (const [from, kept] of early) this.#take(from, kept);
  }
}
