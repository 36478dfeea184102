import type { Value } from "../../types/data-type.ts";
import type { Partition, PartitionSearch } from "./match-partition.ts";
import { RankedRows } from "./ranked-rows.ts";
import type { RowOrder } from "./row-order.ts";
import type { StoredRows } from "./stored-rows.ts";

/**
 * Rows of matches stand in one list with those that wait. Their order of arrival, which they do not need any more, tells
 * their number in the partition, moved below zero.
 */
const NUMBERS = 2 ** 52;

/** Partitions as state: what is searched in memory is written down at the end of each batch. */
export class MatchStore {
  readonly #rows: StoredRows;
  readonly #search: PartitionSearch;
  readonly #partitions = new Map<number, Partition>();
  readonly #changed = new Set<number>();

  constructor(rows: StoredRows, search: PartitionSearch) {
    this.#rows = rows;
    this.#search = search;
    rows.table.dropped = (slot) => this.#partitions.delete(slot);
  }

  /** The partition of a key slot. */
  partition(key: number): Partition {
    let partition = this.#partitions.get(key);
    if (partition === undefined) {
      partition = this.#search.createPartition();
      this.#partitions.set(key, partition);
    }
    return partition;
  }

  /** Partitions of which something is known, by key slot. */
  get known(): ReadonlyMap<number, Partition> {
    return this.#partitions;
  }

  isKnown(key: number): boolean {
    return this.#partitions.has(key);
  }

  /** A row that waited is now row `number` of its partition. */
  keep(row: number, number: number): void {
    this.#rows.lists.touchRow(row);
    this.#rows.sequences()[row] = number - NUMBERS;
  }

  /** What is known of the partition is other than before. */
  changed(key: number): void {
    this.#changed.add(key);
  }

  /** Writes down what has changed; partitions of which nothing is known are forgotten. */
  save(): void {
    const { table, lists } = this.#rows;
    const column = table.columns[0] as { values: Value[]; nulls: Uint8Array };
    for (const key of this.#changed) {
      const partition = this.#partitions.get(key);
      if (partition === undefined || !table.isLive(key)) continue;
      const idle = partition.isIdle;
      if (!idle || column.nulls[key] === 0) {
        table.touchOne(key);
        column.values[key] = idle ? null : this.#search.encode(partition);
        column.nulls[key] = idle ? 1 : 0;
      }
      if (!idle) continue;
      this.#partitions.delete(key);
      if (lists.count(key) === 0 && this.#rows.keys.length > 0) table.remove(key);
    }
    this.#changed.clear();
  }

  /** Keys that only late rows have named hold nothing. */
  dropUnused(slots: Int32Array, count: number): void {
    if (this.#rows.keys.length > 0) this.#rows.removeEmpty(slots, count);
  }

  /** Everything that the state holds, after a restore. */
  read(order: RowOrder): {
    readonly waiting: RankedRows;
    readonly partitions: ReadonlyMap<number, Partition>;
  } {
    const { table, lists } = this.#rows;
    const sequences = this.#rows.sequences();
    const matches = table.columns[0] as { values: Value[]; nulls: Uint8Array };
    const waiting: number[] = [];
    for (const key of table.liveSlots()) {
      const kept: number[] = [];
      for (let row = lists.head(key); row >= 0; row = lists.next(row)) (sequences[row]! < 0 ? kept : waiting).push(row);
      if (matches.nulls[key] !== 0) continue;
      kept.sort((a, b) => sequences[a]! - sequences[b]!);
      const partition = this.#search.createPartition();
      partition.base = kept.length === 0 ? 0 : sequences[kept[0]!]! + NUMBERS;
      partition.slots.push(...kept);
      this.#search.decode(matches.values[key] ?? null, partition);
      this.#partitions.set(key, partition);
    }
    waiting.sort((a, b) => order(lists.columns, a, lists.columns, b) || sequences[a]! - sequences[b]!);
    const ranked = new RankedRows();
    waiting.forEach((row, place) => ranked.insert(place, row));
    return { waiting: ranked, partitions: this.#partitions };
  }
}
