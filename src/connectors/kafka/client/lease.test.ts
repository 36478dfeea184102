import { beforeAll, expect, test } from "vitest";
import { describeKafka, freshName } from "../../../../scripts/kafka-broker/for-tests.ts";
import type { KafkaClient, LeaseOptions } from "./api.ts";
import { connectKafka } from "./index.ts";

describeKafka("Kafka lease", (bootstrap) => {
  let client: KafkaClient;
  let other: KafkaClient;
  beforeAll(async () => {
    client = await connectKafka({ "bootstrap.servers": bootstrap() });
    other = await connectKafka({ "bootstrap.servers": bootstrap() });
    return async () => {
      await client.close();
      await other.close();
    };
  });

  function asking(owner: string, lost: Error[] = []): LeaseOptions {
    return { owner, holderText: `job ${owner}`, sessionTimeoutMillis: 2000, onLost: (error) => lost.push(error) };
  }

  test("one owner holds it, another one is refused by the holder's name, and gets it after release", async () => {
    const name = freshName("lease");
    const lost: Error[] = [];
    const lease = await client.lease(name, asking("one", lost));
    expect(lease.held).toBe(true);
    await expect(other.lease(name, asking("two"))).rejects.toMatchObject({
      message: expect.stringContaining("in use by job one") as string,
      hint: expect.stringContaining("Two jobs must not share it") as string,
    });
    // The rebalance that the visitor caused has not cost the holder its place.
    await new Promise((resolve) => {
      setTimeout(resolve, 1500);
    });
    expect(lease.held).toBe(true);
    expect(lost).toEqual([]);
    await lease.release();
    expect(lease.held).toBe(false);
    const second = await other.lease(name, asking("two"));
    expect(second.held).toBe(true);
    await second.release();
  });

  test("the same owner takes over at once, which the old one notices", async () => {
    const name = freshName("lease");
    const lost: Error[] = [];
    const old = await client.lease(name, asking("run", lost));
    const started = performance.now();
    const lease = await other.lease(name, asking("run"));
    expect(performance.now() - started).toBeLessThan(1500);
    await expect.poll(() => old.held, { timeout: 5000 }).toBe(false);
    expect(lost).toMatchObject([
      { fault: "FENCED_INSTANCE_ID", message: expect.stringContaining("started again") as string },
    ]);
    // And goes on to refuse others, though it never led the group from its start.
    await expect(client.lease(name, asking("stranger"))).rejects.toMatchObject({
      message: expect.stringContaining("in use by job run") as string,
    });
    expect(lease.held).toBe(true);
    await lease.release();
  });

  test("a holder that died makes room when its session is over", async () => {
    const name = freshName("lease");
    const dying = await connectKafka({ "bootstrap.servers": bootstrap() });
    await dying.lease(name, asking("dead"));
    await dying.close();
    const lease = await other.lease(name, asking("heir"));
    expect(lease.held).toBe(true);
    await lease.release();
  });
});
