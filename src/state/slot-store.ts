import { createStoredColumn, grownBytes, type FixedColumn, type StoredColumn } from "./columns.ts";
import type { StateField } from "./api.ts";
import { FreeSlots } from "./free-slots.ts";
import { FrozenPages, PAGE_SHIFT } from "./pages.ts";
import type { Clock } from "./ttl.ts";
import { T } from "../types/data-type.ts";

const FIRST_CAPACITY = 64;

/** Hears of every change to a store before it happens; state behind the store knows from it what is newer in memory. */
export interface SlotWatcher {
  /** The slot is about to be written, to come or to go. */
  touched(slot: number): void;
  touchedAll(slots: Int32Array, count: number): void;
}

/** Time to live of the slots of a store. */
interface Expiry {
  readonly millis: number;
  readonly clock: Clock;
  /** Last write of each slot, epoch millis; a column, so that snapshots hold it. */
  readonly lastWrite: FixedColumn<"f64", Float64Array>;
}

/** Slots with columns: allocation, live and dirty bits, copy-on-write pages, last-write times. Knows no keys. */
export class SlotStore {
  /** Columns that are written only when a slot is allocated: keys, hash, parent. */
  readonly identity: readonly StoredColumn[];
  /** Columns that change while a slot lives; the last-write time is the last of them. */
  readonly changing: readonly StoredColumn[];
  readonly expiry: Expiry | undefined;
  capacity: number;
  /** Slots ever used: 0 … limit − 1. */
  limit = 0;
  liveCount = 0;
  live: Uint8Array;
  /** 1: written since the last freeze. */
  dirty: Uint8Array;
  /** The running freeze. */
  frozen: FrozenPages | undefined;
  /** Rises when arrays were replaced; loops that hold arrays look at it. */
  version = 0;
  /** Absent: nothing stands behind. */
  watcher: SlotWatcher | undefined;
  /** What was written before each freeze since the snapshot that increments build on; at most two, the older ones as one. */
  #unsaved: { readonly freeze: number; readonly dirty: Uint8Array }[] = [];
  /** Number of the first freeze; 0: there was none. */
  #firstFreeze = 0;
  readonly #free = new FreeSlots();
  #sweepCursor = 0;

  constructor(identity: readonly StateField[], changing: readonly StateField[], ttlMillis: number, clock: Clock) {
    this.capacity = FIRST_CAPACITY;
    this.live = new Uint8Array(this.capacity);
    this.dirty = new Uint8Array(this.capacity);
    this.identity = identity.map((field) => createStoredColumn(field, FIRST_CAPACITY));
    const columns = changing.map((field) => createStoredColumn(field, FIRST_CAPACITY));
    if (ttlMillis > 0) {
      const lastWrite = createStoredColumn(LAST_WRITE, FIRST_CAPACITY) as FixedColumn<"f64", Float64Array>;
      this.expiry = { millis: ttlMillis, clock, lastWrite };
      columns.push(lastWrite);
    }
    this.changing = columns;
  }

  /** The lowest free slot, now live and dirty, with initial values. */
  allocate(): number {
    if (this.#free.count > 0) return this.#occupy(this.#free.takeLowest());
    const slot = this.limit;
    if (slot === this.capacity) this.#grow(slot + 1);
    this.limit = slot + 1;
    return this.#occupy(slot);
  }

  /** For a restore: room for slots 0 … `slots` − 1 at once. */
  reserve(slots: number): void {
    if (slots > this.capacity) this.#grow(slots);
  }

  /** For a restore: the given slot, which is free; the slots that are skipped stay free. */
  allocateAt(slot: number): number {
    if (slot < this.limit) {
      this.#free.remove(slot);
      return this.#occupy(slot);
    }
    if (slot >= this.capacity) this.#grow(slot + 1);
    for (let skipped = this.limit; skipped < slot; skipped++) this.#free.add(skipped);
    this.limit = slot + 1;
    return this.#occupy(slot);
  }

  #occupy(slot: number): number {
    this.#beforeTurnover(slot);
    this.#write(slot);
    this.live[slot] = 1;
    this.liveCount += 1;
    return slot;
  }

  /** Frees a live slot and puts the initial values back. */
  release(slot: number): void {
    this.#beforeTurnover(slot);
    this.#write(slot);
    this.live[slot] = 0;
    this.liveCount -= 1;
    for (const column of this.identity) column.clear(slot);
    for (const column of this.changing) column.clear(slot);
    this.#free.add(slot);
  }

  /** Before a write to the slot's columns; where there are none that change, there is nothing to write. */
  touchOne(slot: number): void {
    if (this.changing.length > 0) this.#write(slot);
  }

