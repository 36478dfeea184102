import type { Reading } from "./database.ts";
import { tableRange } from "./key-layout.ts";
import { RecordBuffer, RecordReader } from "./record-buffer.ts";

/** Ends of the slices that the database holds of a table, ascending: one look for each. */
export async function* sliceEnds(reading: Reading, tableNumber: number): AsyncGenerator<number, void, void> {
  const [first, last] = tableRange(tableNumber);
  let from = first;
  for (;;) {
    let end: number | undefined;
    for await (const { key } of reading.scan(from, last, 1)) end = new RecordReader().open(key, 2).orderedDouble();
    if (end === undefined) return;
    yield end;
    // Behind all key groups of the slice.
    const next = new RecordBuffer(16);
    next.u16(tableNumber);
    next.orderedDouble(end);
    next.u16(0xffff);
    from = next.bytes.slice(0, next.length);
  }
}
