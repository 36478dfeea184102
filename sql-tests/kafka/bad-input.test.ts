import { readFileSync } from "node:fs";
import { platform } from "node:os";
import { expect, test } from "vitest";
import { describeKafka, freshName } from "../../scripts/kafka-broker/for-tests.ts";
import { connectKafka } from "../../src/connectors/kafka/client/index.ts";
import { Compressor } from "../../src/connectors/kafka/records/compression.ts";
import { NO_PRODUCER, RecordBatchWriter } from "../../src/connectors/kafka/records/encode.ts";
import { HeaderWriter } from "../../src/connectors/kafka/records/header-writer.ts";
import { createEngine, type SqlError } from "../../src/index.ts";
import { Scene, start } from "../recovery/support.ts";

const TIMEOUT = { timeout: 120_000 };

const text = (value: string): Buffer => Buffer.from(value);
const good = (id: number): Buffer => text(`{"id": ${id}, "name": "n${id}"}`);

/** What JSON records of (id BIGINT, name STRING) must not be, by name. */
const BAD: Readonly<Record<string, Buffer>> = {
  truncated: text('{"id": 1, "na'),
  "a text where a number is": text('{"id": "one"}'),
  "an object where a number is": text('{"id": {"a": 1}}'),
  "a number beyond BIGINT": text('{"id": 123456789012345678901234567890}'),
  "a number beyond DOUBLE": text('{"id": 1e400}'),
  "a number that never ends": text(`{"id": ${"9".repeat(500_000)}}`),
  "nested without end": text(`{"id": ${"[".repeat(200_000)}`),
  "no JSON": Buffer.from([0xff, 0xfe, 0, 1, 2, 3]),
  "an array": text("[1]"),
};

describeKafka("bad records on topics", (bootstrap) => {
  /** A topic with these values, each under an odd key and an odd header; good ones before, between and after. */
  async function topicOf(values: readonly Buffer[], compressor?: Compressor, maxBytes = 1 << 20): Promise<string> {
    const topic = freshName("bad");
    const client = await connectKafka({ "bootstrap.servers": bootstrap() });
    await client.admin.createTopics([{ topic, partitions: 1, config: { "max.message.bytes": String(maxBytes) } }]);
    const headers = new HeaderWriter();
    headers.add(Buffer.from([0xff, 0xfe]), 0, 2, null, 0, 0);
    for (const value of values) {
      const writer = new RecordBatchWriter("a batch of a test", { maxBytes: value.length + 1000 });
      const key = Buffer.from([0, 0xff, 0x80]);
      writer.add(Date.now(), key, 0, key.length, value, 0, value.length, headers);
      const [answer] = await client.produce([{ topic, partition: 0, records: writer.finish(NO_PRODUCER, compressor) }]);
      expect(answer?.error).toBeUndefined();
    }
    await client.close();
    return topic;
  }

  function table(topic: string, options = ""): string {
    return `CREATE TABLE t (id BIGINT, name STRING) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap()}',
      'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', 'format' = 'json' ${options});`;
  }

  async function rows(sql: string): Promise<unknown[][]> {
    const outcomes = await createEngine({ stderr: () => undefined }).run(sql);
    return outcomes.at(-1)!.changes.map(({ row }) => [...row]);
  }

  test("the job fails at the first one and says where it is; or skips them all", TIMEOUT, async () => {
    for (const [name, value] of Object.entries(BAD)) {
      const topic = await topicOf([good(1), value, good(2)]);
      const error = await rows(`${table(topic)} SELECT id FROM t;`).then(
        () => expect.fail(`${name}: no error`),
        (failure: SqlError) => failure,
      );
      expect([name, error.code, error.message]).toEqual([
        name,
        "BAD_RECORD",
        expect.stringContaining(`(topic '${topic}', partition 0, offset 1)`),
      ]);
      expect(error.message.length).toBeLessThan(2000);
      // As in Flink a field that cannot be read is NULL then, and a record that cannot be is no row.
      const found = await rows(`${table(topic, ", 'json.ignore-parse-errors' = 'true'")} SELECT id FROM t;`);
      expect([name, found.filter(([id]) => id !== null)]).toEqual([name, [[1n], [2n]]]);
    }
  });

  test("errors.table has each with its topic, partition and offset", TIMEOUT, async () => {
    const values = Object.values(BAD);
    const topic = await topicOf(values.flatMap((value, i) => [value, good(i)]));
    const scene = new Scene("");
    const errors = `CREATE TABLE bad (raw STRING, reason STRING, source STRING, \`position\` BIGINT)
      WITH ('connector' = 'filesystem', 'path' = '${scene.directory}/bad', 'format' = 'json');`;
    try {
      const found = await rows(`${errors} ${table(topic, ", 'errors.table' = 'bad'")} SELECT id FROM t;`);
      expect(found.map(([id]) => id)).toEqual(values.map((_, i) => BigInt(i)));
      const told = await rows(`${errors} SELECT source, \`position\`, reason <> '' FROM bad;`);
      expect(told).toEqual(values.map((_, i) => [`${topic}-0`, BigInt(2 * i), true]));
    } finally {
      scene.remove();
    }
  });

  test("a record of 100 MB, and one that only unpacks to 100 MB: read in bounded memory", TIMEOUT, async () => {
    const large = Buffer.alloc(100_000_000, "a");
    const value = Buffer.concat([text('{"id": 7, "name": "'), large, text('"}')]);
    for (const compressor of [new Compressor("gzip"), undefined]) {
      const topic = await topicOf([good(1), value, good(2)], compressor, 104_857_600);
      const scene = new Scene(`${table(topic)} SELECT id, CHAR_LENGTH(name) FROM t;`);
      const { child, ended } = start(["run", scene.script]);
      let peakMegabytes = 0;
      const watch = setInterval(() => (peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid))), 20);
      const { code, stdout, stderr } = await ended;
      clearInterval(watch);
      scene.remove();
      expect([code, stderr]).toEqual([0, expect.anything()]);
      expect(stdout).toContain(String(large.length));
      expect(peakMegabytes).toBeLessThan(600);
    }
  });
});

/** Most memory that a process has had; 0 where that is not told. */
function peakOf(pid: number | undefined): number {
  if (platform() !== "linux") return 0;
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
