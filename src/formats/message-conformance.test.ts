import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ByteWriter } from "../base/byte-writer.ts";
import { must } from "../base/assert.ts";
import { SqlError } from "../base/errors.ts";
import { columnOf } from "../batch/column-builder.ts";
import { valueAt } from "../batch/get.ts";
import { typeText } from "../types/type-text.ts";
import { T, type DataType, type Field, type Value } from "../types/data-type.ts";
import type { BadRecord, Decoder, Encoder, Format } from "./api.ts";
import { FakeRegistry } from "./avro-confluent/fake-registry.test-helper.ts";
import { FORMATS } from "./index.ts";
import { messagesOf } from "./test-support.ts";

/**
 * What holds for every format over messages: values of each type it carries come back as they went, at their limits and as
 * NULL; bad messages follow the policy and take no other along; kinds of changes; any bytes are read or refused.
 */

const LONG = "x".repeat(300);
const ROW = T.row([
  { name: "x", type: T.int() },
  { name: "y", type: T.string() },
]);

/** Each type and values at its limits. */
const TYPES: readonly (readonly [DataType, readonly Value[]])[] = [
  [T.boolean(), [true, false]],
  [T.tinyint(), [-128, 127, 0]],
  [T.smallint(), [-32768, 32767]],
  [T.int(), [-2147483648, 2147483647, -1]],
  [T.bigint(), [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, -1n, 127n, 128n, 2n ** 31n, -(2n ** 35n)]],
  [T.float(), [0, 1.5, Math.fround(3.4028234e38), Math.fround(1.4e-45), Math.fround(0.1)]],
  [T.double(), [0, 0.1, 1.7976931348623157e308, 5e-324, -2.5]],
  [T.decimal(5, 2), [99999n, -99999n, 0n, 1n, -128n, 128n]],
  [T.decimal(18, 0), [999999999999999999n, -999999999999999999n, 2n ** 47n, -(2n ** 55n)]],
  [T.decimal(38, 18), [10n ** 38n - 1n, -(10n ** 38n) + 1n, 1n]],
  [T.char(3), ["abc", "é x"]],
  [T.varchar(10), ["", "abc"]],
  [T.string(), ["", 'a"b\\c\n\t,;|é😀 ', LONG, "null", "-"]],
  [T.bytes(), [Uint8Array.of(), Uint8Array.of(0, 255, 10, 34), new Uint8Array(300).fill(7)]],
  [T.binary(2), [Uint8Array.of(1, 200)]],
  [T.date(), [0, -719162, 2932896]],
  [T.time(), [0, 86399000]],
  [T.timestamp(3), [0, -1, 1700000000123, 253402300799999]],
  [T.timestamp(6), [0n, 1700000000123456000n, -1000n]],
  [T.timestamp(9), [1700000000123456789n]],
  [T.timestampLtz(3), [0, 1700000000123]],
  [T.array(T.int()), [[], [1, null, -3]]],
  [T.array(T.string()), [["a", "b c"]]],
  [
    T.map(T.string(), T.int()),
    [
      [],
      [
        ["a", 1],
        ["b", null],
      ],
    ],
  ],
  [T.multiset(T.string()), [[["a", 2]]]],
  [
    ROW,
    [
      [1, "a"],
      [null, "b"],
    ],
  ],
  [T.array(ROW), [[[1, "a"], null]]],
  [T.map(T.string(), T.array(T.bigint())), [[["k", [1n, 2n]]]]],
];

interface Subject {
  /** Types that the format cannot carry. */
  readonly refuses: readonly string[];
  /** Options for a round trip. */
  readonly options?: Readonly<Record<string, string>>;
  /** A message that cannot be read as (id INT, v STRING). */
  readonly bad: Uint8Array;
  readonly ignores: boolean;
  /** A single column, and NULL is a NULL message. */
  readonly single?: boolean;
  /** Needs a schema registry. */
  readonly registry?: boolean;
  /** Types whose NULL cannot come back, as in Flink: the text of NULL is split like any other. */
  readonly losesNull?: readonly string[];
}

