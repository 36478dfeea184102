import { describe, expect, it } from "vitest";
import type { SqlError } from "../../base/errors.ts";
import { T, type DataType, type Field, type Value } from "../../types/data-type.ts";
import type { ScanColumn } from "../api.ts";
import { sourceConformance } from "../conformance.test-helper.ts";
import { readAll, scanRequest, tableRequest, testContext } from "../context.test-helper.ts";
import { datagen } from "./index.ts";

const FAST = { connector: "datagen", "rows-per-second": "1000000000" };

async function values(type: DataType, options: Record<string, string>, rows = 200): Promise<Value[]> {
  const request = tableRequest([{ name: "a", type }], { ...FAST, "number-of-rows": String(rows), ...options });
  const context = testContext();
  datagen.validate?.(request, context);
  // The clock does not move: one row is due at once, so the reader is given time.
  const source = datagen.source!(scanRequest(request), { ...context, nowMillis: () => (context.clock.millis += 1) });
  return (await readAll(source, [type])).map((row) => row[0] ?? null);
}

describe("random values lie in their ranges", () => {
  const ints = (low: number, high: number) => (value: Value) =>
    Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
  const longs = (low: bigint, high: bigint) => (value: Value) =>
    typeof value === "bigint" && value >= low && value <= high;
  const hex = (low: number, high: number) => (value: Value) =>
    typeof value === "string" && /^[0-9a-f]*$/.test(value) && value.length >= low && value.length <= high;
  const cases: [string, DataType, Record<string, string>, (value: Value) => boolean][] = [
    ["BOOLEAN", T.boolean(), {}, (value) => typeof value === "boolean"],
    ["TINYINT", T.tinyint(), {}, ints(-128, 127)],
    ["SMALLINT", T.smallint(), { "fields.a.min": "-3", "fields.a.max": "3" }, ints(-3, 3)],
    ["INT", T.int(), {}, ints(-2147483648, 2147483647)],
    ["INT of one value", T.int(), { "fields.a.min": "7", "fields.a.max": "7" }, ints(7, 7)],
    ["BIGINT", T.bigint(), {}, longs(-(2n ** 63n), 2n ** 63n - 1n)],
    [
      "BIGINT range",
      T.bigint(),
      { "fields.a.min": "9000000000000000000", "fields.a.max": "9000000000000000005" },
      longs(9000000000000000000n, 9000000000000000005n),
    ],
    [
      "DOUBLE",
      T.double(),
      { "fields.a.min": "-0.5", "fields.a.max": "0.5" },
      (value) => Math.abs(value as number) <= 0.5,
    ],
    ["FLOAT", T.float(), {}, (value) => Math.fround(value as number) === value && (value as number) >= 0],
    ["DECIMAL", T.decimal(5, 2), {}, longs(-99999n, 99999n)],
    ["DECIMAL range", T.decimal(5, 2), { "fields.a.min": "1.5", "fields.a.max": "1.75" }, longs(150n, 175n)],
    ["STRING", T.string(), {}, hex(100, 100)],
    ["STRING length", T.string(), { "fields.a.length": "5" }, hex(5, 5)],
    ["VARCHAR var-len", T.varchar(12), { "fields.a.var-len": "true" }, hex(1, 12)],
    ["CHAR", T.char(4), {}, hex(4, 4)],
    ["BYTES", T.bytes(), { "fields.a.length": "3" }, (value) => value instanceof Uint8Array && value.length === 3],
    [
      "TIMESTAMP(3)",
      T.timestamp(3),
      { "fields.a.max-past": "10 s" },
      ints(1_700_000_000_000 - 10_000, 1_700_000_001_000),
    ],
    ["TIMESTAMP_LTZ(6)", T.timestampLtz(6), {}, longs(1_700_000_000_000_000_000n, 1_700_000_001_000_000_000n)],
    ["DATE", T.date(), {}, ints(19675, 19675)],
    [
      "ARRAY",
      T.array(T.int()),
      { "fields.a.element.min": "1", "fields.a.element.max": "2", "fields.a.length": "4" },
      (value) => (value as Value[]).length === 4 && (value as Value[]).every(ints(1, 2)),
    ],
    ["MAP", T.map(T.string(), T.int()), { "fields.a.key.length": "8" }, (value) => (value as Value[]).length === 3],
    [
      "ROW",
      T.row([{ name: "b", type: T.int() }]),
      { "fields.a.b.min": "5", "fields.a.b.max": "5" },
      (value) => JSON.stringify(value) === "[5]",
    ],
  ];
  it.each(cases)("%s", async (_, type, options, fits) => {
    const made = await values(type, options);
    expect(made).toHaveLength(200);
    expect(made.filter((value) => !fits(value))).toEqual([]);
  });

  it("all of a small range come, and NULLs at their rate", async () => {
    const made = await values(
      T.int(),
      { "fields.a.min": "0", "fields.a.max": "9", "fields.a.null-rate": "0.25" },
      2000,
    );
    expect(new Set(made).size).toBe(11);
    const nulls = made.filter((value) => value === null).length;
    expect(nulls).toBeGreaterThan(400);
    expect(nulls).toBeLessThan(600);
  });
});

