import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KafkaBroker } from "../scripts/kafka-broker/broker.ts";
import type { KafkaClient } from "../src/connectors/kafka/client/api.ts";
import { connectKafka } from "../src/connectors/kafka/client/index.ts";
import { Compressor, type Codec } from "../src/connectors/kafka/records/compression.ts";
import { NO_PRODUCER, RecordBatchWriter } from "../src/connectors/kafka/records/encode.ts";
import { measure } from "./measure.ts";

export interface KafkaBenchOptions {
  readonly messages: number;
  readonly partitions: number;
  readonly codecs: readonly Codec[];
  readonly runs: number;
}

interface Cost {
  readonly cpuPerMillion: number;
  readonly perSecond: number;
  readonly rssMegabytes: number;
}

const MESSAGE_BYTES = 200;
/** Messages of one record batch, as a producer under load makes them. */
const BATCH_MESSAGES = 500;
const START_MILLIS = Date.UTC(2026, 0, 1);

/** Message `i`: five fields, 200 bytes; a user of 1,000, and a thousand messages in a second of event time. */
function message(i: number): Buffer {
  const user = (Math.imul(i, 2_654_435_761) >>> 0) % 1000;
  const time = new Date(START_MILLIS + i).toISOString().replace("T", " ").slice(0, -1);
  const head = `{"id":${i},"user":"user-${user}","amount":${((i * 7919) % 100_000) / 100},"time":"${time}","note":"`;
  return Buffer.from(`${head.padEnd(MESSAGE_BYTES - 2, "some words of a note ")}"}`);
}

async function fill(client: KafkaClient, topic: string, partitions: number, codec: Codec, count: number) {
  const compressor = codec === "none" ? undefined : new Compressor(codec);
  const writers = Array.from({ length: partitions }, (_, i) => new RecordBatchWriter(`${topic}-${i}`));
  for (let from = 0; from < count;) {
    const batches = writers.map((writer, partition) => {
      for (let n = 0; n < BATCH_MESSAGES && from < count; n++) {
        const bytes = message(from);
        writer.add(START_MILLIS + from++, null, 0, 0, bytes, 0, bytes.length, null);
      }
      return writer.count === 0 ? [] : [{ topic, partition, records: writer.finish(NO_PRODUCER, compressor) }];
    });
    await client.produce(batches.flat());
  }
}

function script(bootstrap: string, topic: string, job: "filter" | "window", codec: Codec, out: string): string {
  const kafka = (name: string): string =>
    `'connector' = 'kafka', 'topic' = '${name}', 'properties.bootstrap.servers' = '${bootstrap}', 'format' = 'json'`;
  const sink = `${kafka(out)}, 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${out}',
    'properties.compression.type' = '${codec}'`;
  const queries = {
    filter: `CREATE TABLE o (id BIGINT, \`user\` STRING, amount DOUBLE, note STRING, \`time\` TIMESTAMP(3)) WITH (${sink});
INSERT INTO o SELECT id, \`user\`, amount, note, \`time\` FROM i WHERE MOD(id, 10) = 0;`,
    window: `CREATE TABLE o (\`user\` STRING, window_end TIMESTAMP(3), n BIGINT) WITH (${sink});
INSERT INTO o SELECT \`user\`, window_end, COUNT(*) FROM TUMBLE(TABLE i, DESCRIPTOR(\`time\`), INTERVAL '10' SECOND)
GROUP BY \`user\`, window_start, window_end;`,
  };
  return `SET 'execution.checkpointing.interval' = '5 s';
CREATE TABLE i (id BIGINT, \`user\` STRING, amount DOUBLE, note STRING, \`time\` TIMESTAMP(3), WATERMARK FOR \`time\` AS \`time\` - INTERVAL '1' SECOND)
WITH (${kafka(topic)}, 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset');
${queries[job]}
`;
}

/**
 * Topic → filter (one of ten rows stays) or windowed count per user → topic, exactly once, against a broker of its own: CPU of
 * this engine's process for a million messages, and messages a second from its start to its end.
 */
export async function kafkaBench({ messages, partitions, codecs, runs }: KafkaBenchOptions): Promise<unknown> {
  const broker = await KafkaBroker.start();
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-kafka-"));
  const client = await connectKafka({ "bootstrap.servers": broker.bootstrap() });
  const results: Record<string, Cost> = {};
  try {
    for (const codec of codecs) {
      const topic = `in-${codec}`;
      // The messages' times are long ago, and the broker would remove them.
      await client.admin.createTopics([{ topic, partitions, config: { "retention.ms": "-1" } }]);
      await fill(client, topic, partitions, codec, messages);
      for (const job of ["filter", "window"] as const) {
        let least: Cost | undefined;
        for (let run = 0; run < runs; run++) {
          const out = `out-${codec}-${job}-${run}`;
          await client.admin.createTopics([{ topic: out, partitions }]);
          const file = join(folder, `${out}.sql`);
          const checkpoints = `SET 'execution.checkpointing.dir' = '${join(folder, out)}';\n`;
          writeFileSync(file, checkpoints + script(broker.bootstrap(), topic, job, codec, out));
          const { cpuSeconds, wallSeconds, rssMegabytes } = await measure(["run", file, "--quiet"]);
          const cost = {
            cpuPerMillion: (cpuSeconds / messages) * 1e6,
            perSecond: messages / wallSeconds,
            rssMegabytes,
          };
          if (least === undefined || cost.cpuPerMillion < least.cpuPerMillion) least = cost;
        }
        if (least === undefined) continue;
        results[`${job}, ${partitions} partitions, ${codec}`] = least;
        console.log(
          `${job.padEnd(7)} ${partitions} partition(s), ${codec.padEnd(6)}  ${least.cpuPerMillion.toFixed(2)} CPU s per million  ${Math.round(least.perSecond / 1000)},000/s  ${Math.round(least.rssMegabytes)} MB`,
        );
      }
    }
  } finally {
    await client.close();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}
