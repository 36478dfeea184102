import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { KafkaBroker } from "../scripts/kafka-broker/broker.ts";
import { connectKafka } from "../src/connectors/kafka/client/index.ts";
import { NO_PRODUCER, RecordBatchWriter } from "../src/connectors/kafka/records/encode.ts";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const WARM_MILLIS = 10_000;
/** Clock ticks a second, in which Linux counts CPU time. */
const TICKS = 100;

function script(bootstrap: string, folder: string, guarantee: string): string {
  const kafka = (name: string): string =>
    `'connector' = 'kafka', 'topic' = '${name}', 'properties.bootstrap.servers' = '${bootstrap}', 'format' = 'json'`;
  return `SET 'execution.checkpointing.interval' = '10 s'; SET 'execution.checkpointing.dir' = '${folder}';
CREATE TABLE i (sent BIGINT) WITH (${kafka("in")}, 'scan.startup.mode' = 'earliest-offset');
CREATE TABLE o (sent BIGINT) WITH (${kafka("out")}, 'sink.delivery-guarantee' = '${guarantee}', 'sink.transactional-id-prefix' = 'out');
INSERT INTO o SELECT sent FROM i;
`;
}

/** User and system time of a process, seconds (Linux). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/**
 * A pipeline from topic to topic that waits for messages: its CPU as a part of one core, exactly once with a checkpoint every
 * 10 s; and, at least once, how long a message takes from the producer's call to a reader of the second topic.
 */
export async function kafkaIdle(seconds: number, messages: number): Promise<unknown> {
  const broker = await KafkaBroker.start();
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-kafka-idle-"));
  const client = await connectKafka({ "bootstrap.servers": broker.bootstrap() });
  try {
    await client.admin.createTopics(["in", "out"].map((topic) => ({ topic, partitions: 1 })));
    const run = (guarantee: string): ReturnType<typeof spawn> => {
      const file = join(folder, `${guarantee}.sql`);
      writeFileSync(file, script(broker.bootstrap(), join(folder, guarantee), guarantee));
      return spawn(process.execPath, [CLI, "run", file], { stdio: ["ignore", "ignore", "inherit"] });
    };
    const waiting = run("exactly-once");
    await sleep(WARM_MILLIS);
    const before = cpuSeconds(waiting.pid!);
    await sleep(seconds * 1000);
    const idle = (cpuSeconds(waiting.pid!) - before) / seconds;
    waiting.kill("SIGKILL");
    console.log(`idle: ${(100 * idle).toFixed(2)} % of a core`);

    const passing = run("at-least-once");
    const reader = client.fetcher({ isolation: "read_committed" });
    reader.assign({ topic: "out", partition: 0 }, 0);
    const taken: number[] = [];
    for (let i = 0; i < messages; i++) {
      const writer = new RecordBatchWriter("bench");
      const bytes = Buffer.from(`{"sent":${i}}`);
      writer.add(Date.now(), null, 0, 0, bytes, 0, bytes.length, null);
      const sent = performance.now();
      await client.produce([{ topic: "in", partition: 0, records: writer.finish(NO_PRODUCER, undefined) }]);
      for (let found = false; !found;) {
        for (const fetched of await reader.next()) {
          found ||= fetched.records.end > fetched.records.start;
          reader.release(fetched);
        }
      }
      taken.push(performance.now() - sent);
      await sleep(20 + 100 * Math.random());
    }
    passing.kill("SIGKILL");
    reader.close();
    // The first ones wait for the start of the process.
    const sorted = taken.slice(Math.ceil(messages / 10)).toSorted((a, b) => a - b);
    const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
    console.log(`latency: ${at(0.5).toFixed(1)} ms median, ${at(0.99).toFixed(1)} ms in 99 of 100`);
    return { idle, medianMillis: at(0.5), p99Millis: at(0.99) };
  } finally {
    await client.close();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
