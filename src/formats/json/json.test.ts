import { describe, expect, test } from "vitest";
import { T, type DataType, type Value } from "../../types/data-type.ts";
import { decodeAll, type Columns, type DecodeOptions } from "../test-support.ts";
import { jsonFormat } from "./format.ts";

const decode = (input: string | Uint8Array, columns: Columns, options: DecodeOptions["options"] = {}) =>
  decodeAll(jsonFormat, input, { columns, options });

const row = (...fields: [string, DataType][]): DataType => T.row(fields.map(([name, type]) => ({ name, type })));

describe("one value", () => {
  const day = 19_782;
  const noon = day * 86_400_000 + 43_200_000;
  const cases: [type: DataType, json: string, expected: Value | undefined][] = [
    [T.boolean(), "true", true],
    [T.boolean(), '" TRUE "', true],
    [T.boolean(), '"x"', false],
    [T.boolean(), "1", false],
    [T.tinyint(), "-128", -128],
    [T.tinyint(), "128", undefined],
    [T.tinyint(), '" 7 "', 7],
    [T.tinyint(), "1.5", undefined],
    [T.smallint(), "-32768", -32768],
    [T.smallint(), "32768", undefined],
    [T.int(), "2147483647", 2147483647],
    [T.int(), "-2147483648", -2147483648],
    [T.int(), "2147483648", undefined],
    [T.int(), "1.9", 1],
    [T.int(), "-0", 0],
    [T.int(), '"+5"', 5],
    [T.int(), '"1.5"', undefined],
    [T.int(), "true", undefined],
    [T.bigint(), "9223372036854775807", 9223372036854775807n],
    [T.bigint(), "-9223372036854775808", -9223372036854775808n],
    [T.bigint(), "9223372036854775808", undefined],
    [T.bigint(), "-4294967297", -4294967297n],
    [T.bigint(), "-1", -1n],
    [T.bigint(), "999999999999999", 999999999999999n],
    [T.bigint(), "1e3", 1000n],
    [T.bigint(), '"000000000000000000000012"', 12n],
    [T.double(), "1.5", 1.5],
    [T.double(), "-0.0", -0],
    [T.double(), "1e-7", 1e-7],
    [T.double(), '"NaN"', Number.NaN],
    [T.double(), '"-Infinity"', Number.NEGATIVE_INFINITY],
    [T.double(), '"1d"', 1],
    [T.double(), '"x"', undefined],
    [T.double(), "123456789012345678", 123456789012345680],
    [T.float(), "0.1", Math.fround(0.1)],
    [T.decimal(6, 3), "1.5", 1500n],
    [T.decimal(6, 3), '" 2.25 "', 2250n],
    [T.decimal(6, 3), "1.0005", 1001n],
    [T.decimal(6, 3), "-1.0005", -1001n],
    [T.decimal(6, 3), "1234", null],
    [T.decimal(6, 3), "1e2", 100000n],
    [T.decimal(6, 3), "true", undefined],
    [T.decimal(38, 9), "12345678901234567890.123456789", 12345678901234567890123456789n],
    [T.decimal(18, 0), "999999999999999999", 999999999999999999n],
    [T.string(), '"a\\u00e9\\n\\"\\\\\\/\\ud83d\\ude00\\ud800"', 'aé\n"\\/😀?'],
    [T.string(), "12.50", "12.50"],
    [T.string(), "true", "true"],
    [T.string(), '{ "x" : [ 1 , "a\\/b" , 1.50 , null ] }', '{"x":[1,"a/b",1.5,null]}'],
    [T.string(), '""', ""],
    [T.bytes(), '"yv4="', new Uint8Array([0xca, 0xfe])],
    [T.bytes(), '"!"', undefined],
    [T.bytes(), "12", undefined],
    [T.date(), '"2024-02-29"', day],
    [T.date(), '"2023-02-29"', undefined],
    [T.date(), '"2024-2-29"', undefined],
    [T.date(), '"0001-01-01"', -719162],
    [T.time(), '"23:59:59"', 86_399_000],
    [T.time(3), '"23:59:59.1234"', 86_399_123],
    [T.time(), '"24:00:00"', 0],
    [T.timestamp(3), '"2024-02-29 12:00:00"', noon],
    [T.timestamp(3), '"2024-02-29 12:00:00.1234567"', noon + 123],
    [T.timestamp(3), '"2024-02-29 12:00:00."', noon],
    [T.timestamp(3), '"2024-02-29T12:00:00"', undefined],
    [T.timestamp(3), '"2024-02-29 12:00"', undefined],
    [T.timestamp(3), '"2024-02-30 12:00:00"', undefined],
    [T.timestamp(3), '"1969-12-31 23:59:59.999"', -1],
    [T.timestamp(9), '"2024-02-29 12:00:00.123456789"', BigInt(noon) * 1_000_000n + 123_456_789n],
    [T.timestamp(9), '"1969-12-31 23:59:59.999999999"', -1n],
    [T.timestampLtz(3), '"2024-02-29 12:00:00Z"', noon],
    [T.timestampLtz(3), '"2024-02-29 12:00:00"', undefined],
    [T.array(T.int()), "[1, null, 3]", [1, null, 3]],
    [T.array(T.int()), "{}", undefined],
    [
      T.map(T.string(), T.int()),
      '{"a": 1, "b": null, "a": 2}',
      [
        ["a", 2],
        ["b", null],
      ],
    ],
    [T.multiset(T.string()), '{"a": 2}', [["a", 2]]],
    [row(["a", T.int()], ["b", T.string()]), '{"b": "x", "c": [{}], "A": 1}', [null, "x"]],
    [row(["a", T.int()]), "5", undefined],
    [T.intervalMonth(), "14", 14],
    [T.intervalMillis(), "-1500", -1500],
  ];
  test.each(cases)("%o %s → %s", (type, json, expected) => {
    // Once by the general reader, and often enough that a generated scanner reads it, too.
    const line = `{"v":${json}}\n`;
    const columns = { v: type };
    if (expected === undefined) {
      expect(() => decode(line, columns)).toThrow(expect.objectContaining({ code: "BAD_RECORD" }));
      const ignored = decode(line.repeat(20), columns, { "ignore-parse-errors": "true" });
      expect(ignored.rows).toEqual(Array.from({ length: 20 }, () => [null]));
      expect(ignored.skippedFields).toBe(20);
    } else {
      expect(decode(line.repeat(20), columns).rows).toEqual(Array.from({ length: 20 }, () => [expected]));
      expect(decode(`{"v":null}\n{"w":1}\n{"v":${json}}`, columns).rows).toEqual([[null], [null], [expected]]);
    }
  });

  test.each([
    ['"2024-01-02T03:04:05.6"', "TIMESTAMP", 1_704_164_645_600],
    ['"2024-01-02T03:04"', "TIMESTAMP", 1_704_164_640_000],
    ['"2024-01-02T03:04:05Z"', "TIMESTAMP_LTZ", 1_704_164_645_000],
  ] as const)("ISO-8601 %s", (json, kind, millis) => {
    const columns = { v: kind === "TIMESTAMP" ? T.timestamp(3) : T.timestampLtz(3) };
    const options = { "timestamp-format.standard": "ISO-8601" };
    expect(decode(`{"v":${json}}\n`.repeat(20), columns, options).rows).toEqual(
      Array.from({ length: 20 }, () => [millis]),
    );
  });
});

