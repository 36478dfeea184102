import { copyWords, recentView } from "../batch/bytes.ts";
import type { Column } from "../batch/column.ts";
import { SqlError } from "../base/errors.ts";
import { encodeUtf8 } from "../batch/utf8.ts";
import { storageOf, type DataType, type Storage, type Value } from "../types/data-type.ts";
import type { StateField } from "./api.ts";

/** Largest arena of one bytes column: starts are 32-bit. */
const MAX_ARENA_BYTES = 0x7fffffff;
/**
 * From here on arenas grow to eight times their size, so that little is copied: pages that nothing was written to are
 * not in memory.
 */
const LARGE_ARENA_BYTES = 1 << 20;
/** A compacted arena has at most so much room. */
const MAX_ROOM_BYTES = 32 << 20;
/** Garbage below this is not worth a compaction. */
const MIN_COMPACTION_BYTES = 1 << 16;

type FixedStorage = "bool" | "i32" | "i64" | "f64" | "i128";
type FixedArray = Uint8Array | Int32Array | BigInt64Array | Float64Array;

/** A state column as the state itself sees it. Slots that are not live hold the initial value, so insertion writes no columns. */
export type StoredColumn =
  | FixedColumn<"bool", Uint8Array>
  | FixedColumn<"i32", Int32Array>
  | FixedColumn<"i64", BigInt64Array>
  | FixedColumn<"f64", Float64Array>
  | FixedColumn<"i128", BigInt64Array>
  | BytesColumn
  | AnyColumn;

/** A column of `capacity` slots that all hold the initial value. */
export function createStoredColumn(field: StateField, capacity: number): StoredColumn {
  const storage: Storage = field.storage ?? storageOf(field.type);
  const { type, initial } = field;
  switch (storage) {
    case "bool":
      return new FixedColumn(
        storage,
        type,
        initial === null ? null : initial === true ? 1 : 0,
        new Uint8Array(capacity),
        (n) => new Uint8Array(n),
      );
    case "i32":
      return new FixedColumn(
        storage,
        type,
        initial as number | null,
        new Int32Array(capacity),
        (n) => new Int32Array(n),
      );
    case "i64":
      return new FixedColumn(
        storage,
        type,
        initial as bigint | null,
        new BigInt64Array(capacity),
        (n) => new BigInt64Array(n),
      );
    case "f64":
      return new FixedColumn(
        storage,
        type,
        initial as number | null,
        new Float64Array(capacity),
        (n) => new Float64Array(n),
      );
    case "i128":
      return new FixedColumn(
        storage,
        type,
        initial as bigint | null,
        new BigInt64Array(2 * capacity),
        (n) => new BigInt64Array(n),
      );
    case "bytes":
      return new BytesColumn(type, initial as string | Uint8Array | null, capacity);
    case "any":
      return new AnyColumn(type, initial, capacity);
  }
}

/** One or (i128) two array elements a slot. */
export class FixedColumn<S extends FixedStorage, A extends FixedArray> {
  readonly storage: S;
  readonly type: DataType;
  values: A;
  nulls: Uint8Array;
  /** The same memory as 32-bit words (bool, i32: not used), for hashing and comparing without BigInt. */
  words: Int32Array;
  readonly #initial: number | bigint | null;
  readonly #make: (length: number) => A;
  readonly #width: 1 | 2;

