import { writeFileSync } from "node:fs";
import { freshName } from "../../scripts/kafka-broker/for-tests.ts";
import type { ReadRecord, ReadTopic, TopicReader } from "../../scripts/kafka-broker/topic-reader.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { Scene, start, type Ended } from "../recovery/support.ts";

/** Rows that the generator writes, ten a second of their own time. */
export const ROWS = 6000;

/** Topics of one pipeline: generator → `events` → `joined` and `totals`. */
export interface Topics {
  readonly events: string;
  readonly joined: string;
  readonly totals: string;
}

export async function makeTopics(bootstrap: string): Promise<Topics> {
  const topics = { events: freshName("events"), joined: freshName("joined"), totals: freshName("totals") };
  const client = await connectKafka({ "bootstrap.servers": bootstrap });
  await client.admin.createTopics(Object.values(topics).map((topic) => ({ topic, partitions: 2 })));
  await client.close();
  return topics;
}

const eventsTable = (bootstrap: string, topic: string): string => `
  CREATE TABLE events (id BIGINT, side INT, k INT, v BIGINT, ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap}',
    'key.format' = 'csv', 'key.fields' = 'k', 'value.format' = 'json',
    'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset',
    'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${topic}');`;

const settings = (threads: number): string => `
  SET 'execution.checkpointing.records' = '1000'; SET 'execution.batch-rows' = '250';
  SET 'execution.checkpointing.dir' = '\${tmp}/checkpoints'; SET 'parallelism.default' = '${threads}';`;

/** What a stage of the pipeline is as a script. */
export type Stage = (bootstrap: string, topics: Topics, threads: number) => string;

export interface CopyOptions {
  /** More options of the topic's table, over those that it has. */
  readonly sink?: Readonly<Record<string, string>> | undefined;
  /** More SETs. */
  readonly settings?: string | undefined;
  readonly rowsPerSecond?: number | undefined;
}

/** Numbers from 1 to ROWS into `events`. */
export function numbers({ sink = {}, settings: more = "", rowsPerSecond }: CopyOptions = {}): Stage {
  return (bootstrap, { events }, threads) => {
    const options = {
      connector: "kafka",
      topic: events,
      "properties.bootstrap.servers": bootstrap,
      format: "csv",
      "sink.delivery-guarantee": "exactly-once",
      "sink.transactional-id-prefix": events,
      ...sink,
    };
    const pairs = Object.entries(options).map(([name, value]) => `'${name}' = '${value}'`);
    const pace = rowsPerSecond === undefined ? "" : `, 'rows-per-second' = '${rowsPerSecond}'`;
    return `
    ${settings(threads)} ${more}
    CREATE TABLE numbers (id BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '${ROWS}', 'fields.id.kind' = 'sequence',
      'fields.id.start' = '1', 'fields.id.end' = '${ROWS}'${pace});
    CREATE TABLE events (id BIGINT) WITH (${pairs.join(", ")});
    INSERT INTO events SELECT id FROM numbers;`;
  };
}

/** One thread, so that each partition has its rows in the order of their time, and none is late. */
export const generator: Stage = (bootstrap, { events }) => `
  ${settings(1)}
  CREATE TABLE numbers (id BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '${ROWS}', 'fields.id.kind' = 'sequence',
    'fields.id.start' = '1', 'fields.id.end' = '${ROWS}');
  ${eventsTable(bootstrap, events)}
  INSERT INTO events SELECT id, CAST(MOD(id, 2) AS INT), CAST(MOD(id * 7919, 13) AS INT), MOD(id * 31, 1000), TO_TIMESTAMP_LTZ(id * 100, 3) FROM numbers;`;

