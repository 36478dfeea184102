import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { T } from "../../types/data-type.ts";
import type { Columns } from "../test-support.ts";
import { decodeMessages, encodeMessages, messageBy } from "./confluent-messages.test-helper.ts";
import { debeziumAvroConfluentFormat } from "./debezium.ts";
import { avroConfluentFormat } from "./format.ts";
import { SchemaRegistry } from "./registry.ts";

const COLUMNS: Columns = {
  id: T.bigint(false),
  name: T.string(),
  price: T.decimal(10, 2),
  at: T.timestamp(3),
  tags: T.array(T.string()),
  inner: T.row([{ name: "x", type: T.int() }]),
};

const ROWS = [
  [1n, "a", 1234n, 1700000000123, ["x", null], [7]],
  [-(2n ** 63n), null, null, null, null, null],
  [2n ** 63n - 1n, "é😀", -1n, -1, [], [null]],
] as const;

/** What holds on every schema registry, the real one and the one of the tests. */
export function registrySuite(url: () => string): void {
  const subject = (): string => `s-${randomBytes(5).toString("hex")}/value`;
  const client = (): SchemaRegistry =>
    new SchemaRegistry({ urls: [url()], authorization: undefined, tls: undefined, timeoutMillis: 20_000 });

  /** Registers with Confluent's own fields. */
  const register = async (name: string, body: object): Promise<number> => {
    const response = await fetch(`${url()}/subjects/${encodeURIComponent(name)}/versions`, {
      method: "POST",
      headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { id: number };
    expect([response.status, answer]).toEqual([200, { id: expect.any(Number) as number }]);
    return answer.id;
  };

  test("what is written can be read, by tables with other columns too", async () => {
    const options = { url: url(), subject: subject() };
    const messages = await encodeMessages(avroConfluentFormat, COLUMNS, ROWS, options);
    const again = await encodeMessages(avroConfluentFormat, COLUMNS, ROWS, options);
    expect(again).toEqual(messages);
    expect(messages[0]![0]).toBe(0);
    expect(await decodeMessages(avroConfluentFormat, COLUMNS, messages, { url: url() })).toEqual(
      ROWS.map((row) => [0, ...row]),
    );
    const others: Columns = { added: T.int(), name: T.bytes(), id: T.double() };
    expect(
      (await decodeMessages(avroConfluentFormat, others, [undefined, messages[0]], { url: url() })).slice(0),
    ).toEqual([[0, null, Uint8Array.of(97), 1]]);
    expect(await decodeMessages(avroConfluentFormat, { id: T.string() }, messages.slice(0, 1), { url: url() })).toEqual(
      [expect.stringMatching(/^schema with id \d+ of registry http:.*: id: found long, expecting string or null$/)],
    );
  });

  test("messages of several schemas, and of none", async () => {
    const first = JSON.stringify({ type: "record", name: "A", fields: [{ name: "id", type: "int" }] });
    const second = JSON.stringify({
      type: "record",
      name: "A",
      fields: [
        { name: "name", type: "string" },
        { name: "id", type: "long" },
      ],
    });
    const ids = [await register(subject(), { schema: first }), await register(subject(), { schema: second })];
    const one = messageBy(ids[0]!, first, { id: 1 });
    const two = messageBy(ids[1]!, second, { name: "n", id: 2 });
    const unknown = Uint8Array.of(0, 0x7f, 0, 0, 1, 2);
    expect(
      await decodeMessages(
        avroConfluentFormat,
        { id: T.bigint(), name: T.string() },
        [
          one,
          two,
          unknown,
          one,
          Uint8Array.of(1, 0, 0, 0, 1, 2),
          Uint8Array.of(0, 0),
          new Uint8Array(0),
          two.subarray(0, 6),
        ],
        { url: url() },
      ),
    ).toEqual([
      [0, 1n, null],
      [0, 2n, "n"],
      `Could not find schema with id 2130706433 in registry ${url()}`,
      [0, 1n, null],
      "Unknown data format. Magic number does not match",
      "Unknown data format. Magic number does not match",
      "Unknown data format. Magic number does not match",
      "a text or bytes of 1 bytes",
    ]);
  });

  test("a schema that is not Avro, and one that refers to another", async () => {
    const proto = await register(subject(), {
      schemaType: "PROTOBUF",
      schema: 'syntax = "proto3"; message A { int32 id = 1; }',
    });
    expect(await client().schemaOf(proto)).toEqual({
      problem: `the schema with id ${proto} in registry ${url()} is PROTOBUF, not Avro`,
    });
    const inner = subject();
    await register(inner, {
      schema: JSON.stringify({ type: "record", name: "In", namespace: "n", fields: [{ name: "x", type: "int" }] }),
    });
    const outer = await register(subject(), {
      schema: JSON.stringify({ type: "record", name: "Out", namespace: "n", fields: [{ name: "i", type: "n.In" }] }),
      references: [{ name: "n.In", subject: inner, version: 1 }],
    });
    const rows = await decodeMessages(
      avroConfluentFormat,
      { i: T.row([{ name: "x", type: T.int() }]) },
      [Uint8Array.of(0, outer >> 24, outer >> 16, outer >> 8, outer, 10)],
      { url: url() },
    );
    expect(rows).toEqual([[0, [5]]]);
  });

  test("a given schema is registered and read by", async () => {
    const given = JSON.stringify({
      type: "record",
      name: "Order",
      namespace: "com.acme",
      fields: [
        { name: "id", type: "long" },
        { name: "state", type: { type: "enum", name: "State", symbols: ["NEW", "SENT"] } },
        { name: "hash", type: [{ type: "fixed", name: "Hash", size: 2 }, "null"] },
      ],
    });
    const columns: Columns = {
      id: T.bigint(false),
      state: T.string(false),
      hash: { kind: "VARBINARY", length: 2, nullable: true },
    };
    const rows = [
      [1n, "SENT", Uint8Array.of(1, 2)],
      [2n, "NEW", null],
    ];
    const options = { url: url(), schema: given, subject: subject() };
    const messages = await encodeMessages(avroConfluentFormat, columns, rows, options);
    expect([...messages[0]!.subarray(5)]).toEqual([2, 2, 0, 1, 2]);
    expect([...messages[1]!.subarray(5)]).toEqual([4, 0, 2]);
    expect(await decodeMessages(avroConfluentFormat, columns, messages, options)).toEqual(
      rows.map((row) => [0, ...row]),
    );
  });

  test("changes, both ways", async () => {
    const rows = ROWS.map((row) => [...row]);
    const options = { url: url(), subject: subject() };
    const kinds = [0, 1, 2];
    const messages = await encodeMessages(debeziumAvroConfluentFormat, COLUMNS, rows, options, kinds);
    expect(
      await decodeMessages(debeziumAvroConfluentFormat, COLUMNS, [new Uint8Array(0), ...messages, undefined], options),
    ).toEqual([
      [0, ...ROWS[0]],
      [3, ...ROWS[1]],
      [0, ...ROWS[2]],
    ]);
  });

  test("changes as Debezium writes them", async () => {
    const value = {
      type: "record",
      name: "Value",
      fields: [
        { name: "id", type: "int" },
        { name: "v", type: ["null", "string"] },
      ],
    };
    const schema = JSON.stringify({
      type: "record",
      name: "Envelope",
      namespace: "server.db.t",
      fields: [
        { name: "before", type: ["null", value], default: null },
        { name: "after", type: ["null", "Value"], default: null },
        { name: "source", type: { type: "record", name: "Source", fields: [{ name: "ts_ms", type: "long" }] } },
        { name: "op", type: "string" },
        { name: "ts_ms", type: ["null", "long"], default: null },
      ],
    });
    const id = await register(subject(), { schema });
    const image = (n: number, v: string): unknown => ({ "server.db.t.Value": { id: n, v: { string: v } } });
    const change = (op: string, before: unknown, after: unknown): Uint8Array =>
      messageBy(id, schema, { before, after, source: { ts_ms: 1 }, op, ts_ms: { long: 2 } });
    expect(
      await decodeMessages(
        debeziumAvroConfluentFormat,
        { id: T.int(), v: T.string() },
        [
          change("r", null, image(1, "a")),
          change("c", null, image(2, "b")),
          change("u", image(1, "a"), image(1, "c")),
          change("d", image(2, "b"), null),
          change("u", null, image(1, "c")),
          change("c", null, null),
          change("t", null, null),
          new Uint8Array(0),
        ],
        { url: url() },
      ),
    ).toEqual([
      [0, 1, "a"],
      [0, 2, "b"],
      [1, 1, "a"],
      [2, 1, "c"],
      [3, 2, "b"],
      'The "before" field of UPDATE message is null, if you are using Debezium Postgres Connector, please check the Postgres table has been set REPLICA IDENTITY to FULL level.',
      'the "after" field of the message is null',
      'Unknown "op" value "t"',
    ]);
  });
}
