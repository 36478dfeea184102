import type { KeyedTable } from "../../state/api.ts";
import { TOUCHED } from "../../state/ttl.ts";
import { TimeHeap } from "./time-heap.ts";

/** Slots of a table that may be removed at a time; each is looked at again when its time has come. */
export class SlotDeadlines {
  readonly #heap = new TimeHeap();
  readonly #queued: boolean[] = [];

  /** The slot is looked at then, or earlier when it waits already. */
  add(slot: number, time: number): void {
    if (this.#queued[slot] === true) return;
    this.#queued[slot] = true;
    this.#heap.push(time, slot);
  }

  /** `deadline` says until when a slot must stay (a time that is over: not at all), undefined for one that is gone. */
  expire(now: number, deadline: (slot: number) => number | undefined, remove: (slot: number) => void): void {
    while (this.#heap.size > 0 && this.#heap.first <= now) {
      const slot = this.#heap.pop();
      this.#queued[slot] = false;
      const until = deadline(slot);
      if (until === undefined) continue;
      if (until > now) this.add(slot, until);
      else remove(slot);
    }
  }
}

/** Time to live of whole keys, for state whose rows must not expire one by one. */
export class KeyExpiry {
  readonly #table: KeyedTable;
  readonly #column: number;
  readonly #ttlMillis: number;
  readonly #nowMillis: () => number;
  readonly #isBusy: (slot: number) => boolean;
  readonly #deadlines = new SlotDeadlines();
  #restored = false;

  /** `column`: where `TOUCHED` stands in the table. A busy key stays. */
  constructor(
    table: KeyedTable,
    column: number,
    ttlMillis: number,
    nowMillis: () => number,
    isBusy: (slot: number) => boolean = () => false,
  ) {
    this.#table = table;
    this.#column = column;
    this.#ttlMillis = ttlMillis;
    this.#nowMillis = nowMillis;
    this.#isBusy = isBusy;
  }

  /** A row has come for the key, whose slot is touched. */
  renew(slot: number): void {
    const now = this.#nowMillis();
    this.#touched()[slot] = now;
    this.#deadlines.add(slot, now + this.#ttlMillis);
  }

  /** Removes keys whose time is over. */
  expire(): void {
    const now = this.#nowMillis();
    if (!this.#restored) {
      this.#restored = true;
      for (const slot of this.#table.liveSlots()) {
        // Stored without a time to live: it begins here.
        if (this.#touched()[slot] === TOUCHED.initial) this.#stamp(slot, now);
        this.#deadlines.add(slot, this.#touched()[slot]! + this.#ttlMillis);
      }
    }
    const until = (slot: number): number | undefined => {
      if (!this.#table.isLive(slot)) return undefined;
      return this.#isBusy(slot) ? now + this.#ttlMillis : this.#touched()[slot]! + this.#ttlMillis;
    };
    this.#deadlines.expire(now, until, (slot) => this.#table.remove(slot));
  }

  #stamp(slot: number, now: number): void {
    this.#table.touch(Int32Array.of(slot), 1);
    this.#touched()[slot] = now;
  }

  #touched(): Float64Array {
    return (this.#table.columns[this.#column] as { values: Float64Array }).values;
  }
}
