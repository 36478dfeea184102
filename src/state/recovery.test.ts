import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

/** A job in a process of its own: numbers → count per remainder in keyed state → two sinks that commit by renaming files. */
const JOB = `
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { CheckpointCoordinator, commitRestored } from "SRC/checkpoint/coordinator.ts";
import { FilesystemStorage } from "SRC/checkpoint/filesystem-storage.ts";
import { systemTimer } from "SRC/checkpoint/timer.ts";
import { columnOf } from "SRC/batch/column-builder.ts";
import { T } from "SRC/types/data-type.ts";
import { createOperatorState } from "SRC/state/operator-state.ts";
import { readSnapshots } from "SRC/state/restored-state.ts";

const [dir] = process.argv.slice(-1);
const TOTAL = 600;
for (const name of ["pending", "committed"]) mkdirSync(dir + "/" + name, { recursive: true });
const storage = new FilesystemStorage({ directory: dir + "/checkpoints", compression: "gzip", nowMillis: Date.now });
const found = await storage.newestRun("job");
const run = found === undefined ? await storage.createRun("job") : await storage.openRun("job", found.run);
const checkpoint = await run.newest((reason) => console.error(reason));
const files = checkpoint?.metadata.snapshots.find((s) => s.operatorId === "count").stateFiles ?? [];
const restore = checkpoint && await readSnapshots(await Promise.all(files.map((file) => checkpoint.readFile(file))));
const state = createOperatorState({ clock: { nowMillis: Date.now }, maxParallelism: 128, restore });
const table = state.table({ name: "counts", keys: [{ name: "k", type: T.int() }], fields: [{ name: "n", type: T.bigint(), initial: 0n }], ttlMillis: 0 });
state.checkAllRestored(false);
let position = checkpoint?.metadata.snapshots.find((s) => s.operatorId === "source").positions.all ?? 0;

const sinks = ["a", "b"].map((name) => ({ name, rows: [] }));
const listeners = sinks.map(({ name }) => ({
  operatorId: name,
  checkpointComplete: (id, snapshots) => {
    for (const file of snapshots.flatMap((s) => s.committables)) {
      if (existsSync(dir + "/pending/" + file)) renameSync(dir + "/pending/" + file, dir + "/committed/" + file);
    }
  },
}));
if (checkpoint) await commitRestored(checkpoint.metadata, listeners);
for (const file of readdirSync(dir + "/pending")) rmSync(dir + "/pending/" + file);

let barrier;
const coordinator = new CheckpointCoordinator({
  run, timer: systemTimer, maxParallelism: 128, properties: {}, firstId: (await run.highestId()) + 1, listeners,
  options: { intervalMillis: 0, minPauseMillis: 0, timeoutMillis: 60000, tolerableFailures: 0, retained: 1 },
  participants: ["source", "count", "a", "b"].map((operatorId) => ({ operatorId, subtask: 0, trigger: operatorId === "source" ? ({ checkpointId }) => (barrier = checkpointId) : undefined })),
  onFatal: (error) => { throw error; }, onWarning: (message) => console.error(message),
});
const answer = (checkpointId) => {
  coordinator.acknowledge({ checkpointId, operatorId: "source", subtask: 0, positions: { all: position } });
  const frozen = state.freeze();
  const pending = { write: async (target) => [await target.writeFile("count#0", frozen.write())], release: () => frozen.release() };
  coordinator.acknowledge({ checkpointId, operatorId: "count", subtask: 0, state: pending });
  for (const sink of sinks) {
    const file = sink.name + "-" + checkpointId + "-" + run.attempt;
    writeFileSync(dir + "/pending/" + file, sink.rows.map((row) => row + "\\n").join(""));
    sink.rows = [];
    coordinator.acknowledge({ checkpointId, operatorId: sink.name, subtask: 0, committables: [file] });
  }
};
const slots = new Int32Array(1);
const step = () => {
  table.prepare([columnOf(T.int(), [position % 7])], undefined, 1, slots);
  table.touchOne(slots[0]);
  table.columns[0].values[slots[0]] += 1n;
  for (const sink of sinks) sink.rows.push(position + ":" + table.columns[0].values[slots[0]]);
  position += 1;
};
const checkpointNow = async (kind) => {
  const done = coordinator.trigger(kind);
  while (barrier === undefined) await new Promise(setImmediate);
  const id = barrier;
  barrier = undefined;
  answer(id);
  // The stream goes on while the state is written.
  if (kind === "checkpoint") for (let i = 0; i < 20 && position < TOTAL; i++) step();
  await done;
};
while (position < TOTAL) {
  for (let i = 0; i < 80 && position < TOTAL; i++) step();
  if (position < TOTAL) await checkpointNow("checkpoint");
}
await checkpointNow("final");
await run.setStatus("finished");
await run.release();
console.log("attempt " + run.attempt);
`.replaceAll("SRC", join(import.meta.dirname, ".."));

function start(directory: string, fault?: string): { signal: string | null; stdout: string; stderr: string } {
  const env = { ...process.env, MILLRACE_FAULT: fault };
  const done = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", JOB, directory], { env });
  return { signal: done.signal, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
}

test.each([
  ["checkpoint.before-durable:1"],
  ["checkpoint.before-durable:3"],
  ["checkpoint.durable-not-complete:3"],
  ["checkpoint.complete-not-committed:3"],
  ["commit.between:3"],
  ["checkpoint.complete-not-committed:2", "restore"],
  ["commit.between:2", "commit.after-restore"],
  ["checkpoint.complete-not-committed:2", "commit.after-restore:2"],
])("killed at %s %s, both sinks have every row once and the state goes on", { timeout: 60_000 }, (...faults) => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-recovery-"));
  for (const fault of faults) expect(start(directory, fault)).toMatchObject({ signal: "SIGKILL", stderr: "" });
  expect(start(directory)).toMatchObject({ signal: null, stderr: "", stdout: `attempt ${faults.length + 1}\n` });
  const expected = Array.from({ length: 600 }, (_, i) => `${i}:${Math.floor(i / 7) + 1}`);
  for (const sink of ["a", "b"]) {
    const files = readdirSync(join(directory, "committed")).filter((name) => name.startsWith(sink));
    const rows = files.flatMap((name) =>
      readFileSync(join(directory, "committed", name), "utf8")
        .trim()
        .split("\n"),
    );
    expect(rows.sort((x, y) => Number.parseInt(x, 10) - Number.parseInt(y, 10))).toEqual(expected);
  }
  expect(readdirSync(join(directory, "pending"))).toEqual([]);
  rmSync(directory, { recursive: true });
});
