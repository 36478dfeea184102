import { expect, test } from "vitest";
import { ByteWriter } from "../../base/byte-writer.ts";
import { valueAt } from "../../batch/get.ts";
import { T, type Field, type Value } from "../../types/data-type.ts";
import type { BadRecord } from "../api.ts";
import { messagesOf, type Columns } from "../test-support.ts";
import { AvroDecoder, type Framing } from "./decoder.ts";
import { deriveSchema } from "./derive.ts";
import { writeJsonDatum } from "./json-datum.ts";
import { parseSchema, SchemaProblem, type RecordSchema } from "./schema.ts";

const fieldsOf = (columns: Columns): Field[] => Object.entries(columns).map(([name, type]) => ({ name, type }));

interface Written {
  readonly writer: unknown;
  /** In Avro's JSON encoding; or the bytes. */
  readonly records: readonly unknown[];
  readonly columns: Columns;
  readonly paths?: readonly (readonly string[])[];
  readonly reader?: RecordSchema;
}

/** Reads what was written by another schema; bad records as their reasons. */
function read({ writer, records, columns, paths, reader }: Written): (Value[] | string)[] {
  const schema = parseSchema(JSON.stringify(writer));
  const physical = fieldsOf(columns);
  const projection = (paths ?? physical.map(({ name }) => [name])).map((path) => ({
    path,
    type: typeAt(columns, path),
  }));
  const bad: BadRecord[] = [];
  const decoder = new AvroDecoder(
    { physical, projection, options: {}, timeZone: "UTC", onBadRecord: (record) => bad.push(record) },
    {
      format: "avro",
      readerSchema: reader ?? deriveSchema(physical, true).schema,
      type: T.row(physical, false),
      encoding: "binary",
      framing: (compile): Framing => {
        const found = compile(schema);
        return { headerBytes: 0, readerFor: () => found };
      },
    },
  );
  const messages = records.map((record) => {
    if (record instanceof Uint8Array) return record;
    const out = new ByteWriter(16);
    writeJsonDatum(out, schema, record, "encoding");
    return out.bytes.slice(0, out.length);
  });
  const result: (Value[] | string)[] = [];
  for (const { batch, messageOf } of decoder.decodeMessages(messagesOf(messages), 0, messages.length))
    for (let row = 0; row < batch.rowCount; row++)
      result[messageOf[row]!] = projection.map(({ type }, i) => valueAt(batch.columns[i]!, row, type));
  for (const { offset, reason } of bad) result[offset] = reason;
  return result;
}

function typeAt(columns: Columns, path: readonly string[]): Field["type"] {
  let type: Field["type"] = T.row(fieldsOf(columns));
  for (const name of path) if (type.kind === "ROW") type = type.fields.find((field) => field.name === name)!.type;
  return type;
}

const record = (...fields: readonly (readonly [string, unknown, unknown?])[]): unknown => ({
  type: "record",
  name: "com.acme.Order",
  fields: fields.map(([name, type, fallback]) => ({
    name,
    type,
    ...(fallback === undefined ? {} : { default: fallback }),
  })),
});

test("fields are found by name: other order, fields nobody reads, missing ones", () => {
  const inner = { type: "record", name: "Inner", fields: [{ name: "again", type: ["null", "com.acme.Order"] }] };
  const writer = record(
    ["unread", { type: "array", items: { type: "map", values: "long" } }],
    ["b", "string"],
    ["more", ["null", "int", "string", inner]],
    ["fixed", { type: "fixed", name: "F", size: 3 }],
    ["d", "double"],
    ["a", "int"],
  );
  const plain = { unread: [{ x: 1, y: 2 }, {}], b: "é", more: null, fixed: "abc", d: 1.5, a: -7 };
  expect(
    read({
      writer,
      columns: { a: T.int(), missing: T.string(), b: T.string(false) },
      records: [
        plain,
        { ...plain, unread: [], more: { string: "x" } },
        { ...plain, more: { "com.acme.Inner": { again: { "com.acme.Order": plain } } }, a: 3 },
      ],
    }),
  ).toEqual([
    [-7, null, "é"],
    [-7, null, "é"],
    [3, null, "é"],
  ]);
  expect(read({ writer, columns: { missing: T.int(false) }, records: [plain] })).toEqual([
    "found com.acme.Order, expecting org.apache.flink.avro.generated.record, missing required field missing",
  ]);
});

