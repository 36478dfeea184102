import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rowsOf } from "../../batch/text.ts";
import { encodeUtf8 } from "../../batch/utf8.ts";
import { T, type DataType, type Value } from "../../types/data-type.ts";
import { decodeAll, encodeAll, type Columns, type DecodeOptions } from "../test-support.ts";
import { csvFormat } from "./format.ts";

type Options = DecodeOptions["options"];

const decode = (input: string | Uint8Array, columns: Columns, options: Options = {}) =>
  decodeAll(csvFormat, input, { columns, options });

describe("one field", () => {
  const noon = 19_782 * 86_400_000 + 43_200_000;
  const cases: [type: DataType, field: string, expected: Value | undefined][] = [
    [T.boolean(), "true", true],
    [T.boolean(), " TRUE ", true],
    [T.boolean(), "yes", false],
    [T.boolean(), "", false],
    [T.tinyint(), "127", 127],
    [T.tinyint(), "128", undefined],
    [T.smallint(), " -32768 ", -32768],
    [T.int(), "2147483647", 2147483647],
    [T.int(), "2147483648", undefined],
    [T.int(), "+7", 7],
    [T.int(), '"7"', 7],
    [T.int(), "", undefined],
    [T.int(), "1.5", undefined],
    [T.int(), "0000000000000000000012", 12],
    [T.bigint(), "-9223372036854775808", -9223372036854775808n],
    [T.bigint(), "9223372036854775808", undefined],
    [T.bigint(), "-4294967297", -4294967297n],
    [T.double(), "1e3", 1000],
    [T.double(), "-0.0", -0],
    [T.double(), "NaN", Number.NaN],
    [T.double(), " 1.5 ", 1.5],
    [T.double(), "", undefined],
    [T.float(), "3.4028235E38", Math.fround(3.4028235e38)],
    [T.decimal(5, 2), "1.005", 101n],
    [T.decimal(5, 2), "-0.05", -5n],
    [T.decimal(5, 2), "1234", null],
    [T.decimal(5, 2), "", undefined],
    [T.decimal(5, 2), " 1", undefined],
    [T.string(), "", ""],
    [T.string(), " a ", " a "],
    [T.string(), '"a;""b""\n"', 'a;"b"\n'],
    [T.string(), '""', ""],
    [T.string(), 'a"b', 'a"b'],
    [T.bytes(), "yv4=", new Uint8Array([0xca, 0xfe])],
    [T.bytes(), "?", undefined],
    [T.date(), "2024-02-29", 19_782],
    [T.date(), "2024-2-9", 19_762],
    [T.date(), "2023-02-30", 19_418],
    [T.date(), "2024-13-45", undefined],
    [T.date(), "2024-01-32", undefined],
    [T.time(), "12:00:00.5", 43_200_000],
    [T.time(3), "12:00:00.5", 43_200_500],
    [T.time(), "12:00", 43_200_000],
    [T.time(), "25:00:00", undefined],
    [T.timestamp(3), "2024-02-29 12:00:00.1", noon + 100],
    [T.timestamp(3), '"2024-02-29 12:00:00"', noon],
    [T.timestamp(3), " 2024-02-29 12:00:00 ", noon],
    [T.timestamp(9), "2024-02-29 12:00:00.123456789", BigInt(noon) * 1_000_000n + 123_456_789n],
    [T.timestamp(3), "2024-02-29", undefined],
    [T.timestampLtz(3), "2024-02-29 12:00:00Z", noon],
    [T.timestampLtz(3), "2024-02-29 12:00:00", undefined],
    [T.array(T.int()), "1;2;3", [1, 2, 3]],
    [T.array(T.int()), "", []],
    [T.array(T.string()), "a;;", ["a", "", ""]],
    [T.array(T.int()), "1;x", undefined],
    [
      T.row([
        { name: "a", type: T.int() },
        { name: "b", type: T.string() },
      ]),
      "1;x",
      [1, "x"],
    ],
    [
      T.row([
        { name: "a", type: T.int() },
        { name: "b", type: T.string() },
      ]),
      "1",
      undefined,
    ],
    [T.row([{ name: "a", type: T.int() }]), "", null],
  ];
  test.each(cases)("%o %j → %o", (type, field, expected) => {
    const columns = { k: T.string(), v: type, w: T.int() };
    const options = { "array-element-delimiter": ";" };
    const input = `a,${field},1\r\n`.repeat(20);
    if (expected === undefined) {
      expect(() => decode(input, columns, options)).toThrow(expect.objectContaining({ code: "BAD_RECORD" }));
      const ignored = decode(input, columns, { ...options, "ignore-parse-errors": "true" });
      const kept = type.kind === "ARRAY" ? [1, null] : type.kind === "ROW" ? [1, null] : null;
      expect(ignored.rows).toEqual(Array.from({ length: 20 }, () => ["a", kept, 1]));
    } else {
      expect(decode(input, columns, options).rows).toEqual(Array.from({ length: 20 }, () => ["a", expected, 1]));
      const other = { ...options, "field-delimiter": "|", "escape-character": "\\" };
      expect(decode(`a|${field}|1\n`.repeat(3), columns, other).rows).toEqual(
        Array.from({ length: 3 }, () => ["a", expected, 1]),
      );
    }
  });
});