const json: Subject = { refuses: [], bad: Buffer.from('{"id":1,'), ignores: true };
const COLLECTIONS = TYPES.map(([type]) => typeText(type)).filter((text) => /^(ARRAY|MAP|MULTISET|ROW)/.test(text));
const HARD_TIMES = ["TIMESTAMP(6)", "TIMESTAMP(9)", "TIMESTAMP_LTZ(3)"];

const SUBJECTS: Readonly<Record<string, Subject>> = {
  json,
  "debezium-json": json,
  "canal-json": json,
  "maxwell-json": json,
  "ogg-json": json,
  csv: {
    refuses: COLLECTIONS.filter((text) => /MAP|MULTISET|ROW<.*ROW|ARRAY<ROW/.test(text)),
    options: { "null-literal": "-NULL-" },
    bad: Buffer.from('1,"a'),
    ignores: true,
    losesNull: COLLECTIONS,
  },
  raw: {
    refuses: TYPES.map(([type]) => typeText(type)).filter((text) =>
      /^(DECIMAL|DATE|TIME|ARRAY|MAP|MULTISET|ROW)/.test(text),
    ),
    bad: Buffer.from("abc"),
    ignores: false,
    single: true,
  },
  avro: { refuses: HARD_TIMES, bad: Uint8Array.of(9, 9), ignores: false },
  "avro-confluent": { refuses: HARD_TIMES, bad: Uint8Array.of(1, 2, 3), ignores: false, registry: true },
  "debezium-avro-confluent": { refuses: HARD_TIMES, bad: Uint8Array.of(1, 2, 3), ignores: false, registry: true },
};

let registry: FakeRegistry;
beforeAll(async () => {
  registry = await FakeRegistry.start();
});
afterAll(() => registry.stop());

test("every format is here", () => {
  expect(Object.keys(SUBJECTS).sort()).toEqual(FORMATS.map(({ name }) => name).sort());
});

function optionsOf(subject: Subject, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    ...subject.options,
    ...(subject.registry === true ? { url: registry.url, subject: "s-value" } : {}),
    ...more,
  };
}

function columnsOf(subject: Subject, type: DataType): Field[] {
  const value = { name: "v", type };
  return subject.single === true ? [value] : [{ name: "id", type: T.int() }, value];
}

function decoderOf(
  format: Format,
  physical: readonly Field[],
  options: Readonly<Record<string, string>>,
  onBadRecord?: (record: BadRecord) => void,
): Decoder {
  const projection = physical.map(({ name, type }) => ({ path: [name], type }));
  return must(format.decoder, "decoder")({ physical, projection, options, timeZone: "UTC", onBadRecord });
}

async function encode(
  encoder: Encoder,
  fields: readonly Field[],
  rows: readonly (readonly Value[])[],
  kinds?: readonly number[],
): Promise<(Uint8Array | undefined)[]> {
  await encoder.prepare?.();
  const out = new ByteWriter(8);
  const batch = {
    rowCount: rows.length,
    columns: fields.map(({ type }, i) =>
      columnOf(
        type,
        rows.map((row) => row[i]!),
      ),
    ),
    kinds: kinds === undefined ? undefined : Uint8Array.from(kinds),
    steps: undefined,
  };
  const write = encoder.rowWriter(batch, out);
  return rows.map((_, row) => {
    out.clear();
    return write(row) ? out.bytes.slice(0, out.length) : undefined;
  });
}

interface Row {
  readonly message: number;
  readonly kind: number;
  readonly values: readonly Value[];
}

async function decode(
  decoder: Decoder,
  fields: readonly Field[],
  messages: readonly (Uint8Array | undefined)[],
): Promise<Row[]> {
  const input = messagesOf(messages);
  await decoder.prepareMessages?.(input, 0, messages.length);
  return must(decoder.decodeMessages?.(input, 0, messages.length), "messages").flatMap(({ batch, messageOf }) =>
    Array.from({ length: batch.rowCount }, (_, row) => ({
      message: messageOf[row]!,
      kind: batch.kinds?.[row] ?? 0,
      values: fields.map(({ type }, i) => valueAt(batch.columns[i]!, row, type)),
    })),
  );
}

