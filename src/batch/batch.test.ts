import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { T, type DataType, type Value } from "../types/data-type.ts";
import { columnOf, createColumnBuilder } from "./column-builder.ts";
import { concatBatches } from "./concat.ts";
import { decodeAny, encodedAny } from "./encode-any.ts";
import { valueAt } from "./get.ts";
import { hashBytes, hashRows, keyGroupOf } from "./hash.ts";
import { remapSteps, sliceSteps, stepsOf } from "./steps.ts";
import { sliceBatch, takeBatch } from "./take.ts";
import { batchOf, changelogText, rowsOf } from "./text.ts";
import { countCodePoints, decodeUtf8, encodeUtf8 } from "./utf8.ts";

const samples: readonly (readonly [DataType, readonly Value[]])[] = [
  [T.boolean(), [true, null, false]],
  [T.int(), [1, -2147483648, null, 2147483647]],
  [T.bigint(), [1n, null, -9223372036854775808n]],
  [T.double(), [1.5, Number.NaN, null, -0, Infinity]],
  [T.decimal(10, 2), [123n, null, -1n]],
  [T.decimal(38, 2), [10n ** 37n, null, -(10n ** 37n), -1n, 0n, (1n << 64n) - 1n]],
  [T.timestamp(9), [1_700_000_000_000_000_001n, null, -1n]],
  [T.string(), ["", "abc", null, "äöü€😀", "x".repeat(200), "a longer ASCII text"]],
  [T.bytes(), [new Uint8Array([0, 255]), null, new Uint8Array()]],
  [T.array(T.int()), [[1, null], null, []]],
  [T.null(), [null, null]],
];

test.each(samples)("a column of %j gives back what was appended", (type, values) => {
  const builder = createColumnBuilder(type, 1);
  for (const value of values) builder.append(value);
  const column = builder.finish();
  expect(values.map((_, row) => valueAt(column, row, type))).toEqual(values);
  expect(builder.length).toBe(0);
});

test("the batch literal reads and prints rows", () => {
  const types = [T.int(), T.string(), T.decimal(5, 2), T.boolean()];
  const batch = batchOf(
    types,
    `
    +I 5 abc 1.5 true
    -U[6, a b, NULL, false]
    7 'x y' -0.05 null`,
  );
  expect(changelogText(batch, types)).toEqual([
    "+I[5, abc, 1.50, true]",
    "-U[6, a b, NULL, false]",
    "+I[7, x y, -0.05, NULL]",
  ]);
  expect(
    batchOf(types, [
      ["-D", 1, "+I", 5n, null],
      [2, "y", null, true],
    ]).kinds,
  ).toEqual(new Uint8Array([3, 0]));
});

test("take, slice and concat keep rows, kinds and steps", () => {
  const types = [T.int(), T.string(), T.decimal(30, 0), T.array(T.int())];
  const steps = stepsOf([
    [1, 10],
    [3, 30],
    [4, 40],
  ]);
  const batch = batchOf(
    types,
    [
      ["+I", 0, "a", 1n, [1]],
      ["-U", 1, null, null, null],
      ["+U", 2, "ccc", -7n, []],
      ["-D", null, "d", 9n, [3]],
    ],
    steps,
  );
  const taken = takeBatch(batch, new Int32Array([1, 2]), 2);
  expect(changelogText(taken, types)).toEqual(["-U[1, NULL, NULL, NULL]", "+U[2, ccc, -7, []]"]);
  expect(taken.steps).toMatchObject({ rows: new Int32Array([0, 2, 0]), count: 2 });
  expect([...taken.steps!.watermarks.subarray(0, 2)]).toEqual([10, 40]);
  const parts = [sliceBatch(batch, 0, 1), sliceBatch(batch, 1, 3), sliceBatch(batch, 3, 4)];
  const whole = concatBatches(parts);
  expect(changelogText(whole, types)).toEqual(changelogText(batch, types));
  expect([...whole.steps!.rows.subarray(0, 3)]).toEqual([1, 3, 4]);
  expect(rowsOf(concatBatches([batch, taken]), types)).toHaveLength(6);
});

