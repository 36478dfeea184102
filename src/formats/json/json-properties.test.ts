import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { T, type DataType, type Value } from "../../types/data-type.ts";
import { decodeAll, encodeAll } from "../test-support.ts";
import { jsonFormat } from "./format.ts";

const row = (...fields: [string, DataType][]): DataType => T.row(fields.map(([name, type]) => ({ name, type })));

describe("properties", () => {
  const types = {
    i: T.int(),
    l: T.bigint(),
    d: T.double(),
    s: T.string(),
    b: T.boolean(),
    r: row(["x", T.int()], ["y", T.string()]),
  };
  const record = fc.record(
    {
      i: fc.option(fc.integer()),
      l: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      // JSON.stringify writes -0 as 0.
      d: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((d) => d + 0)),
      s: fc.option(fc.string({ unit: "grapheme" })),
      b: fc.option(fc.boolean()),
      r: fc.option(
        fc.record({ x: fc.option(fc.integer()), y: fc.option(fc.string({ unit: "binary" })) }, { requiredKeys: [] }),
      ),
      other: fc.jsonValue(),
      another: fc.string(),
    },
    { requiredKeys: [] },
  );
  type Rec = Record<string, unknown>;
  const value = (name: string, v: unknown): Value => {
    if (v === undefined || v === null) return null;
    if (name !== "r") return v as Value;
    const { x, y } = v as { x?: number | null; y?: string | null };
    return [x ?? null, y ?? null];
  };
  /** JSON text with shuffled members, white space and needless escapes. */
  const print = (o: Rec, seed: number): string => {
    const names = Object.keys(o);
    if (seed % 3 === 0) names.reverse();
    const blank = seed % 4 === 1 ? " " : "";
    const members = names.map((name) => {
      const v = o[name];
      let text = typeof v === "bigint" ? v.toString() : JSON.stringify(v);
      if (seed % 5 === 2 && typeof v === "string")
        text = text.replaceAll(/[a-z]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
      return `${JSON.stringify(name)}${blank}:${blank}${text}`;
    });
    return `{${blank}${members.join(`,${blank}`)}}`;
  };

  test("any objects, key orders, white space, escapes and cuts: as JSON.parse reads them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(record, fc.nat(1000)), { maxLength: 40 }),
        fc.nat(1000),
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 20 }),
        fc.boolean(),
        (records, mixed, cuts, sameLayout) => {
          const lines = records.map(([o, seed]) => print(o as Rec, sameLayout ? mixed : seed));
          const expected = records.map(([o]) => Object.keys(types).map((name) => value(name, (o as Rec)[name])));
          const { rows } = decodeAll(jsonFormat, lines.map((line) => `${line}\n`).join(""), {
            columns: types,
            cuts,
            maxRows: 7,
          });
          expect(rows).toEqual(expected);
          const projection = [
            { path: ["r", "y"], type: T.string() },
            { path: ["l"], type: T.bigint() },
          ];
          const inner = decodeAll(jsonFormat, lines.join("\n"), { columns: types, cuts, projection }).rows;
          expect(inner).toEqual(expected.map((values) => [(values[5] as Value[] | null)?.[1] ?? null, values[1]!]));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a damaged line reads the same whether its layout was guessed or not", () => {
    const columns = {
      i: T.int(),
      l: T.bigint(),
      d: T.double(),
      s: T.string(),
      b: T.boolean(),
      n: T.decimal(6, 2),
      t: T.timestamp(3),
      z: T.timestampLtz(3),
      r: row(["x", T.smallint()], ["u", T.string()]),
    };
    const projection = [
      ...Object.entries(columns)
        .slice(0, -1)
        .map(([name, type]) => ({ path: [name], type })),
      { path: ["r", "x"], type: T.smallint() },
    ];
    const good =
      '{"skip":{"a":[1,"]"],"b":"x"},"i":12,"l":-9007199254740993,"d":1.25,"s":"a\\\\b","b":true,"n":-3.5,"more":"abc",' +
      '"t":"2024-02-29 12:30:59.123","z":"2024-02-29 12:30:59.123Z","none":null,"r":{"x":5,"u":"v","w":[{}]},"last":-7}';
    const piece = fc.constantFrom(
      ...'"\\{}[],:.-+0123456789eEtrufalsn \t/Z',
      "null",
      "1e5",
      '"5"',
      "99999999999999999999",
      "é",
      "\\u0041",
    );
    const damage = fc.tuple(fc.nat(good.length), fc.nat(3), fc.oneof(piece, fc.constant("")));
    fc.assert(
      fc.property(
        fc.array(fc.array(damage, { maxLength: 2 }), { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        (damages, ignore) => {
          const options = { "ignore-parse-errors": String(ignore) };
          const lines = damages.map((list) =>
            list.reduce((line, [at, drop, text]) => line.slice(0, at) + text + line.slice(at + drop), good),
          );
          const read = (input: string): unknown => {
            const bad: string[] = [];
            const result = decodeAll(jsonFormat, input, {
              columns,
              projection,
              options,
              onBadRecord: ({ raw, reason }) => bad.push(raw, reason),
            });
            return [result.rows, bad, result.skippedRecords, result.skippedFields];
          };
          const warm = `${good}\n`.repeat(12);
          for (const line of lines) {
            // A decoder of its own has not guessed anything yet.
            const [rows, bad, records, fields] = read(`${line}\n`) as [Value[][], string[], number, number];
            const [warmRows, ...warmRest] = read(`${warm}${line}\n`) as [Value[][], string[], number, number];
            expect(warmRows.slice(12)).toEqual(rows);
            expect(warmRest).toEqual([bad, records, fields]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("decode ∘ encode = identity", () => {
    const columns = {
      i: T.int(),
      l: T.bigint(),
      d: T.double(),
      s: T.string(),
      t3: T.timestamp(3),
      t9: T.timestamp(9),
      z: T.timestampLtz(3),
      day: T.date(),
      dec: T.decimal(18, 4),
      big: T.decimal(38, 10),
      bin: T.bytes(),
      list: T.array(T.string()),
    };
    const millis = fc.integer({ min: -62135596800000, max: 253402300799999 });
    const rows = fc.array(
      fc.tuple(
        fc.option(fc.integer()),
        fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        fc.option(fc.double()),
        fc.option(fc.string({ unit: "binary" })),
        fc.option(millis),
        fc.option(fc.bigInt({ min: -62135596800000000000n, max: 253402300799999999999n })),
        fc.option(millis),
        fc.option(fc.integer({ min: -719162, max: 2932896 })),
        fc.option(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n })),
        fc.option(fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n })),
        fc.option(fc.uint8Array()),
        fc.option(fc.array(fc.option(fc.string()))),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, fc.constantFrom("SQL", "ISO-8601"), (written, standard) => {
        const options = { "timestamp-format.standard": standard };
        const text = encodeAll(jsonFormat, columns, written as Value[][], options);
        expect(decodeAll(jsonFormat, text, { columns, options }).rows).toEqual(written);
      }),
      { numRuns: 200 },
    );
  });
});
