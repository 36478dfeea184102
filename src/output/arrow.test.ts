import { tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { T, type DataType, type Field, type Value } from "../types/data-type.ts";
import { resultWriter, type ResultOptions } from "./format.ts";

function batchOf(fields: readonly Field[], rows: readonly (readonly Value[])[], kinds?: Uint8Array): RecordBatch {
  const columns = fields.map(({ type }, i) =>
    columnOf(
      type,
      rows.map((row) => row[i]!),
    ),
  );
  return { rowCount: rows.length, columns, kinds, steps: undefined };
}

/** The table that a reader of Arrow makes of what was written. */
function written(fields: readonly Field[], batches: readonly RecordBatch[], options: Partial<ResultOptions> = {}) {
  const pieces: Uint8Array[] = [];
  const writer = resultWriter(fields, {
    format: "arrow",
    zone: "UTC",
    final: false,
    maxRows: -1,
    write: () => undefined,
    writeBytes: (bytes) => void pieces.push(bytes),
    ...options,
  });
  for (const batch of batches) void writer.batch(batch);
  writer.prepare?.(1);
  writer.commit?.(1);
  writer.end();
  return tableFromIPC(Buffer.concat(pieces));
}

test.each<readonly [type: DataType, arrow: string, value: Value, expected: unknown]>([
  [T.boolean(), "Bool", true, true],
  [T.tinyint(), "Int8", -3, -3],
  [T.smallint(), "Int16", 300, 300],
  [T.int(), "Int32", -7, -7],
  [T.bigint(), "Int64", -(2n ** 62n), -(2n ** 62n)],
  [T.float(), "Float32", 0.5, 0.5],
  [T.double(), "Float64", 0.1, 0.1],
  [T.date(), "Date32<DAY>", 3, 3 * 86_400_000],
  [T.time(), "Time32<MILLISECOND>", 1500, 1500],
  [T.timestamp(3), "Timestamp<MILLISECOND>", -1, -1],
  [T.timestampLtz(3), "Timestamp<MILLISECOND, UTC>", 1500, 1500],
  [T.timestamp(6), "Timestamp<NANOSECOND>", 1_500_000n, 1.5],
  [T.string(), "Utf8", "é€", "é€"],
  [T.bytes(), "Binary", Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  [T.array(T.bigint()), "Utf8", [1n, null], "[1,null]"],
  [T.intervalMillis(), "Utf8", 1500, "+0 00:00:01.500"],
])("%o is %s", (type, arrow, value, expected) => {
  const fields = [{ name: "v", type }];
  const table = written(fields, [batchOf(fields, [[value], [null]]), batchOf(fields, [[value]])], { plain: true });
  expect(String(table.schema.fields[0]!.type)).toBe(arrow);
  expect([...table].map((row) => row.toJSON()["v"] as unknown)).toEqual([expected, null, expected]);
});

test.each([
  ["short", T.decimal(10, 2), -12345n],
  ["long", T.decimal(38, 2), -(10n ** 30n)],
])("a %s DECIMAL keeps its digits", (_, type, value) => {
  const fields = [{ name: "v", type }];
  const table = written(fields, [batchOf(fields, [[value]])], { plain: true });
  expect(table.schema.fields[0]!.type).toMatchObject({
    precision: (type as { precision: number }).precision,
    scale: 2,
  });
  const words = [...(table.get(0)!.toJSON()["v"] as Uint32Array)];
  expect(
    BigInt.asIntN(
      128,
      words.reduce((sum, word, i) => sum + (BigInt(word) << BigInt(32 * i)), 0n),
    ),
  ).toBe(value);
});

test("changes carry their kind, rows beyond --max-rows are cut", () => {
  const fields = [{ name: "n", type: T.int() }];
  const batch = batchOf(fields, [[1], [1], [2]], Uint8Array.of(0, 1, 2));
  let full = false;
  const table = written(fields, [batch], { maxRows: 2, onFull: () => (full = true) });
  expect([...table].map((row) => row.toJSON())).toEqual([
    { op: "+I", n: 1 },
    { op: "-U", n: 1 },
  ]);
  expect(full).toBe(true);
});

test("final rows are plain, no rows are a schema", () => {
  const fields = [{ name: "n", type: T.int() }];
  const batch = batchOf(fields, [[1], [1], [2]], Uint8Array.of(0, 1, 2));
  expect([...written(fields, [batch], { final: true })].map((row) => row.toJSON())).toEqual([{ n: 2 }]);
  const empty = written(fields, []);
  expect(empty.numRows).toBe(0);
  expect(empty.schema.fields.map((f) => f.name)).toEqual(["op", "n"]);
});
