import { expect, test } from "vitest";
import { describeKafka, freshName } from "../../../scripts/kafka-broker/for-tests.ts";
import { valueAt } from "../../batch/get.ts";
import { T } from "../../types/data-type.ts";
import type { ScanRequest } from "../api.ts";
import { FORMATS } from "../../formats/index.ts";
import { testContext } from "../context.test-helper.ts";
import { connectKafka } from "./client/index.ts";
import { kafka } from "./index.ts";
import type { PartitionReader } from "./partition-reader.ts";
import { NO_PRODUCER, RecordBatchWriter } from "./records/encode.ts";
import type { KafkaSource } from "./source.ts";

const context = () => ({ ...testContext(), format: (name: string) => FORMATS.find((one) => one.name === name) });

describeKafka("the source of a topic", (bootstrap) => {
  /** A topic with a client, and a table's request. */
  async function world(options: Readonly<Record<string, string>>) {
    const topic = freshName("source");
    const client = await connectKafka({ "bootstrap.servers": bootstrap() });
    await client.admin.createTopics([{ topic, partitions: 1 }]);
    const write = async (partition: number, ...texts: string[]): Promise<void> => {
      const writer = new RecordBatchWriter(topic);
      for (const text of texts) {
        const value = Buffer.from(text);
        writer.add(0, null, 0, 0, value, 0, value.length, null);
      }
      await client.produce([{ topic, partition, records: writer.finish(NO_PRODUCER) }]);
    };
    const request: ScanRequest = {
      table: "t",
      physical: [{ name: "line", type: T.string() }],
      columns: [{ kind: "physical", path: ["line"], type: T.string() }],
      primaryKey: [],
      partitionKeys: [],
      options: {
        connector: "kafka",
        topic,
        "properties.bootstrap.servers": bootstrap(),
        format: "raw",
        "scan.startup.mode": "latest-offset",
        ...options,
      },
      timeZone: "UTC",
    };
    return { topic, client, write, request };
  }

  /** Waits for so many rows of a reader. */
  async function read(reader: PartitionReader, count: number): Promise<unknown[]> {
    const rows: unknown[] = [];
    while (rows.length < count) {
      const polled = await reader.poll(100);
      if (polled === "end") break;
      if (polled === "idle") await new Promise((resolve) => setTimeout(resolve, 20));
      else for (let i = 0; i < polled.rowCount; i++) rows.push(valueAt(polled.columns[0]!, i, T.string()));
    }
    return rows;
  }

  test("partitions that come later are found, and read from their beginning", { timeout: 60_000 }, async () => {
    let now = 0;
    const { topic, client, write, request } = await world({ "scan.topic-partition-discovery.interval": "1 s" });
    await write(0, "before");
    const source = kafka.source!(request, { ...context(), nowMillis: () => now }) as KafkaSource;
    const [first] = await source.discoverSplits(new Set());
    expect(first).toEqual({ id: `${topic}-0`, data: { topic, partition: 0, start: 1, stop: null } });
    await client.admin.createPartitions(topic, 2);
    await expect.poll(async () => (await client.describeTopics([topic]))[0]?.partitions.length).toBe(2);
    await write(1, "early", "later");
    expect(await source.discoverSplits(new Set([first!.id]))).toHaveLength(1);
    now = 1000;
    await source.discoverSplits(new Set([first!.id]));
    await expect.poll(async () => (await source.discoverSplits(new Set([first!.id]))).length).toBe(2);
    const second = (await source.discoverSplits(new Set([first!.id])))[1]!;
    const reader = await source.openSplit(second, undefined);
    expect(await read(reader, 2)).toEqual(["early", "later"]);
    expect(reader.position()).toEqual({ offset: 2 });
    await source.close();
    await client.close();
  });

  test(
    "an offset that retention has removed is an error, or reading goes on where the table says",
    { timeout: 60_000 },
    async () => {
      const { topic, client, write, request } = await world({ "scan.startup.mode": "earliest-offset" });
      await write(0, "a", "b", "c");
      await client.admin.deleteRecords({ topic, partition: 0 }, 2);
      const open = async (policy: string) => {
        const options = { ...request.options, "scan.restore.out-of-range": policy };
        const source = kafka.source!({ ...request, options }, context()) as KafkaSource;
        const [split] = await source.discoverSplits(new Set());
        return { source, reader: await source.openSplit(split!, { offset: 1 }) };
      };
      const failing = await open("fail");
      await expect(read(failing.reader, 1)).rejects.toMatchObject({
        message: expect.stringContaining(
          `partition 0 of topic '${topic}' has no offset 1 any more: it holds 2 to 3`,
        ) as string,
        hint: expect.stringContaining("'scan.restore.out-of-range'") as string,
      });
      await failing.source.close();
      const going = await open("earliest");
      expect(await read(going.reader, 1)).toEqual(["c"]);
      await going.source.close();
      await client.close();
    },
  );

  test("group offsets follow the checkpoints", { timeout: 60_000 }, async () => {
    const group = freshName("group");
    const { topic, client, write, request } = await world({ "properties.group.id": group });
    await write(0, "a", "b");
    const source = kafka.source!(request, context()) as KafkaSource;
    await source.checkpointComplete(1, new Map([[`${topic}-0`, { offset: 2 }]]));
    expect(await client.committed(group, [{ topic, partition: 0 }])).toEqual([expect.objectContaining({ offset: 2 })]);
    await source.close();
    await client.close();
  });
});