  #write(slot: number): void {
    this.watcher?.touched(slot);
    this.dirty[slot] = 1;
    const frozen = this.frozen;
    if (frozen !== undefined && frozen.shared[slot >> PAGE_SHIFT] === 1) frozen.save(slot >> PAGE_SHIFT);
    const expiry = this.expiry;
    if (expiry !== undefined) expiry.lastWrite.values[slot] = expiry.clock.nowMillis();
  }

  touch(slots: Int32Array, count: number): void {
    if (this.changing.length === 0) return;
    const { dirty, frozen, expiry } = this;
    this.watcher?.touchedAll(slots, count);
    for (let i = 0; i < count; i++) dirty[slots[i]!] = 1;
    if (frozen !== undefined) {
      for (let i = 0; i < count; i++) {
        const page = slots[i]! >> PAGE_SHIFT;
        if (frozen.shared[page] === 1) frozen.save(page);
      }
    }
    if (expiry !== undefined) {
      const now = expiry.clock.nowMillis();
      const lastWrite = expiry.lastWrite.values;
      for (let i = 0; i < count; i++) lastWrite[slots[i]!] = now;
    }
  }

  /** True when the slot's time to live was over at `nowMillis`. */
  isExpired(slot: number, nowMillis: number): boolean {
    const expiry = this.expiry;
    return expiry !== undefined && expiry.lastWrite.values[slot]! + expiry.millis <= nowMillis;
  }

  /** Looks at the next `steps` slots and calls `remove` for those that expired more than `graceMillis` ago. */
  sweep(steps: number, graceMillis: number, remove: (slot: number) => void): void {
    if (this.expiry === undefined || this.liveCount === 0) return;
    const now = this.expiry.clock.nowMillis() - graceMillis;
    for (let n = Math.min(steps, this.limit); n > 0; n--) {
      const slot = this.#sweepCursor >= this.limit ? 0 : this.#sweepCursor;
      this.#sweepCursor = slot + 1;
      if (this.live[slot] === 1 && this.isExpired(slot, now)) remove(slot);
    }
  }

  /** Rewrites text arenas of which more than a part (default: half) is garbage. Only between operations: starts move. */
  compact(part?: number): void {
    for (const column of this.identity) if (column.storage === "bytes") column.compact(this.limit, part);
    for (const column of this.changing) if (column.storage === "bytes") column.compact(this.limit, part);
  }

  /** Live slots in ascending order. */
  liveSlots(): Int32Array {
    const out = new Int32Array(this.liveCount);
    let count = 0;
    for (let slot = 0; slot < this.limit; slot++) if (this.live[slot] === 1) out[count++] = slot;
    return out;
  }

  /**
   * The contents of now, readable while writing goes on. A freeze that is still read ends. `number`: of the freeze, from
   * 1, rising; `since`: number of the freeze that an increment would build on, because its checkpoint is complete; 0:
   * none. What was frozen for checkpoints that did not complete stays dirty.
   */
  freeze(number = 1, since = 0): FrozenPages {
    this.frozen?.release();
    if (this.#firstFreeze === 0) this.#firstFreeze = number;
    const unsaved = this.#unsaved.filter(({ freeze }) => freeze > since);
    unsaved.push({ freeze: number, dirty: this.dirty });
    if (unsaved.length > 2) {
      const [oldest, next] = unsaved;
      addMask(oldest!.dirty, next!.dirty);
      unsaved.shift();
    }
    this.#unsaved = unsaved;
    let { dirty } = this;
    if (unsaved.length > 1) {
      dirty = dirty.slice();
      addMask(unsaved[0]!.dirty, dirty);
    }
    this.dirty = new Uint8Array(this.capacity);
    this.frozen = new FrozenPages(this, dirty, this.#firstFreeze > since);
    return this.frozen;
  }

  unfreeze(frozen: FrozenPages): void {
    if (this.frozen === frozen) this.frozen = undefined;
  }

  /** Bytes that the live slots need: what `memoryBytes` would be without room to grow. */
  get usedBytes(): number {
    let perSlot = 2;
    let arenas = 0;
    for (const columns of [this.identity, this.changing])
      for (const column of columns) {
        perSlot += column.slotBytes;
        arenas += column.arenaBytes;
      }
    return this.liveCount * perSlot + arenas;
  }

  get memoryBytes(): number {
    let bytes = this.capacity * 2 + this.#free.memoryBytes;
    for (const column of this.identity) bytes += column.memoryBytes;
    for (const column of this.changing) bytes += column.memoryBytes;
    return bytes;
  }

  /** Before a slot comes or goes. */
  #beforeTurnover(slot: number): void {
    const frozen = this.frozen;
    if (frozen !== undefined && frozen.sharedIdentity[slot >> PAGE_SHIFT] === 1)
      frozen.saveIdentity(slot >> PAGE_SHIFT);
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed, this.capacity * 2);
    this.capacity = capacity;
    this.live = grownBytes(this.live, capacity);
    this.dirty = grownBytes(this.dirty, capacity);
    for (const column of this.identity) column.resize(capacity);
    for (const column of this.changing) column.resize(capacity);
    this.version += 1;
  }
}

const LAST_WRITE: StateField = { name: "$last_write", type: T.double(false), initial: 0 };

/** Adds the ones of a mask to another, which is at least as long. */
function addMask(from: Uint8Array, to: Uint8Array): void {
  for (let i = 0; i < from.length; i++) to[i] = to[i]! | from[i]!;
}

/** A copy of the array with room for `capacity`; the new part is 0. */
export function grownInts(from: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(capacity);
  to.set(from);
  return to;
}
