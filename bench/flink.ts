import { spawnSync } from "node:child_process";

/** CPU seconds per million events of Apache Flink 2.2.1, warm JVM, best of three passes, on a 2-core machine. */
export const FLINK: Readonly<Record<"file" | "generator" | "rocksdb", Readonly<Record<string, number>>>> = {
  file: {
    q0: 3.17,
    q1: 3.36,
    q2: 3.03,
    q3: 2.88,
    q4: 7.35,
    q5: 4.26,
    q7: 8.38,
    q8: 3.14,
    q9: 10.1,
    q11: 4.92,
    q12: 3.51,
    q15: 4.1,
    q16: 8.77,
    q17: 4.78,
    q18: 5.27,
    q19: 6.59,
    q20: 7.26,
    q21: 5.31,
    q22: 3.5,
    q23: 13.67,
  },
  generator: {
    q0: 1.13,
    q1: 1.04,
    q2: 1.0,
    q3: 1.03,
    q4: 6.11,
    q5: 2.28,
    q7: 6.53,
    q8: 1.28,
    q9: 10.23,
    q11: 2.68,
    q12: 1.95,
    q15: 2.79,
    q16: 6.16,
    q17: 2.08,
    q18: 3.73,
    q19: 5.67,
    q20: 4.57,
    q21: 2.71,
    q22: 1.88,
    q23: 7.8,
  },
  // Events from the file, exactly-once checkpoints every 10 s, 1 GB of managed memory.
  rocksdb: {
    q4: 15.98,
    q5: 9.53,
    q7: 19.68,
    q8: 5.5,
    q9: 22.37,
    q11: 15.12,
    q16: 12.29,
    q18: 9.88,
    q20: 19.37,
  },
};

/** Queries that are cheaper in Flink with mini-batch, which the stored figures therefore have. */
const MINI_BATCH = new Set(["q4", "q9", "q15", "q16"]);

/** What Flink reads, and where it keeps state. */
export interface FlinkRun {
  /** A file of JSON lines, or how many events its generator makes. */
  readonly events: string | number;
  readonly backend: "memory" | "rocksdb";
}

/**
 * CPU seconds per million events of real Flink on this machine now, as the stored figures were measured: one JVM, object
 * reuse, warmed up with as many events, the best of three passes. `FLINK_HOME`: a Flink 2.2.1; `FLINK_BENCH`: the script of
 * the harness. Throws when it fails.
 */
export function measureFlink(query: string, { events, backend }: FlinkRun): number {
  const source = typeof events === "number" ? `gen:${events}` : events;
  const rocksdb = backend === "rocksdb";
  const run = spawnSync(
    process.env["FLINK_BENCH"] ?? "bench-flink",
    [
      query,
      source,
      "--warmup",
      source,
      "--runs",
      "3",
      ...(rocksdb ? ["--backend", "rocksdb", "--checkpoint", "10s"] : []),
      ...(rocksdb || MINI_BATCH.has(query) ? ["--minibatch", "true"] : []),
    ],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );
  const passes = run.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => (JSON.parse(line) as { readonly cpu_s_per_million: number }).cpu_s_per_million);
  if (passes.length === 0) throw new Error(`Flink ${query} failed: ${run.stderr.slice(-2000)}`);
  return Math.min(...passes);
}
