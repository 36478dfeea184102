import { beforeAll, expect, test } from "vitest";
import { describeKafka, describeOwnKafka, freshName } from "../../../../scripts/kafka-broker/for-tests.ts";
import type { EndVersion, KafkaClient, ProducerIdentity, TopicPartition } from "./api.ts";
import { connectKafka } from "./index.ts";
import { recordBatch, valuesIn } from "./record-batch.test-helper.ts";

/** What a committed reader sees of a partition. A transaction that has ended is seen a few milliseconds later. */
async function committedValues(client: KafkaClient, partition: TopicPartition): Promise<string[]> {
  const [end = 0] = await client.offsets([partition], "latest", "read_committed");
  const fetcher = client.fetcher({ isolation: "read_committed", maxWaitMillis: 20 });
  fetcher.assign(partition, 0);
  const values: string[] = [];
  for (let at = 0; at < end;) {
    for (const each of await fetcher.next()) {
      at = each.nextOffset;
      values.push(...valuesIn(each));
    }
  }
  fetcher.close();
  return values;
}

async function write(
  client: KafkaClient,
  identity: ProducerIdentity,
  partition: TopicPartition,
  value: string,
  sequence = 0,
): Promise<void> {
  await client.transactions.add(identity, [partition]);
  const records = recordBatch([value], { ...identity, sequence, transactional: true });
  const [answer] = await client.produce([{ ...partition, records }], { transactionalId: identity.transactionalId });
  expect(answer?.error).toBeUndefined();
}

