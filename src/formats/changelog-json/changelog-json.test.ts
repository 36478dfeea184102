import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { must } from "../../base/assert.ts";
import { SqlError } from "../../base/errors.ts";
import { ROW_KIND_TEXT } from "../../batch/row-kind.ts";
import { valueAt } from "../../batch/get.ts";
import { encodeUtf8 } from "../../batch/utf8.ts";
import { T, type DataType } from "../../types/data-type.ts";
import type { BadRecord, Format, ProjectedField } from "../api.ts";
import { decodeAll, encodeAll, messagesOf, type DecodeOptions } from "../test-support.ts";
import { canalJson, debeziumJson, maxwellJson, oggJson } from "./format.ts";

const COLUMNS = { id: T.int(), name: T.string(), qty: T.int() };

function format(name: string): Format {
  return must(
    [canalJson, debeziumJson, maxwellJson, oggJson].find((one) => one.name === name),
    name,
  );
}

function read(name: string, input: string | Uint8Array, options: Partial<DecodeOptions> = {}): string[] {
  const { rows, kinds } = decodeAll(format(name), input, { columns: COLUMNS, ...options });
  return rows.map(
    (row, i) =>
      `${ROW_KIND_TEXT[kinds[i] as 0]} ${JSON.stringify(row, (_, v: unknown) => (typeof v === "bigint" ? `${v}n` : v))}`,
  );
}

function lines(...records: unknown[]): string {
  return records.map((record) => `${typeof record === "string" ? record : JSON.stringify(record)}\n`).join("");
}

function metadata(key: string, type: DataType): ProjectedField {
  return { path: [], type, metadata: key };
}

const A = { id: 1, name: 'a"\\ü', qty: 5 };
const A2 = { ...A, qty: null };
const B = { id: 2, name: "b", qty: 7 };
const [A_TEXT, A2_TEXT, B_TEXT] = [A, A2, B].map((row) => JSON.stringify(Object.values(row)));

interface Dialect {
  readonly name: string;
  insert(row: object): object;
  update(before: object, after: object): object;
  remove(row: object): object;
}

function changed(before: object, after: object): object {
  const old = before as Record<string, unknown>;
  return Object.fromEntries(Object.entries(old).filter(([key, value]) => (after as typeof old)[key] !== value));
}

const DIALECTS: readonly Dialect[] = [
  {
    name: "debezium-json",
    insert: (after) => ({ before: null, after, op: "c" }),
    update: (before, after) => ({ before, after, op: "u", ts_ms: 1 }),
    remove: (before) => ({ before, after: null, op: "d" }),
  },
  {
    name: "ogg-json",
    insert: (after) => ({ table: "T", op_type: "I", after }),
    update: (before, after) => ({ table: "T", op_type: "U", before, after }),
    remove: (before) => ({ table: "T", op_type: "D", before }),
  },
  {
    name: "maxwell-json",
    insert: (data) => ({ type: "insert", data }),
    update: (before, after) => ({ type: "update", data: after, old: changed(before, after) }),
    remove: (data) => ({ type: "delete", data }),
  },
  {
    name: "canal-json",
    insert: (data) => ({ data: [data], old: null, type: "INSERT" }),
    update: (before, after) => ({ data: [after], old: [changed(before, after)], type: "UPDATE" }),
    remove: (data) => ({ data: [data], old: null, type: "DELETE" }),
  },
];

