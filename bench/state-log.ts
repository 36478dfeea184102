import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.ts";

const MODES: Readonly<Record<string, string>> = {
  "no state log": "",
  "log (500 ms)": "SET 'state.synchronization' = 'continuous';",
  "log and checkpoints (10 s)":
    "SET 'state.synchronization' = 'continuous'; SET 'execution.checkpointing.interval' = '10 s';",
  "checkpoints (1 s), no log": "SET 'execution.checkpointing.interval' = '1 s';",
};

/** A keyed aggregate whose every row changes a key at random. */
function script(folder: string, settings: string, rows: number, keys: number): string {
  const file = join(folder, "job.sql");
  writeFileSync(
    file,
    `SET 'execution.checkpointing.dir' = '${folder}/checkpoints';
SET 'pipeline.name' = 'job';
${settings}
CREATE TABLE events (k BIGINT, v BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '${rows}', 'rows-per-second' = '1000000000',
  'fields.k.min' = '1', 'fields.k.max' = '${keys}', 'fields.v.min' = '1', 'fields.v.max' = '1000');
CREATE TABLE totals (k BIGINT, n BIGINT, s BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO totals SELECT k, COUNT(*), SUM(v) FROM events GROUP BY k;
`,
  );
  return file;
}

/** What a log of the changes costs a keyed aggregate, as a part of its throughput: the modes in turns, the least time of each. */
export async function stateLogBench(rows: number, keys: number, runs: number): Promise<unknown> {
  const least = new Map<string, Cost>();
  for (let run = 0; run < runs; run++) {
    for (const [mode, settings] of Object.entries(MODES)) {
      const folder = mkdtempSync(join(tmpdir(), "millrace-state-log-"));
      const now = await measure(["run", script(folder, settings, rows, keys), "--quiet"]);
      const known = least.get(mode);
      least.set(mode, {
        wall: Math.min(now.wallSeconds, known?.wall ?? Infinity),
        main: Math.min(now.mainCpuSeconds ?? Number.NaN, known?.main ?? Infinity),
        all: Math.min(now.cpuSeconds, known?.all ?? Infinity),
      });
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const [plain] = least.values();
  const part = (value: number, of: number): string => `${((100 * of) / value).toFixed(0)} %`;
  for (const [mode, { wall, main, all }] of least)
    console.log(
      `${mode.padEnd(28)} ${wall.toFixed(2)} s, ${Math.round(rows / wall).toLocaleString("en")} rows/s (${part(wall, plain!.wall)}), ` +
        `main thread ${main.toFixed(2)} CPU s (${part(main, plain!.main)}), all threads ${all.toFixed(2)}`,
    );
  return Object.fromEntries(least);
}

/** Seconds. */
interface Cost {
  readonly wall: number;
  /** CPU of the thread that the rows go through: what it costs where other work does not keep the machine busy. */
  readonly main: number;
  /** CPU of all threads. */
  readonly all: number;
}
