import { describe, expect, it } from "vitest";
import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { sliceBatch } from "../batch/take.ts";
import { T, type DataType, type Value } from "../types/data-type.ts";
import type { RunIdentity } from "./api.ts";
import { batchChecksum, blackhole } from "./blackhole.ts";
import { print } from "./print.ts";
import { tableRequest, testContext } from "./context.test-helper.ts";

const RUN: RunIdentity = { jobName: "j", runId: "r", attempt: 1, operatorId: "s" };

function batchOf(
  types: readonly DataType[],
  rows: readonly (readonly Value[])[],
  kinds?: readonly number[],
): RecordBatch {
  return {
    rowCount: rows.length,
    columns: types.map((type, i) =>
      columnOf(
        type,
        rows.map((row) => row[i] ?? null),
      ),
    ),
    kinds: kinds === undefined ? undefined : Uint8Array.from(kinds),
    steps: undefined,
  };
}

const FIELDS = [
  { name: "k", type: T.string() },
  { name: "n", type: T.bigint() },
  { name: "s", type: T.decimal(38, 2) },
];

describe("print", () => {
  const cases: [string, Record<string, string>, string[]][] = [
    ["plain", {}, ["+I[a, 1, 1.25]\n-U[b, null, null]\n"]],
    ["identifier", { "print-identifier": "out" }, ["out> +I[a, 1, 1.25]\nout> -U[b, null, null]\n"]],
    ["standard error", { "standard-error": "true" }, ["stderr: +I[a, 1, 1.25]\n-U[b, null, null]\n"]],
  ];
  it.each(cases)("%s", async (_, options, expected) => {
    const context = testContext();
    const sink = print.sink!(tableRequest(FIELDS, { connector: "print", ...options }), context, RUN);
    const writer = await sink.openWriter(0, []);
    await writer.write(
      batchOf(
        FIELDS.map((field) => field.type),
        [
          ["a", 1n, 125n],
          ["b", null, null],
        ],
        [0, 1],
      ),
    );
    expect(context.printed).toEqual(expected);
  });
});

describe("blackhole", () => {
  const types = [
    T.boolean(),
    T.int(),
    T.bigint(),
    T.double(),
    T.decimal(38, 2),
    T.string(),
    T.bytes(),
    T.array(T.int()),
  ];
  const rows: Value[][] = Array.from({ length: 50 }, (_, i) =>
    i % 7 === 3
      ? types.map(() => null)
      : [
          i % 2 === 0,
          i,
          BigInt(i) << 40n,
          i / 3,
          BigInt(i) << 80n,
          "text".repeat(i % 5),
          new Uint8Array([i, 2]),
          [i, null],
        ],
  );
  const whole = batchOf(types, rows);

  it("has a checksum that does not depend on batch cuts, and changes with any value", () => {
    const parts = [sliceBatch(whole, 0, 13), sliceBatch(whole, 13, 14), sliceBatch(whole, 14, 50)];
    const sum = parts.map(batchChecksum).reduce((a, b) => (a + b) | 0);
    expect(sum).toBe(batchChecksum(whole));
    types.forEach((_, column) => {
      for (const row of [0, 3, 49]) {
        const other = batchOf(
          types,
          rows.map((values, i) =>
            i === row ? values.map((value, c) => (c === column ? (row === 3 ? rows[11]![c]! : null) : value)) : values,
          ),
        );
        expect(batchChecksum(other)).not.toBe(sum);
      }
    });
  });

  it.each([
    [{}, { rows: 100 }],
    [{ checksum: "true" }, { rows: 100, checksum: ((2 * batchChecksum(whole)) >>> 0).toString(16).padStart(8, "0") }],
  ])("counts rows, and adds up values when asked to: %o", async (options, summary) => {
    const sink = blackhole.sink!(tableRequest([], { connector: "blackhole", ...options }), testContext(), RUN);
    const writer = await sink.openWriter(0, []);
    await writer.write(whole);
    await writer.write(whole);
    expect(sink.summary?.()).toEqual(summary);
  });
});