describe("watermark steps", () => {
  test("a step moves to the next selected row", () => {
    const steps = stepsOf([
      [0, 1],
      [2, 2],
      [5, 3],
      [9, 4],
    ])!;
    const out = remapSteps(steps, new Int32Array([2, 6]), 2);
    expect([...out.rows.subarray(0, out.count)]).toEqual([0, 1, 2]);
    expect([...out.watermarks.subarray(0, out.count)]).toEqual([2, 3, 4]);
  });
  test("a step at a cut belongs to what follows", () => {
    const steps = stepsOf([
      [2, 1],
      [4, 2],
    ])!;
    expect(sliceSteps(steps, 0, 2, 4)).toBeUndefined();
    expect(sliceSteps(steps, 2, 4, 4)).toMatchObject({ count: 2 });
  });
});

test("UTF-8 goes both ways", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
      const bytes = encodeUtf8(text);
      expect(decodeUtf8(bytes, 0, bytes.length)).toBe(text);
      expect(countCodePoints(bytes, 0, bytes.length)).toBe(Array.from(text).length);
      const column = columnOf(T.string(), ["-", text, text]);
      expect(valueAt(column, 2, T.string())).toBe(text);
    }),
  );
});

test("any values are encoded so that they can be read back", () => {
  const value: Value = [
    null,
    true,
    false,
    1.5,
    -0,
    0n,
    -1n,
    127n,
    128n,
    -129n,
    1n << 90n,
    -(1n << 64n),
    "ä",
    new Uint8Array([1, 2]),
    [["k", 1n]],
  ];
  expect(decodeAny(encodedAny(value), 0).value).toEqual(value);
  expect(encodedAny(0)).not.toEqual(encodedAny(-0));
});

describe("hash", () => {
  const hashOf = (type: DataType, values: readonly Value[]) => {
    const out = new Int32Array(values.length);
    hashRows([columnOf(type, values)], values.length, out);
    return [...out];
  };
  test("is fixed: snapshots depend on it", () => {
    expect(hashOf(T.int(), [0, 1, null])).toMatchInlineSnapshot(`
      [
        -15128758,
        -2017569654,
        760401416,
      ]
    `);
    expect(hashOf(T.bigint(), [1n, -1n])).toMatchInlineSnapshot(`
      [
        746625832,
        628567068,
      ]
    `);
    expect(hashOf(T.double(), [1.5, 0, -0, Number.NaN])).toMatchInlineSnapshot(`
      [
        819188451,
        256347020,
        1730618926,
        -481718670,
      ]
    `);
    expect(hashOf(T.string(), ["", "a", "abcd", "äbcde"])).toMatchInlineSnapshot(`
      [
        -15128758,
        -197313746,
        1141896450,
        -1303273948,
      ]
    `);
    expect(hashOf(T.decimal(38, 0), [1n, -1n])).toMatchInlineSnapshot(`
      [
        -1949013218,
        -962817907,
      ]
    `);
    expect(hashOf(T.array(T.int()), [[1, 2], [2, 1], null])).toMatchInlineSnapshot(`
      [
        511743156,
        -1412366073,
        760401416,
      ]
    `);
  });
  test("depends on the value, not on where it stands", () => {
    const padded = columnOf(T.string(), ["zz", "key"]);
    const out = new Int32Array(2);
    hashRows([padded], 2, out);
    expect(out[1]).toBe(hashOf(T.string(), ["key"])[0]);
    expect(out[1]).toBe(hashBytes(encodeUtf8("key"), 0, 3));
  });
  test("key groups cover their range evenly", () => {
    const counts = Array.from({ length: 16 }, () => 0);
    for (const hash of hashOf(
      T.int(),
      Array.from({ length: 16_000 }, (_, i) => i),
    ))
      counts[keyGroupOf(hash, 16)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(850);
  });
});
