import { expect, onTestFinished } from "vitest";
import { freshName } from "../../scripts/kafka-broker/for-tests.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { NO_PRODUCER, RecordBatchWriter } from "../../src/connectors/kafka/records/encode.ts";
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
  /** Writes the last row of each partition, for which the copy waits, and waits for its end; each row must then be there once. */
  check(): Promise<void>;
}

/** Fills a topic, but for the last row of each partition, and starts the copy: it cannot end before `check`, however slow the machine is. */
export async function startCopy(options: PacedCopy): Promise<RunningCopy> {
  const { bootstrap, partitions, replicationFactor, rows, rowsPerSecond } = options;
  const [from, to] = [freshName("from"), freshName("to")];
  const client = await connectKafka({ "bootstrap.servers": bootstrap });
  onTestFinished(() => client.close());
  await client.admin.createTopics([from, to].map((topic) => ({ topic, partitions, replicationFactor })));
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
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic: from, partition }));
  const ends = await client.offsets(all, "latest", "read_uncommitted");
  const stops = ends.map((end, partition) => `partition:${partition},offset:${end + 1}`).join(";");
  const hint = `'scan.rows-per-second' = '${rowsPerSecond}', 'scan.bounded.mode' = 'specific-offsets', 'scan.bounded.specific-offsets' = '${stops}'`;
  let isRunning = true;
  const copied = engine
    .run(`INSERT INTO sink SELECT * FROM source /*+ OPTIONS(${hint}) */;`)
    .finally(() => (isRunning = false));
  // Whoever checks hears of a failure.
  copied.catch(() => undefined);
  return {
    get isRunning() {
      return isRunning;
    },
    check: async () => {
      await client.produce(all.map((target, i) => ({ ...target, records: rowOf(rows + 1 + i) })));
      await copied;
      const [counted] = await engine.run("SELECT COUNT(*), COUNT(DISTINCT id), SUM(id) FROM sink;");
      const count = rows + partitions;
      const sum = (count * (count + 1)) / 2;
      expect(counted!.changes.at(-1)!.row).toEqual([BigInt(count), BigInt(count), BigInt(sum)]);
    },
  };
}

/** A batch of one row. */
function rowOf(id: number): Uint8Array {
  const value = Buffer.from(JSON.stringify({ id, text: "the last one" }));
  const writer = new RecordBatchWriter("the last row of a partition");
  writer.add(Date.now(), null, 0, 0, value, 0, value.length, null);
  return writer.finish(NO_PRODUCER);
}
