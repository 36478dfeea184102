import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { describeKafkaCluster, freshName } from "../../scripts/kafka-broker/for-tests.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { createEngine } from "../../src/index.ts";

const ROWS = 60_000;

describeKafkaCluster("three brokers, each killed once", (brokers) => {
  test(
    "leaders and coordinators move; reading and writing go on, nothing is lost or doubled",
    { timeout: 240_000 },
    async () => {
      const bootstrap = brokers()
        .map((broker) => broker.bootstrap())
        .join(",");
      const [from, to] = [freshName("from"), freshName("to")];
      const client = await connectKafka({ "bootstrap.servers": bootstrap });
      await client.admin.createTopics([from, to].map((topic) => ({ topic, partitions: 3, replicationFactor: 3 })));
      const engine = createEngine({ stderr: () => undefined });
      const table = (name: string, topic: string, options = ""): string =>
        `CREATE TABLE ${name} (id BIGINT, text STRING) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap}',
          'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json' ${options});`;
      await engine.run(`
        ${table("source", from)}
        ${table("sink", to, `, 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${to}'`)}
        CREATE TABLE g (id BIGINT, text STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '${ROWS}', 'fields.id.kind' = 'sequence',
          'fields.id.start' = '1', 'fields.id.end' = '${ROWS}', 'fields.text.length' = '100');
        INSERT INTO source SELECT * FROM g;
        SET 'execution.checkpointing.interval' = '300 ms';`);
      let copying = true;
      const copied = engine
        .run("INSERT INTO sink SELECT * FROM source /*+ OPTIONS('scan.rows-per-second' = '2000') */;")
        .finally(() => (copying = false));
      const kills = (async () => {
        for (const broker of brokers()) {
          await pause(2000);
          if (!copying) return 0;
          await broker.kill();
          await pause(2500);
          await broker.restart();
        }
        return brokers().length;
      })();
      const [killed] = await Promise.all([kills, copied]);
      expect(killed).toBe(3);
      const [counted] = await engine.run("SELECT COUNT(*), COUNT(DISTINCT id), SUM(id) FROM sink;");
      expect(counted!.changes.at(-1)!.row).toEqual([BigInt(ROWS), BigInt(ROWS), BigInt((ROWS * (ROWS + 1)) / 2)]);
      await client.close();
    },
  );
});
