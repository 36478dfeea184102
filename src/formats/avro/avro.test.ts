import { expect, test } from "vitest";
import { ByteWriter } from "../../base/byte-writer.ts";
import { must } from "../../base/assert.ts";
import { columnOf } from "../../batch/column-builder.ts";
import { valueAt } from "../../batch/get.ts";
import { decodeUtf8 } from "../../batch/utf8.ts";
import { T, type Field, type Value } from "../../types/data-type.ts";
import { messagesOf, type Columns } from "../test-support.ts";
import { deriveSchema } from "./derive.ts";
import { avroFormat } from "./format.ts";

/** Every type, as a table for which Flink's own records are below. */
const ALL: Columns = {
  b: T.boolean(),
  ti: T.tinyint(),
  si: T.smallint(),
  i: T.int(false),
  l: T.bigint(),
  f: T.float(),
  d: T.double(),
  c: T.char(3),
  s: T.string(),
  bi: T.binary(2),
  by: T.bytes(),
  dec: T.decimal(10, 2),
  big: T.decimal(30, 5),
  dt: T.date(),
  tm: T.time(),
  ts: T.timestamp(3),
  arr: T.array(T.int()),
  m: T.map(T.string(), T.bigint()),
  ms: T.multiset(T.string()),
  r: T.row([
    { name: "x", type: T.int() },
    { name: "y", type: T.row([{ name: "z", type: T.string(false) }]) },
  ]),
  ar: T.array(T.row([{ name: "q", type: T.int() }])),
};

const none = (count: number): null[] => Array.from({ length: count }, () => null);

const ROWS: Value[][] = [
  [
    true,
    -5,
    300,
    -70000,
    -(2n ** 63n),
    1.5,
    -2.25,
    "abc",
    'hé"\n',
    Uint8Array.of(0, 255),
    Uint8Array.of(1, 2, 200),
    -1234n,
    123456789012345678912345n,
    -1,
    3661001,
    1700000000123,
    [1, null, -3],
    [["k", 7n]],
    [["e", 2]],
    [9, ["zz"]],
    [[4]],
  ],
  [...none(3), 0, ...none(17)],
  [...none(3), 2147483647, 2n ** 63n - 1n, Number.NaN, Number.POSITIVE_INFINITY, ...none(9), [], [], ...none(3)],
  [...none(3), -2147483648, null, Math.fround(3.4e38), 1e300, ...none(4), 0n, ...none(3), -1, ...none(5)],
];

/** What Flink 2.2 writes for these rows. */
const BINARY = [
  "0201020902d804dfc50802ffffffffffffffffff01020000c03f0200000000000002c00206616263020a68c3a9220a020400ff02060102c80204fb2e02141a249b1f10a06c96db5902010292f3be0302f6a1abfef96202060202000205000202026b020e000202026502040002021202047a7a020202020800",
  "000000000000000000000000000000000000000000",
  "000000feffffff0f02feffffffffffffffff01020000c07f02000000000000f07f00000000000000000002000200000000",
  "000000ffffffff0f00029ec97f7f029c7500883ce4377e0000000002020000000002010000000000",
];

/** Control characters above U+007F stand there as they are. */
const BIG = "\\u001A$\u009B\\u001F\\u0010\u00A0l\u0096\u00DBY";

const JSON_TEXTS = [
  String.raw`{"b":{"boolean":true},"ti":{"int":-5},"si":{"int":300},"i":-70000,"l":{"long":-9223372036854775808},"f":{"float":1.5},"d":{"double":-2.25},"c":{"string":"abc"},"s":{"string":"hé\"\n"},"bi":{"bytes":"\u0000ÿ"},"by":{"bytes":"\u0001\u0002È"},"dec":{"bytes":"û."},"big":{"bytes":"<big>"},"dt":{"int":-1},"tm":{"int":3661001},"ts":{"long":1700000000123},"arr":{"array":[{"int":1},null,{"int":-3}]},"m":{"map":{"k":{"long":7}}},"ms":{"map":{"e":{"int":2}}},"r":{"org.apache.flink.avro.generated.record_r":{"x":{"int":9},"y":{"org.apache.flink.avro.generated.record_r_y":{"z":"zz"}}}},"ar":{"array":[{"org.apache.flink.avro.generated.record_ar":{"q":{"int":4}}}]}}`.replace(
    "<big>",
    () => BIG,
  ),
  `{"b":null,"ti":null,"si":null,"i":0,"l":null,"f":null,"d":null,"c":null,"s":null,"bi":null,"by":null,"dec":null,"big":null,"dt":null,"tm":null,"ts":null,"arr":null,"m":null,"ms":null,"r":null,"ar":null}`,
  `{"b":null,"ti":null,"si":null,"i":2147483647,"l":{"long":9223372036854775807},"f":{"float":"NaN"},"d":{"double":"Infinity"},"c":null,"s":null,"bi":null,"by":null,"dec":null,"big":null,"dt":null,"tm":null,"ts":null,"arr":{"array":[]},"m":{"map":{}},"ms":null,"r":null,"ar":null}`,
  String.raw`{"b":null,"ti":null,"si":null,"i":-2147483648,"l":null,"f":{"float":3.4E38},"d":{"double":1.0E300},"c":null,"s":null,"bi":null,"by":null,"dec":{"bytes":"\u0000"},"big":null,"dt":null,"tm":null,"ts":{"long":-1},"arr":null,"m":null,"ms":null,"r":null,"ar":null}`,
];

