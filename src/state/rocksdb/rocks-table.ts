import { assert } from "../../base/assert.ts";
import type { Column } from "../../batch/column.ts";
import type { Resident } from "../api.ts";
import type { ChildStore, ChildWatcher } from "../child-store.ts";
import type { MemoryChildMap } from "../child-map.ts";
import type { MemoryKeyedTable, TableBacking } from "../keyed-table.ts";
import type { Pace } from "../pace.ts";
import { grownBytes } from "../columns.ts";
import { grownInts, type SlotWatcher } from "../slot-store.ts";
import { SWEEP_GRACE_MILLIS } from "../ttl.ts";
import { ChildRows } from "./child-rows.ts";
import type { Reading } from "./database.ts";
import type { KeyLayout } from "./key-layout.ts";
import { RecordBuffer, RecordReader } from "./record-buffer.ts";
import type { RecordWriter } from "./record-writer.ts";
import { RemovedKeys } from "./removed-keys.ts";
import { RecordSweeper } from "./record-sweeper.ts";
import { loadRange } from "./scan-records.ts";
import { TableRecords, type PartReference } from "./table-records.ts";

/** Not in the database. */
const NEVER_WRITTEN = -1;

/** What collects while a checkpoint is written goes out in pieces of this size. */
const MAX_WAITING_BYTES = 4 << 20;

/** Part of a text arena that rows which were dropped may leave behind. */
const ARENA_GARBAGE = 0.25;

/** What the tables of one operator share. */
export interface TableContext {
  readonly reading: Reading;
  readonly writer: RecordWriter;
  /** Between its barrier and the copy of the database for the checkpoint nothing newer of the operator may be written. */
  frozen: boolean;
  /** A batch is between `makeRoom` and the next barrier or batch: what it asked for stays, and it may change the state. */
  busy: boolean;
}

export interface RocksTableOptions {
  readonly resident: Resident | undefined;
  /** The database holds rows of this table that are not in memory. */
  readonly restored: boolean;
}

/**
 * A table in memory as the front of its records in the database. A row is here, there or in both; `dirty` rows are newer
 * here, `pending` rows are part of a frozen checkpoint that has not been written yet.
 */
export class RocksTable implements TableBacking, SlotWatcher {
  readonly table: MemoryKeyedTable;
  readonly records: TableRecords;
  readonly #context: TableContext;
  readonly #resident: RocksTableOptions["resident"];
  /** The database may hold rows that are not here. */
  #elsewhere: boolean;
  /** How many, at most. */
  #absent: number;
  /** All rows that have to be here are here. */
  #complete: boolean;
  #dirty = new Uint8Array(64);
  #pending = new Uint8Array(64);
  #hasPending = false;
  /** Number of the freeze: writing for an earlier one stops. */
  #freezes = 0;
  /** Some record of the table is, or may be, in the database. */
  #everWritten: boolean;
  /** Second chance: asked for since the hand came by. */
  #used = new Uint8Array(64);
  /** Batch of the writer that the slot was last put into; 0: read from the database. */
  #written = new Int32Array(64).fill(NEVER_WRITTEN);
  /** Changes are those of loading and dropping, which change nothing. */
  #quiet = false;
  #hand = 0;
  /** Slots that may go as soon as the writer has written them. */
  #leaving: number[] = [];
  readonly #removed = new RemovedKeys();
  readonly #sweeper: RecordSweeper;
  readonly #keys = new RecordBuffer(1 << 12);
  #slots = new Int32Array(64);
  #rows = new Int32Array(64);
  #fresh = new Uint8Array(64);

  constructor(table: MemoryKeyedTable, layout: KeyLayout, context: TableContext, options: RocksTableOptions) {
    this.table = table;
    this.records = new TableRecords(table, layout);
    this.#sweeper = new RecordSweeper(this.records);
    this.#context = context;
    // One row for all: it is always wanted.
    this.#resident = table.keyColumns.length === 0 ? "always" : options.resident;
    this.#elsewhere = options.restored;
    this.#absent = options.restored ? Infinity : 0;
    this.#everWritten = options.restored;
    this.#complete = !options.restored || this.#resident === undefined;
    table.backing = this;
    table.store.watcher = this;
  }

  addChild(children: ChildStore, map: MemoryChildMap | undefined): void {
    const number = this.records.children.length;
    this.records.children.push(new ChildRows(children, map));
    children.watcher = this.#childWatcher(number);
  }

  #childWatcher(number: number): ChildWatcher {
    return {
      appending: (parent) => this.touched(parent),
      changing: (parent, child) => {
        this.touched(parent);
        if (!this.#quiet) this.records.changing(parent, number, child);
      },
      removing: (parent, child) => {
        this.touched(parent);
        this.records.removing(parent, number, child);
      },
    };
  }

