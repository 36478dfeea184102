import { describe, expect, test } from "vitest";
import { T, type DataType, type Value } from "../../types/data-type.ts";
import { encodeAll } from "../test-support.ts";
import { jsonFormat } from "./format.ts";

const row = (...fields: [string, DataType][]): DataType => T.row(fields.map(([name, type]) => ({ name, type })));

describe("encoder", () => {
  test("nested values, nulls, numbers and texts as Flink writes them", () => {
    const columns = {
      a: row(["x", T.int()], ["y", T.array(row(["z", T.string()]))]),
      m: T.map(T.string(), T.double()),
      s: T.string(),
      f: T.float(),
      n: T.bigint(),
    };
    const rows: Value[][] = [
      [
        [1, [["p"], ['q"']]],
        [
          ["a", 1e10],
          ["b", 0.1],
        ] as unknown as Value,
        "tab\té/\\",
        Math.fround(1.1),
        9223372036854775807n,
      ],
      [null, null, null, null, 1n],
    ];
    expect(encodeAll(jsonFormat, columns, rows)).toBe(
      '{"a":{"x":1,"y":[{"z":"p"},{"z":"q\\""}]},"m":{"a":1.0E10,"b":0.1},"s":"tab\\té/\\\\","f":1.1,"n":9223372036854775807}\n' +
        '{"a":null,"m":null,"s":null,"f":null,"n":1}\n',
    );
  });

  const columns = {
    a: T.timestamp(3),
    b: T.timestampLtz(3),
    c: T.date(),
    d: T.time(),
    e: T.decimal(10, 4),
    f: T.bytes(),
    g: T.map(T.string(), T.int()),
  };
  const values: Value[] = [
    1_704_164_645_600,
    1_700_000_000_123,
    19_782,
    86_399_000,
    1n,
    new Uint8Array([0xca, 0xfe]),
    [["k", 1]],
  ];

  test("ISO-8601 and plain decimals", () => {
    const options = { "timestamp-format.standard": "ISO-8601", "encode.decimal-as-plain-number": "true" };
    expect(encodeAll(jsonFormat, columns, [values], options)).toBe(
      '{"a":"2024-01-02T03:04:05.6","b":"2023-11-14T22:13:20.123Z","c":"2024-02-29","d":"23:59:59","e":0.0001,"f":"yv4=","g":{"k":1}}\n',
    );
  });

  test("SQL and no null fields", () => {
    const options = { "encode.ignore-null-fields": "true" };
    const changed = values.map((value, i) => (i === 3 ? null : i === 4 ? 0n : value));
    expect(encodeAll(jsonFormat, columns, [changed, values.map(() => null)], options)).toBe(
      '{"a":"2024-01-02 03:04:05.6","b":"2023-11-14 22:13:20.123Z","c":"2024-02-29","e":0,"f":"yv4=","g":{"k":1}}\n{}\n',
    );
  });

  test.each([
    [T.decimal(38, 9), -1n, "-1E-9"],
    [T.decimal(38, 9), 1_000_000_000n, "1"],
    [T.decimal(5, 2), 10_000n, "1E+2"],
    [T.double(), -0, "-0.0"],
    [T.double(), Number.NaN, '"NaN"'],
    [T.double(), 5e-324, "4.9E-324"],
    [T.float(), Math.fround(3.4028235e38), "3.4028235E38"],
    [T.string(), "\u0001😀", '"\\u0001\\uD83D\\uDE00"'],
    [T.time(3), 43_200_500, '"12:00:00"'],
    [T.timestamp(9), 253_402_300_799_999_999_999n, '"9999-12-31 23:59:59.999999999"'],
    [T.timestamp(3), 0, '"1970-01-01 00:00:00"'],
    [T.date(), -719_162, '"0001-01-01"'],
    [T.bigint(), -9_007_199_254_740_993n, "-9007199254740993"],
    [T.bigint(), 123_456_789_012n, "123456789012"],
    [T.int(), -2_147_483_648, "-2147483648"],
    [T.boolean(), false, "false"],
    [T.array(T.int()), [], "[]"],
  ] as [DataType, Value, string][])("%o %s → %s", (type, value, json) => {
    expect(encodeAll(jsonFormat, { v: type }, [[value]])).toBe(`{"v":${json}}\n`);
  });

  test("NULL keys of maps", () => {
    const map = [
      [
        [null, 1],
        ["a", 2],
      ],
    ] as unknown as Value[];
    const write = (options: Record<string, string>) =>
      encodeAll(jsonFormat, { m: T.map(T.string(), T.int()) }, [map], options);
    expect(() => write({})).toThrow("NULL key");
    expect(write({ "map-null-key.mode": "DROP" })).toBe('{"m":{"a":2}}\n');
    expect(write({ "map-null-key.mode": "LITERAL", "map-null-key.literal": "none" })).toBe('{"m":{"none":1,"a":2}}\n');
  });
});
