import type { Column } from "../../batch/column.ts";
import { columnOf, emptyLike } from "./child-rows.ts";
import type { Reading } from "./database.ts";
import { tableRange } from "./key-layout.ts";
import { RecordReader } from "./record-buffer.ts";
import type { TableRecords } from "./table-records.ts";

/** Records looked at in one go. */
const STEP_RECORDS = 2000;

/** Keys whose records have expired. */
export interface ExpiredKeys {
  readonly keys: readonly Column[];
  readonly count: number;
}

/** Goes through the records of a table, round and round, for those whose time to live is over. */
export class RecordSweeper {
  readonly #records: TableRecords;
  #cursor: Uint8Array | undefined;

  constructor(records: TableRecords) {
    this.#records = records;
  }

  /** The next records that were last written so long ago that they had expired at `nowMillis`. */
  async next(reading: Reading, nowMillis: number): Promise<ExpiredKeys> {
    const { table, layout } = this.#records;
    const expiry = table.store.expiry!;
    const columns = table.keyColumns.map((column) => emptyLike(column));
    const [first, last] = tableRange(layout.tableNumber);
    const reader = new RecordReader();
    let seen = 0;
    let count = 0;
    let key: Uint8Array | undefined;
    for await (const entry of reading.scan(this.#cursor ?? first, last, STEP_RECORDS)) {
      seen += 1;
      key = entry.key;
      for (const column of columns) if (count >= column.nulls.length) column.resize(2 * column.nulls.length);
      layout.read(columns, count, reader.open(entry.key));
      // What follows a key is one of its parts.
      if (reader.atEnd && this.#records.lastWriteOf(entry.value) + expiry.millis <= nowMillis) count += 1;
    }
    // Right behind the last one.
    this.#cursor = seen < STEP_RECORDS || key === undefined ? undefined : Uint8Array.from([...key, 0]);
    return { keys: columns.map((column) => columnOf(column, count)), count };
  }
}
