import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { MemoryRun } from "./memory-storage.ts";
import type { Acknowledgement } from "./participant.ts";
import type { CheckpointWriter, SegmentLog } from "./storage.ts";
import { pieces, job } from "./coordinator.test-helper.ts";

function savepoint(directory: string, last: boolean) {
  return { directory, compression: "none" as const, last };
}

test("a savepoint on the way commits nothing: what it prepared is committed with the next checkpoint", async () => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-coordinator-"));
  const { coordinator, timer, drain, settled, source, sink, run } = job();
  coordinator.start();
  const taken = coordinator.trigger("savepoint", savepoint(directory, false));
  await settled();
  let released = 0;
  const state: Acknowledgement["state"] = {
    write: async (target) => [await target.writeFile("source#0", pieces())],
    completed: () => {
      throw new SqlError("BUG", "an increment would build on a savepoint");
    },
    release: () => void released++,
  };
  coordinator.acknowledge({ checkpointId: 1, operatorId: "source", subtask: 0, state });
  sink(1);
  const { location } = await taken;
  const metadata = JSON.parse(readFileSync(join(location, "_metadata"), "utf8")) as { snapshots: unknown[] };
  expect(metadata.snapshots[1]).toMatchObject({ committables: ["file-1"] });
  expect(released).toBe(1);
  expect(drain()).toEqual(["trigger source 1 savepoint", "trigger sink 1 savepoint"]);
  timer.advance(100);
  await settled();
  source(2);
  sink(2);
  await settled();
  expect(drain()).toContain('complete sink 2 [["file-1","file-2"]]');
  expect(run.entries.map(({ record }) => ("kind" in record ? [record.id, record.kind, record.status] : []))).toEqual([
    [1, "savepoint", "completed"],
    [2, "checkpoint", "completed"],
  ]);
  rmSync(directory, { recursive: true });
});

test("the last savepoint commits, and no periodic checkpoint follows", async () => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-coordinator-"));
  const { coordinator, timer, drain, settled, source, sink } = job();
  coordinator.start();
  const taken = coordinator.trigger("savepoint", savepoint(directory, true));
  await settled();
  source(1);
  sink(1);
  await taken;
  expect(drain()).toContain('complete sink 1 [["file-1"]]');
  timer.advance(1000);
  await settled();
  expect(drain()).toEqual([]);
  rmSync(directory, { recursive: true });
});

test("a savepoint that fails says nothing of the job's checkpoints", async () => {
  const { coordinator, timer, drain, settled } = job({ tolerableFailures: 0 });
  coordinator.start();
  await expect(coordinator.trigger("savepoint", savepoint("/dev/null/x", false))).rejects.toMatchObject({
    code: "CHECKPOINT_FAILED",
  });
  expect(drain()).toEqual(["aborted source 1", "aborted sink 1"]);
  timer.advance(100);
  await settled();
  expect(drain()).toEqual(["trigger source 2", "trigger sink 2"]);
});

/** A run with a log: what its segments hold, by number. */
class LoggingRun extends MemoryRun {
  readonly written = new Map<number, readonly Json[]>();
  failing = false;
  retained = 0;
  readonly log: SegmentLog = {
    due: "segment",
    status: { segments: 0, bytes: 0, lastId: 0, lastMillis: 0, ageMillis: 0, gapMillis: 0, lastRawBytes: 0 },
    segment: (id): CheckpointWriter => ({
      id,
      kind: "checkpoint",
      isSegment: true,
      location: `segment ${id}`,
      writeFile: async () => Promise.reject(new Error("no state")),
      addFile: async () => Promise.reject(new Error("no state")),
      complete: async ({ snapshots }) => {
        if (this.failing) throw new SqlError("IO", "the storage is away", { retryable: true });
        this.written.set(
          id,
          snapshots.flatMap((snapshot) => snapshot.committables),
        );
      },
      abort: async () => undefined,
    }),
  };

  override async retain(): Promise<void> {
    this.retained += 1;
  }
}

test("a segment is committed as a checkpoint is, but not counted, and nothing is removed for it", async () => {
  const run = new LoggingRun("job", "run");
  const { coordinator, source, sink, drain, settled } = job({ intervalMillis: 0 }, run);
  coordinator.start();
  const segment = coordinator.trigger("segment");
  await settled();
  expect(drain()).toEqual(["trigger source 1", "trigger sink 1"]);
  source(1);
  sink(1);
  expect(await segment).toMatchObject({ id: 1, location: "segment 1" });
  expect(drain()).toEqual(['complete sink 1 [["file-1"]]', 'complete source 1 [{"0":10}]']);
  expect(coordinator.statistics()).toMatchObject({ completed: 0, lastCompleted: undefined });
  expect([run.entries, run.retained]).toEqual([[], 0]);
});

test("a segment that fails is borne, and the next one commits what it would have", async () => {
  const run = new LoggingRun("job", "run");
  const { coordinator, source, sink, drain, settled } = job({ intervalMillis: 0, tolerableFailures: 0 }, run);
  coordinator.start();
  run.failing = true;
  const failed = coordinator.trigger("segment").catch((error: unknown) => (error as Error).message);
  await settled();
  source(1);
  sink(1);
  expect(await failed).toBe("the storage is away");
  run.failing = false;
  drain();
  const segment = coordinator.trigger("segment");
  await settled();
  source(2);
  sink(2);
  await segment;
  expect(drain()).toContain('complete sink 2 [["file-1","file-2"]]');
  expect(run.written).toEqual(new Map([[2, ["file-1", "file-2"]]]));
});

test("whatever else is asked for comes before a segment, and after the last cut there are none", async () => {
  const run = new LoggingRun("job", "run");
  const { coordinator, source, sink, drain, settled } = job({ intervalMillis: 0 }, run);
  coordinator.start();
  const first = coordinator.trigger("segment");
  await settled();
  const second = coordinator.trigger("segment").catch((error: unknown) => (error as Error).message);
  const final = coordinator.trigger("final");
  source(1);
  sink(1);
  await first;
  await settled();
  expect(drain().slice(-2)).toEqual(["trigger source 2 final", "trigger sink 2 final"]);
  expect(await second).toContain("takes the place");
  await expect(coordinator.trigger("segment")).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  source(2);
  sink(2);
  expect(await final).toMatchObject({ kind: "final" });
});
