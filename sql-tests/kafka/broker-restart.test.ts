import { setTimeout as pause } from "node:timers/promises";
import { test } from "vitest";
import { describeOwnKafka } from "../../scripts/kafka-broker/for-tests.ts";
import { startCopy } from "./paced-copy.ts";

describeOwnKafka(
  "a broker that dies and comes back",
  () => ({}),
  (broker) => {
    test("reading and writing go on, nothing is lost or doubled", { timeout: 120_000 }, async () => {
      const bootstrap = broker().bootstrap();
      const copy = await startCopy({ bootstrap, partitions: 2, rows: 20_000, rowsPerSecond: 5000 });
      await pause(1500);
      await broker().kill();
      await pause(500);
      await broker().restart();
      await copy.check();
    });
  },
);
