import { expect, test } from "vitest";
import { describeKafka, freshName } from "../../scripts/kafka-broker/for-tests.ts";
import { describeRegistry } from "../../scripts/schema-registry/for-tests.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { createEngine, type Value } from "../../src/index.ts";

const TIMEOUT = { timeout: 60_000 };
const EARLIEST = "'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset'";

describeKafka("Avro on Kafka", (bootstrap) => {
  async function topicOf(): Promise<{ readonly topic: string; readonly common: string }> {
    const topic = freshName("avro");
    const client = await connectKafka({ "bootstrap.servers": bootstrap() });
    await client.admin.createTopics([{ topic, partitions: 1 }]);
    await client.close();
    return { topic, common: `'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap()}', ${EARLIEST}` };
  }

  /** The changes of the last statement. */
  async function run(sql: string): Promise<string[]> {
    const outcomes = await createEngine({ stderr: () => undefined }).run(sql);
    return outcomes.at(-1)!.changes.map(({ kind, row }) => `${kind}[${row.map(show).join(", ")}]`);
  }

  function show(value: Value): string {
    if (value === null) return "NULL";
    return typeof value === "object" ? `(${Array.from(value as readonly Value[], show).join(" ")})` : String(value);
  }

  test("avro without a registry, in two encodings", TIMEOUT, async () => {
    for (const encoding of ["binary", "json"]) {
      const { common } = await topicOf();
      const rows = await run(`
        CREATE TABLE t (id BIGINT NOT NULL, r ROW<x INT, y STRING>, at TIMESTAMP(6), z TIMESTAMP_LTZ(3), tags ARRAY<STRING>)
        WITH ('connector' = 'kafka', ${common}, 'format' = 'avro', 'avro.encoding' = '${encoding}', 'avro.timestamp_mapping.legacy' = 'false');
        INSERT INTO t VALUES (9007199254740993, ROW(1, 'é'), TIMESTAMP '2024-01-02 03:04:05.123456', TO_TIMESTAMP_LTZ(1500, 3), ARRAY['a', 'b']),
          (-1, CAST(NULL AS ROW<x INT, y STRING>), CAST(NULL AS TIMESTAMP(6)), CAST(NULL AS TIMESTAMP_LTZ(3)), CAST(NULL AS ARRAY<STRING>));
        SELECT id, t.r.y, CAST(at AS STRING), z, tags FROM t;`);
      expect(rows).toEqual([
        "+I[9007199254740993, é, 2024-01-02 03:04:05.123456, 1500, (a b)]",
        "+I[-1, NULL, NULL, NULL, NULL]",
      ]);
    }
  });

  describeRegistry("with schemas in a registry", (url) => {
    test("key and value, each with the subject of the topic; a later table has other columns", TIMEOUT, async () => {
      const { common, topic } = await topicOf();
      const rows = await run(`
        CREATE TABLE t (id INT NOT NULL, name STRING, price DECIMAL(10, 2))
        WITH ('connector' = 'kafka', ${common}, 'key.format' = 'avro-confluent', 'key.avro-confluent.url' = '${url()}', 'key.fields' = 'id',
          'value.format' = 'avro-confluent', 'value.avro-confluent.url' = '${url()}', 'value.fields-include' = 'EXCEPT_KEY');
        INSERT INTO t VALUES (1, 'a', 1.25), (2, CAST(NULL AS STRING), CAST(NULL AS DECIMAL(10, 2)));
        CREATE TABLE later (added BIGINT, price DECIMAL(10, 2), name STRING)
        WITH ('connector' = 'kafka', ${common}, 'format' = 'avro-confluent', 'avro-confluent.url' = '${url()}');
        INSERT INTO later VALUES (7, 2.5, 'b');
        SELECT * FROM later;`);
      expect(rows).toEqual(["+I[NULL, 125, a]", "+I[NULL, NULL, NULL]", "+I[7, 250, b]"]);
      const subjects = (await (await fetch(`${url()}/subjects`)).json()) as string[];
      expect(subjects.filter((name) => name.startsWith(topic)).sort()).toEqual([`${topic}-key`, `${topic}-value`]);
    });

    test("debezium-avro-confluent carries changes", TIMEOUT, async () => {
      const { common } = await topicOf();
      const rows = await run(`
        CREATE TABLE t (name STRING, n BIGINT)
        WITH ('connector' = 'kafka', ${common}, 'format' = 'debezium-avro-confluent', 'debezium-avro-confluent.url' = '${url()}');
        INSERT INTO t SELECT name, SUM(x) FROM (VALUES ('a', 1), ('a', 2)) AS t (name, x) GROUP BY name;
        SELECT * FROM t;`);
      expect(rows).toEqual(["+I[a, 1]", "-D[a, 1]", "+I[a, 3]"]);
    });

    test("a message of another kind names topic, partition and offset", TIMEOUT, async () => {
      const { common, topic } = await topicOf();
      const failed = run(`
        CREATE TABLE texts (v STRING) WITH ('connector' = 'kafka', ${common}, 'format' = 'raw');
        INSERT INTO texts VALUES ('no avro');
        CREATE TABLE t (v STRING) WITH ('connector' = 'kafka', ${common}, 'format' = 'avro-confluent', 'avro-confluent.url' = '${url()}');
        SELECT * FROM t;`);
      await expect(failed).rejects.toMatchObject({
        code: "BAD_RECORD",
        message: expect.stringMatching(
          `^cannot read AVRO-CONFLUENT record '0x6e6f206176726f': Unknown data format. Magic number does not match .*${topic}`,
        ) as string,
      });
    });
  });

  test("a registry that is away is said with its URL", TIMEOUT, async () => {
    const { common } = await topicOf();
    const failed = run(`
      CREATE TABLE t (v STRING)
      WITH ('connector' = 'kafka', ${common}, 'format' = 'avro-confluent', 'avro-confluent.url' = 'http://me:s3cret@127.0.0.1:1');
      INSERT INTO t VALUES ('a');`);
    await expect(failed).rejects.toMatchObject({
      code: "CONNECTOR_UNAVAILABLE",
      message: expect.stringMatching(
        /^the schema registry http:\/\/127.0.0.1:1 does not answer: .*ECONNREFUSED/,
      ) as string,
    });
  });
});