describe("records", () => {
  const columns = { id: T.bigint(), v: T.string(), n: T.decimal(6, 3) };

  test("messy lines as in Flink", () => {
    const input = [
      '{"id": 1, "v": "a", "n": 1.5}',
      '{"id": "2", "v": 7, "n": "2.25"}',
      "not json at all",
      '{"id": 3, "v": null}',
      '{"v": {"x": 1}, "id": 4, "n": true}',
      '{"id": 99999999999999999999, "v": "big"}',
      '{"ID": 5, "V": "case"}',
      "[1,2]",
      '{"id": 6, "v": ["l", 1], "n": 0.1, "extra": {}}',
      "",
      "",
    ].join("\n");
    const { rows, skippedRecords, skippedFields } = decode(input, columns, { "ignore-parse-errors": "true" });
    expect(rows).toEqual([
      [1n, "a", 1500n],
      [2n, "7", 2250n],
      [3n, null, null],
      [4n, '{"x":1}', null],
      [null, "big", null],
      [null, null, null],
      [6n, '["l",1]', 100n],
    ]);
    expect([skippedRecords, skippedFields]).toEqual([3, 2]);
  });

  test.each([
    "x",
    "{",
    '{"id"',
    '{"id":',
    '{"id":1',
    '{"id":1,}',
    '{"id":1 "v":2}',
    '{"id":01}',
    '{"id":-}',
    '{"id":1.}',
    '{"id":1e}',
    '{"id":tru}',
    '{"id":nullx}',
    '{"v":"\\x"}',
    '{"v":"\\u12g4"}',
    '{"v":"a}',
    '{"x":{"y":[1,}}',
    '{"x":[1 2]}',
    "{id:1}",
    "  ",
    '"text"',
    '{"v":"a\\"}',
    `{"x":${"[".repeat(5000)}${"]".repeat(5000)}}`,
    `{"v":${"[".repeat(5000)}${"]".repeat(5000)}}`,
    "[".repeat(100_000),
  ])("bad record %.40s", (line) => {
    const good = '{"id":1,"v":"a","n":1}\n';
    for (const input of [`${line}\n${good}`, `${good.repeat(20)}${line}\n${good}`, `${good.repeat(20)}${line}`]) {
      const bad: string[] = [];
      const { rows } = decodeAll(jsonFormat, input, { columns, onBadRecord: (record) => bad.push(record.raw) });
      expect(bad).toEqual([line]);
      expect(rows.every(([id, v]) => id === 1n && v === "a")).toBe(true);
      expect(() => decode(input, columns)).toThrow(expect.objectContaining({ code: "BAD_RECORD" }));
    }
  });

  test("offset and reason of a bad record", () => {
    const seen: unknown[] = [];
    decodeAll(jsonFormat, '{"id":1}\n{"id":"x"}\n', { columns, onBadRecord: (record) => seen.push(record) });
    expect(seen).toEqual([{ raw: '{"id":"x"}', reason: "'id': not an integer in the range of its type", offset: 9 }]);
  });

  test("an array of objects makes several rows, even more than asked for", () => {
    const { rows } = decodeAll(jsonFormat, '{"id":1}\n[{"id":2},{"id":3},{"id":4}]\n{"id":5}\n[]\n', {
      columns: { id: T.int() },
      maxRows: 2,
    });
    expect(rows).toEqual([[1], [2], [3], [4], [5]]);
  });

  test("what follows the object is ignored, CR before the line end too", () => {
    expect(decode('{"id":1}\r\n{"id":2} x\n{"id":3}  \n', { id: T.int() }).rows).toEqual([[1], [2], [3]]);
  });

  test("a name twice: the last one counts", () => {
    const lines = '{"v":"a\\n","v":"b\\\\n","id":1,"id":null}\n{"id":3,"id":2,"v":"\\t","v":null}\n'.repeat(12);
    const { rows } = decode(lines, { id: T.bigint(), v: T.string() });
    expect(rows).toEqual(
      Array.from({ length: 12 }, () => [
        [null, "b\\n"],
        [2n, null],
      ]).flat(),
    );
  });

  test("names with escapes and non-ASCII names", () => {
    expect(decode('{"\\u0069d":1,"ключ":2}\n'.repeat(20), { id: T.int(), ключ: T.int() }).rows[19]).toEqual([1, 2]);
  });

  test("a byte order mark is dropped", () => {
    expect(decode('\ufeff{"id":1}\n{"id":2}\n', { id: T.int() }).rows).toEqual([[1], [2]]);
  });

  test("invalid UTF-8 is a bad record", () => {
    const bytes = new Uint8Array([...Buffer.from('{"v":"a"}\n{"v":"'), 0xff, 0xc0, ...Buffer.from('"}\n{"v":"é"}\n')]);
    const { rows, skippedRecords } = decode(bytes, { v: T.string() }, { "ignore-parse-errors": "true" });
    expect(rows).toEqual([["a"], ["é"]]);
    expect(skippedRecords).toBe(1);
  });

  test("fail-on-missing-field", () => {
    const options = { "fail-on-missing-field": "true" };
    const good = '{"id":1,"v":null}\n'.repeat(20);
    const two = { id: T.int(), v: T.string() };
    expect(decode(good, two, options).rows).toHaveLength(20);
    expect(() => decode(`${good}{"id":1}\n`, two, options)).toThrow("a field is missing");
    expect(() => decode('{"id":1}\n'.repeat(20), two, options)).toThrow("a field is missing");
    expect(decode('{"id":1}\n', two, options === undefined ? {} : {}).rows).toEqual([[1, null]]);
  });
});

