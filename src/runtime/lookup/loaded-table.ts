import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS } from "../../batch/record-batch.ts";
import type { Source } from "../../connectors/api.ts";
import type { DataType } from "../../types/data-type.ts";
import { KeyedRows } from "./keyed-rows.ts";

/** Reads a table whole, as it is now, into memory. `keys`: which of the columns it is asked by. */
export async function loadTable(
  source: Source,
  types: readonly DataType[],
  keys: readonly number[],
): Promise<KeyedRows> {
  const rows = new KeyedRows(
    keys.map((key) => types[key]!),
    types,
  );
  for (const split of await source.discoverSplits(new Set())) {
    const reader = await source.openSplit(split, undefined);
    try {
      for (;;) {
        const polled = await reader.poll(BATCH_ROWS);
        if (polled === "end" || polled === "idle") break;
        const keyColumns = keys.map((key): Column => polled.columns[key]!);
        rows.add(keyColumns, polled.columns, polled.rowCount, polled.kinds);
      }
    } finally {
      await reader.close();
    }
  }
  return rows;
}
