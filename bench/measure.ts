import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What one run of the CLI cost. */
export interface Measurement {
  readonly wallSeconds: number;
  /** User and system time of the whole process, start-up included. */
  readonly cpuSeconds: number;
  /** Of the main thread; undefined: the system does not say. */
  readonly mainCpuSeconds?: number | undefined;
  readonly rssMegabytes: number;
  readonly stdout: string;
}

/** Runs the built CLI once; throws when it fails. */
export function measure(args: readonly string[]): Measurement {
  const { argv, env, read } = underMeasure(args);
  const started = performance.now();
  const run = spawnSync(process.execPath, argv, { encoding: "utf8", env, maxBuffer: MAX_OUTPUT });
  const wallSeconds = (performance.now() - started) / 1000;
  if (run.status !== 0) throw new Error(`millrace ${args.join(" ")} failed: ${run.stderr}`);
  return { wallSeconds, ...read(), stdout: run.stdout };
}

/** Runs the built CLI in several processes at the same time; rejects when one fails. */
export async function measureTogether(processes: number, args: readonly string[]): Promise<readonly Measurement[]> {
  return await Promise.all(
    Array.from({ length: processes }, async () => {
      const { argv, env, read } = underMeasure(args);
      const started = performance.now();
      const { stdout } = await promisify(execFile)(process.execPath, argv, { env, maxBuffer: MAX_OUTPUT });
      return { wallSeconds: (performance.now() - started) / 1000, ...read(), stdout };
    }),
  );
}

const MAX_OUTPUT = 1 << 28;

/** How the CLI is run so that it says at its end what it has used, and how that is read then, once. */
function underMeasure(args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const usageFile = join(folder, "usage.json");
  return {
    argv: ["--require", join(ROOT, "bench/usage.cjs"), join(ROOT, "dist/cli.js"), ...args],
    env: { ...process.env, BENCH_USAGE: usageFile },
    read: () => {
      const usage = JSON.parse(readFileSync(usageFile, "utf8")) as Pick<
        Measurement,
        "cpuSeconds" | "mainCpuSeconds" | "rssMegabytes"
      >;
      rmSync(folder, { recursive: true, force: true });
      return usage;
    },
  };
}

/** The run with the least CPU of several: other work on the machine only ever adds. */
export function best(runs: number, args: readonly string[]): Measurement {
  const all = Array.from({ length: runs }, () => measure(args));
  return all.reduce(cheaper);
}

export function cheaper(a: Measurement, b: Measurement): Measurement {
  return b.cpuSeconds < a.cpuSeconds ? b : a;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);
}
