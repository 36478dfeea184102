import { expect, test } from "vitest";
import { valueAt } from "../batch/get.ts";
import { must } from "../base/assert.ts";
import { T, type Value } from "../types/data-type.ts";
import type { BadRecord } from "./api.ts";
import { FORMATS } from "./index.ts";
import { messagesOf } from "./test-support.ts";

function decode(
  format: string,
  texts: readonly (string | undefined)[],
  onBadRecord?: (record: BadRecord) => void,
  messages = messagesOf(texts),
): Value[][] {
  const found = must(
    FORMATS.find((one) => one.name === format),
    "format",
  );
  const physical =
    format === "raw"
      ? [{ name: "v", type: T.string() }]
      : [
          { name: "id", type: T.int() },
          { name: "v", type: T.string() },
        ];
  const projection = physical.map((field) => ({ path: [field.name], type: field.type }));
  const decoder = must(found.decoder, "decoder")({ physical, projection, options: {}, timeZone: "UTC", onBadRecord });
  return must(decoder.decodeMessages?.(messages, 0, texts.length), "messages").flatMap(({ batch, messageOf }) =>
    Array.from({ length: batch.rowCount }, (_, row) => [
      messageOf[row]!,
      ...physical.map((field, i) => valueAt(batch.columns[i]!, row, field.type)),
    ]),
  );
}

test("json: a message may have line ends, several records, or none", () => {
  const many = Array.from({ length: 20 }, (_, i) => `{"id":${i},"v":"x"}`);
  const bad: BadRecord[] = [];
  const texts = [
    ...many,
    '{"id":1,\r\n  "v":"a\nb\\"\\\\"}\n',
    "",
    '[{"id":7},{"id":8},{"id":9}]',
    "oops",
    '{"id":10}',
  ];
  const rows = decode("json", texts, (record) => bad.push(record));
  expect(rows.slice(20)).toEqual([
    [20, 1, 'a\nb"\\'],
    [22, 7, null],
    [22, 8, null],
    [22, 9, null],
    [24, 10, null],
  ]);
  expect(rows.slice(0, 20)).toEqual(many.map((_, i) => [i, i, "x"]));
  expect(bad.map(({ raw, offset }) => [raw, offset])).toEqual([["oops", 23]]);
  expect(decode("json", [])).toEqual([]);
});

test("json: messages may stand in any order in the bytes", () => {
  const texts = ['{"id":1}', '{"id":2,\n"v":"a\nb"}', '{"id":3}', undefined, '{"id":4,\n"v":"x"}', '{"id":5}'];
  const { data, starts, lengths } = messagesOf(texts);
  const order = [5, 1, 3, 0, 4, 2, 1, 1, 5];
  const decoder = must(
    FORMATS.find(({ name }) => name === "json")?.decoder,
    "decoder",
  )({
    physical: [],
    projection: [
      { path: ["id"], type: T.int() },
      { path: ["v"], type: T.string() },
    ],
    options: {},
    timeZone: "UTC",
  });
  const shuffled = {
    data,
    starts: Int32Array.from(order, (i) => (texts[i] === undefined ? -7 : starts[i]!)),
    lengths: Int32Array.from(order, (i) => lengths[i]!),
  };
  const rows = must(decoder.decodeMessages?.(shuffled, 0, order.length), "messages").flatMap(({ batch, messageOf }) =>
    Array.from({ length: batch.rowCount }, (_, row) => [
      order[messageOf[row]!],
      valueAt(batch.columns[0]!, row, T.int()),
      valueAt(batch.columns[1]!, row, T.string()),
    ]),
  );
  const values = [[1, null], [2, "a\nb"], [3, null], [], [4, "x"], [5, null]];
  expect(rows).toEqual(order.filter((i) => i !== 3).map((i) => [i, ...values[i]!]));
});

test("json: messages in a record batch, with anything between them, read as those that are close together", () => {
  const texts = Array.from({ length: 40 }, (_, i) => (i % 7 === 6 ? undefined : `{"id":${i},"v":"x${i}"}`));
  for (const more of [[], ["oops", '{"id":1', "  ", '[{"id":2}]', '{"id":3}'], ['{"id":4,\n"v":"a\nb"}']]) {
    const all = [...texts, ...more, undefined];
    const close = messagesOf(all);
    const between = Buffer.from([10, 0xff, 34, 123, 0]);
    const starts = close.starts.map((start, i) => start + (i + 1) * between.length);
    const data = Buffer.concat([...all.flatMap((text) => [between, Buffer.from(text ?? "")]), between]);
    const bad: [BadRecord[], BadRecord[]] = [[], []];
    const expected = decode("json", all, (record) => bad[0].push(record));
    expect(expected.length).toBeGreaterThan(34);
    expect(decode("json", all, (record) => bad[1].push(record), { ...close, data, starts })).toEqual(expected);
    expect(bad[1]).toEqual(bad[0]);
  }
});

test("csv: the first record of a message counts", () => {
  const bad: BadRecord[] = [];
  const rows = decode("csv", ["1,a", "", '2,"x\ny"\n3,b\n', "x,c", "4,"], (record) => bad.push(record));
  expect(rows).toEqual([
    [0, 1, "a"],
    [2, 2, "x\ny"],
    [4, 4, ""],
  ]);
  expect(bad.map(({ raw, offset }) => [raw, offset])).toEqual([
    ["", 1],
    ["x,c", 3],
  ]);
});

test("raw: the message is the value", () => {
  expect(decode("raw", ["a\nb", "", "é", undefined])).toEqual([
    [0, "a\nb"],
    [1, ""],
    [2, "é"],
    [3, null],
  ]);
  expect(decode("json", [undefined, "{}"])).toEqual([[1, null, null]]);
  expect(decode("csv", [undefined, "1,"])).toEqual([[1, 1, ""]]);
});

test("names are unique and documented", () => {
  expect(FORMATS.map((format) => format.name)).toEqual([
    "csv",
    "json",
    "raw",
    "debezium-json",
    "canal-json",
    "maxwell-json",
    "ogg-json",
    "avro",
    "avro-confluent",
    "debezium-avro-confluent",
  ]);
  for (const option of FORMATS.flatMap((format) => format.options)) expect(option.summary).toMatch(/\.$/);
});
