import { expect, test } from "vitest";
import { describeOwnKafka, freshName } from "../../scripts/kafka-broker/for-tests.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { createEngine } from "../../src/index.ts";

describeOwnKafka(
  "a broker that dies and comes back",
  () => ({}),
  (broker) => {
    test("reading and writing go on, nothing is lost or doubled", { timeout: 120_000 }, async () => {
      const bootstrap = broker().bootstrap();
      const [from, to] = [freshName("from"), freshName("to")];
      const client = await connectKafka({ "bootstrap.servers": bootstrap });
      await client.admin.createTopics([
        { topic: from, partitions: 2 },
        { topic: to, partitions: 2 },
      ]);
      await client.close();
      const engine = createEngine({ stderr: () => undefined });
      const table = (name: string, topic: string, options = ""): string =>
        `CREATE TABLE ${name} (id BIGINT, text STRING) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap}',
        'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json' ${options});`;
      await engine.run(`
      ${table("source", from)}
      ${table("sink", to, `, 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${to}'`)}
      CREATE TABLE g (id BIGINT, text STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '20000', 'fields.id.kind' = 'sequence',
        'fields.id.start' = '1', 'fields.id.end' = '20000', 'fields.text.length' = '100');
      INSERT INTO source SELECT * FROM g;
      SET 'execution.checkpointing.interval' = '300 ms';`);
      const copied = engine.run(
        "INSERT INTO sink SELECT * FROM source /*+ OPTIONS('scan.rows-per-second' = '5000') */;",
      );
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await broker().kill();
      await new Promise((resolve) => setTimeout(resolve, 500));
      await broker().restart();
      await copied;
      const [counted] = await engine.run("SELECT COUNT(*), COUNT(DISTINCT id), SUM(id) FROM sink;");
      expect(counted!.changes.at(-1)!.row).toEqual([20_000n, 20_000n, 200_010_000n]);
    });
  },
);