describe("sequences", () => {
  const cases: [string, DataType, Value[]][] = [
    ["INT", T.int(), [3, 4, 5]],
    ["BIGINT", T.bigint(), [3n, 4n, 5n]],
    ["DOUBLE", T.double(), [3, 4, 5]],
    ["DECIMAL", T.decimal(5, 2), [300n, 400n, 500n]],
    ["STRING", T.string(), ["3", "4", "5"]],
  ];
  it.each(cases)("%s", async (_, type, expected) => {
    expect(
      await values(type, { "fields.a.kind": "sequence", "fields.a.start": "3", "fields.a.end": "5" }, 1000),
    ).toEqual(expected);
  });
});

const FIELDS: Field[] = [
  { name: "id", type: T.bigint() },
  { name: "text", type: T.string() },
  {
    name: "part",
    type: T.row([
      { name: "x", type: T.int() },
      { name: "y", type: T.string() },
    ]),
  },
];
const OPTIONS = {
  ...FAST,
  "fields.id.kind": "sequence",
  "fields.id.start": "1",
  "fields.id.end": "100",
  "fields.part.null-rate": "0.3",
};

function source(columns?: ScanColumn[], more: Record<string, string> = {}) {
  const context = testContext();
  return datagen.source!(scanRequest(tableRequest(FIELDS, { ...OPTIONS, ...more }), columns), {
    ...context,
    nowMillis: () => (context.clock.millis += 1),
  });
}

describe("reading", () => {
  it("resumes at every position with the same values", async () => {
    const types = FIELDS.map((field) => field.type);
    await sourceConformance(() => source(), types, 9);
    await sourceConformance(() => source(undefined, { "scan.parallelism": "3" }), types, 9);
    const three = await readAll(source(undefined, { "scan.parallelism": "3" }), types);
    expect(three.map((row) => row[0] as bigint).sort((a, b) => Number(a - b))).toEqual(
      Array.from({ length: 100 }, (_, i) => BigInt(i + 1)),
    );
  });

  it("gives the same values whatever columns are asked for", async () => {
    const all = await readAll(
      source(),
      FIELDS.map((field) => field.type),
    );
    const y = await readAll(source([{ kind: "physical", path: ["part", "y"], type: T.string() }]), [T.string()]);
    expect(y.map((row) => row[0])).toEqual(all.map((row) => (row[2] as Value[] | null)?.[1] ?? null));
  });

  it("keeps its pace, also over a restore", async () => {
    const context = testContext();
    const request = scanRequest(tableRequest(FIELDS, { ...OPTIONS, "rows-per-second": "10" }));
    const s = datagen.source!(request, context);
    const [split] = await s.discoverSplits(new Set());
    const reader = await s.openSplit(split!, undefined);
    const count = async (from = reader): Promise<number | string> => {
      const polled = await from.poll(4096);
      return typeof polled === "string" ? polled : polled.rowCount;
    };
    expect([await count(), await count()]).toEqual([1, "idle"]);
    context.clock.millis += 500;
    expect([await count(), await count()]).toEqual([5, "idle"]);
    const restored = await s.openSplit(split!, reader.position());
    expect([await count(restored), await count(restored)]).toEqual([1, "idle"]);
  });
});

describe("options that do not fit", () => {
  const cases: [string, DataType, Record<string, string>, Partial<SqlError>][] = [
    ["unknown", T.int(), { "rows-per-sec": "5" }, { code: "OPTION_UNKNOWN", hint: "did you mean 'rows-per-second'?" }],
    [
      "unknown column",
      T.int(),
      { "fields.b.min": "5" },
      { code: "OPTION_UNKNOWN", hint: "did you mean 'fields.a.min'?" },
    ],
    ["kind", T.int(), { "fields.a.kind": "sequense" }, { code: "OPTION_INVALID", hint: "did you mean 'sequence'?" }],
    [
      "sequence without an end",
      T.int(),
      { "fields.a.kind": "sequence", "fields.a.start": "1" },
      { code: "OPTION_MISSING" },
    ],
    ["length of a number", T.int(), { "fields.a.length": "5" }, { code: "OPTION_INVALID" }],
    ["range of the type", T.tinyint(), { "fields.a.max": "300" }, { code: "OPTION_INVALID" }],
    ["min above max", T.int(), { "fields.a.max": "3", "fields.a.min": "4" }, { code: "OPTION_INVALID" }],
    ["null rate", T.int(), { "fields.a.null-rate": "2" }, { code: "OPTION_INVALID" }],
    [
      "sequence of dates",
      T.date(),
      { "fields.a.kind": "sequence", "fields.a.start": "1", "fields.a.end": "2" },
      { code: "UNSUPPORTED" },
    ],
    ["rate", T.int(), { "rows-per-second": "fast" }, { code: "OPTION_INVALID" }],
  ];
  it.each(cases)("%s", async (_, type, options, expected) => {
    await expect(values(type, options)).rejects.toMatchObject(expected);
  });

  it("is bounded only with a number of rows or a sequence", () => {
    const bounded = (options: Record<string, string>): boolean | undefined =>
      datagen.isBounded?.(tableRequest([{ name: "a", type: T.int() }], options));
    expect(bounded({})).toBe(false);
    expect(bounded({ "number-of-rows": "5" })).toBe(true);
    expect(bounded({ "fields.a.kind": "sequence", "fields.a.start": "1", "fields.a.end": "2" })).toBe(true);
  });
});