describe("records", () => {
  const messy = { id: T.int(), name: T.string(), n: T.int(), d: T.date() };

  test("messy lines as in Flink", () => {
    const input = [
      "1;alpha;10;2024-01-01",
      "two;beta;20;2024-01-02",
      "3;;NULL;2024-13-45",
      "# a comment line",
      '4;"de;lta";40;2024-01-04',
      "5;eps",
      "6;zeta;60;2024-01-06;extra",
      "",
    ].join("\n");
    const options = {
      "field-delimiter": ";",
      "ignore-parse-errors": "true",
      "allow-comments": "true",
      "null-literal": "NULL",
    };
    const { rows, skippedRecords, skippedFields } = decode(input, messy, options);
    expect(rows).toEqual([
      [1, "alpha", 10, 19_723],
      [null, "beta", 20, 19_724],
      [3, "", null, null],
      [4, "de;lta", 40, 19_726],
      [5, "eps", null, null],
    ]);
    expect([skippedRecords, skippedFields]).toEqual([1, 2]);
    expect(() => decode(input, messy, { "field-delimiter": ";" })).toThrow("column 'id': 'two' is no INT");
  });

  const two = { a: T.int(), b: T.string() };
  test.each([
    ["1", "row length mismatch: 2 fields expected but was 1"],
    ["", "row length mismatch: 2 fields expected but was 1"],
    ["1,x,y", "too many fields: expected at most 2, found 3"],
    ["1,x,,", "too many fields: expected at most 2, found 4"],
    ['1,"x"y', "expected a delimiter or the end of the line after a closing quote"],
  ])("bad record %j", (line, reason) => {
    const seen: unknown[] = [];
    const input = `2,ok\n${line}\n3,ok\n`;
    const { rows } = decodeAll(csvFormat, input, { columns: two, onBadRecord: (record) => seen.push(record) });
    expect(rows).toEqual([
      [2, "ok"],
      [3, "ok"],
    ]);
    expect(seen).toEqual([{ raw: line, reason, offset: 5 }]);
    expect(() => decode(input, two)).toThrow(reason);
  });

  test("no closing quote", () => {
    expect(() => decode('1,"x\n2,y\n', two)).toThrow("missing closing quote");
  });

  test("a delimiter at the end, blanks after a quote, kinds of line ends", () => {
    expect(decode('1,x,\n2,"y" \t,\r\n3,"z"  \r4,\n5,e', two).rows).toEqual([
      [1, "x"],
      [2, "y"],
      [3, "z"],
      [4, ""],
      [5, "e"],
    ]);
  });

  test("an escape character works inside and outside of quotes", () => {
    const options = { "escape-character": "\\" };
    expect(decode('1,a\\,b\\n\n2,"c\\"d\\\\"\n3,e""f\n', two, options).rows).toEqual([
      [1, "a,b\n"],
      [2, 'c"d\\'],
      [3, 'e""f'],
    ]);
  });

  test("quotes can be disabled or another character", () => {
    expect(decode('1,"x"\n', two, { "disable-quote-character": "true" }).rows).toEqual([[1, '"x"']]);
    expect(decode("1,'a,''b'''\n".repeat(3), two, { "quote-character": "'" }).rows).toEqual(
      Array.from({ length: 3 }, () => [1, "a,'b'"]),
    );
  });

  test.each([
    ["\\t", "\t"],
    ["\t", "\t"],
    ["\\u0001", "\u0001"],
    ["·", "·"],
    ["|", "|"],
  ])("field delimiter %j", (option, text) => {
    expect(decode(`1${text}a b\n2${text}"x${text}"\n`, two, { "field-delimiter": option }).rows).toEqual([
      [1, "a b"],
      [2, `x${text}`],
    ]);
  });

  test("the null literal, also in quotes and in arrays", () => {
    const columns = { i: T.int(), s: T.string(), a: T.array(T.string()) };
    const lines = '\\N,\\N,\\N\n"\\N","\\N",x;\\N\n1,\\Nx,\n'.repeat(4);
    expect(decode(lines, columns, { "null-literal": "\\N" }).rows.slice(0, 3)).toEqual([
      [null, null, [null]],
      [null, null, ["x", null]],
      [1, "\\Nx", []],
    ]);
    const numeric = { i: T.int(), d: T.double(), t: T.timestamp(3) };
    expect(decode("-1,-1,-1\n".repeat(4), numeric, { "null-literal": "-1" }).rows[3]).toEqual([null, null, null]);
    expect(decode(",,\n".repeat(4), columns, { "null-literal": "" }).rows[3]).toEqual([null, null, []]);
  });

  test("a byte order mark is dropped", () => {
    expect(decodeAll(csvFormat, "\ufeff1,a\n2,\ufeffb\n", { columns: two, cuts: [3, 2, 1] }).rows).toEqual([
      [1, "a"],
      [2, "\ufeffb"],
    ]);
  });

  test("a decoder reads one input after the other", () => {
    const physical = Object.entries(two).map(([name, type]) => ({ name, type }));
    const projection = physical.map(({ name, type }) => ({ path: [name], type }));
    const decoder = csvFormat.decoder!({ physical, projection, options: {}, timeZone: "UTC" });
    const input = encodeUtf8("\ufeff1,a\n");
    for (let i = 0; i < 2; i++) {
      const { batch, consumed } = decoder.decode(input.slice(), 0, input.length, 10, true);
      expect([rowsOf(batch, Object.values(two)), consumed]).toEqual([[[1, "a"]], input.length]);
    }
  });

  test("invalid UTF-8 is replaced", () => {
    const bytes = new Uint8Array([...Buffer.from("1,a"), 0xff, ...Buffer.from("b\n2,é\n")]);
    expect(decode(bytes, two).rows).toEqual([
      [1, "a\ufffdb"],
      [2, "é"],
    ]);
  });

  test("only some columns, in any order and twice", () => {
    const columns = { a: T.int(), b: T.string(), c: T.int() };
    const projection = [
      { path: ["c"], type: T.int() },
      { path: ["a"], type: T.int() },
      { path: ["c"], type: T.int() },
    ];
    const lines = '1,"x\ny,",3\nbad,x,4\n';
    expect(
      decodeAll(csvFormat, lines, { columns, projection, options: { "ignore-parse-errors": "true" } }).rows,
    ).toEqual([
      [3, 1, 3],
      [4, null, 4],
    ]);
    expect(
      decodeAll(csvFormat, '1,"x\n""y,",3\n4,y,6\n', { columns, projection: projection.slice(0, 1) }).rows,
    ).toEqual([[3], [6]]);
  });

  test.each([
    [{ "field-delimiter": "ab" }, "OPTION_INVALID"],
    [{ "field-delimiter": "\n" }, "OPTION_INVALID"],
    [{ "quote-character": "" }, "OPTION_INVALID"],
    [{ "quote-character": "'", "disable-quote-character": "true" }, "OPTION_CONFLICT"],
    [{ delimiter: "," }, "OPTION_UNKNOWN"],
  ])("options %o", (options, code) => {
    expect(() => decode("", two, options as Record<string, string>)).toThrow(expect.objectContaining({ code }));
  });

  test.each([T.map(T.string(), T.int()), T.array(T.array(T.int())), T.row([{ name: "x", type: T.array(T.int()) }])])(
    "type %o is refused",
    (type) => {
      expect(() => decode("", { v: type })).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
      expect(() => encodeAll(csvFormat, { v: type }, [])).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
    },
  );
});

