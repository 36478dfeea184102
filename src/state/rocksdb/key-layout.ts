import { hashRows, keyGroupOf } from "../../batch/hash.ts";
import type { MemoryKeyedTable } from "../keyed-table.ts";
import type { KeyGroupRange } from "../restored-state.ts";
import { RecordBuffer, type RecordReader } from "./record-buffer.ts";
import { rowCodec, type RowCodec } from "./row-codec.ts";

/** Number of the pseudo table that marks of the database itself lie in. */
export const MARKS_TABLE = 0xffff;

/**
 * Keys of records: number of the table (two bytes), of slices their end (eight), key group (two), key. Behind the key of
 * a record follow the keys of its parts: that key, number of the list or map (one byte), number of the part (four).
 */
export class KeyLayout {
  #tableNumber: number;
  readonly sliceEnd: number | undefined;
  readonly #maxParallelism: number;
  /** How many of the key columns the key group follows from. */
  readonly #groupKeys: number;
  readonly #codec: RowCodec;
  readonly #hash = new Int32Array(1);

  constructor(
    tableNumber: number,
    sliceEnd: number | undefined,
    keyColumns: MemoryKeyedTable["keyColumns"],
    maxParallelism: number,
    groupKeys?: number,
  ) {
    this.#tableNumber = tableNumber;
    this.sliceEnd = sliceEnd;
    this.#maxParallelism = maxParallelism;
    this.#groupKeys = groupKeys ?? keyColumns.length;
    this.#codec = rowCodec(keyColumns.map((column) => column.storage));
  }

  get tableNumber(): number {
    return this.#tableNumber;
  }

  /** The table has another number, before anything of it was read or written. */
  renumber(number: number): void {
    this.#tableNumber = number;
  }

  /** Writes the key of a slot. */
  write(table: MemoryKeyedTable, slot: number, out: RecordBuffer): void {
    this.#writePrefix(out);
    out.u16(this.groupOf(table, slot));
    this.#codec.encode(table.keyColumns, slot, out);
  }

  /** The key group of a slot. */
  groupOf(table: MemoryKeyedTable, slot: number): number {
    // The table without keys has no hashes: its one row is of group 0.
    if (table.keyColumns.length === 0) return 0;
    if (this.#groupKeys === table.keyColumns.length) return keyGroupOf(table.hashOf(slot), this.#maxParallelism);
    const leading = table.keyColumns.slice(0, this.#groupKeys).map((column) => column.page(slot, slot + 1, false));
    hashRows(leading, 1, this.#hash);
    return keyGroupOf(this.#hash[0]!, this.#maxParallelism);
  }

  /** Reads the columns of a key into a slot; what is left behind it names a part. */
  read(columns: MemoryKeyedTable["keyColumns"], slot: number, from: RecordReader): void {
    from.at = this.sliceEnd === undefined ? 4 : 12;
    this.#codec.decode(columns, slot, from);
  }

  /** Keys of the groups `from` … `to` − 1; of slices those of this slice. */
  range(from: number, to: number): readonly [from: Uint8Array, to: Uint8Array] {
    return rangeOfGroups(this.#tableNumber, this.sliceEnd, { from, to });
  }

  #writePrefix(out: RecordBuffer): void {
    out.u16(this.#tableNumber);
    if (this.sliceEnd !== undefined) out.orderedDouble(this.sliceEnd);
  }
}

/** Keys of some key groups of a table, or of one slice of it. */
export function rangeOfGroups(
  tableNumber: number,
  sliceEnd: number | undefined,
  { from, to }: KeyGroupRange,
): readonly [from: Uint8Array, to: Uint8Array] {
  const bound = (group: number): Uint8Array => {
    const out = new RecordBuffer(16);
    out.u16(tableNumber);
    if (sliceEnd !== undefined) out.orderedDouble(sliceEnd);
    out.u16(group);
    return out.bytes.slice(0, out.length);
  };
  return [bound(from), bound(to)];
}

/** All keys of a table, its slices included. */
export function tableRange(tableNumber: number): readonly [from: Uint8Array, to: Uint8Array] {
  const bound = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 0xff);
  return [bound(tableNumber), bound(tableNumber + 1)];
}
