import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeKafka, freshName } from "../../../../scripts/kafka-broker/for-tests.ts";
import type { FetchedPartition, Fetcher, KafkaClient } from "./api.ts";
import { connectKafka } from "./index.ts";
import { recordBatch, valuesIn } from "./record-batch.test-helper.ts";

describeKafka("Kafka client", (bootstrap) => {
  let client: KafkaClient;
  beforeAll(async () => {
    client = await connectKafka({ "bootstrap.servers": bootstrap() });
    return () => client.close();
  });

  async function newTopic(partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = freshName("client");
    await client.admin.createTopics([{ topic, partitions, config }]);
    return topic;
  }

  function write(topic: string, partition: number, ...values: string[]) {
    return client.produce([{ topic, partition, records: recordBatch(values) }]);
  }

  test("topics: one that exists, one that does not, all of them", async () => {
    const topic = await newTopic(3);
    const missing = freshName("missing");
    expect(await client.describeTopics([missing, topic])).toEqual([{ topic, internal: false, partitions: [0, 1, 2] }]);
    expect(await client.describeTopics([])).toEqual([]);
    const all = await client.topics();
    expect(all.map((each) => each.topic)).toContain(topic);
    expect(await client.describeTopics([missing])).toEqual([]);
  });

  test("partitions are added", async () => {
    const topic = await newTopic(1);
    await client.admin.createPartitions(topic, 3);
    expect((await client.describeTopics([topic]))[0]?.partitions).toEqual([0, 1, 2]);
  });

  test("an existing topic and an invalid name are refused by Kafka's name for it", async () => {
    const topic = await newTopic();
    await expect(client.admin.createTopics([{ topic, partitions: 1 }])).rejects.toMatchObject({
      fault: "TOPIC_ALREADY_EXISTS",
      code: "CONNECTOR_UNAVAILABLE",
      message: expect.stringContaining(topic) as string,
    });
    await expect(client.admin.createTopics([{ topic: "a b", partitions: 1 }])).rejects.toMatchObject({
      fault: "INVALID_TOPIC_EXCEPTION",
    });
  });

  test("offsets: earliest, latest, by time, and behind the last record", async () => {
    const topic = await newTopic(2);
    await write(topic, 0, "a", "b");
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    const between = Date.now();
    await write(topic, 0, "c");
    await write(topic, 1, "d");
    const partitions = [1, 0].map((partition) => ({ topic, partition }));
    expect(await client.offsets(partitions, "earliest", "read_committed")).toEqual([0, 0]);
    expect(await client.offsets(partitions, "latest", "read_committed")).toEqual([1, 3]);
    expect(await client.offsets(partitions, { timestampMillis: between }, "read_committed")).toEqual([0, 2]);
    expect(await client.offsets(partitions, { timestampMillis: between + 60_000 }, "read_committed")).toEqual([1, 3]);
  });

  test("offsets of an unknown topic or partition are an error that says so", async () => {
    const topic = freshName("missing");
    const asked = client.offsets([{ topic, partition: 0 }], "latest", "read_committed", { deadlineMillis: 300 });
    await expect(asked).rejects.toMatchObject({
      fault: "UNKNOWN_TOPIC_OR_PARTITION",
      message: expect.stringContaining(`topic '${topic}'`) as string,
      hint: expect.stringContaining("Create the topic") as string,
    });
    const known = await newTopic(1);
    await expect(
      client.offsets([{ topic: known, partition: 7 }], "latest", "read_committed", { deadlineMillis: 300 }),
    ).rejects.toMatchObject({ message: expect.stringContaining("it has 1 partitions") as string });
  });

  test("group offsets: none, committed with metadata, read back", async () => {
    const topic = await newTopic(2);
    const group = freshName("group");
    const partitions = [0, 1].map((partition) => ({ topic, partition }));
    expect(await client.committed(group, partitions)).toEqual([undefined, undefined]);
    await client.commit(group, [{ topic, partition: 1, offset: 42, metadata: "checkpoint 7" }]);
    expect(await client.committed(group, partitions)).toEqual([undefined, { offset: 42, metadata: "checkpoint 7" }]);
    await client.commit(group, []);
  });

  test("produce answers with offsets in the order of the batches", async () => {
    const topic = await newTopic(2);
    await write(topic, 1, "x");
    const answers = await client.produce([
      { topic, partition: 1, records: recordBatch(["y"]) },
      { topic, partition: 0, records: recordBatch(["z"]) },
    ]);
    expect(answers).toEqual([
      { baseOffset: 1, error: undefined, message: undefined },
      { baseOffset: 0, error: undefined, message: undefined },
    ]);
  });

  test("a batch that is too large, and a broken one, come back with Kafka's name for it", async () => {
    const topic = await newTopic(1, { "max.message.bytes": "1000" });
    const [large] = await write(topic, 0, "x".repeat(2000));
    expect(large).toMatchObject({ error: "MESSAGE_TOO_LARGE" });
    const broken = recordBatch(["hello"]);
    broken[broken.length - 2] = 0;
    const [answer] = await client
      .produce([{ topic, partition: 0, records: broken }], { deadlineMillis: 200 })
      .catch((error: unknown) => [error]);
    expect(answer).toMatchObject({ fault: "CORRUPT_MESSAGE" });
  });

  test("a repeated idempotent batch is recognised, a gap in the sequence is refused", async () => {
    const topic = await newTopic();
    const producer = await client.transactions.init(undefined, 60_000);
    const batch = { topic, partition: 0, records: recordBatch(["once"], producer) };
    expect(await client.produce([batch])).toMatchObject([{ baseOffset: 0, error: undefined }]);
    expect(await client.produce([batch])).toMatchObject([{ error: undefined }]);
    expect(await client.offsets([{ topic, partition: 0 }], "latest", "read_committed")).toEqual([1]);
    const gap = recordBatch(["late"], { ...producer, sequence: 9 });
    expect(await client.produce([{ ...batch, records: gap }])).toMatchObject([
      { error: "OUT_OF_ORDER_SEQUENCE_NUMBER" },
    ]);
  });

  test("acks none waits for no answer", async () => {
    const topic = await newTopic();
    // A partition that has no leader yet would lose the batch without a word.
    await client.produce([{ topic, partition: 0, records: recordBatch(["slow"]) }]);
    await client.produce([{ topic, partition: 0, records: recordBatch(["quick"]) }], { acks: "none" });
    await expect.poll(() => client.offsets([{ topic, partition: 0 }], "latest", "read_committed")).toEqual([2]);
  });

  test("settings of broker and topic", async () => {
    const topic = await newTopic(1, { "max.message.bytes": "12345" });
    const broker = await client.brokerConfig(["transaction.max.timeout.ms", "no.such.setting"]);
    expect([...broker]).toEqual([["transaction.max.timeout.ms", "900000"]]);
    expect((await client.topicConfig(topic, ["max.message.bytes"])).get("max.message.bytes")).toBe("12345");
  });

  test("many calls at once, without a warning about listeners", async () => {
    const topic = await newTopic(3);
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on("warning", note);
    const { signal } = new AbortController();
    const partitions = [0, 1, 2].map((partition) => ({ topic, partition }));
    const calls = Array.from({ length: 50 }, () => client.offsets(partitions, "latest", "read_committed", { signal }));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, () => [0, 0, 0]));
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  test("an aborted call ends at once, the client goes on", async () => {
    const stop = new AbortController();
    const asked = client.offsets([{ topic: freshName("missing"), partition: 0 }], "latest", "read_committed", {
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(new Error("stopped")), 30);
    await expect(asked).rejects.toThrow("stopped");
    expect(await client.describeTopics([])).toEqual([]);
  });

  describe("fetcher", () => {
    const open: Fetcher[] = [];
    afterAll(() => {
      for (const fetcher of open) fetcher.close();
    });

    function fetcherOf(
      isolation: "read_committed" | "read_uncommitted" = "read_committed",
      maxPartitionBytes?: number,
    ): Fetcher {
      const fetcher = client.fetcher({ isolation, maxPartitionBytes, maxWaitMillis: 50 });
      open.push(fetcher);
      return fetcher;
    }

    async function read(fetcher: Fetcher, count: number): Promise<string[]> {
      const values: string[] = [];
      while (values.length < count) for (const each of await fetcher.next()) values.push(...checked(each));
      return values;
    }

    function checked(each: FetchedPartition): string[] {
      expect(each.error).toBeUndefined();
      return valuesIn(each);
    }

    test("reads what is there and what comes, from the offset on", async () => {
      const topic = await newTopic();
      await write(topic, 0, "a", "b");
      await write(topic, 0, "c");
      const fetcher = fetcherOf();
      fetcher.assign({ topic, partition: 0 }, 2);
      expect(await read(fetcher, 1)).toEqual(["c"]);
      expect(fetcher.endOffset({ topic, partition: 0 })).toBe(3);
      await write(topic, 0, "d");
      expect(await read(fetcher, 1)).toEqual(["d"]);
    });

    test("memory that is given back is used again, and not before", async () => {
      const topic = await newTopic(2);
      const text = (letter: string): string => letter.repeat(100_000);
      for (const [i, letter] of ["a", "b", "c", "d"].entries()) await write(topic, i % 2, text(letter));
      const fetcher = fetcherOf("read_committed", 1000);
      fetcher.assign({ topic, partition: 0 }, 0);
      fetcher.assign({ topic, partition: 1 }, 0);
      const held: FetchedPartition[] = [];
      while (held.length < 3) held.push(...(await fetcher.next()));
      const before = held.map((each) => valuesIn(each));
      for (const each of held.slice(1)) {
        fetcher.release(each);
        fetcher.release(each);
      }
      for (let round = 0; round < 4; round++) {
        fetcher.assign({ topic, partition: 0 }, 0);
        for (const each of await fetcher.next()) {
          expect(valuesIn(each)).toEqual([
            text(each.partition === 0 ? (each.offset === 0 ? "a" : "c") : each.offset === 0 ? "b" : "d"),
          ]);
          fetcher.release(each);
        }
      }
      // Never given back: still what it was.
      expect(held.slice(0, 1).map((each) => valuesIn(each))).toEqual(before.slice(0, 1));
    });

    test("small answers cut batches off; every record comes once", async () => {
      const topic = await newTopic(2);
      const expected: string[] = [];
      for (let i = 0; i < 40; i++) {
        expected.push(`${i}-${"x".repeat(200)}`);
        await write(topic, i % 2, expected.at(-1) ?? "");
      }
      const fetcher = fetcherOf("read_committed", 700);
      fetcher.assign({ topic, partition: 0 }, 0);
      fetcher.assign({ topic, partition: 1 }, 0);
      expect((await read(fetcher, 40)).sort()).toEqual([...expected].sort());
    });

    test("an idle partition gives empty answers, poll does not wait", async () => {
      const topic = await newTopic();
      const fetcher = fetcherOf();
      fetcher.assign({ topic, partition: 0 }, 0);
      expect(await fetcher.next()).toEqual([]);
      expect(fetcher.poll()).toBeUndefined();
    });

    test("the longer nothing comes, the less often it is asked; a message comes at once even so", async () => {
      const topic = await newTopic();
      const fetcher = client.fetcher({ isolation: "read_committed", maxWaitMillis: 5000 });
      open.push(fetcher);
      fetcher.assign({ topic, partition: 0 }, 0);
      const asked = performance.now();
      // 50 + 100 + 200 + 400 ms.
      for (let i = 0; i < 4; i++) expect(await fetcher.next()).toEqual([]);
      expect(performance.now() - asked).toBeGreaterThan(700);
      const arrived = read(fetcher, 1);
      await write(topic, 0, "a");
      expect(await arrived).toEqual(["a"]);
    });

    test("pause, resume, unassign and assign anew", async () => {
      const topic = await newTopic(2);
      await write(topic, 0, "a");
      await write(topic, 1, "b");
      const fetcher = fetcherOf();
      fetcher.assign({ topic, partition: 0 }, 0);
      fetcher.assign({ topic, partition: 1 }, 0);
      fetcher.pause({ topic, partition: 1 });
      expect(await read(fetcher, 1)).toEqual(["a"]);
      fetcher.resume({ topic, partition: 1 });
      expect(await read(fetcher, 1)).toEqual(["b"]);
      fetcher.assign({ topic, partition: 0 }, 0);
      fetcher.unassign({ topic, partition: 1 });
      await write(topic, 1, "not read");
      expect(await read(fetcher, 1)).toEqual(["a"]);
      expect(await fetcher.next()).toEqual([]);
    });

    test("an offset that retention has removed is told, the partition rests until it is assigned anew", async () => {
      const topic = await newTopic();
      await write(topic, 0, "a");
      await write(topic, 0, "b");
      await client.admin.deleteRecords({ topic, partition: 0 }, 1);
      expect(await client.offsets([{ topic, partition: 0 }], "earliest", "read_committed")).toEqual([1]);
      const fetcher = fetcherOf();
      fetcher.assign({ topic, partition: 0 }, 0);
      expect(await fetcher.next()).toMatchObject([
        { topic, partition: 0, error: "OFFSET_OUT_OF_RANGE", offset: 0, nextOffset: 0 },
      ]);
      fetcher.assign({ topic, partition: 0 }, 1);
      expect(await read(fetcher, 1)).toEqual(["b"]);
    });

    test("read_committed stops at an open transaction and names aborted ones; nextOffset passes control batches", async () => {
      const topic = await newTopic();
      const partition = { topic, partition: 0 };
      const { transactions } = client;
      const identity = await transactions.init(freshName("tx"), 60_000);
      await transactions.add(identity, [partition]);
      await client.produce([{ ...partition, records: recordBatch(["open"], { ...identity, transactional: true }) }], {
        transactionalId: identity.transactionalId,
      });
      await write(topic, 0, "behind");
      const committed = fetcherOf();
      const uncommitted = fetcherOf("read_uncommitted");
      committed.assign(partition, 0);
      uncommitted.assign(partition, 0);
      expect(await committed.next()).toEqual([]);
      expect(committed.endOffset(partition)).toBe(0);
      expect(await client.offsets([partition], "latest", "read_committed")).toEqual([0]);
      expect(await client.offsets([partition], "latest", "read_uncommitted")).toEqual([2]);
      expect(await read(uncommitted, 2)).toEqual(["open", "behind"]);
      await transactions.end(identity, "abort", await transactions.endVersion());
      let last: FetchedPartition | undefined;
      const seen: string[] = [];
      while (last === undefined || last.nextOffset < 3) {
        for (const each of await committed.next()) {
          seen.push(...checked(each));
          last = each;
          expect(each.aborted).toEqual([{ producerId: identity.producerId, firstOffset: 0 }]);
        }
      }
      expect(seen).toEqual(["behind"]);
      expect(committed.endOffset(partition)).toBe(3);
    });

    test("a topic that is not there is told after the deadline", async () => {
      const impatient = await connectKafka({ "bootstrap.servers": bootstrap(), "default.api.timeout.ms": "300" });
      const fetcher = impatient.fetcher({ isolation: "read_committed" });
      const topic = freshName("missing");
      fetcher.assign({ topic, partition: 0 }, 0);
      expect(await fetcher.next()).toMatchObject([{ topic, error: "UNKNOWN_TOPIC_OR_PARTITION" }]);
      await impatient.close();
    });

    test("closing it ends a wait, and a closed client ends everything", async () => {
      const topic = await newTopic();
      const own = await connectKafka({ "bootstrap.servers": bootstrap() });
      const fetcher = own.fetcher({ isolation: "read_committed", maxWaitMillis: 10_000 });
      fetcher.assign({ topic, partition: 0 }, 0);
      const waiting = fetcher.next();
      fetcher.close();
      await expect(waiting).rejects.toMatchObject({ fault: "CLOSED" });
      await own.close();
      await expect(own.describeTopics([topic])).rejects.toMatchObject({ fault: "CLOSED" });
    });
  });
});
