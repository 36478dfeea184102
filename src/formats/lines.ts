import type { ByteWriter } from "../base/byte-writer.ts";
import { SqlError } from "../base/errors.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { Encoder } from "./api.ts";

const LINE_END = 10;

/** Appends the rows `rows[from .. to)` (row `i` itself when `rows` is undefined), each with its line end. */
export function encodeLines(
  encoder: Encoder,
  batch: RecordBatch,
  rows: Int32Array | undefined,
  from: number,
  to: number,
  out: ByteWriter,
): void {
  const write = encoder.rowWriter(batch, out);
  for (let i = from; i < to; i++) {
    if (!write(rows === undefined ? i : rows[i]!))
      throw new SqlError("NOT_NULL_VIOLATION", "the format cannot write NULL as a line");
    out.byte(LINE_END);
  }
}