const fieldsOf = (columns: Columns): Field[] => Object.entries(columns).map(([name, type]) => ({ name, type }));

function encode(columns: Columns, rows: readonly (readonly Value[])[], options = {}): Uint8Array[] {
  const fields = fieldsOf(columns);
  const encoder = must(avroFormat.encoder, "encoder")({ fields, options, timeZone: "UTC" });
  const out = new ByteWriter(1);
  const batch = {
    rowCount: rows.length,
    columns: fields.map(({ type }, i) =>
      columnOf(
        type,
        rows.map((row) => row[i]!),
      ),
    ),
    kinds: undefined,
    steps: undefined,
  };
  const write = encoder.rowWriter(batch, out);
  return rows.map((_, row) => {
    out.clear();
    expect(write(row)).toBe(true);
    return out.bytes.slice(0, out.length);
  });
}

function decode(columns: Columns, messages: readonly Uint8Array[], options = {}): Value[][] {
  const physical = fieldsOf(columns);
  const projection = physical.map(({ name, type }) => ({ path: [name], type }));
  const decoder = must(avroFormat.decoder, "decoder")({ physical, projection, options, timeZone: "UTC" });
  return must(decoder.decodeMessages?.(messagesOf(messages), 0, messages.length), "messages").flatMap(({ batch }) =>
    Array.from({ length: batch.rowCount }, (_, row) =>
      physical.map(({ type }, i) => valueAt(batch.columns[i]!, row, type)),
    ),
  );
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("Flink's own records, both ways", () => {
  expect(encode(ALL, ROWS).map(hex)).toEqual(BINARY);
  expect(
    decode(
      ALL,
      BINARY.map((text) => Buffer.from(text, "hex")),
    ),
  ).toEqual(ROWS);
});

test("Flink's own records in the JSON encoding, both ways", () => {
  const json = { encoding: "json" };
  expect(encode(ALL, ROWS, json).map((bytes) => decodeUtf8(bytes, 0, bytes.length))).toEqual(JSON_TEXTS);
  expect(
    decode(
      ALL,
      JSON_TEXTS.map((text) => Buffer.from(text)),
      json,
    ),
  ).toEqual(ROWS);
});

test("the schema that Flink derives", () => {
  expect(deriveSchema(fieldsOf(ALL), true).text).toBe(
    `{"type":"record","name":"record","namespace":"org.apache.flink.avro.generated","fields":[{"name":"b","type":["null","boolean"],"default":null},{"name":"ti","type":["null","int"],"default":null},{"name":"si","type":["null","int"],"default":null},{"name":"i","type":"int"},{"name":"l","type":["null","long"],"default":null},{"name":"f","type":["null","float"],"default":null},{"name":"d","type":["null","double"],"default":null},{"name":"c","type":["null","string"],"default":null},{"name":"s","type":["null","string"],"default":null},{"name":"bi","type":["null","bytes"],"default":null},{"name":"by","type":["null","bytes"],"default":null},{"name":"dec","type":["null",{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}],"default":null},{"name":"big","type":["null",{"type":"bytes","logicalType":"decimal","precision":30,"scale":5}],"default":null},{"name":"dt","type":["null",{"type":"int","logicalType":"date"}],"default":null},{"name":"tm","type":["null",{"type":"int","logicalType":"time-millis"}],"default":null},{"name":"ts","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null},{"name":"arr","type":["null",{"type":"array","items":["null","int"]}],"default":null},{"name":"m","type":["null",{"type":"map","values":["null","long"]}],"default":null},{"name":"ms","type":["null",{"type":"map","values":["null","int"]}],"default":null},{"name":"r","type":["null",{"type":"record","name":"record_r","fields":[{"name":"x","type":["null","int"],"default":null},{"name":"y","type":["null",{"type":"record","name":"record_r_y","fields":[{"name":"z","type":"string"}]}],"default":null}]}],"default":null},{"name":"ar","type":["null",{"type":"array","items":["null",{"type":"record","name":"record_ar","fields":[{"name":"q","type":["null","int"],"default":null}]}]}],"default":null}]}`,
  );
  const times: Columns = {
    t0: T.timestamp(0),
    t3: T.timestamp(3),
    t6: T.timestamp(6),
    z3: T.timestampLtz(3, false),
    z6: T.timestampLtz(6),
    a: T.array(T.timestamp(3)),
    n: T.row([{ name: "t", type: T.timestamp(6) }]),
  };
  expect(deriveSchema(fieldsOf(times), false).text).toBe(
    `{"type":"record","name":"record","namespace":"org.apache.flink.avro.generated","fields":[{"name":"t0","type":["null",{"type":"long","logicalType":"local-timestamp-millis"}],"default":null},{"name":"t3","type":["null",{"type":"long","logicalType":"local-timestamp-millis"}],"default":null},{"name":"t6","type":["null",{"type":"long","logicalType":"local-timestamp-micros"}],"default":null},{"name":"z3","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"z6","type":["null",{"type":"long","logicalType":"timestamp-micros"}],"default":null},{"name":"a","type":["null",{"type":"array","items":["null",{"type":"long","logicalType":"timestamp-millis"}]}],"default":null},{"name":"n","type":["null",{"type":"record","name":"record_n","fields":[{"name":"t","type":["null",{"type":"long","logicalType":"local-timestamp-micros"}],"default":null}]}],"default":null}]}`,
  );
});
