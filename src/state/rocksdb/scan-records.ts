import { columnOf, emptyLike } from "./child-rows.ts";
import type { Entry, Reading } from "./database.ts";
import { RecordReader } from "./record-buffer.ts";
import type { PartReference, TableRecords } from "./table-records.ts";

/** Rows that are put into a table at once. */
const CHUNK_ROWS = 1024;

/** How rows that are read get into a table. */
export interface RowReceiver {
  /** Runs a step that changes the table in memory and not the state. */
  quietly(action: () => void): void;
  /** The row is complete. */
  read(slot: number): void;
}

/** Reads the records of a table (or slice) of the key groups `from` … `to` − 1 into memory, but for keys that are there; the one row of a table without keys is read over. */
export async function loadRange(
  reading: Reading,
  records: TableRecords,
  [from, to]: readonly [from: number, to: number],
  receiver: RowReceiver,
): Promise<void> {
  const loader = new ChunkLoader(records, receiver);
  const [start, end] = records.layout.range(from, to);
  for await (const entry of reading.scan(start, end)) loader.add(entry);
  loader.finish();
}

/** Collects rows; parts of a record come right behind it. */
class ChunkLoader {
  readonly #records: TableRecords;
  readonly #receiver: RowReceiver;
  readonly #reader = new RecordReader();
  readonly #values: Uint8Array[] = [];
  #keys;
  /** Rows whose records are read and whose parts may still come. */
  #slots: number[] = [];
  /** Parts that the record before has named, in the order in which they come. */
  #parts: PartReference[] = [];
  #nextPart = 0;

  constructor(records: TableRecords, receiver: RowReceiver) {
    this.#records = records;
    this.#receiver = receiver;
    this.#keys = records.table.keyColumns.map((column) => emptyLike(column));
  }

  add({ key, value }: Entry): void {
    const { layout } = this.#records;
    const at = this.#values.length;
    for (const column of this.#keys) if (at >= column.nulls.length) column.resize(2 * column.nulls.length);
    const reader = this.#reader.open(key);
    layout.read(this.#keys, at, reader);
    if (!reader.atEnd) {
      if (this.#values.length > 0) this.#readHeads();
      const part = this.#parts[this.#nextPart++];
      if (part !== undefined) this.#receiver.quietly(() => this.#records.readPart(part, this.#reader.open(value)));
      return;
    }
    this.#values.push(value);
    if (this.#values.length >= CHUNK_ROWS) this.#readHeads();
  }

  finish(): void {
    this.#readHeads();
    this.#deliver();
  }

  #readHeads(): void {
    this.#deliver();
    const count = this.#values.length;
    if (count === 0) return;
    const { table } = this.#records;
    const keys = this.#keys.map((column) => columnOf(column, count));
    const slots = new Int32Array(count).fill(-1);
    if (keys.length > 0) table.locate(keys, undefined, count, slots, false);
    const missing = Int32Array.from(slots.keys()).filter((row) => slots[row]! < 0);
    this.#parts = [];
    this.#nextPart = 0;
    this.#receiver.quietly(() => {
      if (keys.length > 0) table.locate(keys, missing, missing.length, slots, true);
      else slots[0] = table.isLive(0) ? 0 : table.store.allocate();
      missing.forEach((row, i) => {
        this.#records.readHead(slots[i]!, this.#reader.open(this.#values[row]!), this.#parts);
      });
    });
    this.#slots = [...slots.subarray(0, missing.length)];
    this.#values.length = 0;
    this.#keys = table.keyColumns.map((column) => emptyLike(column));
  }

  /** Rows are complete once the next record has come. */
  #deliver(): void {
    if (this.#slots.length === 0) return;
    this.#receiver.quietly(() => this.#records.finishReading());
    for (const slot of this.#slots) this.#receiver.read(slot);
    this.#slots = [];
  }
}