describe("encoder", () => {
  test("all types as Flink writes them", () => {
    const columns = {
      a: T.int(),
      b: T.string(),
      c: T.decimal(5, 2),
      d: T.timestamp(3),
      e: T.array(T.int()),
      f: T.double(),
      g: T.boolean(),
      h: T.date(),
    };
    const rows: Value[][] = [
      [1, "plain", 150n, 1_704_164_645_060, [1, 2], 1e10, true, 19_724],
      [2, 'com,ma "q"', -5n, 1_704_164_645_000, [3], 0.1, false, -1],
      [3, "", 0n, 946_684_799_999, [4, 5, 6], -5, true, 10_957],
      [4, null, null, null, null, null, null, null],
    ];
    expect(encodeAll(csvFormat, columns, rows, { "null-literal": "\\N" }).split("\n")).toEqual([
      '1,plain,1.5,"2024-01-02 03:04:05.06",1;2,1.0E10,true,2024-01-02',
      '2,"com,ma ""q""",-0.05,"2024-01-02 03:04:05",3,0.1,false,1969-12-31',
      '3,,0,"1999-12-31 23:59:59.999",4;5;6,-5.0,true,2000-01-01',
      "4,\\N,\\N,\\N,\\N,\\N,\\N,\\N",
      "",
    ]);
  });

  test.each([
    [T.decimal(10, 7), 1n, "1E-7"],
    [T.decimal(10, 2), 10_000n, "1E+2"],
    [T.string(), "a".repeat(24), "a".repeat(24)],
    [T.string(), "a".repeat(25), `"${"a".repeat(25)}"`],
    [T.string(), "a+b", '"a+b"'],
    [T.string(), "a-b.c:d", "a-b.c:d"],
    [T.string(), "é😀", "é😀"],
    [T.string(), "a\nb", '"a\nb"'],
    [T.bytes(), new Uint8Array([251, 255]), '"+/8="'],
    [T.time(3), 43_200_500, "12:00:00.5"],
    [T.timestampLtz(3), 1000, '"1970-01-01 00:00:01Z"'],
    [T.float(), Math.fround(1.1), "1.1"],
    [
      T.row([
        { name: "a", type: T.int() },
        { name: "b", type: T.string() },
      ]),
      [1, null],
      "1;",
    ],
  ] as [DataType, Value, string][])("%o %s → %j", (type, value, text) => {
    expect(encodeAll(csvFormat, { v: type }, [[value]])).toBe(`${text}\n`);
  });

  test("dialects", () => {
    const columns = { a: T.string(), b: T.string() };
    const row = ["x y", "it's;"];
    expect(encodeAll(csvFormat, columns, [row], { "field-delimiter": ";", "quote-character": "'" })).toBe(
      "'x y';'it''s;'\n",
    );
    expect(encodeAll(csvFormat, columns, [row], { "disable-quote-character": "true" })).toBe("x y,it's;\n");
    expect(encodeAll(csvFormat, { a: T.string() }, [["a\\b"]], { "escape-character": "\\" })).toBe('"a\\\\b"\n');
  });
});

