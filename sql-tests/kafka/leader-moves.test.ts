import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { describeKafkaCluster } from "../../scripts/kafka-broker/for-tests.ts";
import { startCopy } from "./paced-copy.ts";

describeKafkaCluster("three brokers, each killed once", (brokers) => {
  test(
    "leaders and coordinators move; reading and writing go on, nothing is lost or doubled",
    { timeout: 240_000 },
    async () => {
      const bootstrap = brokers()
        .map((broker) => broker.bootstrap())
        .join(",");
      const copy = await startCopy({
        bootstrap,
        partitions: 3,
        replicationFactor: 3,
        rows: 60_000,
        rowsPerSecond: 2000,
      });
      for (const broker of brokers()) {
        await pause(2000);
        expect(copy.isRunning, "the copy ended before all brokers were killed").toBe(true);
        await broker.kill();
        await pause(2500);
        await broker.restart();
      }
      await copy.check();
    },
  );
});