describe("projection", () => {
  const bid = row(["price", T.bigint()], ["note", T.string()], ["inner", row(["x", T.int()])]);
  const columns = { kind: T.int(), bid };
  const lines =
    '{"kind":1,"bid":{"price":5,"note":"a\\"b","inner":{"x":7},"more":[1,{"y":"]"}]}}\n{"kind":2,"bid":null}\n{"kind":3}\n';

  test("paths into rows, and the row itself", () => {
    const projection = [
      { path: ["bid", "price"], type: T.bigint() },
      { path: ["bid", "inner", "x"], type: T.int() },
      { path: ["bid", "note"], type: T.string() },
      { path: ["kind"], type: T.int() },
      { path: ["kind"], type: T.int() },
    ];
    const expected = [
      [5n, 7, 'a"b', 1, 1],
      [null, null, null, 2, 2],
      [null, null, null, 3, 3],
    ];
    const read = (paths: typeof projection): Value[][] =>
      decodeAll(jsonFormat, lines.repeat(10), { columns, projection: paths }).rows;
    expect(read(projection)).toEqual(Array.from({ length: 10 }, () => expected).flat());
    const both = [...projection, { path: ["bid"], type: bid }, { path: ["bid", "inner"], type: row(["x", T.int()]) }];
    const whole = [[5n, 'a"b', [7]], null, null];
    const inner = [[7], null, null];
    expect(read(both)).toEqual(
      Array.from({ length: 10 }, () => expected.map((values, i) => [...values, whole[i]!, inner[i]!])).flat(),
    );
  });

  test("a path into something else than an object is a bad record", () => {
    const projection = [{ path: ["bid", "price"], type: T.bigint() }];
    const result = decodeAll(jsonFormat, `${lines.repeat(10)}{"bid":5}\n{"bid":{"price":9}}`, {
      columns,
      projection,
      options: { "ignore-parse-errors": "true" },
    });
    expect(result.rows.at(-1)).toEqual([9n]);
    expect(result.skippedRecords).toBe(1);
  });

  test("records of several kinds, whichever is frequent", () => {
    const kind = row(["x", T.int()], ["s", T.string()], ["in", row(["y", T.int()])], ["list", T.array(T.int())]);
    const values: Value[] = [null, [1, "a\\", [2], [3]], [null, null, null, null], [4, "b", [null], []]];
    const pick = (i: number) => (i < 300 ? (i % 10 === 0 ? i % 7 : 0) : i < 600 ? i % 7 : 3) & 3;
    const objects = values.map((v) => {
      const [x, s, inner, list] = (v ?? []) as Value[];
      return v === null ? null : { x, s, in: inner === null ? null : { y: (inner as Value[])[0] }, list };
    });
    const input = Array.from({ length: 900 }, (_, i) =>
      JSON.stringify({ a: objects[pick(i)], b: objects[pick(i + 1)] }),
    );
    const projection = ["a", "b"].flatMap((name) => [
      { path: [name, "x"], type: T.int() },
      { path: [name, "in", "y"], type: T.int() },
      { path: [name, "s"], type: T.string() },
      { path: [name, "list"], type: T.array(T.int()) },
    ]);
    const { rows } = decodeAll(jsonFormat, input.join("\n"), {
      columns: { a: kind, b: kind },
      projection,
      maxRows: 40,
    });
    const flat = (value: Value): Value[] => {
      const [x, s, inner, list] = (value ?? [null, null, null, null]) as Value[];
      return [x!, (inner as Value[] | null)?.[0] ?? null, s!, list!];
    };
    expect(rows).toEqual(input.map((_, i) => [...flat(values[pick(i)]!), ...flat(values[pick(i + 1)]!)]));
  });

  test("no column at all: rows are counted", () => {
    expect(decodeAll(jsonFormat, lines.repeat(10), { columns, projection: [] }).rows).toHaveLength(30);
  });
});

describe("options", () => {
  test.each([
    [{ "ignore-parse-error": "true" }, "OPTION_UNKNOWN"],
    [{ "ignore-parse-errors": "yes" }, "OPTION_INVALID"],
    [{ "timestamp-format.standard": "ISO" }, "OPTION_INVALID"],
    [{ "timestamp-format.standard": "ISO-8601-WITH-OFFSET" }, "UNSUPPORTED"],
    [{ "ignore-parse-errors": "true", "fail-on-missing-field": "true" }, "OPTION_CONFLICT"],
  ])("%o", (options, code) => {
    expect(() => decode("", { v: T.int() }, options as Record<string, string>)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test("map keys must be texts", () => {
    expect(() => decode("", { v: T.map(T.int(), T.int()) })).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
  });
});
