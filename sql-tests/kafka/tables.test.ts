import { expect, test } from "vitest";
import { describeKafka, freshName } from "../../scripts/kafka-broker/for-tests.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { createEngine, type SqlError } from "../../src/index.ts";

const TIMEOUT = { timeout: 60_000 };

describeKafka("Kafka tables", (bootstrap) => {
  /** A topic, and what a table of it begins with in WITH. */
  async function topicOf(partitions = 2): Promise<{ readonly topic: string; readonly common: string }> {
    const topic = freshName("tables");
    const client = await connectKafka({ "bootstrap.servers": bootstrap() });
    await client.admin.createTopics([{ topic, partitions }]);
    await client.close();
    return { topic, common: `'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap()}'` };
  }

  /** Runs a script and gives the changes of its SELECTs. */
  async function run(sql: string): Promise<string[][]> {
    const outcomes = await createEngine({ stderr: () => undefined }).run(sql);
    return outcomes.map(({ changes }) =>
      changes.map(({ kind, row }) => `${kind}[${row.map((v) => (v === null ? "NULL" : show(v))).join(", ")}]`),
    );
  }

  function show(value: unknown): string {
    if (Array.isArray(value)) return `(${value.map(show).join(" ")})`;
    return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
  }

  const EARLIEST = "'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset'";

  test("rows with key, metadata and headers come back", TIMEOUT, async () => {
    const { common } = await topicOf();
    const results = await run(`
      CREATE TABLE t (k_id INT, name STRING, at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', h MAP<STRING, BYTES> METADATA FROM 'headers',
        part BIGINT METADATA FROM 'partition' VIRTUAL, off INT METADATA FROM 'offset' VIRTUAL, kind STRING METADATA FROM 'timestamp-type' VIRTUAL)
      WITH ('connector' = 'kafka', ${common}, ${EARLIEST}, 'key.format' = 'csv', 'key.fields' = 'k_id', 'key.fields-prefix' = 'k_',
        'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY');
      INSERT INTO t VALUES
        (1, 'a', TO_TIMESTAMP_LTZ(1000, 3), MAP['x', CAST('y' AS BYTES)]),
        (2, CAST(NULL AS STRING), TO_TIMESTAMP_LTZ(2000, 3), CAST(NULL AS MAP<STRING, BYTES>));
      SELECT k_id, name, at, h, off, kind FROM t;
      SELECT COUNT(DISTINCT part) > 0 FROM t WHERE part < 2;`);
    expect(results[2]!.toSorted()).toEqual([
      "+I[1, a, 1000, ((x y)), 0, CreateTime]",
      expect.stringMatching(/^\+I\[2, NULL, 2000, \(\), [01], CreateTime\]$/),
    ]);
    expect(results[3]!.at(-1)).toMatch(/true\]$/);
  });

  test("upsert-kafka keeps the last value of a key, and a NULL value deletes it", TIMEOUT, async () => {
    const { common } = await topicOf();
    const results = await run(`
      CREATE TABLE counts (name STRING, n BIGINT, PRIMARY KEY (name) NOT ENFORCED)
      WITH ('connector' = 'upsert-kafka', ${common}, 'scan.bounded.mode' = 'latest-offset', 'key.format' = 'raw', 'value.format' = 'json');
      CREATE TABLE log (name STRING, n BIGINT) WITH ('connector' = 'kafka', ${common}, ${EARLIEST}, 'format' = 'json');
      CREATE VIEW v AS SELECT * FROM (VALUES ('a', 1), ('b', 1), ('a', 2), ('b', 3)) AS t (name, x);
      INSERT INTO counts SELECT name, SUM(x) FROM v GROUP BY name HAVING SUM(x) < 4;
      SELECT * FROM counts;
      SELECT COUNT(*) FROM log;`);
    const kept = new Map<string, string>();
    for (const change of results[4]!) {
      const [, kind, name] = /^(..)\[(\w)/.exec(change)!;
      if (kind!.startsWith("+")) kept.set(name!, change);
      else kept.delete(name!);
    }
    expect([...kept.values()]).toEqual([expect.stringMatching(/^\+.\[a, 3\]$/)]);
    // The tombstone of 'b' is no row of an ordinary table.
    expect(results[5]!.at(-1)).toMatch(/\[3\]$/);
  });

  test("debezium-json carries changes through a topic", TIMEOUT, async () => {
    const { common } = await topicOf(1);
    const results = await run(`
      CREATE TABLE t (name STRING, n BIGINT) WITH ('connector' = 'kafka', ${common}, ${EARLIEST}, 'format' = 'debezium-json');
      INSERT INTO t SELECT name, SUM(x) FROM (VALUES ('a', 1), ('a', 2)) AS t (name, x) GROUP BY name;
      SELECT * FROM t;`);
    expect(results[2]).toEqual(["+I[a, 1]", "-D[a, 1]", "+I[a, 3]"]);
  });

  test("exactly once: rows of a committed transaction are there, in one thread and in three", TIMEOUT, async () => {
    for (const threads of [1, 3]) {
      const { common, topic } = await topicOf(3);
      const results = await run(`
        SET 'parallelism.default' = '${threads}';
        CREATE TABLE g (id BIGINT, name STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '5000', 'fields.id.kind' = 'sequence',
          'fields.id.start' = '1', 'fields.id.end' = '5000', 'fields.name.length' = '4');
        CREATE TABLE t (id BIGINT, name STRING) WITH ('connector' = 'kafka', ${common}, ${EARLIEST}, 'format' = 'csv',
          'properties.compression.type' = 'lz4', 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${topic}');
        INSERT INTO t SELECT * FROM g;
        SET 'parallelism.default' = '1';
        SELECT COUNT(*), SUM(id), COUNT(DISTINCT id) FROM t;`);
      expect(results.at(-1)!.at(-1)).toMatch(/\[5000, 12502500, 5000\]$/);
    }
  });

  test("bounds: offsets, time stamps and groups", TIMEOUT, async () => {
    const { common } = await topicOf(1);
    const table = (name: string, options: string): string =>
      `CREATE TABLE ${name} (id INT, at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp') WITH ('connector' = 'kafka', ${common}, 'format' = 'json', ${options});`;
    const results = await run(`
      ${table("t", EARLIEST)}
      INSERT INTO t SELECT id, TO_TIMESTAMP_LTZ(id * 1000, 3) FROM (VALUES (1), (2), (3), (4)) AS v (id);
      ${table("a", "'scan.startup.mode' = 'specific-offsets', 'scan.startup.specific-offsets' = 'partition:0,offset:1', 'scan.bounded.mode' = 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:0,offset:3'")}
      ${table("b", "'scan.startup.mode' = 'timestamp', 'scan.startup.timestamp-millis' = '3000', 'scan.bounded.mode' = 'latest-offset'")}
      ${table("c", "'scan.startup.mode' = 'latest-offset', 'scan.bounded.mode' = 'latest-offset'")}
      ${table("d", "'properties.group.id' = 'nobody', 'properties.auto.offset.reset' = 'earliest', 'scan.bounded.mode' = 'timestamp', 'scan.bounded.timestamp-millis' = '2000'")}
      SELECT id FROM a; SELECT id FROM b; SELECT id FROM c; SELECT id FROM d;`);
    expect(results.slice(-4)).toEqual([["+I[2]", "+I[3]"], ["+I[3]", "+I[4]"], [], ["+I[1]"]]);
  });

  test("a sink of several topics writes each row to the one that it names", TIMEOUT, async () => {
    const [a, b] = [await topicOf(2), await topicOf(1)];
    const server = `'properties.bootstrap.servers' = '${bootstrap()}', 'format' = 'json'`;
    const both = `'topic' = '${a.topic};${b.topic}', ${server}`;
    const table = (name: string, options: string): string =>
      `CREATE TABLE ${name} (id BIGINT, topic STRING NOT NULL METADATA) WITH ('connector' = 'kafka', ${options});`;
    const results = await run(`
      SET 'parallelism.default' = '2'; SET 'execution.checkpointing.interval' = '200 ms';
      CREATE TABLE g (id BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '2000', 'fields.id.kind' = 'sequence',
        'fields.id.start' = '1', 'fields.id.end' = '2000');
      ${table("t", `${both}, 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${a.topic}'`)}
      INSERT INTO t SELECT id, CASE WHEN MOD(id, 4) = 0 THEN '${a.topic}' ELSE '${b.topic}' END FROM g;
      ${table("p", `'topic-pattern' = 'tables-.*', ${server}`)}
      INSERT INTO p VALUES (5000, '${b.topic}');
      SET 'parallelism.default' = '1';
      ${table("r", `${both}, ${EARLIEST}`)}
      SELECT topic, COUNT(DISTINCT id), COUNT(*), MAX(id) FROM r GROUP BY topic;`);
    const rows = results.at(-1)!.map((change) => change.slice(2));
    expect(rows).toContain(`[${a.topic}, 500, 500, 2000]`);
    expect(rows).toContain(`[${b.topic}, 1501, 1501, 5000]`);
    for (const [options, columns, values, message] of [
      [
        both,
        "topic STRING NOT NULL METADATA",
        "'elsewhere'",
        `Expected topic to be in: ${a.topic}, ${b.topic} but was: elsewhere`,
      ],
      [
        `'topic-pattern' = 'tables-.*', ${server}`,
        "topic STRING METADATA",
        "CAST(NULL AS STRING)",
        "Expected topic to match: tables-.* but was: NULL",
      ],
      [both, "other INT", "2", "rows must say which of the topics is theirs"],
    ] as const) {
      await expect(
        run(
          `CREATE TABLE t (id BIGINT, ${columns}) WITH ('connector' = 'kafka', ${options}); INSERT INTO t VALUES (1, ${values});`,
        ),
      ).rejects.toThrow(message);
    }
  });

  test("mistakes are told with what to do", TIMEOUT, async () => {
    const { common, topic } = await topicOf(1);
    const failure = async (sql: string): Promise<SqlError> =>
      await run(sql).then(
        () => expect.fail("no error"),
        (error: SqlError) => error,
      );
    const missing = await failure(
      `CREATE TABLE t (id INT) WITH ('connector' = 'kafka', 'topic' = '${topic}x', 'properties.bootstrap.servers' = '${bootstrap()}', ${EARLIEST}, 'format' = 'json'); SELECT * FROM t;`,
    );
    expect([missing.code, missing.message]).toEqual([
      "TABLE_NOT_FOUND",
      expect.stringContaining(`'${topic}x' does not exist`),
    ]);
    const group = await failure(
      `CREATE TABLE t (id INT) WITH ('connector' = 'kafka', ${common}, 'format' = 'json', 'properties.group.id' = 'nobody', 'scan.bounded.mode' = 'latest-offset'); SELECT * FROM t;`,
    );
    expect(group.message).toContain("the group 'nobody' has no committed offset for partition 0");
    const record = await failure(`
      CREATE TABLE w (line STRING) WITH ('connector' = 'kafka', ${common}, 'format' = 'raw');
      INSERT INTO w VALUES ('{"id": 1}'), ('{"id": oops}');
      CREATE TABLE t (id INT) WITH ('connector' = 'kafka', ${common}, ${EARLIEST}, 'value.format' = 'json'); SELECT * FROM t;`);
    expect([record.code, record.message, record.hint]).toEqual([
      "BAD_RECORD",
      expect.stringContaining(`(topic '${topic}', partition 0, offset 1)`),
      "set 'value.json.ignore-parse-errors' = 'true' to skip what cannot be read",
    ]);
    const away = await failure(
      `CREATE TABLE t (id INT) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = '127.0.0.1:1', 'properties.default.api.timeout.ms' = '500', ${EARLIEST}, 'format' = 'json'); SELECT * FROM t;`,
    );
    expect([away.code, away.message]).toEqual(["CONNECTOR_UNAVAILABLE", expect.stringContaining("127.0.0.1:1")]);
  });
});