/** A window join with an aggregate into one topic, an aggregate that changes into another: one job with two sinks. */
export const join: Stage = (bootstrap, { events, joined, totals }, threads) => {
  const sink = (topic: string): string =>
    `'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap}', 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${joined}'`;
  const side = (number: number): string =>
    `(SELECT * FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '10' SECOND)) WHERE side = ${number})`;
  return `
  ${settings(threads)}
  ${eventsTable(bootstrap, events)}
  CREATE TABLE joined (k INT, start TIMESTAMP_LTZ(3), n BIGINT, s BIGINT) WITH ('connector' = 'kafka', ${sink(joined)}, 'format' = 'json');
  CREATE TABLE totals (k INT, n BIGINT, s BIGINT, latest BIGINT, PRIMARY KEY (k) NOT ENFORCED)
    WITH ('connector' = 'upsert-kafka', ${sink(totals)}, 'key.format' = 'csv', 'value.format' = 'json');
  EXECUTE STATEMENT SET BEGIN
  INSERT INTO joined SELECT l.k, l.window_start, COUNT(*), SUM(l.v * r.v) FROM ${side(0)} l JOIN ${side(1)} r
    ON l.window_start = r.window_start AND l.window_end = r.window_end AND l.k = r.k GROUP BY l.k, l.window_start, l.window_end;
  INSERT INTO totals SELECT k, COUNT(*), SUM(v), MAX(id) FROM events GROUP BY k;
  END;`;
};

/** One stage in a folder of its own, through several processes. */
export class StageRun {
  readonly scene = new Scene("");
  #sql: (threads: number) => string = () => "";

  constructor(stage: Stage, bootstrap: string, topics: Topics) {
    this.use(stage, bootstrap, topics);
  }

  /** Processes from now on run another script, in the same folder. */
  use(stage: Stage, bootstrap: string, topics: Topics): void {
    this.#sql = (threads) => stage(bootstrap, topics, threads).replaceAll("${tmp}", this.scene.directory);
  }

  /** A process. `from`: where it begins; default: where the last one was. */
  start(
    threads: number,
    { fault, from = "latest", args = [] }: { fault?: string; from?: string; args?: readonly string[] } = {},
  ): ReturnType<typeof start> {
    writeFileSync(this.scene.script, this.#sql(threads));
    return start(["run", this.scene.script, "--from", from, ...args], fault);
  }

  /** One process, which dies at `fault`, or `killMillis` after its start, or ends by itself. */
  async process(
    threads: number,
    { fault, killMillis }: { readonly fault?: string; readonly killMillis?: number } = {},
  ): Promise<Ended> {
    const { child, ended } = this.start(threads, fault === undefined ? {} : { fault });
    const timer = killMillis === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killMillis);
    const outcome = await ended;
    clearTimeout(timer);
    return outcome;
  }

  remove(): void {
    this.scene.remove();
  }
}

/** Rows as a bag, in text order. */
export function bag({ records }: ReadTopic): string[] {
  return records.map(({ value }) => String(value)).toSorted();
}

/** The last value of each key. Records of a partition come in their order, and a key is in one partition only. */
export function latest({ records }: ReadTopic): string[] {
  const values = new Map<string, ReadRecord>();
  for (const record of records) values.set(String(record.key), record);
  return [...values].map(([key, { value }]) => `${key}: ${value}`).toSorted();
}

/** Whether a bag holds nothing but rows of the other one, none of them more often. */
export function isPart(part: readonly string[], whole: readonly string[]): boolean {
  const left = new Map<string, number>();
  for (const row of whole) left.set(row, (left.get(row) ?? 0) + 1);
  for (const row of part) left.set(row, (left.get(row) ?? 0) - 1);
  return [...left.values()].every((count) => count >= 0);
}

/** What readers see at the end of the pipeline. */
export interface Output {
  readonly joined: readonly string[];
  readonly totals: readonly string[];
  readonly openPartitions: number;
}

export async function outputOf(reader: TopicReader, topics: Topics): Promise<Output> {
  const joined = await reader.read(topics.joined);
  const totals = await reader.read(topics.totals);
  return { joined: bag(joined), totals: latest(totals), openPartitions: joined.openPartitions + totals.openPartitions };
}
