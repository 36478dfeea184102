import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-"));
  const usageFile = join(folder, "usage.json");
  const started = performance.now();
  const run = spawnSync(
    process.execPath,
    ["--require", join(ROOT, "bench/usage.cjs"), join(ROOT, "dist/cli.js"), ...args],
    {
      encoding: "utf8",
      env: { ...process.env, BENCH_USAGE: usageFile },
      maxBuffer: 1 << 28,
    },
  );
  const wallSeconds = (performance.now() - started) / 1000;
  if (run.status !== 0) throw new Error(`millrace ${args.join(" ")} failed: ${run.stderr}`);
  const usage = JSON.parse(readFileSync(usageFile, "utf8")) as {
    readonly cpuSeconds: number;
    readonly mainCpuSeconds?: number | undefined;
    readonly rssMegabytes: number;
  };
  rmSync(folder, { recursive: true, force: true });
  return { wallSeconds, ...usage, stdout: run.stdout };
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