describe.each(DIALECTS)("$name", ({ name, insert, update, remove }) => {
  test("inserts, updates and deletes become changes", () => {
    const input = lines(insert(A), "", insert(B), update(A, A2), remove(B));
    const expected = [`+I ${A_TEXT}`, `+I ${B_TEXT}`, `-U ${A_TEXT}`, `+U ${A2_TEXT}`, `-D ${B_TEXT}`];
    expect(read(name, input)).toEqual(expected);
    expect(read(name, input, { maxRows: 1 })).toEqual(expected);
  });

  test("a NULL that was a value, and a value that was NULL", () => {
    const input = lines(update(A, A2), update(A2, A));
    expect(read(name, input)).toEqual([`-U ${A_TEXT}`, `+U ${A2_TEXT}`, `-U ${A2_TEXT}`, `+U ${A_TEXT}`]);
  });

  test("many records: what is generated for their layout reads the same, however the input is cut", () => {
    const rows = fc.record({
      id: fc.integer({ min: 0, max: 99 }),
      name: fc.option(fc.string({ unit: fc.constantFrom("a", '"', "\\", "é", "x".repeat(20)), maxLength: 3 })),
      qty: fc.option(fc.integer({ min: -5, max: 5 })),
    });
    const records = fc.tuple(fc.constantFrom("+", "~", "-"), rows, rows);
    const list = fc.array(records, { minLength: 20, maxLength: 60 });
    const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 6 });
    fc.assert(
      fc.property(list, cuts, fc.integer({ min: 1, max: 30 }), (changes, pieces, maxRows) => {
        const text = (row: object): string => JSON.stringify(Object.values(row));
        const input = lines(
          ...changes.map(([kind, a, b]) => (kind === "+" ? insert(a) : kind === "-" ? remove(a) : update(a, b))),
        );
        const expected = changes.flatMap(([kind, a, b]) =>
          kind === "~" ? [`-U ${text(a)}`, `+U ${text(b)}`] : [`${kind === "+" ? "+I" : "-D"} ${text(a)}`],
        );
        expect(read(name, input, { cuts: pieces, maxRows })).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test("records that stand for nothing are errors, given away, or skipped", () => {
    const bad = [
      "{}",
      `{"op":"x","op_type":"x","type":"x"}`,
      "[]",
      "7",
      "{",
      JSON.stringify(update(A, B)).slice(0, -4),
    ];
    const reasons: BadRecord[] = [];
    const input = lines(insert(A), ...bad, insert(B));
    expect(read(name, input, { onBadRecord: (record) => reasons.push(record) })).toEqual([
      `+I ${A_TEXT}`,
      `+I ${B_TEXT}`,
    ]);
    expect(reasons.map(({ raw }) => raw).sort()).toEqual([...bad].sort());
    for (const { raw, offset } of reasons) expect(input.indexOf(`\n${raw}\n`)).toBe(offset - 1 - countBytes(input));
    for (const record of bad) expect(() => read(name, lines(record))).toThrow(SqlError);
    const ignored = { options: { "ignore-parse-errors": "true" } };
    expect(read(name, input, ignored)).toEqual([`+I ${A_TEXT}`, `+I ${B_TEXT}`]);
  });

  test("what is asked for alone: one column, one nested field, nothing at all", () => {
    const columns = {
      id: T.int(),
      at: T.row([
        { name: "zip", type: T.int() },
        { name: "city", type: T.string() },
      ]),
    };
    const before = { id: 1, at: { zip: 5, city: "x" } };
    const after = { id: 1, at: { zip: 6, city: "x" } };
    const input = lines(insert(before), update(before, after), remove(after));
    const zip = [{ path: ["at", "zip"], type: T.int() }];
    expect(read(name, input, { columns, projection: zip })).toEqual(["+I [5]", "-U [5]", "+U [6]", "-D [6]"]);
    expect(read(name, input, { columns, projection: [] })).toEqual(["+I []", "-U []", "+U []", "-D []"]);
  });

  test("any bytes are read or refused", () => {
    const records = [insert(A), update(A, A2), remove(B)].map((record) => JSON.stringify(record));
    const mutated = fc
      .tuple(fc.constantFrom(...records), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }))
      .map(([record, edits]) => {
        const bytes = encodeUtf8(record);
        for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.array(fc.oneof(mutated, fc.uint8Array({ maxLength: 40 })), { maxLength: 12 }), (messages) => {
        const ends = messages.flatMap((message) => [...message, 10]);
        expect(read(name, Uint8Array.from(ends), { onBadRecord: () => undefined }).length).toBeGreaterThanOrEqual(0);
        const decoder = must(
          format(name).decoder,
          "decoder",
        )({
          physical: [],
          projection: [{ path: ["id"], type: T.int() }],
          options: {},
          timeZone: "UTC",
          onBadRecord: () => undefined,
        });
        for (const { batch, messageOf } of decoder.decodeMessages!(messagesOf(messages), 0, messages.length))
          for (let i = 0; i < batch.rowCount; i++) expect(messageOf[i]).toBeLessThan(messages.length);
      }),
      { numRuns: 200 },
    );
  });

  test("messages: tombstones give nothing, rows know their message", () => {
    const decoder = must(
      format(name).decoder,
      "decoder",
    )({
      physical: [],
      projection: [{ path: ["id"], type: T.int() }],
      options: {},
      timeZone: "UTC",
    });
    const texts = [
      "",
      JSON.stringify(insert(A)),
      JSON.stringify(update(A, A2), null, 2),
      "",
      JSON.stringify(remove(B)),
    ];
    const results = decoder.decodeMessages!(messagesOf(texts), 0, texts.length);
    const rows = results.flatMap(({ batch, messageOf }) =>
      Array.from({ length: batch.rowCount }, (_, i) => [
        messageOf[i],
        batch.kinds?.[i],
        valueAt(batch.columns[0]!, i, T.int()),
      ]),
    );
    expect(rows).toEqual([
      [1, 0, 1],
      [2, 1, 1],
      [2, 2, 1],
      [4, 3, 2],
    ]);
  });

  test("what is written is read back as what goes and what comes", () => {
    const rows = [Object.values(A), Object.values(A), Object.values(A2), Object.values(B)];
    const text = encodeAll(format(name), COLUMNS, rows, {}, [0, 1, 2, 3]);
    expect(read(name, text)).toEqual([`+I ${A_TEXT}`, `-D ${A_TEXT}`, `+I ${A2_TEXT}`, `-D ${B_TEXT}`]);
  });
});

/** Bytes that a text takes more than characters, up to where only the first record has any. */
function countBytes(input: string): number {
  const first = input.slice(0, input.indexOf("\n"));
  return encodeUtf8(first).length - first.length;
}

test("debezium: updates and deletes without their row say what to do", () => {
  const message = (op: string): string => `The "before" field of ${op} message is null, if you are using Debezium`;
  expect(() => read("debezium-json", lines({ before: null, after: A, op: "u" }))).toThrow(message("UPDATE"));
  expect(() => read("debezium-json", lines({ after: A, op: "d" }))).toThrow("REPLICA IDENTITY to FULL level");
  expect(read("debezium-json", lines({ before: {}, after: A, op: "d" }))).toEqual(["-D [null,null,null]"]);
});

test("debezium: schema-include reads the payload, and is refused in a sink", () => {
  const input = lines({ schema: { type: "struct" }, payload: { before: A, after: A2, op: "u", ts_ms: 1500 } });
  const options = { "schema-include": "true" };
  const projection = [
    { path: ["qty"], type: T.int() },
    metadata("schema", T.string()),
    metadata("ingestion-timestamp", T.timestampLtz(3)),
  ];
  expect(read("debezium-json", input, { options, projection })).toEqual([
    '-U [5,"{\\"type\\":\\"struct\\"}",1500]',
    '+U [null,"{\\"type\\":\\"struct\\"}",1500]',
  ]);
  expect(() => encodeAll(format("debezium-json"), COLUMNS, [], options)).toThrow(
    "Debezium JSON serialization doesn't support 'debezium-json.schema-include' option been set to true.",
  );
});

test("debezium: metadata, alone and beside all properties", () => {
  const source = { db: "shop", schema: "public", table: "stock", ts_ms: 1710000000000, lsn: null };
  const input = lines({ before: A, after: A2, op: "u", source, ts_ms: 7 }, { after: B, op: "r" });
  const each = [
    metadata("source.timestamp", T.timestampLtz(3)),
    metadata("source.database", T.string()),
    metadata("source.schema", T.string()),
    metadata("source.table", T.string()),
  ];
  const expected = '[1710000000000,"shop","public","stock"]';
  expect(read("debezium-json", input, { projection: each })).toEqual([
    `-U ${expected}`,
    `+U ${expected}`,
    "+I [null,null,null,null]",
  ]);
  const all = metadata("source.properties", T.map(T.string(), T.string()));
  const [first] = read("debezium-json", input, { projection: [...each, all] });
  expect(first).toBe(
    '-U [1710000000000,"shop","public","stock",[["db","shop"],["ts_ms","1710000000000"],["lsn",null],["table","stock"],["schema","public"]]]',
  );
});

test("canal: several rows of one record, tables that match, statements that make tables", () => {
  const record = (database: string, id: number): object => ({
    data: [{ id }, { id: id + 1 }],
    type: "INSERT",
    database,
    table: "t",
  });
  const input = lines(record("shop", 1), record("shop2", 5), {
    data: null,
    type: "CREATE",
    database: "shop",
    table: "t",
    isDdl: true,
  });
  const projection = [{ path: ["id"], type: T.int() }, metadata("database", T.string())];
  expect(read("canal-json", input, { projection })).toHaveLength(4);
  const options = { "database.include": "sh.p", "table.include": "t|u" };
  expect(read("canal-json", input, { projection, options })).toEqual(['+I [1,"shop"]', '+I [2,"shop"]']);
  expect(read("canal-json", input, { projection, options: { "table.include": "u" } })).toEqual([]);
  expect(() => read("canal-json", input, { options: { "table.include": "(" } })).toThrow("no regular expression");
  expect(() => read("canal-json", lines({ type: "ALTER" }))).toThrow('Unknown "type" value "ALTER"');
});

test("canal: each row of an update has its own former values", () => {
  const data = [A, B];
  const old = [{ name: "x" }, { qty: null }];
  expect(read("canal-json", lines({ data, old, type: "UPDATE" }))).toEqual([
    '-U [1,"x",5]',
    `+U ${A_TEXT}`,
    '-U [2,"b",null]',
    `+U ${B_TEXT}`,
  ]);
  expect(() => read("canal-json", lines({ data, old: [{}], type: "UPDATE" }))).toThrow('"old" field has fewer rows');
});

test("canal: metadata", () => {
  const projection = [
    metadata("sql-type", T.map(T.string(), T.int())),
    metadata("pk-names", T.array(T.string())),
    metadata("ingestion-timestamp", T.timestampLtz(3)),
    metadata("event-timestamp", T.timestampLtz(3)),
  ];
  const record = { data: [A, B], type: "DELETE", sqlType: { id: 4 }, pkNames: ["id"], ts: 9, es: 8 };
  expect(read("canal-json", lines(record), { projection })).toEqual([
    '-D [[["id",4]],["id"],9,8]',
    '-D [[["id",4]],["id"],9,8]',
  ]);
});

test("maxwell and ogg: metadata", () => {
  const maxwell = [
    metadata("database", T.string()),
    metadata("table", T.string()),
    metadata("primary-key-columns", T.array(T.string())),
    metadata("ingestion-timestamp", T.timestampLtz(3)),
  ];
  const record = { type: "insert", data: A, database: "d", table: "t", primary_key_columns: ["id"], ts: 1710000000 };
  expect(read("maxwell-json", lines(record), { projection: maxwell })).toEqual(['+I ["d","t",["id"],1710000000000]']);
  const ogg = [
    metadata("table", T.string()),
    metadata("primary-keys", T.array(T.string())),
    metadata("ingestion-timestamp", T.timestampLtz(6)),
    metadata("event-timestamp", T.timestampLtz(3)),
  ];
  const times = { op_ts: "1970-01-01 00:00:01.500000", current_ts: "1970-01-01T00:00:02.000001" };
  const row = { table: "S.T", op_type: "I", after: A, primary_keys: ["id"], ...times };
  expect(read("ogg-json", lines(row), { projection: ogg })).toEqual(['+I ["S.T",["id"],"2000001000n",1500]']);
});

test("metadata of another type is refused", () => {
  const projection = [metadata("source.timestamp", T.string())];
  expect(() => read("debezium-json", "", { projection })).toThrow("the metadata 'source.timestamp' as VARCHAR");
});

test("NULL fields are left out when asked, images too", () => {
  const options = { "encode.ignore-null-fields": "true" };
  const text = encodeAll(format("debezium-json"), COLUMNS, [[1, null, 5]], options);
  expect(text).toBe('{"after":{"id":1,"qty":5},"op":"c"}\n');
});