  touched(slot: number): void {
    if (this.#quiet) return;
    // Without it the row might be elsewhere, and this one would hide it.
    assert(this.#context.busy, "state was changed by a batch that `prepare` was not awaited for");
    if (slot >= this.#dirty.length) this.#grow(slot);
    if (this.#pending[slot] === 1) this.#writePending(slot);
    this.#dirty[slot] = 1;
  }

  touchedAll(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.touched(slots[i]!);
  }

  removing(slot: number): void {
    if (slot >= this.#dirty.length) this.#grow(slot);
    if (this.#pending[slot] === 1) this.#writePending(slot);
    if (this.#written[slot] !== NEVER_WRITTEN) {
      const scratch = this.#keys;
      scratch.clear();
      this.records.eachKey(slot, scratch, (start) => this.#removed.add(scratch.bytes, start, scratch.length));
    }
    this.#quiet = true;
  }

  removed(slot: number): void {
    this.#quiet = false;
    this.#forget(slot);
  }

  load(keys: readonly Column[], rows: Int32Array | undefined, count: number): Promise<void> | undefined {
    if (!this.#elsewhere || this.table.keyColumns.length === 0) return undefined;
    if (this.#slots.length < count) {
      this.#slots = new Int32Array(count);
      this.#rows = new Int32Array(count);
    }
    const slots = this.#slots;
    const missing = this.#rows;
    this.table.locate(keys, rows, count, slots, false);
    let missed = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      if (slot < 0) missing[missed++] = rows === undefined ? i : rows[i]!;
      else if (slot < this.#used.length) this.#used[slot] = 1;
    }
    return missed === 0 ? undefined : this.#fetch(keys, missed);
  }

  /** Makes slots for the keys that are missing, reads their records into them, and frees those that have none. */
  async #fetch(keys: readonly Column[], missed: number): Promise<void> {
    const slots = this.#slots;
    this.#quiet = true;
    this.table.locate(keys, this.#rows, missed, slots, true);
    this.#quiet = false;
    if (this.table.store.limit > this.#dirty.length) this.#grow(this.table.store.limit - 1);
    const fresh: number[] = [];
    for (let i = 0; i < missed; i++) {
      const slot = slots[i]!;
      if (this.#fresh[slot] === 1) continue;
      this.#fresh[slot] = 1;
      fresh.push(slot);
    }
    for (const slot of fresh) this.#fresh[slot] = 0;
    const { writer, reading } = this.#context;
    const wanted: number[] = [];
    const addresses: Uint8Array[] = [];
    const buffer = new RecordBuffer(32 * fresh.length);
    const ends: number[] = [];
    for (const slot of fresh) {
      const start = buffer.length;
      this.records.layout.write(this.table, slot, buffer);
      if (this.#removed.has(buffer.bytes, start, buffer.length, writer)) {
        buffer.length = start;
        this.#drop(slot);
        continue;
      }
      wanted.push(slot);
      ends.push(buffer.length);
    }
    for (let i = 0, start = 0; i < ends.length; start = ends[i++]!)
      addresses.push(buffer.bytes.subarray(start, ends[i]));
    const values = await reading.getMany(addresses);
    const parts: PartReference[] = [];
    const reader = new RecordReader();
    this.#quiet = true;
    wanted.forEach((slot, i) => {
      const value = values[i]!;
      if (value === null) this.#drop(slot);
      else this.records.readHead(slot, reader.open(value), parts);
    });
    if (parts.length > 0) {
      this.#quiet = false;
      await this.#fetchParts(parts, reader);
      this.#quiet = true;
    }
    this.records.finishReading();
    this.#quiet = false;
    wanted.forEach((slot, i) => {
      if (values[i] !== null) this.#isRead(slot);
    });
  }

  async #fetchParts(parts: readonly PartReference[], reader: RecordReader): Promise<void> {
    const values = await this.#context.reading.getMany(
      parts.map((part) => {
        const key = new RecordBuffer(64);
        this.records.writePartKey(part, key);
        return key.bytes.subarray(0, key.length);
      }),
    );
    this.#quiet = true;
    parts.forEach((part, i) => {
      const value = values[i]!;
      if (value !== null) this.records.readPart(part, reader.open(value));
    });
    this.#quiet = false;
  }

  /** The slot holds what the database holds. */
  #isRead(slot: number): void {
    if (slot >= this.#dirty.length) this.#grow(slot);
    this.#dirty[slot] = 0;
    this.#written[slot] = 0;
    this.#used[slot] = 1;
    this.#absent = Math.max(0, this.#absent - 1);
  }

  /** Keys that are not here may be in the database. */
  get mayMiss(): boolean {
    return this.#elsewhere && this.table.keyColumns.length > 0;
  }

  get isComplete(): boolean {
    return this.#complete;
  }

  /** Brings all rows that have to be here, after a restore; undefined: they are here. */
  complete(maxParallelism: number): Promise<void> | undefined {
    if (this.#complete) return undefined;
    this.#complete = true;
    return this.#loadAll(maxParallelism);
  }

  async #loadAll(maxParallelism: number): Promise<void> {
    await this.loadGroups(0, maxParallelism, (slot) => {
      if (!this.#stays(slot)) this.#drop(slot);
    });
    if (this.#resident === "always") this.#elsewhere = false;
  }

  /** Brings all rows of the key groups `from` … `to` − 1 into memory. For `prepare`, after `makeRoom`. */
  loadGroups(from: number, to: number, onRow?: (slot: number) => void): Promise<void> {
    return loadRange(this.#context.reading, this.records, [from, to], {
      quietly: (action) => {
        this.#quiet = true;
        action();
        this.#quiet = false;
      },
      read: (slot) => {
        this.#isRead(slot);
        onRow?.(slot);
      },
    });
  }

  /** At most so many rows are in the database and not here; Infinity: not known. */
  get absentCount(): number {
    return this.#absent;
  }

  /** Takes rows out of memory whose table is about to go as a whole. */
  free(slots: Int32Array): void {
    for (const slot of slots) {
      // A checkpoint may be waiting for it.
      if (this.#pending[slot] === 1) this.#writePending(slot);
      this.#drop(slot);
    }
    this.#compact();
  }

  /** Rows with a time to live may be in the database that nobody asks for any more. */
  get maySweep(): boolean {
    return this.mayMiss && this.table.store.expiry !== undefined;
  }

  /** Looks at the next records of the database, and removes rows that have expired. For `makeRoom` alone. */
  async sweep(): Promise<void> {
    const { table } = this;
    const before = table.store.expiry!.clock.nowMillis() - SWEEP_GRACE_MILLIS;
    const found = await this.#sweeper.next(this.#context.reading, before);
    if (found.count === 0) return;
    if (this.#slots.length < found.count) {
      this.#slots = new Int32Array(found.count);
      this.#rows = new Int32Array(found.count);
    }
    // Those in memory are swept there, and may be newer.
    table.locate(found.keys, undefined, found.count, this.#slots, false);
    let missed = 0;
    for (let i = 0; i < found.count; i++) if (this.#slots[i]! < 0) this.#rows[missed++] = i;
    const rows = this.#rows.slice(0, missed);
    await this.#fetch(found.keys, missed);
    const slots = new Int32Array(missed);
    table.locate(found.keys, rows, missed, slots, false);
    for (const slot of slots) if (slot >= 0 && table.store.isExpired(slot, before)) table.remove(slot);
  }

  /** The operator knows the row by its slot. */
  #stays(slot: number): boolean {
    return this.#resident === "always" || this.#resident?.(slot) === true;
  }

  /** Bytes that rows which may be dropped take in memory. */
  get droppableBytes(): number {
    return this.#resident === "always" ? 0 : this.usedBytes;
  }

  get usedBytes(): number {
    let bytes = this.table.store.usedBytes + this.table.liveCount * 32;
    for (const { children } of this.records.children) bytes += children.store.usedBytes + 16 * children.store.liveCount;
    return bytes;
  }

  /** Keys whose removal the database has not heard of. */
  get removedCount(): number {
    return this.#removed.waitingCount;
  }

  /**
   * Drops rows that were not asked for lately, until about so many bytes are free; rows that the database does not have
   * yet are put into the writer and go with `dropLeaving`.
   */
  evict(bytes: number): void {
    const { store } = this.table;
    if (store.liveCount === 0) return;
    let wanted = Math.min(store.liveCount, Math.ceil((bytes * store.liveCount) / Math.max(1, this.usedBytes)));
    const { frozen, writer } = this.#context;
    if (store.limit > this.#dirty.length) this.#grow(store.limit - 1);
    for (let steps = 2 * store.limit; steps > 0 && wanted > 0; steps--) {
      const slot = this.#hand >= store.limit ? 0 : this.#hand;
      this.#hand = slot + 1;
      if (store.live[slot] !== 1) continue;
      if (this.#used[slot] === 1) {
        this.#used[slot] = 0;
        continue;
      }
      if (this.#stays(slot)) continue;
      if (this.#pending[slot] === 1) continue;
      if (this.#dirty[slot] === 1) {
        if (frozen) continue;
        this.#removed.send(writer);
        this.#write(slot);
      }
      if (this.#written[slot]! > writer.completed) this.#leaving.push(slot);
      else this.#drop(slot);
      wanted -= 1;
    }
  }

  /** After the writer has written: the rows that waited for it go, unless they were asked for or changed meanwhile. */
  dropLeaving(): void {
    const leaving = this.#leaving;
    this.#leaving = [];
    const { completed } = this.#context.writer;
    for (const slot of leaving) {
      const stays =
        this.table.store.live[slot] !== 1 ||
        this.#dirty[slot] === 1 ||
        this.#pending[slot] === 1 ||
        this.#used[slot] === 1 ||
        this.#written[slot]! > completed ||
        this.#stays(slot);
      if (!stays) this.#drop(slot);
    }
    if (leaving.length > 0) this.#compact();
  }

  #compact(): void {
    this.table.store.compact(ARENA_GARBAGE);
    for (const { children } of this.records.children) children.store.compact(ARENA_GARBAGE);
  }

  /** Tells the writer of removed keys, where that is allowed now. */
  sendRemoved(): void {
    if (!this.#context.frozen) this.#removed.send(this.#context.writer);
  }

  /** The barrier: what is newer here than in the database is to be written as it is now. Costs no more than a look at the slots. */
  freeze(): void {
    this.#removed.send(this.#context.writer);
    if (this.#hasPending) {
      for (let slot = 0; slot < this.table.store.limit; slot++) if (this.#dirty[slot] === 1) this.#pending[slot] = 1;
      this.#dirty.fill(0);
    } else {
      const pending = this.#dirty;
      this.#dirty = this.#pending;
      this.#pending = pending;
    }
    this.#hasPending = true;
    this.#freezes += 1;
  }

  /** Writes what `freeze` has set apart and no change has written already. */
  async writeFrozen(pace: Pace): Promise<void> {
    if (!this.#hasPending) return;
    const { store } = this.table;
    const freeze = this.#freezes;
    for (let slot = 0; slot < this.#pending.length; slot++) {
      if (this.#pending[slot] !== 1) continue;
      if (store.live[slot] === 1) this.#writePending(slot);
      else this.#pending[slot] = 0;
      if ((slot & 63) === 0) await pace.step();
      if (this.#context.writer.waitingBytes > MAX_WAITING_BYTES) await this.#context.writer.flush();
      if (freeze !== this.#freezes) return;
    }
    this.#hasPending = false;
  }

  /** The checkpoint is given up: what it has not written is simply newer here. */
  thaw(): void {
    if (!this.#hasPending) return;
    for (let slot = 0; slot < this.#pending.length; slot++) if (this.#pending[slot] === 1) this.#dirty[slot] = 1;
    this.#pending.fill(0);
    this.#hasPending = false;
  }

  /** True when some record of the table is in the database, or will be. */
  get isWritten(): boolean {
    return this.#hasPending || this.#everWritten;
  }

  /** True while a frozen row waits to be written. */
  get hasPending(): boolean {
    return this.#hasPending;
  }

  #writePending(slot: number): void {
    this.#pending[slot] = 0;
    this.#write(slot, true);
  }

  #write(slot: number, ofFreeze = false): void {
    const { writer } = this.#context;
    this.records.write(slot, writer);
    this.#written[slot] = writer.current;
    this.#everWritten = true;
    if (!ofFreeze) this.#dirty[slot] = 0;
  }

  /** Takes a row out of memory that stays in the state (or was never in it). */
  #drop(slot: number): void {
    const quiet = this.#quiet;
    this.#quiet = true;
    this.table.free(slot);
    this.#quiet = quiet;
    if (this.#written[slot] !== NEVER_WRITTEN) {
      this.#elsewhere = true;
      this.#absent += 1;
    }
    this.#forget(slot);
    this.table.dropped?.(slot);
  }

  #forget(slot: number): void {
    if (slot >= this.#dirty.length) return;
    this.#dirty[slot] = 0;
    this.#pending[slot] = 0;
    this.#used[slot] = 0;
    this.#written[slot] = NEVER_WRITTEN;
    this.records.forget(slot);
  }

  #grow(slot: number): void {
    const capacity = Math.max(slot + 1, this.table.store.capacity, 2 * this.#dirty.length);
    const known = this.#written.length;
    this.#dirty = grownBytes(this.#dirty, capacity);
    this.#pending = grownBytes(this.#pending, capacity);
    this.#used = grownBytes(this.#used, capacity);
    this.#fresh = grownBytes(this.#fresh, capacity);
    this.#written = grownInts(this.#written, capacity);
    this.#written.fill(NEVER_WRITTEN, known);
  }
}
