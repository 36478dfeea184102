import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// vitest asks for a default export; it is the only one in the tree.
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "sql-tests/**/*.test.ts", "scripts/**/*.test.ts", "bench/**/*.test.ts"],
    testTimeout: 30_000,
    // Many tests wait for processes and servers: two at a time also where there are two cores only.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // What a broker has answered may be seen a moment later, and machines are slow at times.
    expect: { poll: { timeout: 10_000 } },
    globalSetup: "scripts/kafka-broker/global-setup.ts",
  },
});