test("numbers are promoted; nothing is narrowed", () => {
  const writer = record(["i", "int"], ["l", "long"], ["f", "float"]);
  const records = [{ i: 2147483647, l: 9007199254740991, f: 0.5 }];
  const columns = { i: T.bigint(), l: T.double(), f: T.double() };
  expect(read({ writer, columns, records })).toEqual([[2147483647n, 9007199254740991, 0.5]]);
  expect(read({ writer, columns: { i: T.float(), l: T.float() }, records })).toEqual([[2147483648, 9007199254740992]]);
  expect(read({ writer, columns: { l: T.int() }, records })).toEqual(["l: found long, expecting int or null"]);
  expect(read({ writer, columns: { i: T.string() }, records })).toEqual(["i: found int, expecting string or null"]);
  expect(read({ writer, columns: { f: T.bigint(false) }, records })).toEqual(["f: found float, expecting long"]);
});

test("texts and bytes stand for each other, symbols are texts, fixed bytes are bytes", () => {
  const writer = record(
    ["s", "string"],
    ["b", "bytes"],
    ["e", { type: "enum", name: "E", symbols: ["RED", "BLUE"] }],
    ["f", ["null", { type: "fixed", name: "F", size: 2 }]],
    ["d", { type: "fixed", name: "D", size: 4, logicalType: "decimal", precision: 9, scale: 2 }],
  );
  expect(
    read({
      writer,
      columns: { s: T.bytes(), b: T.string(), e: T.string(), f: T.bytes(), d: T.decimal(10, 2) },
      records: [
        { s: "ab", b: "cd", e: "BLUE", f: { "com.acme.F": "\u0001\u00ff" }, d: "\u00ff\u00ff\u00ff\u0085" },
        { s: "", b: "\u00ff\u00fe", e: "RED", f: null, d: "\u0000\u0000\u0001\u0000" },
      ],
    }),
  ).toEqual([
    [Uint8Array.of(97, 98), "cd", "BLUE", Uint8Array.of(1, 255), -123n],
    [new Uint8Array(0), "\ufffd\ufffd", "RED", null, 256n],
  ]);
});

test("the writer's logical types say what its numbers mean", () => {
  const long = (logicalType: string): unknown => ({ type: "long", logicalType });
  const decimal = { type: "bytes", logicalType: "decimal", precision: 12, scale: 4 };
  expect(
    read({
      writer: record(
        ["ms", long("timestamp-millis")],
        ["us", long("timestamp-micros")],
        ["plain", "long"],
        ["ns", long("timestamp-nanos")],
        ["dec", decimal],
      ),
      columns: {
        ms: T.timestamp(3),
        us: T.timestamp(3),
        plain: T.timestamp(3),
        ns: T.timestamp(3),
        dec: T.decimal(6, 2),
      },
      // 12.3456 and -100000000.0000, which does not fit.
      records: [
        { ms: 1500, us: -1, plain: 7, ns: 1999999, dec: "\u0001\u00e2\u0040" },
        { ms: -1, us: 1700000000123456, plain: 0, ns: -1, dec: "\u0017\u0048\u0076\u00e8\u0000" },
      ],
    }),
  ).toEqual([
    [1500, -1, 7, 1, 1235n],
    [-1, 1700000000123, 0, -1, null],
  ]);
});

test("unions: of a value that is there, of several types, of one that does not fit", () => {
  const writer = record(["v", ["string", "null", "int", "long"]], ["w", "null"]);
  expect(
    read({
      writer,
      columns: { v: T.bigint(), w: T.string() },
      records: [
        { v: { int: 5 }, w: null },
        { v: { long: -5000000000 }, w: null },
        { v: null, w: null },
        { v: { string: "x" }, w: null },
      ],
    }),
  ).toEqual([[5n, null], [-5000000000n, null], [null, null], "v: found string, expecting long or null"]);
  expect(read({ writer, columns: { v: T.bigint(false) }, records: [{ v: null, w: null }] })).toEqual([
    "v: found null, expecting long",
  ]);
});