describeKafka("Kafka transactions", (bootstrap) => {
  let client: KafkaClient;
  beforeAll(async () => {
    client = await connectKafka({ "bootstrap.servers": bootstrap() });
    return () => client.close();
  });

  async function open(timeoutMillis = 60_000): Promise<{ identity: ProducerIdentity; partition: TopicPartition }> {
    const topic = freshName("tx");
    await client.admin.createTopics([{ topic, partitions: 1 }]);
    const partition = { topic, partition: 0 };
    const identity = await client.transactions.init(freshName("id"), timeoutMillis);
    await write(client, identity, partition, "first");
    return { identity, partition };
  }

  test("this broker moves the epoch on with each end", async () => {
    expect(await client.transactions.endVersion()).toBe(5);
  });

  test("another process commits what was prepared, any number of times, and without init", async () => {
    const { identity, partition } = await open();
    expect(await committedValues(client, partition)).toEqual([]);
    const other = await connectKafka({ "bootstrap.servers": bootstrap() });
    const saved = JSON.parse(JSON.stringify(identity)) as ProducerIdentity;
    const first = await other.transactions.end(saved, "commit", 5);
    const next = { ...identity, epoch: identity.epoch + 1 };
    expect(first).toEqual({ outcome: "done", next });
    expect(await other.transactions.end(saved, "commit", 5)).toEqual(first);
    await expect.poll(() => committedValues(other, partition)).toEqual(["first"]);
    expect(await other.transactions.end(saved, "abort", 5)).toMatchObject({ outcome: "gone" });
    await other.close();
  });

  test("version 5: the next transaction goes on without init; a late repetition does not touch it", async () => {
    const { identity, partition } = await open();
    const ended = await client.transactions.end(identity, "commit", 5);
    expect(ended.outcome).toBe("done");
    const next = ended.outcome === "done" ? ended.next : undefined;
    expect(next).toBeDefined();
    await write(client, next ?? identity, partition, "second");
    expect(await client.transactions.end(identity, "commit", 5)).toEqual({ outcome: "gone", error: "PRODUCER_FENCED" });
    await expect.poll(() => committedValues(client, partition)).toEqual(["first"]);
    expect(await client.transactions.end(next ?? identity, "abort", 5)).toMatchObject({ outcome: "done" });
    await expect.poll(() => committedValues(client, partition)).toEqual(["first"]);
  });

  test("version 1: repeatable; without init between, a late repetition commits the next one (why version 5 is there)", async () => {
    const { identity, partition } = await open();
    expect(await client.transactions.end(identity, "commit", 1)).toEqual({ outcome: "done", next: undefined });
    expect(await client.transactions.end(identity, "commit", 1)).toEqual({ outcome: "done", next: undefined });
    expect(await client.transactions.end(identity, "abort", 1)).toEqual({
      outcome: "gone",
      error: "INVALID_TXN_STATE",
    });
    await write(client, identity, partition, "half", 1);
    expect(await client.transactions.end(identity, "commit", 1)).toEqual({ outcome: "done", next: undefined });
    await expect.poll(() => committedValues(client, partition)).toEqual(["first", "half"]);
  });

  test.each([1, 5] as const)(
    "version %i: after a later init the old transaction is gone, its data aborted",
    async (version) => {
      const { identity, partition } = await open();
      const later = await client.transactions.init(identity.transactionalId, 60_000);
      expect(later.epoch).toBeGreaterThan(identity.epoch);
      expect(await client.transactions.end(identity, "commit", version)).toMatchObject({ outcome: "gone" });
      expect(await committedValues(client, partition)).toEqual([]);
    },
  );

  test("after its timeout a transaction is gone, and the broker says so", async () => {
    const { identity, partition } = await open(300);
    const { transactionalId = "" } = identity;
    await expect
      .poll(async () => (await client.transactions.describe([transactionalId]))[0]?.state, { timeout: 15_000 })
      .toBe("CompleteAbort");
    const version: EndVersion = 5;
    expect(await client.transactions.end(identity, "commit", version)).toMatchObject({ outcome: "gone" });
    expect(await committedValues(client, partition)).toEqual([]);
  });

  test("describe and list: open, ended, unknown", async () => {
    const { identity, partition } = await open();
    const { transactionalId = "" } = identity;
    const unknown = freshName("unknown");
    const [described, missing] = await client.transactions.describe([transactionalId, unknown]);
    expect(described).toMatchObject({
      transactionalId,
      state: "Ongoing",
      producerId: identity.producerId,
      epoch: identity.epoch,
      timeoutMillis: 60_000,
      partitions: [partition],
    });
    expect(described?.startedAtMillis).toBeGreaterThan(1_500_000_000_000);
    expect(missing).toMatchObject({ transactionalId: unknown, state: undefined });
    const listed = await client.transactions.list(["Ongoing"]);
    expect(listed).toContainEqual({ transactionalId, producerId: identity.producerId, state: "Ongoing" });
    await client.transactions.end(identity, "commit", 5);
    await expect
      .poll(async () => (await client.transactions.describe([transactionalId]))[0]?.state)
      .toBe("CompleteCommit");
    expect(await client.transactions.list(["Ongoing"])).not.toContainEqual(
      expect.objectContaining({ transactionalId }),
    );
  });

  test("one after the other at once: the wait for the last one's markers is inside add", async () => {
    const { identity, partition } = await open();
    let current = identity;
    for (let i = 0; i < 20; i++) {
      const ended = await client.transactions.end(current, "commit", 5);
      if (ended.outcome !== "done" || ended.next === undefined) throw new Error(JSON.stringify(ended));
      current = ended.next;
      await write(client, current, partition, String(i));
    }
    await client.transactions.end(current, "commit", 5);
    await expect.poll(async () => (await committedValues(client, partition)).length).toBe(21);
  });

  test("a transaction that writes to a partition it has not added is refused", async () => {
    const topic = freshName("tx");
    await client.admin.createTopics([{ topic, partitions: 1 }]);
    const identity = await client.transactions.init(freshName("id"), 60_000);
    const records = recordBatch(["x"], { ...identity, transactional: true });
    const { transactionalId } = identity;
    expect(await client.produce([{ topic, partition: 0, records }], { transactionalId })).toMatchObject([
      { error: "INVALID_TXN_STATE" },
    ]);
  });

  test("a timeout beyond the broker's limit is refused with a hint", async () => {
    await expect(client.transactions.init(freshName("id"), 3_600_000)).rejects.toMatchObject({
      fault: "INVALID_TRANSACTION_TIMEOUT",
      hint: expect.stringContaining("transaction.max.timeout.ms") as string,
    });
  });

  test("an unknown topic in add is named", async () => {
    const identity = await client.transactions.init(freshName("id"), 60_000);
    const topic = freshName("missing");
    await expect(
      client.transactions.add(identity, [{ topic, partition: 0 }], { deadlineMillis: 300 }),
    ).rejects.toMatchObject({
      fault: "UNKNOWN_TOPIC_OR_PARTITION",
      message: expect.stringContaining(topic) as string,
    });
  });
});