describe("properties", () => {
  const cell = fc.string({
    unit: fc.constantFrom("a", "b", ",", '"', "\n", " ", "é", "😀", "#", "1", ";"),
    maxLength: 8,
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 });
  /** Quotes what must be quoted, and some of the rest. */
  const print = (text: string, always: boolean): string =>
    always || /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

  test("texts in any cuts: as csv-parse reads them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell, fc.boolean()), { maxLength: 30 }),
        cuts,
        fc.integer({ min: 1, max: 9 }),
        (records, pieces, maxRows) => {
          const text = records
            .map(([a, b, c, always]) => `${print(a, always)},${print(b, !always)},${print(c, always)}\n`)
            .join("");
          const expected = parse(text, { relax_column_count: true }) as string[][];
          const columns = { a: T.string(), b: T.string(), c: T.string() };
          expect(decodeAll(csvFormat, text, { columns, cuts: pieces, maxRows }).rows).toEqual(expected);
          const projection = [{ path: ["c"], type: T.string() }];
          expect(decodeAll(csvFormat, text, { columns, cuts: pieces, projection }).rows).toEqual(
            expected.map((row) => [row[2]]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test("damaged records read the same by the generated scanner and in the general way", () => {
    const columns = {
      i: T.int(),
      s: T.string(),
      l: T.bigint(),
      skip: T.string(),
      d: T.double(),
      n: T.decimal(6, 2),
      t: T.timestamp(3),
      e: T.string(),
    };
    const projection = Object.entries(columns)
      .filter(([name]) => name !== "skip")
      .map(([name, type]) => ({ path: [name], type }));
    const good = '12,"a ""b""",-9007199254740993,x y,1.25,-3.5,"2024-02-29 12:30:59.123",end\n';
    const piece = fc.constantFrom(
      ...'",\n\r -+.0123456789eNx#;:Z',
      '""',
      "\r\n",
      "\\N",
      "99999999999999999999",
      "é",
      "1e5",
    );
    const damage = fc.tuple(fc.nat(good.length), fc.nat(3), fc.oneof(piece, fc.constant("")));
    fc.assert(
      fc.property(
        fc.array(fc.array(damage, { maxLength: 2 }), { minLength: 1, maxLength: 20 }),
        fc.record({
          ignore: fc.boolean(),
          comments: fc.boolean(),
          literal: fc.constantFrom(undefined, "", "\\N", "12"),
        }),
        cuts,
        (damages, { ignore, comments, literal }, pieces) => {
          const text = damages
            .map((list) =>
              list.reduce((line, [at, drop, put]) => line.slice(0, at) + put + line.slice(at + drop), good),
            )
            .join("");
          const options = {
            "ignore-parse-errors": String(ignore),
            "allow-comments": String(comments),
            ...(literal === undefined ? {} : { "null-literal": literal }),
          };
          const read = (more: Record<string, string>, parts: readonly number[]): unknown => {
            const bad: string[] = [];
            const onBadRecord = ({ raw, reason }: { raw: string; reason: string }): void => void bad.push(raw, reason);
            return [
              decodeAll(csvFormat, text, {
                columns,
                projection,
                options: { ...options, ...more },
                onBadRecord,
                cuts: parts,
              }),
              bad,
            ];
          };
          const plain = read({}, []);
          expect(read({ "escape-character": "\u0007" }, [])).toEqual(plain);
          expect(read({}, pieces)).toEqual(plain);
        },
      ),
      { numRuns: 300 },
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
      day: T.date(),
      dec: T.decimal(18, 4),
      flag: T.boolean(),
      last: T.string(),
    };
    const text = fc.string({ unit: "grapheme" }).filter((s) => s !== "\\N" && !s.includes("\r"));
    const rows = fc.array(
      fc.tuple(
        fc.option(fc.integer()),
        fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        fc.option(fc.double()),
        fc.option(text),
        fc.option(fc.integer({ min: -62135596800000, max: 253402300799999 })),
        fc.option(fc.bigInt({ min: -62135596800000000000n, max: 253402300799999999999n })),
        fc.option(fc.integer({ min: -719162, max: 2932896 })),
        fc.option(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n })),
        fc.option(fc.boolean()),
        fc.option(text),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, cuts, fc.constantFrom(",", ";", "|", "\t"), (written, pieces, delimiter) => {
        const options = { "null-literal": "\\N", "field-delimiter": delimiter };
        const encoded = encodeAll(csvFormat, columns, written as Value[][], options);
        expect(decodeAll(csvFormat, encoded, { columns, options, cuts: pieces }).rows).toEqual(written);
      }),
      { numRuns: 200 },
    );
  });
});

test("decimals without the zeros at their end, or in plain digits", () => {
  const columns = { a: T.decimal(12, 2), b: T.decimal(20, 10), c: T.array(T.decimal(12, 2)) };
  const rows = [[100_000n, 1000n, [150n]]];
  expect(encodeAll(csvFormat, columns, rows)).toBe("1E+3,1E-7,1.5\n");
  expect(encodeAll(csvFormat, columns, rows, { "write-bigdecimal-in-scientific-notation": "false" })).toBe(
    "1000.00,0.0000001000,1.50\n",
  );
});
