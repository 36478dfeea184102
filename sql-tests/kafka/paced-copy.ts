import { expect } from "vitest";
import { freshName } from "../../scripts/kafka-broker/for-tests.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { createEngine } from "../../src/index.ts";

export interface PacedCopy {
  readonly bootstrap: string;
  readonly partitions: number;
  readonly replicationFactor?: number | undefined;
  readonly rows: number;
  readonly rowsPerSecond: number;
}

/** A job that copies numbered rows from one topic to another, exactly once. */
export interface RunningCopy {
  readonly isRunning: boolean;
  /** Waits for its end; each row must then be there once. */
  check(): Promise<void>;
}

/** Fills a topic and starts the copy. */
export async function startCopy(options: PacedCopy): Promise<RunningCopy> {
  const { bootstrap, partitions, replicationFactor, rows, rowsPerSecond } = options;
  const [from, to] = [freshName("from"), freshName("to")];
  const client = await connectKafka({ "bootstrap.servers": bootstrap });
  await client.admin.createTopics([from, to].map((topic) => ({ topic, partitions, replicationFactor })));
  await client.close();
  const engine = createEngine({ stderr: () => undefined });
  const table = (name: string, topic: string, more = ""): string =>
    `CREATE TABLE ${name} (id BIGINT, text STRING) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap}',
      'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json' ${more});`;
  await engine.run(`
    ${table("source", from)}
    ${table("sink", to, `, 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${to}'`)}
    CREATE TABLE g (id BIGINT, text STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '${rows}', 'fields.id.kind' = 'sequence',
      'fields.id.start' = '1', 'fields.id.end' = '${rows}', 'fields.text.length' = '100');
    INSERT INTO source SELECT * FROM g;
    SET 'execution.checkpointing.interval' = '300 ms';`);
  let isRunning = true;
  const copied = engine
    .run(`INSERT INTO sink SELECT * FROM source /*+ OPTIONS('scan.rows-per-second' = '${rowsPerSecond}') */;`)
    .finally(() => (isRunning = false));
  // Whoever checks hears of a failure.
  copied.catch(() => undefined);
  return {
    get isRunning() {
      return isRunning;
    },
    check: async () => {
      await copied;
      const [counted] = await engine.run("SELECT COUNT(*), COUNT(DISTINCT id), SUM(id) FROM sink;");
      const sum = (rows * (rows + 1)) / 2;
      expect(counted!.changes.at(-1)!.row).toEqual([BigInt(rows), BigInt(rows), BigInt(sum)]);
    },
  };
}
