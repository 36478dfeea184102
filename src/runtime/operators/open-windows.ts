import type { WindowClock } from "./windows.ts";

/** Windows with rows, by their end: which slots of state belong to each, and when the next one is due. */
export class OpenWindows {
  readonly #clock: WindowClock;
  readonly #slots = new Map<number, Set<number>>();
  #nextFire = Infinity;

  constructor(clock: WindowClock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#slots.size;
  }

  /** The watermark that fires the next window; +Infinity: none is open. */
  get nextFire(): number {
    return this.#nextFire;
  }

  add(end: number, slot: number): void {
    const slots = this.#slots.get(end);
    if (slots !== undefined) {
      slots.add(slot);
      return;
    }
    this.#slots.set(end, new Set([slot]));
    this.#nextFire = Math.min(this.#nextFire, this.#clock.fireTime(end));
  }

  /** Closes the windows that the watermark has passed, the earliest first; `fire` gets the slots of each, ascending. */
  close(watermark: number, fire: (slots: readonly number[]) => void): void {
    if (watermark < this.#nextFire) return;
    const ends = [...this.#slots.keys()];
    const due = ends.filter((end) => this.#clock.fireTime(end) <= watermark).sort((a, b) => a - b);
    for (const end of due) {
      fire([...this.#slots.get(end)!].sort((a, b) => a - b));
      this.#slots.delete(end);
    }
    this.#nextFire = Infinity;
    for (const end of this.#slots.keys()) this.#nextFire = Math.min(this.#nextFire, this.#clock.fireTime(end));
  }
}
