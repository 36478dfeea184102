import fc from "fast-check";
import { expect, test } from "vitest";
import { columnOf } from "../../batch/column-builder.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { stepsOf } from "../../batch/steps.ts";
import { changelogText } from "../../batch/text.ts";
import { takeBatch } from "../../batch/take.ts";
import { storageOf, T, type DataType, type Value } from "../../types/data-type.ts";
import { decodeBatch, encodeBatch } from "./batch-codec.ts";

const TYPES: readonly DataType[] = [
  T.boolean(),
  T.int(),
  T.bigint(),
  T.double(),
  T.decimal(30, 2),
  T.string(),
  { kind: "ARRAY", element: T.string(), nullable: true },
];

const row = fc.tuple(
  fc.option(fc.boolean()),
  fc.option(fc.integer()),
  fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  fc.option(fc.double()),
  fc.option(fc.bigInt({ min: -(10n ** 29n), max: 10n ** 29n })),
  fc.option(fc.string({ unit: "grapheme" })),
  fc.option(fc.array(fc.option(fc.string()))),
);

function batchOf(rows: readonly (readonly Value[])[], kinds: readonly number[] | undefined): RecordBatch {
  return {
    rowCount: rows.length,
    columns: TYPES.map((type, c) =>
      columnOf(
        type,
        rows.map((values) => values[c]!),
      ),
    ),
    kinds: kinds === undefined ? undefined : Uint8Array.from(kinds),
    steps: undefined,
  };
}

test("what is decoded is what was encoded: the chosen rows, their kinds and steps", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(row, fc.integer({ min: 0, max: 3 }), fc.boolean()), { maxLength: 40 }),
      fc.boolean(),
      fc.boolean(),
      (list, withKinds, all) => {
        const batch = batchOf(
          list.map(([values]) => values as readonly Value[]),
          withKinds ? list.map(([, kind]) => kind) : undefined,
        );
        const chosen = Int32Array.from(list.flatMap(([, , wanted], i) => (wanted ? [i] : [])));
        const [rows, count] = all ? [undefined, list.length] : [chosen, chosen.length];
        const steps = stepsOf([
          [0, 5],
          [count, Infinity],
        ]);
        const decoded = decodeBatch(encodeBatch(batch, rows, count, steps), TYPES.map(storageOf));
        const expected = all ? batch : takeBatch(batch, chosen, chosen.length);
        expect(changelogText(decoded, TYPES)).toEqual(changelogText(expected, TYPES));
        expect(decoded.steps?.watermarks.at(-1)).toBe(Infinity);
      },
    ),
    { numRuns: 200 },
  );
});

test("without rows only the steps", () => {
  const empty = batchOf([], undefined);
  const decoded = decodeBatch(encodeBatch(empty, undefined, 0, stepsOf([[0, 7]])), TYPES.map(storageOf));
  expect([decoded.rowCount, decoded.steps?.watermarks[0], decoded.columns.length]).toEqual([0, 7, TYPES.length]);
});
