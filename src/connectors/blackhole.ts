import { OptionReader } from "../base/options.ts";
import type { Column } from "../batch/column.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { Value } from "../types/data-type.ts";
import type { Connector, ConnectorOption, Sink } from "./api.ts";
import { validateDeclared } from "./validate.ts";

const OPTIONS: readonly ConnectorOption[] = [
  {
    name: "checksum",
    type: "boolean",
    default: "false",
    summary: "Reads all values into a checksum, which `--verbose` shows: whether two runs computed the same.",
  },
];

/** Swallows every change. */
export const blackhole: Connector = {
  name: "blackhole",
  options: OPTIONS,
  metadata: [],
  sinkMode: "all",
  validate: (request, context) => validateDeclared(blackhole, request, context),
  sink(request): Sink {
    const reads = new OptionReader(request.options, OPTIONS).boolean("checksum") === true;
    let rows = 0;
    let checksum = 0;
    return {
      guarantee: "exactly-once",
      openWriter: () => ({
        write: (batch) => {
          rows += batch.rowCount;
          if (reads) checksum = (checksum + batchChecksum(batch)) | 0;
        },
        prepareCommit: () => ({ committables: [], state: null }),
        close: () => undefined,
      }),
      summary: () => (reads ? { rows, checksum: (checksum >>> 0).toString(16).padStart(8, "0") } : { rows }),
    };
  },
};

/**
 * 32 bits over all values of a batch: each column's sum of its words, times an odd number of its own. It does not
 * depend on the order of rows or on how they are cut into batches.
 */
export function batchChecksum(batch: RecordBatch): number {
  let sum = 0;
  batch.columns.forEach((column, i) => {
    sum = (sum + Math.imul(columnSum(column, batch.rowCount), 0x9e3779b1 + 2 * i)) | 0;
  });
  if (batch.kinds !== undefined) sum = (sum + wordSum(batch.kinds, 1, batch.rowCount, undefined)) | 0;
  return sum;
}

/** What a NULL counts for. */
const NULL_SUM = 0x5bd1e995;

function columnSum(column: Column, rowCount: number): number {
  const { nulls } = column;
  switch (column.storage) {
    case "bool":
    case "i32":
      return wordSum(column.values, 1, rowCount, nulls);
    case "i64":
    case "f64":
      return wordSum(new Int32Array(column.values.buffer, column.values.byteOffset, 2 * rowCount), 2, rowCount, nulls);
    case "i128":
      return wordSum(new Int32Array(column.values.buffer, column.values.byteOffset, 4 * rowCount), 4, rowCount, nulls);
    case "bytes":
      return bytesSum(column, rowCount);
    case "any": {
      let sum = 0;
      for (let row = 0; row < rowCount; row++) sum = (sum + valueSum(column.values[row] ?? null)) | 0;
      return sum;
    }
  }
}

/** Rows of `width` 32-bit words; the words of a row count differently by their place. */
function wordSum(
  words: Uint8Array | Int32Array,
  width: number,
  rowCount: number,
  nulls: Uint8Array | undefined,
): number {
  let sum = 0;
  if (nulls === undefined) {
    for (let place = 0; place < width; place++) {
      let part = 0;
      for (let i = place, end = rowCount * width; i < end; i += width) part = (part + words[i]!) | 0;
      sum = (sum + Math.imul(part, 2 * place + 1)) | 0;
    }
    return sum;
  }
  for (let row = 0, i = 0; row < rowCount; row++, i += width) {
    if (nulls[row] === 1) sum = (sum + NULL_SUM) | 0;
    else for (let place = 0; place < width; place++) sum = (sum + Math.imul(words[i + place]!, 2 * place + 1)) | 0;
  }
  return sum;
}

function bytesSum(column: Extract<Column, { storage: "bytes" }>, rowCount: number): number {
  const { starts, lengths, data, nulls } = column;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let sum = 0;
  for (let row = 0; row < rowCount; row++) {
    if (nulls !== undefined && nulls[row] === 1) {
      sum = (sum + NULL_SUM) | 0;
      continue;
    }
    let at = starts[row]!;
    const length = lengths[row]!;
    const end = at + length;
    let text = length;
    for (const stop = end - 3; at < stop; at += 4) text = (text + view.getInt32(at, true)) | 0;
    for (; at < end; at++) text = (text + data[at]!) | 0;
    sum = (sum + text) | 0;
  }
  return sum;
}

function valueSum(value: Value): number {
  if (value === null) return NULL_SUM;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return Number.isInteger(value) ? value | 0 : Math.round((value % 1e6) * 1000) | 0;
  if (typeof value === "bigint")
    return (Number(BigInt.asIntN(32, value)) + Number(BigInt.asIntN(32, value >> 32n))) | 0;
  let sum = value.length;
  if (typeof value === "string") for (let i = 0; i < value.length; i++) sum = (sum + value.charCodeAt(i)) | 0;
  else for (const item of value) sum = (Math.imul(sum, 31) + valueSum(item)) | 0;
  return sum;
}
