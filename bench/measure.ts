import { execFile } from "node:child_process";
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

/** Runs the built CLI once; rejects when it fails. */
export async function measure(args: readonly string[]): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const usageFile = join(folder, "usage.json");
  const started = performance.now();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--require", join(ROOT, "bench/usage.cjs"), join(ROOT, "dist/cli.js"), ...args],
    { env: { ...process.env, BENCH_USAGE: usageFile }, maxBuffer: 1 << 28 },
  );
  const wallSeconds = (performance.now() - started) / 1000;
  const usage = JSON.parse(readFileSync(usageFile, "utf8")) as Pick<
    Measurement,
    "cpuSeconds" | "mainCpuSeconds" | "rssMegabytes"
  >;
  rmSync(folder, { recursive: true, force: true });
  return { wallSeconds, ...usage, stdout };
}

/** The run with the least CPU of several: other work on the machine only ever adds. */
export async function best(runs: number, args: readonly string[]): Promise<Measurement> {
  let least = await measure(args);
  for (let run = 1; run < runs; run++) least = cheaper(least, await measure(args));
  return least;
}

export function cheaper(a: Measurement, b: Measurement): Measurement {
  return b.cpuSeconds < a.cpuSeconds ? b : a;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);
}
