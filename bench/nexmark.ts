import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeEvents } from "./events.ts";
import { best, geometricMean, type Measurement } from "./measure.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** CPU seconds per million events of Apache Flink 2.2.1, warm JVM, best of three passes, on a 2-core machine. */
const FLINK: Readonly<Record<"file" | "generator" | "rocksdb", Readonly<Record<string, number>>>> = {
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

/** All that have a figure of Flink. */
const QUERIES = Object.keys(FLINK.file);

export interface NexmarkOptions {
  readonly events: number;
  readonly runs: number;
  readonly queries: readonly string[];
  readonly sources: readonly ("file" | "generator")[];
  /** State backend; `rocksdb`: with exactly-once checkpoints every 10 s and 1 GB of memory for state, as Flink was measured. */
  readonly backend: "memory" | "rocksdb";
  readonly threads: number;
  /** Measure Flink in the same sitting (`FLINK_HOME` and `FLINK_BENCH` must be set). */
  readonly flink: boolean;
}

export const NEXMARK_DEFAULTS: NexmarkOptions = {
  events: 2_000_000,
  runs: 3,
  queries: QUERIES,
  sources: ["file", "generator"],
  backend: "memory",
  threads: 1,
  flink: false,
};

/**
 * Nexmark into `blackhole`: events/s, CPU seconds per million events (whole process), peak RSS, ratio to Flink; the ratio
 * once more without what the same script costs for one event, since Flink's figure is of a JVM that was there and warm.
 */
export async function nexmark(options: NexmarkOptions): Promise<unknown> {
  const file = await eventsFile(options.events);
  const oneEvent = await eventsFile(1);
  const results: unknown[] = [];
  for (const source of options.sources) {
    const setting = `${options.backend} state, ${options.threads} thread(s)`;
    console.log(
      `\n${source}, ${setting}: ${options.events.toLocaleString("en")} events → blackhole, best of ${options.runs}`,
    );
    console.log("query   events/s   CPU s/M   RSS MB   Flink CPU s/M   ratio   without start");
    const ratios: number[] = [];
    const warmRatios: number[] = [];
    for (const query of options.queries) {
      const measured = (events: string, count: number): Measurement =>
        best(options.runs, [
          "run",
          script(query, sourceOptions(source, events, count)),
          "--quiet",
          ...settingArguments(options),
        ]);
      const run = measured(file, options.events);
      const start = measured(oneEvent, 1);
      const perMillion = run.cpuSeconds / (options.events / 1e6);
      const warm = (run.cpuSeconds - start.cpuSeconds) / (options.events / 1e6);
      const flink = FLINK[options.backend === "rocksdb" && source === "file" ? "rocksdb" : source][query];
      if (flink !== undefined) {
        ratios.push(perMillion / flink);
        warmRatios.push(warm / flink);
      }
      const ratio = (cost: number): string => (flink === undefined ? "" : `1/${(flink / cost).toFixed(1)}`);
      console.log(
        `${query.padEnd(6)} ${Math.round(options.events / run.wallSeconds)
          .toLocaleString("en")
          .padStart(
            9,
          )} ${perMillion.toFixed(3).padStart(9)} ${run.rssMegabytes.toFixed(0).padStart(8)} ${(flink ?? Number.NaN).toFixed(2).padStart(15)} ${ratio(perMillion).padStart(7)} ${ratio(warm).padStart(15)}`,
      );
      results.push({
        source,
        query,
        events: options.events,
        perMillion,
        startSeconds: start.cpuSeconds,
        wallSeconds: run.wallSeconds,
        rssMegabytes: run.rssMegabytes,
        flink,
      });
    }
    if (ratios.length > 0)
      console.log(
        `geometric mean: 1/${(1 / geometricMean(ratios)).toFixed(1)} of Flink's CPU, without start 1/${(1 / geometricMean(warmRatios)).toFixed(1)}`,
      );
  }
  if (options.flink) results.push(...measureFlink(file));
  return results;
}

function settingArguments({ backend, threads }: NexmarkOptions): string[] {
  const settings: Record<string, string> = {};
  if (threads > 1) settings["parallelism.default"] = String(threads);
  if (backend !== "memory") {
    settings["state.backend.type"] = backend;
    settings["state.memory.limit"] = "1 gb";
    settings["execution.checkpointing.interval"] = "10 s";
    settings["execution.checkpointing.dir"] = mkdtempSync(join(tmpdir(), "millrace-nexmark-checkpoints-"));
  }
  return Object.entries(settings).flatMap(([key, value]) => ["-D", `${key}=${value}`]);
}

/** The events as JSON lines, made once by millrace's own generator. */
async function eventsFile(events: number): Promise<string> {
  const file = join(HERE, "data", `events-${events}.jsonl`);
  if (existsSync(file)) return file;
  mkdirSync(join(HERE, "data"), { recursive: true });
  console.log(`making ${file} (once) …`);
  await writeEvents(file, events);
  return file;
}

function sourceOptions(source: "file" | "generator", file: string, events: number): string {
  return source === "file"
    ? `'connector' = 'filesystem', 'format' = 'json', 'path' = '${file}'`
    : `'connector' = 'nexmark', 'events.num' = '${events}', 'base-time' = '1436918400000'`;
}

function script(query: string, source: string): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-nexmark-"));
  const ddl = readFileSync(join(HERE, "nexmark/ddl.sql"), "utf8").replace("${SOURCE}", source);
  const text = readFileSync(join(HERE, `nexmark/${query}.sql`), "utf8").replace("${SINK}", "'connector' = 'blackhole'");
  const file = join(folder, `${query}.sql`);
  writeFileSync(file, `SET 'table.local-time-zone' = 'UTC';\n${ddl}\n${text}`);
  return file;
}

/** q0 and q5 of real Flink on this machine now, so that the stored figures can be scaled. */
function measureFlink(file: string): unknown[] {
  const command = process.env["FLINK_BENCH"];
  if (command === undefined || process.env["FLINK_HOME"] === undefined) {
    console.log("\n--flink: skipped, set FLINK_HOME (a Flink 2.2.1) and FLINK_BENCH (the bench-flink script)");
    return [];
  }
  return ["q0", "q5"].map((query) => {
    const run = spawnSync(command, [query, file, "--warmup", file, "--runs", "2"], { encoding: "utf8" });
    const lines = run.stdout.split("\n").filter((line) => line.startsWith("{"));
    const line = JSON.parse(lines.at(-1) ?? "{}") as { readonly cpu_s_per_million?: number };
    console.log(
      `Flink ${query} here and now: ${line.cpu_s_per_million ?? "failed"} CPU s/M (stored: ${FLINK.file[query]})`,
    );
    return { source: "flink", query, perMillion: line.cpu_s_per_million };
  });
}