/** Maps have no order. */
function sorted(type: DataType, value: Value): Value {
  if ((type.kind !== "MAP" && type.kind !== "MULTISET") || value === null) return value;
  return (value as readonly (readonly [string, Value])[]).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

describe.each(FORMATS)("$name", (format) => {
  const subject = SUBJECTS[format.name] ?? json;

  test.each(TYPES)("$kind comes back as it went", async (type, values) => {
    const fields = columnsOf(subject, type);
    const options = optionsOf(subject);
    if (subject.refuses.includes(typeText(type))) {
      const make = (): unknown => format.encoder?.({ fields, options, timeZone: "UTC" });
      expect(make).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }) as Error);
      expect(() => decoderOf(format, fields, options)).toThrow(
        expect.objectContaining({ code: "UNSUPPORTED" }) as Error,
      );
      return;
    }
    const wanted = subject.losesNull?.includes(typeText(type)) === true ? values : [...values, null];
    const rows = wanted.map((value, i) => (subject.single === true ? [value] : [i, value]));
    const encoder = must(format.encoder, "encoder")({ fields, options, timeZone: "UTC" });
    const messages = await encode(encoder, fields, rows);
    const decoded = await decode(decoderOf(format, fields, options), fields, messages);
    expect(decoded.map((row) => row.message)).toEqual(rows.map((_, i) => i));
    expect(decoded.map((row) => sorted(type, row.values.at(-1)!))).toEqual(
      rows.map((row) => sorted(type, row.at(-1)!)),
    );
    // Alone it is the same.
    const [one] = await decode(decoderOf(format, fields, options), fields, messages.slice(-1));
    expect(sorted(type, one!.values.at(-1)!)).toEqual(sorted(type, rows.at(-1)!.at(-1)!));
  });

  test("a bad message fails, is given away, or is skipped, and takes no other along", async () => {
    const fields = subject.single === true ? [{ name: "v", type: T.int() }] : columnsOf(subject, T.string());
    const rows =
      subject.single === true
        ? [[7], [8]]
        : [
            [7, "a"],
            [8, "b"],
          ];
    const options = optionsOf(subject);
    const encoder = must(format.encoder, "encoder")({ fields, options, timeZone: "UTC" });
    const [first, second] = await encode(encoder, fields, rows);
    const messages = [first, subject.bad, second];
    await expect(decode(decoderOf(format, fields, options), fields, messages)).rejects.toMatchObject({
      code: "BAD_RECORD",
      message: expect.stringContaining(`cannot read ${format.name.toUpperCase()} record`) as string,
    });
    const bad: BadRecord[] = [];
    const good = await decode(
      decoderOf(format, fields, options, (record) => bad.push(record)),
      fields,
      messages,
    );
    expect(good.map((row) => [row.message, row.values])).toEqual([
      [0, rows[0]],
      [2, rows[1]],
    ]);
    expect(bad).toEqual([
      { offset: 1, raw: expect.any(String) as string, reason: expect.stringMatching(/./) as string },
    ]);
    expect(format.options.some(({ name }) => name === "ignore-parse-errors")).toBe(subject.ignores);
    if (!subject.ignores) return;
    const ignoring = decoderOf(format, fields, optionsOf(subject, { "ignore-parse-errors": "true" }));
    expect((await decode(ignoring, fields, messages)).map((row) => row.values)).toEqual(rows);
    expect(ignoring.skippedRecords).toBe(1);
  });

  test("kinds of changes", async () => {
    const fields = columnsOf(subject, T.string());
    const options = optionsOf(subject);
    const rows = ["a", "b", "c", "d"].map((text, i) => (subject.single === true ? [text] : [i, text]));
    const encoder = must(format.encoder, "encoder")({ fields, options, timeZone: "UTC" });
    const messages = await encode(encoder, fields, rows, [0, 1, 2, 3]);
    const decoded = await decode(decoderOf(format, fields, options), fields, messages);
    expect(decoded.map((row) => row.values)).toEqual(rows);
    // An update is the two rows that it consists of: one goes, one comes.
    expect(decoded.map((row) => row.kind)).toEqual(format.changelog === "full" ? [0, 3, 0, 3] : [0, 0, 0, 0]);
  });

  test("NULL and empty messages", async () => {
    const fields = columnsOf(subject, T.string());
    const bad: BadRecord[] = [];
    const decoder = decoderOf(format, fields, optionsOf(subject), (record) => bad.push(record));
    const rows = await decode(decoder, fields, [undefined, new Uint8Array(0)]);
    const refused = ["csv", "avro", "avro-confluent"].includes(format.name);
    expect(rows.map((row) => row.values)).toEqual(subject.single === true ? [[null], [""]] : []);
    expect(bad.map(({ offset }) => offset)).toEqual(refused ? [1] : []);
  });

  test("any bytes are read or refused, and nothing grows", async () => {
    const random = randomNumbers(17);
    const types = TYPES.filter(([type]) => !subject.refuses.includes(typeText(type)));
    const heapBefore = process.memoryUsage().arrayBuffers;
    const started = performance.now();
    for (const [type, values] of types) {
      const fields = columnsOf(subject, type);
      const options = optionsOf(subject);
      const encoder = must(format.encoder, "encoder")({ fields, options, timeZone: "UTC" });
      const good = await encode(
        encoder,
        fields,
        values.map((value, i) => (subject.single === true ? [value] : [i, value])),
      );
      let refused = 0;
      const decoder = decoderOf(format, fields, options, () => refused++);
      const messages = Array.from({ length: 300 }, (_, i) => {
        const base = good[i % good.length] ?? new Uint8Array(0);
        // The id of a schema stays: the registry would be asked for each other one.
        return i % 3 === 0 ? noise(random, base, subject) : mutated(random, base, subject.registry === true ? 5 : 0);
      });
      const rows = await decode(decoder, fields, messages);
      expect(rows.length).toBeLessThan(20_000);
      expect(rows.length + refused).toBeGreaterThan(0);
      // What is good is still read as before.
      const again = await decode(decoder, fields, good);
      expect(again.length).toBe(good.length);
    }
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(process.memoryUsage().arrayBuffers - heapBefore).toBeLessThan(200 << 20);
  });
});