  constructor(storage: S, type: DataType, initial: number | bigint | null, values: A, make: (length: number) => A) {
    this.storage = storage;
    this.type = type;
    this.#initial = initial;
    this.#make = make;
    this.#width = storage === "i128" ? 2 : 1;
    this.values = values;
    this.nulls = new Uint8Array(values.length / this.#width);
    this.words = wordsOf(values);
    this.#fillInitial(0, this.nulls.length);
  }

  /** Grows to `capacity` slots. Arrays are other ones afterwards. */
  resize(capacity: number): void {
    const from = this.nulls.length;
    const values = this.#make(capacity * this.#width);
    (values as BigInt64Array).set(this.values as BigInt64Array);
    this.values = values;
    this.words = wordsOf(values);
    this.nulls = grownBytes(this.nulls, capacity);
    this.#fillInitial(from, capacity);
  }

  /** Puts the initial value back. */
  clear(slot: number): void {
    const initial = this.#initial;
    this.nulls[slot] = initial === null ? 1 : 0;
    const values = this.values as BigInt64Array;
    if (this.#width === 2) {
      const wide = (initial ?? 0n) as bigint;
      values[2 * slot] = wide;
      values[2 * slot + 1] = wide >> 64n;
    } else {
      values[slot] = (initial ?? (this.storage === "i64" ? 0n : 0)) as bigint;
    }
  }

  /** Puts the initial values of the first `count` slots back. */
  clearAll(count: number): void {
    const zero = this.storage === "i64" || this.storage === "i128" ? 0n : 0;
    (this.values as BigInt64Array).fill(zero as bigint, 0, count * this.#width);
    this.nulls.fill(0, 0, count);
    this.#fillInitial(0, count);
  }

  /** Slots `from` … `to` as a batch column: a view of the live arrays, or a copy that later writes do not reach. */
  page(from: number, to: number, copy: boolean): Column {
    const [start, end] = [from * this.#width, to * this.#width];
    const values = copy ? this.values.slice(start, end) : this.values.subarray(start, end);
    const nulls = copy ? this.nulls.slice(from, to) : this.nulls.subarray(from, to);
    return { storage: this.storage, values, nulls } as unknown as Column;
  }

  get memoryBytes(): number {
    return this.values.byteLength + this.nulls.byteLength;
  }

  /** Bytes of one slot outside of an arena. */
  get slotBytes(): number {
    return 1 + this.values.BYTES_PER_ELEMENT * this.#width;
  }

  get arenaBytes(): number {
    return 0;
  }

  #fillInitial(from: number, to: number): void {
    const initial = this.#initial;
    if (initial === null) this.nulls.fill(1, from, to);
    else if (this.storage === "i128") for (let slot = from; slot < to; slot++) this.clear(slot);
    else if (Number(initial) !== 0 || Object.is(initial, -0))
      (this.values as Float64Array).fill(initial as number, from, to);
  }
}

function wordsOf(values: FixedArray): Int32Array {
  return new Int32Array(values.buffer, 0, values.byteLength >> 2);
}

/** A copy of the mask with room for `capacity`. */
export function grownBytes(from: Uint8Array, capacity: number): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(capacity);
  to.set(from);
  return to;
}

/** Text and bytes: starts and lengths into an arena that is only appended to, and rewritten when half of it is garbage. */
class BytesColumn {
  readonly storage = "bytes";
  readonly type: DataType;
  starts: Int32Array;
  lengths: Int32Array;
  nulls: Uint8Array;
  data: Uint8Array;
  #view: DataView;
  /** Bytes of the arena in use, garbage included. */
  usedBytes: number;
  garbageBytes = 0;
  readonly #initialNull: boolean;
  /** The initial value lies once at the start of every arena and is shared by all slots that hold it. */
  readonly #initialBytes: Uint8Array;

