import { T } from "../types/data-type.ts";
import type { StateField } from "./api.ts";
import { ChildLinks } from "./child-links.ts";
import type { FixedColumn } from "./columns.ts";
import type { Children, MemoryKeyedTable } from "./keyed-table.ts";
import { positionsInOrder } from "./sequence-order.ts";
import { SlotStore } from "./slot-store.ts";
import { SWEEP_GRACE_MILLIS, SWEEP_STEPS } from "./ttl.ts";

const PARENT: StateField = { name: "$parent", type: T.int(false), initial: 0 };
/** Order of arrival over the whole store: restoring in this order rebuilds every list. */
const SEQUENCE: StateField = { name: "$sequence", type: T.double(false), initial: 0 };

/** Hears of every change to child rows before it happens. */
export interface ChildWatcher {
  /** A child is about to be put under the parent. */
  appending(parent: number): void;
  changing(parent: number, child: number): void;
  removing(parent: number, child: number): void;
}

/** Slots that hang under the slots of a table, in order of arrival: what row lists and child maps have in common. */
export class ChildStore implements Children {
  readonly store: SlotStore;
  readonly links = new ChildLinks();
  readonly parentTable: MemoryKeyedTable;
  readonly #parents: FixedColumn<"i32", Int32Array>;
  readonly #sequences: FixedColumn<"f64", Float64Array>;
  /** Called before a child goes, by whichever way. */
  readonly #beforeRelease: ((child: number) => void) | undefined;
  /** Rows come from elsewhere, with last-write times of their own: appending renews nothing. */
  restoring = false;
  /** Absent: nothing stands behind. */
  watcher: ChildWatcher | undefined;
  #nextSequence = 1;
  /** No child of the parent was written before this; only with a TTL. */
  #oldestWrite = new Float64Array(16);

  /** The store adds its own identity columns, parent and sequence, after the given ones. */
  constructor(
    parentTable: MemoryKeyedTable,
    identity: readonly StateField[],
    fields: readonly StateField[],
    beforeRelease?: (child: number) => void,
  ) {
    this.parentTable = parentTable;
    this.#beforeRelease = beforeRelease;
    const expiry = parentTable.store.expiry;
    const clock = expiry?.clock ?? { nowMillis: () => 0 };
    this.store = new SlotStore([...identity, PARENT, SEQUENCE], fields, expiry?.millis ?? 0, clock);
    this.#parents = this.store.identity[identity.length] as FixedColumn<"i32", Int32Array>;
    this.#sequences = this.store.identity[identity.length + 1] as FixedColumn<"f64", Float64Array>;
    parentTable.children.push(this);
  }

  /** Parent slot of each child. */
  get parents(): Int32Array {
    return this.#parents.values;
  }

  /** A new child slot at the end of the parent's list. */
  append(parent: number): number {
    this.watcher?.appending(parent);
    const child = this.store.allocate();
    this.links.append(parent, child);
    this.#parents.values[child] = parent;
    this.#sequences.values[child] = this.#nextSequence++;
    if (this.store.expiry !== undefined && !this.restoring) this.#renew(parent, child);
    return child;
  }

  /**
   * For a restore: children at free slots, which `link` then puts into their lists. Last-write times are written
   * afterwards.
   */
  placeAt(children: Int32Array, parents: Int32Array, sequences: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) this.placeOneAt(children[i]!, parents[i]!, sequences[i]!);
  }

  placeOneAt(child: number, parent: number, sequence: number): void {
    this.store.allocateAt(child);
    this.#parents.values[child] = parent;
    this.#sequences.values[child] = sequence;
  }

  /** Puts all children into the lists of their parents by sequence. `renumber`: they come from several former tasks. */
  link(renumber: boolean): void {
    const children = this.store.liveSlots();
    const sequences = Float64Array.from(children, (child) => this.#sequences.values[child]!);
    const order = positionsInOrder(sequences);
    for (let i = 0; i < order.length; i++) {
      const child = children[order[i]!]!;
      this.links.append(this.#parents.values[child]!, child);
      if (renumber) this.#sequences.values[child] = i + 1;
    }
    const last = order.length === 0 ? 0 : this.#sequences.values[children[order.at(-1)!]!]!;
    this.#nextSequence = last + 1;
  }

  /** Before a write to the child's columns. */
  touchOne(child: number): void {
    this.watcher?.changing(this.#parents.values[child]!, child);
    this.store.touchOne(child);
    if (this.store.expiry !== undefined) this.parentTable.touchOne(this.#parents.values[child]!);
  }

  remove(child: number): void {
    if (this.store.live[child] !== 1) return;
    this.watcher?.removing(this.#parents.values[child]!, child);
    this.links.remove(this.#parents.values[child]!, child);
    this.#beforeRelease?.(child);
    this.store.release(child);
  }

  freeAll(parent: number): void {
    for (let child = this.links.head(parent); child >= 0; child = this.links.head(parent)) this.remove(child);
    // The next key in this place begins anew.
    if (parent < this.#oldestWrite.length) this.#oldestWrite[parent] = 0;
  }

  expire(parent: number, nowMillis: number): void {
    const expiry = this.store.expiry;
    if (expiry === undefined || this.links.count(parent) === 0) return;
    if ((this.#oldestWrite[parent] ?? 0) + expiry.millis > nowMillis) return;
    let oldest = nowMillis;
    for (let child = this.links.head(parent); child >= 0;) {
      const next = this.links.next[child]! - 1;
      if (this.store.isExpired(child, nowMillis)) this.remove(child);
      else oldest = Math.min(oldest, expiry.lastWrite.values[child]!);
      child = next;
    }
    this.#oldestWrite[parent] = oldest;
  }

  sweep(): void {
    this.store.sweep(SWEEP_STEPS, SWEEP_GRACE_MILLIS, (child) => this.remove(child));
  }

  get memoryBytes(): number {
    return this.store.memoryBytes + this.links.memoryBytes + this.#oldestWrite.byteLength;
  }

  #renew(parent: number, child: number): void {
    if (parent >= this.#oldestWrite.length) {
      const grown = new Float64Array(Math.max(parent + 1, this.#oldestWrite.length * 2));
      grown.set(this.#oldestWrite);
      this.#oldestWrite = grown;
    }
    if (this.links.count(parent) === 1) this.#oldestWrite[parent] = this.store.expiry!.lastWrite.values[child]!;
    this.parentTable.touchOne(parent);
  }
}