test("a given schema: defaults, aliases, enums with a default symbol", () => {
  const reader = parseSchema(
    JSON.stringify({
      type: "record",
      name: "Order",
      fields: [
        { name: "id", type: "long", aliases: ["number"] },
        { name: "state", type: { type: "enum", name: "State", symbols: ["NEW", "OTHER"], default: "OTHER" } },
        { name: "note", type: "string", default: "none" },
        { name: "tags", type: { type: "array", items: "string" }, default: ["a"] },
        {
          name: "r",
          type: { type: "record", name: "R", fields: [{ name: "x", type: "int", default: 4 }] },
          default: {},
        },
      ],
    }),
  ) as RecordSchema;
  const writer = record(["number", "int"], ["state", { type: "enum", name: "State", symbols: ["NEW", "SENT"] }]);
  const row = T.row([{ name: "x", type: T.int(false) }], false);
  expect(
    read({
      writer,
      reader,
      columns: {
        id: T.bigint(false),
        state: T.string(false),
        note: T.string(false),
        tags: T.array(T.string(false), false),
        r: row,
      },
      paths: [["id"], ["state"], ["note"], ["tags"], ["r", "x"]],
      records: [
        { number: 1, state: "NEW" },
        { number: 2, state: "SENT" },
      ],
    }),
  ).toEqual([
    [1n, "NEW", "none", ["a"], 4],
    [2n, "OTHER", "none", ["a"], 4],
  ]);
});

test("only fields of nested rows are read; a NULL row makes them NULL", () => {
  const inner = {
    type: "record",
    name: "Bid",
    fields: [
      { name: "price", type: "long" },
      { name: "who", type: ["null", "string"] },
      { name: "tags", type: { type: "map", values: "int" } },
    ],
  };
  const writer = record(["bid", ["null", inner]], ["n", "int"]);
  const bid = T.row([
    { name: "who", type: T.string() },
    { name: "price", type: T.bigint() },
    { name: "tags", type: T.map(T.string(), T.int()) },
  ]);
  const records = [
    { bid: { "com.acme.Bid": { price: 5, who: { string: "me" }, tags: { a: 1 } } }, n: 1 },
    { bid: null, n: 2 },
  ];
  const columns = { bid, n: T.int() };
  expect(read({ writer, columns, records, paths: [["bid", "price"], ["n"], ["bid", "who"]] })).toEqual([
    [5n, 1, "me"],
    [null, 2, null],
  ]);
  expect(read({ writer, columns, records, paths: [["bid", "price"], ["bid"], ["bid", "tags"]] })).toEqual([
    [5n, ["me", 5n, [["a", 1]]], [["a", 1]]],
    [null, null, null],
  ]);
});

test("records that are cut off, too long, or claim to be large", () => {
  const writer = record(["s", "string"], ["a", { type: "array", items: "null" }], ["l", "long"], ["f", "float"]);
  const columns = { s: T.string(), a: T.array(T.null()), l: T.bigint(), f: T.float() };
  const huge = Buffer.from("feffffffffffffffff01", "hex");
  const good = Buffer.from("026100020000803f", "hex");
  expect(
    read({
      writer,
      columns,
      records: [
        good,
        good.subarray(0, 5),
        Buffer.concat([good, good]),
        Buffer.from(""),
        huge,
        Buffer.concat([Buffer.from("0261", "hex"), huge, Buffer.from("00")]),
        Buffer.from("026100ffffffffffffffffffffff", "hex"),
        Buffer.from("0161", "hex"),
      ],
    }),
  ).toEqual([
    ["a", [], 1n, 1],
    "the record ends too early",
    "8 bytes are left behind the record",
    "the record ends too early",
    "a text or bytes of 9223372036854776000 bytes",
    "an array or map of 9223372036854776000 items",
    "a number has more than 64 bits",
    "a text or bytes of -1 bytes",
  ]);
});

test("a recursive value does not use up the stack", () => {
  const writer = record(["next", ["null", "com.acme.Order"]], ["n", "int"]);
  const deep = Buffer.alloc(200_000, 2);
  expect(read({ writer, columns: { n: T.int() }, records: [deep] })).toEqual(["values are nested deeper than 500"]);
});

test("texts that are no schemas", () => {
  const reasonOf = (text: string): string => {
    try {
      parseSchema(text);
      return "a schema";
    } catch (error) {
      if (error instanceof SchemaProblem) return error.reason;
      throw error;
    }
  };
  expect(reasonOf("{")).toBe("the schema is not JSON");
  expect(reasonOf('"unknown.Type"')).toBe("unknown type 'unknown.Type'");
  expect(reasonOf('["int","int"]')).toBe("'int' twice in one union");
  expect(reasonOf('{"type":"record","name":"a-b","fields":[]}')).toBe("Illegal character in: a-b");
  expect(reasonOf("17")).toBe("17 is no schema");
  expect(reasonOf('{"type":"fixed","name":"f","size":-1}')).toBe("the fixed type 'f' has no valid size");
  expect(reasonOf(`${'{"type":"array","items":'.repeat(300)}"int"${"}".repeat(300)}`)).toBe(
    "the schema is nested too deeply",
  );
});