/** A seeded generator (mulberry32): numbers from 0 to below `limit`. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

function noise(random: (limit: number) => number, base: Uint8Array, subject: Subject): Uint8Array {
  const bytes = Uint8Array.from({ length: random(40) }, () => random(256));
  return subject.registry === true ? Buffer.concat([base.subarray(0, 5), bytes]) : bytes;
}

/** The message with bytes changed, cut out, doubled. */
function mutated(random: (limit: number) => number, base: Uint8Array, from: number): Uint8Array {
  let bytes = Uint8Array.from(base);
  for (let i = random(4); i >= 0; i--) {
    if (bytes.length <= from) break;
    const at = from + random(bytes.length - from);
    switch (random(4)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes[at]! ^= 1 << random(8);
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      default:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at - random(at - from + 1))]);
    }
  }
  return bytes;
}

test("what is no bad record is thrown on", async () => {
  const fields = columnsOf(json, T.string());
  const decoder = decoderOf(
    must(
      FORMATS.find(({ name }) => name === "avro-confluent"),
      "format",
    ),
    fields,
    {
      url: "http://127.0.0.1:1",
      "properties.schema.registry.request.timeout.ms": "100",
    },
  );
  const input = messagesOf([Uint8Array.of(0, 0, 0, 0, 1, 2)]);
  expect(() => decoder.decodeMessages?.(input, 0, 1)).toThrow(SqlError);
  await expect(decoder.prepareMessages?.(input, 0, 1)).rejects.toMatchObject({ code: "CONNECTOR_UNAVAILABLE" });
});
