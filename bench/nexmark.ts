import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeEvents } from "./events.ts";
import { FLINK, measureFlink } from "./flink.ts";
import { best, cheaper, geometricMean, type Measurement } from "./measure.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** All that have a figure of Flink. */
const QUERIES = Object.keys(FLINK.file);

/** Runs of a query in one process, of which all but the first are warm. */
const PASSES = 3;

export interface NexmarkOptions {
  readonly events: number;
  readonly runs: number;
  readonly queries: readonly string[];
  readonly sources: readonly ("file" | "generator")[];
  /** State backend; `rocksdb`: with exactly-once checkpoints every 10 s and 1 GB of memory for state, as Flink was measured. */
  readonly backend: "memory" | "rocksdb";
  readonly threads: number;
  /** Measure Flink too, each query right after ours (`FLINK_HOME` and `FLINK_BENCH` must be set). */
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
 * Nexmark into `blackhole`: events/s, CPU seconds per million events (whole process), peak RSS, ratio to Flink. Flink's figures
 * are of passes in a JVM that had run the query before, without its start and planning; so the ratio stands there once more
 * for a second and third pass in one process (their mean; planned anew, from empty state).
 */
export async function nexmark(options: NexmarkOptions): Promise<unknown> {
  if (options.flink && (process.env["FLINK_HOME"] === undefined || process.env["FLINK_BENCH"] === undefined))
    throw new Error("--flink: set FLINK_HOME (a Flink 2.2.1) and FLINK_BENCH (the script bench-flink of the harness)");
  const file = await eventsFile(options.events);
  const results: unknown[] = [];
  for (const source of options.sources) {
    const setting = `${options.backend} state, ${options.threads} thread(s)`;
    console.log(
      `\n${source}, ${setting}: ${options.events.toLocaleString("en")} events → blackhole, best of ${options.runs}`,
    );
    console.log("query   events/s   CPU s/M   RSS MB   Flink CPU s/M   ratio   warm CPU s/M   ratio");
    const ratios: number[] = [];
    const warmRatios: number[] = [];
    const storedRatios: number[] = [];
    for (const query of options.queries) {
      const sourceTable = sourceOptions(source, file, options.events);
      const measured = (passes: number): Promise<Measurement> =>
        best(options.runs, ["run", script(query, sourceTable, passes), "--quiet", ...settingArguments(options)]);
      const before = await measured(1);
      const now = options.flink
        ? measureFlink(query, {
            events: source === "file" ? file : options.events,
            backend: options.backend,
          })
        : undefined;
      // The speed of the machine changes within minutes: what stands beside Flink's passes is measured on both sides of them.
      const run = now === undefined ? before : cheaper(before, await measured(1));
      const perMillion = run.cpuSeconds / (options.events / 1e6);
      const warm = ((await measured(PASSES)).cpuSeconds - run.cpuSeconds) / (PASSES - 1) / (options.events / 1e6);
      const stored = FLINK[options.backend === "rocksdb" && source === "file" ? "rocksdb" : source][query];
      const flink = now ?? stored;
      if (stored !== undefined) storedRatios.push(perMillion / stored);
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
          )} ${perMillion.toFixed(3).padStart(9)} ${run.rssMegabytes.toFixed(0).padStart(8)} ${(flink ?? Number.NaN).toFixed(2).padStart(15)} ${ratio(perMillion).padStart(7)} ${warm.toFixed(3).padStart(14)} ${ratio(warm).padStart(7)}`,
      );
      results.push({
        source,
        query,
        events: options.events,
        perMillion,
        warmPerMillion: warm,
        wallSeconds: run.wallSeconds,
        rssMegabytes: run.rssMegabytes,
        flink,
        flinkStored: stored,
      });
    }
    if (ratios.length > 0)
      console.log(
        `geometric mean: 1/${(1 / geometricMean(ratios)).toFixed(1)} of Flink's CPU, warm 1/${(1 / geometricMean(warmRatios)).toFixed(1)}${
          options.flink
            ? ` (measured in this run; of its stored figures 1/${(1 / geometricMean(storedRatios)).toFixed(1)})`
            : ""
        }`,
      );
  }
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

/** The script of a query, which it runs `passes` times, one after the other. */
function script(query: string, source: string, passes: number): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-nexmark-"));
  const ddl = readFileSync(join(HERE, "nexmark/ddl.sql"), "utf8").replace("${SOURCE}", source);
  const text = readFileSync(join(HERE, `nexmark/${query}.sql`), "utf8").replace("${SINK}", "'connector' = 'blackhole'");
  const insert = text.indexOf("INSERT INTO");
  const statement = text.slice(insert).trim().replace(/;$/, "");
  const file = join(folder, `${query}.sql`);
  writeFileSync(
    file,
    `SET 'table.local-time-zone' = 'UTC';\n${ddl}\n${text.slice(0, insert)}${`${statement};\n`.repeat(passes)}`,
  );
  return file;
}