describeOwnKafka(
  "Kafka client and a broker that is killed",
  () => ({}),
  (broker) => {
    const properties = (): Record<string, string> => ({ "bootstrap.servers": broker().bootstrap() });

    test("writes, reads and a prepared transaction go on after kill -9 and restart", { timeout: 120_000 }, async () => {
      const client = await connectKafka(properties());
      const topic = freshName("restart");
      const prepared = { topic: freshName("prepared"), partition: 0 };
      await client.admin.createTopics([{ topic, partitions: 1 }]);
      await client.admin.createTopics([{ topic: prepared.topic, partitions: 1 }]);
      const producer = await client.transactions.init(undefined, 60_000);
      const fetcher = client.fetcher({ isolation: "read_committed", maxWaitMillis: 50 });
      fetcher.assign({ topic, partition: 0 }, 0);

      const identity = await client.transactions.init(freshName("id"), 60_000);
      await write(client, identity, prepared, "prepared");

      const count = 300;
      const killed = (async () => {
        await new Promise((resolve) => {
          setTimeout(resolve, 100);
        });
        await broker().kill();
        await broker().restart();
      })();
      const written = (async () => {
        for (let i = 0; i < count; i++) {
          const records = recordBatch([String(i)], { ...producer, sequence: i });
          const [answer] = await client.produce([{ topic, partition: 0, records }]);
          expect(answer?.error).toBeUndefined();
          await new Promise((resolve) => {
            setTimeout(resolve, 3);
          });
        }
      })();
      const values: string[] = [];
      while (values.length < count) for (const each of await fetcher.next()) values.push(...valuesIn(each));
      await Promise.all([killed, written]);
      expect(values).toEqual(Array.from({ length: count }, (_, i) => String(i)));

      expect(await client.transactions.end(identity, "commit", 5)).toMatchObject({ outcome: "done" });
      await expect.poll(() => committedValues(client, prepared)).toEqual(["prepared"]);
      await client.close();
    });

    test("a call while the broker is away waits for it; one with a short deadline says where it was", async () => {
      const client = await connectKafka(properties());
      const topic = freshName("away");
      await client.admin.createTopics([{ topic, partitions: 1 }]);
      await broker().kill();
      const asked = { topic, partition: 0 };
      await expect(client.offsets([asked], "latest", "read_committed", { deadlineMillis: 500 })).rejects.toMatchObject({
        code: "CONNECTOR_UNAVAILABLE",
        retryable: true,
        message: expect.stringContaining(broker().bootstrap()) as string,
      });
      const waiting = client.offsets([asked], "latest", "read_committed");
      await broker().restart();
      expect(await waiting).toEqual([0]);
      await client.close();
    });

    // The last one: the broker stays away.
    test("a fetcher gives up when the broker stays away", async () => {
      const client = await connectKafka({ ...properties(), "default.api.timeout.ms": "600" });
      const topic = freshName("gone");
      await client.admin.createTopics([{ topic, partitions: 1 }]);
      const fetcher = client.fetcher({ isolation: "read_committed", maxWaitMillis: 50 });
      fetcher.assign({ topic, partition: 0 }, 0);
      expect(await fetcher.next()).toEqual([]);
      await broker().kill();
      const failed = (async () => {
        for (;;) await fetcher.next();
      })();
      await expect(failed).rejects.toMatchObject({ code: "CONNECTOR_UNAVAILABLE", retryable: true });
      await client.close();
    });
  },
);
