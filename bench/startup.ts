import { mkdtempSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

/** Millis from the start of the process to its first byte on stdout. */
function firstRowMillis(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    let first: number | undefined;
    child.stdout.on("data", () => (first ??= performance.now() - started));
    child.on("close", (status) =>
      status === 0 && first !== undefined ? resolve(first) : reject(new Error(`exit ${status}`)),
    );
  });
}

/** `-e 'SELECT 1'` and the first row of a CSV: least and median of several starts. */
export async function startup(runs: number): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-startup-"));
  writeFileSync(join(folder, "in.csv"), "1,a\n2,b\n3,c\n");
  const csv = `CREATE TABLE t (id INT, name STRING) WITH ('connector'='filesystem','path'='${folder}/in.csv','format'='csv'); SELECT id, UPPER(name) FROM t WHERE id > 1;`;
  const results: unknown[] = [];
  for (const [name, sql, goal] of [
    ["SELECT 1", "SELECT 1", 150],
    ["first row of a CSV", csv, 200],
  ] as const) {
    const times: number[] = [];
    for (let i = 0; i < runs; i++) times.push(await firstRowMillis(["-e", sql]));
    times.sort((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)]!;
    console.log(`${name}: least ${times[0]!.toFixed(0)} ms, median ${median.toFixed(0)} ms (goal < ${goal} ms)`);
    results.push({ name, leastMillis: times[0], medianMillis: median });
  }
  return results;
}