  constructor(type: DataType, initial: string | Uint8Array | null, capacity: number) {
    this.type = type;
    this.#initialNull = initial === null;
    this.#initialBytes = typeof initial === "string" ? encodeUtf8(initial) : (initial ?? new Uint8Array(0));
    this.starts = new Int32Array(capacity);
    this.lengths = new Int32Array(capacity);
    this.nulls = new Uint8Array(capacity);
    this.data = new Uint8Array(Math.max(256, this.#initialBytes.length));
    this.data.set(this.#initialBytes);
    this.#view = new DataView(this.data.buffer);
    this.usedBytes = this.#initialBytes.length;
    this.#fillInitial(0, capacity);
  }

  /** Copies the bytes into the arena as the slot's value, which is then not NULL. */
  setBytes(slot: number, source: Uint8Array, start: number, length: number): void {
    const at = this.usedBytes;
    if (at + length > this.data.length) this.#reserve(length);
    copyWords(recentView(source), start, length, this.#view, at);
    this.#discard(slot);
    this.starts[slot] = at;
    this.lengths[slot] = length;
    this.nulls[slot] = 0;
    this.usedBytes = at + length;
  }

  /** The same for row `rows[i]` of a column and slot `slots[i]`, all that are not NULL. */
  setRows(slots: Int32Array, count: number, source: Extract<Column, { storage: "bytes" }>, rows: Int32Array): void {
    const { data, starts, lengths, nulls } = source;
    let total = 0;
    for (let i = 0; i < count; i++) if (nulls === undefined || nulls[rows[i]!] === 0) total += lengths[rows[i]!]!;
    if (this.usedBytes + total > this.data.length) this.#reserve(total);
    const from = recentView(data);
    const to = this.#view;
    let at = this.usedBytes;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) continue;
      const slot = slots[i]!;
      const length = lengths[row]!;
      copyWords(from, starts[row]!, length, to, at);
      this.#discard(slot);
      this.starts[slot] = at;
      this.lengths[slot] = length;
      this.nulls[slot] = 0;
      at += length;
    }
    this.usedBytes = at;
  }

  resize(capacity: number): void {
    const from = this.nulls.length;
    const starts = new Int32Array(capacity);
    starts.set(this.starts);
    this.starts = starts;
    const lengths = new Int32Array(capacity);
    lengths.set(this.lengths);
    this.lengths = lengths;
    this.nulls = grownBytes(this.nulls, capacity);
    this.#fillInitial(from, capacity);
  }

  clear(slot: number): void {
    this.#discard(slot);
    this.starts[slot] = 0;
    this.lengths[slot] = this.#initialBytes.length;
    this.nulls[slot] = this.#initialNull ? 1 : 0;
  }

  /** Puts the initial values of the first `count` slots, and no other holds bytes, back: the arena is used again. */
  clearAll(count: number): void {
    this.starts.fill(0, 0, count);
    this.lengths.fill(0, 0, count);
    this.nulls.fill(0, 0, count);
    this.#fillInitial(0, count);
    this.usedBytes = this.#initialBytes.length;
    this.garbageBytes = 0;
  }

  page(from: number, to: number, copy: boolean): Column {
    const { data } = this;
    if (!copy) {
      const nulls = this.nulls.subarray(from, to);
      return {
        storage: "bytes",
        starts: this.starts.subarray(from, to),
        lengths: this.lengths.subarray(from, to),
        data,
        nulls,
      };
    }
    // The bytes themselves need no copy: an arena is never overwritten, a compaction writes another one.
    const nulls = this.nulls.slice(from, to);
    return {
      storage: "bytes",
      starts: this.starts.slice(from, to),
      lengths: this.lengths.slice(from, to),
      data,
      nulls,
    };
  }

  /**
   * Copies the live bytes into a new arena when more than a part of the old one (default: half) is garbage. `limit`:
   * slots in use.
   */
  compact(limit: number, part = 0.5): void {
    if (this.garbageBytes < MIN_COMPACTION_BYTES || this.garbageBytes < this.usedBytes * part) return;
    const { starts, lengths } = this;
    const shared = this.#initialBytes.length;
    const kept = Math.max(0, this.usedBytes - this.garbageBytes);
    const room = Math.min(kept * 0.5, MAX_ROOM_BYTES);
    const target = new Uint8Array(Math.min(MAX_ARENA_BYTES, Math.ceil(kept + room) + 256 + shared));
    target.set(this.#initialBytes);
    const view = new DataView(target.buffer);
    let at = shared;
    for (let slot = 0; slot < limit; slot++) {
      const length = lengths[slot]!;
      if (length === 0 || starts[slot]! < shared) continue;
      copyWords(this.#view, starts[slot]!, length, view, at);
      starts[slot] = at;
      at += length;
    }
    this.data = target;
    this.#view = view;
    this.usedBytes = at;
    this.garbageBytes = 0;
  }

  get memoryBytes(): number {
    const arena = this.data.length < LARGE_ARENA_BYTES ? this.data.length : this.usedBytes;
    return arena + this.nulls.byteLength * 9;
  }

  get slotBytes(): number {
    return 9;
  }

  /** Bytes of the arena that values need. */
  get arenaBytes(): number {
    return Math.max(0, this.usedBytes - this.garbageBytes);
  }

  #discard(slot: number): void {
    if (this.starts[slot]! >= this.#initialBytes.length) this.garbageBytes += this.lengths[slot]!;
  }

  #reserve(length: number): void {
    const needed = this.usedBytes + length;
    if (needed > MAX_ARENA_BYTES) {
      throw new SqlError("OUT_OF_MEMORY", "a column of text in the state holds more than 2 GiB in one task", {
        hint: "limit the state with 'table.exec.state.ttl', or raise 'parallelism.default' so that each task holds less",
      });
    }
    const factor = this.data.length < LARGE_ARENA_BYTES ? 2 : 8;
    const grown = newArena(needed, Math.min(MAX_ARENA_BYTES, Math.max(needed, this.data.length * factor)));
    grown.set(this.data.subarray(0, this.usedBytes));
    this.data = grown;
    this.#view = new DataView(grown.buffer);
  }

  #fillInitial(from: number, to: number): void {
    if (this.#initialNull) this.nulls.fill(1, from, to);
    if (this.#initialBytes.length > 0) this.lengths.fill(this.#initialBytes.length, from, to);
  }
}

/** An arena of the wished size, or of what is needed and a little more where the system does not give as much. */
function newArena(neededBytes: number, wishedBytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(wishedBytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return new Uint8Array(Math.min(wishedBytes, Math.ceil(neededBytes * 1.25)));
  }
}

/** JavaScript values. They are immutable: a writer replaces a slot's value, it never changes the array that lies there. */
class AnyColumn {
  readonly storage = "any";
  readonly type: DataType;
  values: Value[] = [];
  nulls: Uint8Array = new Uint8Array(0);
  readonly #initial: Value;

  constructor(type: DataType, initial: Value, capacity: number) {
    this.type = type;
    this.#initial = initial;
    this.resize(capacity);
  }

  resize(capacity: number): void {
    const from = this.nulls.length;
    for (let slot = from; slot < capacity; slot++) this.values.push(this.#initial);
    this.nulls = grownBytes(this.nulls, capacity);
    if (this.#initial === null) this.nulls.fill(1, from, capacity);
  }

  clear(slot: number): void {
    this.values[slot] = this.#initial;
    this.nulls[slot] = this.#initial === null ? 1 : 0;
  }

  clearAll(count: number): void {
    for (let slot = 0; slot < count; slot++) this.clear(slot);
  }

  page(from: number, to: number, copy: boolean): Column {
    const nulls = copy ? this.nulls.slice(from, to) : this.nulls.subarray(from, to);
    return { storage: "any", values: this.values.slice(from, to), nulls };
  }

  get memoryBytes(): number {
    return this.values.length * 64 + this.nulls.byteLength;
  }

  get slotBytes(): number {
    return 65;
  }

  get arenaBytes(): number {
    return 0;
  }
}
