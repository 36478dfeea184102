import { ByteWriter } from "../../base/byte-writer.ts";
import type { Column, ColumnOf } from "../../batch/column.ts";
import type { Value } from "../../types/data-type.ts";

/**
 * Row `i` is row `rows[i]` of `first` where `fromFirst[i]` is 1, else of `second`. Both columns have the same storage. Texts
 * are not copied when both stand in the same bytes.
 */
export function pickColumn(
  first: Column,
  second: Column,
  fromFirst: Uint8Array,
  rows: Int32Array,
  count: number,
): Column {
  const nulls = pickNulls(first.nulls, second.nulls, fromFirst, rows, count);
  switch (first.storage) {
    case "bool": {
      const values = new Uint8Array(count);
      pickNumbers(first.values, (second as typeof first).values, values, fromFirst, rows, count);
      return { storage: "bool", values, nulls };
    }
    case "i32": {
      const values = new Int32Array(count);
      pickNumbers(first.values, (second as typeof first).values, values, fromFirst, rows, count);
      return { storage: "i32", values, nulls };
    }
    case "f64": {
      const values = new Float64Array(count);
      pickNumbers(first.values, (second as typeof first).values, values, fromFirst, rows, count);
      return { storage: "f64", values, nulls };
    }
    case "i64": {
      const values = new BigInt64Array(count);
      const other = (second as typeof first).values;
      for (let i = 0; i < count; i++) values[i] = (fromFirst[i] === 1 ? first.values : other)[rows[i]!]!;
      return { storage: "i64", values, nulls };
    }
    case "i128": {
      const values = new BigInt64Array(2 * count);
      const other = (second as typeof first).values;
      for (let i = 0; i < count; i++) {
        const from = fromFirst[i] === 1 ? first.values : other;
        values[2 * i] = from[2 * rows[i]!]!;
        values[2 * i + 1] = from[2 * rows[i]! + 1]!;
      }
      return { storage: "i128", values, nulls };
    }
    case "bytes":
      return pickTexts(first, second as typeof first, fromFirst, rows, count, nulls);
    case "any": {
      const other = (second as typeof first).values;
      const values: Value[] = Array.from({ length: count }, (_, i) =>
        nulls?.[i] === 1 ? null : (fromFirst[i] === 1 ? first.values : other)[rows[i]!]!,
      );
      return { storage: "any", values, nulls };
    }
  }
}

function pickNumbers<A extends Uint8Array | Int32Array | Float64Array>(
  first: A,
  second: A,
  out: A,
  fromFirst: Uint8Array,
  rows: Int32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[i] = fromFirst[i] === 1 ? first[rows[i]!]! : second[rows[i]!]!;
}

function pickNulls(
  first: Uint8Array | undefined,
  second: Uint8Array | undefined,
  fromFirst: Uint8Array,
  rows: Int32Array,
  count: number,
): Uint8Array | undefined {
  if (first === undefined && second === undefined) return undefined;
  const out = new Uint8Array(count);
  let any = 0;
  for (let i = 0; i < count; i++) {
    const nulls = fromFirst[i] === 1 ? first : second;
    if (nulls !== undefined && nulls[rows[i]!] === 1) any = out[i] = 1;
  }
  return any === 1 ? out : undefined;
}

function pickTexts(
  first: ColumnOf<"bytes">,
  second: ColumnOf<"bytes">,
  fromFirst: Uint8Array,
  rows: Int32Array,
  count: number,
  nulls: Uint8Array | undefined,
): Column {
  const starts = new Int32Array(count);
  const lengths = new Int32Array(count);
  pickNumbers(first.lengths, second.lengths, lengths, fromFirst, rows, count);
  pickNumbers(first.starts, second.starts, starts, fromFirst, rows, count);
  if (first.data === second.data) return { storage: "bytes", starts, lengths, data: first.data, nulls };
  const out = new ByteWriter(4096);
  for (let i = 0; i < count; i++) {
    if (nulls?.[i] === 1) continue;
    const { data } = fromFirst[i] === 1 ? first : second;
    const start = out.length;
    out.copy(data, starts[i]!, lengths[i]!);
    starts[i] = start;
  }
  return { storage: "bytes", starts, lengths, data: out.bytes, nulls };
}
