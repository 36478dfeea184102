import { expect, test } from "vitest";
import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { commitRestored } from "./coordinator.ts";
import { MemoryRun } from "./memory-storage.ts";
import type { Acknowledgement } from "./participant.ts";
import type { CheckpointKind } from "./metadata.ts";
import type { CheckpointWriter } from "./storage.ts";
import { pieces, job } from "./coordinator.test-helper.ts";

test("trigger, answers, durable, commit in order of the listeners; one at a time; then the next", async () => {
  const { coordinator, timer, run, source, sink, drain, settled } = job();
  coordinator.start();
  timer.advance(99);
  expect(drain()).toEqual([]);
  timer.advance(1);
  await settled();
  expect(drain()).toEqual(["trigger source 1", "trigger sink 1"]);
  timer.advance(250);
  source(1);
  await settled();
  expect(drain()).toEqual([]);
  expect(coordinator.statistics().running).toMatchObject({
    id: 1,
    acknowledged: 1,
    participants: 2,
    durationMillis: 250,
  });
  sink(1);
  await settled();
  expect(drain()).toEqual([
    'complete sink 1 [["file-1"]]',
    'complete source 1 [{"0":10}]',
    "trigger source 2",
    "trigger sink 2",
  ]);
  expect((await run.newest())?.metadata).toMatchObject({
    id: 1,
    job: "job",
    run: "run",
    attempt: 1,
    kind: "checkpoint",
    maxParallelism: 128,
    properties: { statement: "INSERT" },
  });
  expect(coordinator.statistics()).toMatchObject({
    completed: 1,
    failed: 0,
    lastCompleted: { id: 1, status: "completed", durationMillis: 250 },
  });
});

test("min-pause counts from the end of the checkpoint before", async () => {
  const { coordinator, timer, source, sink, drain, settled } = job({ minPauseMillis: 80 });
  coordinator.start();
  timer.advance(190);
  await settled();
  source(1);
  sink(1);
  await settled();
  drain();
  timer.advance(79);
  await settled();
  expect(drain()).toEqual([]);
  timer.advance(1);
  await settled();
  expect(drain()).toEqual(["trigger source 2", "trigger sink 2"]);
});

test("who asks for a checkpoint does not wait for min-pause, though a periodic one does", async () => {
  const { coordinator, timer, source, sink, drain, settled } = job({ minPauseMillis: 800 });
  coordinator.start();
  timer.advance(100);
  await settled();
  source(1);
  sink(1);
  await settled();
  timer.advance(100);
  await settled();
  drain();
  void coordinator.trigger("checkpoint");
  await settled();
  expect(drain()).toEqual(["trigger source 2", "trigger sink 2"]);
});

test("a timeout aborts; what the sink had prepared is committed with the next checkpoint, late answers too", async () => {
  const { coordinator, timer, run, source, sink, drain, settled } = job({ tolerableFailures: 3, timeoutMillis: 150 });
  coordinator.start();
  timer.advance(100);
  await settled();
  sink(1);
  await settled();
  drain();
  timer.advance(150);
  await settled();
  expect(drain()).toEqual([
    "aborted source 1",
    "aborted sink 1",
    "warning checkpoint 1 was not complete after 150 ms: no answer from source#0",
    "trigger source 2",
    "trigger sink 2",
  ]);
  expect(await run.highestId()).toBe(2);
  timer.advance(150);
  await settled();
  drain();
  // The barriers of 2 arrive after it was given up; a second answer counts once.
  sink(2);
  sink(2);
  source(2);
  sink(3, ["file-3a", "file-3b"]);
  source(3);
  await settled();
  expect(drain().slice(0, 2)).toEqual([
    'complete sink 3 [["file-1","file-2","file-3a","file-3b"]]',
    'complete source 3 [{"0":30}]',
  ]);
  expect((await run.newest())?.metadata.snapshots[1]!.committables).toEqual(["file-1", "file-2", "file-3a", "file-3b"]);
  // A late answer to what is complete is nothing new.
  sink(3);
  timer.advance(100);
  await settled();
  source(4);
  sink(4);
  await settled();
  expect(drain()).toContain('complete sink 4 [["file-4"]]');
});

test("more failures in a row than are borne are fatal; a success starts the count again", async () => {
  const { coordinator, timer, source, sink, drain, settled } = job({ tolerableFailures: 1 });
  const reason = new SqlError("CHECKPOINT_FAILED", "disk full");
  coordinator.start();
  const step = async (): Promise<void> => {
    timer.advance(100);
    await settled();
  };
  await step();
  coordinator.decline(1, reason);
  await step();
  source(2);
  sink(2);
  await step();
  coordinator.decline(3, reason);
  coordinator.decline(3, reason);
  await step();
  drain();
  coordinator.decline(4, reason);
  await settled();
  expect(drain()).toEqual([
    "aborted source 4",
    "aborted sink 4",
    "fatal CHECKPOINT_FAILED: disk full (failure 2 in a row, 1 are borne)",
  ]);
  await step();
  expect(drain()).toEqual([]);
  await expect(coordinator.trigger("checkpoint")).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  expect(coordinator.statistics()).toMatchObject({
    completed: 1,
    failed: 3,
    lastFailed: { id: 4, failure: "disk full" },
  });
});

class FailingRun extends MemoryRun {
  failBegin = false;
  failWrite = false;
  failComplete: SqlError | undefined;

  override async begin(id: number, kind: CheckpointKind): Promise<CheckpointWriter> {
    if (this.failBegin) throw new SqlError("CHECKPOINT_FAILED", "no begin");
    const writer = await super.begin(id, kind);
    return {
      ...writer,
      writeFile: async (name, pieces) => {
        if (this.failWrite) throw new SqlError("CHECKPOINT_FAILED", "no write");
        return writer.writeFile(name, pieces);
      },
      complete: async (metadata) => {
        if (this.failComplete !== undefined) throw this.failComplete;
        return writer.complete(metadata);
      },
      abort: async () => writer.abort(),
    };
  }
}

test.each(["begin", "write", "complete"] as const)(
  "storage that fails at %s fails the checkpoint and lets go of state",
  async (step) => {
    const run = new FailingRun("job", "run");
    const { coordinator, timer, drain, settled, source, sink } = job({ tolerableFailures: 1 }, run);
    if (step === "begin") run.failBegin = true;
    if (step === "write") run.failWrite = true;
    if (step === "complete") run.failComplete = new SqlError("CHECKPOINT_FAILED", "no complete");
    coordinator.start();
    timer.advance(100);
    await settled();
    let released = 0;
    let written = 0;
    const state: Acknowledgement["state"] = {
      write: async (target) => {
        const file = await target.writeFile("source#0", pieces());
        written += 1;
        return [file];
      },
      release: () => void released++,
    };
    coordinator.acknowledge({ checkpointId: 1, operatorId: "source", subtask: 0, state });
    sink(1);
    await settled();
    expect(drain()).toContain(`warning no ${step}`);
    expect(released).toBeGreaterThan(0);
    expect(written).toBe(step === "complete" ? 1 : 0);
    expect(await run.newest()).toBeUndefined();
    [run.failBegin, run.failWrite, run.failComplete] = [false, false, undefined];
    timer.advance(100);
    await settled();
    sink(2);
    source(2);
    await settled();
    expect(drain()).toContain('complete sink 2 [["file-1","file-2"]]');
  },
);

test("a run that was taken over is fatal at once, whatever is borne", async () => {
  const run = new FailingRun("job", "run");
  const { coordinator, timer, drain, settled, source, sink } = job({ tolerableFailures: 99 }, run);
  coordinator.start();
  timer.advance(100);
  await settled();
  run.failComplete = new SqlError("RUN_TAKEN_OVER", "taken over");
  source(1);
  sink(1);
  await settled();
  expect(drain()).toContain("fatal RUN_TAKEN_OVER: taken over");
  expect(drain().filter((line) => line.startsWith("complete"))).toEqual([]);
});

test("a failed commit is fatal; the checkpoint stays complete, and is committed again after a restore", async () => {
  const failure = new SqlError("CONNECTOR_UNAVAILABLE", "broker is gone", { retryable: true });
  const { coordinator, timer, run, drain, settled, source, sink } = job(
    { tolerableFailures: 99 },
    new MemoryRun("job", "run"),
    () => failure,
  );
  coordinator.start();
  timer.advance(100);
  await settled();
  source(1);
  sink(1);
  await settled();
  expect(drain()).toContain("fatal CONNECTOR_UNAVAILABLE: broker is gone");
  const restored = await run.newest();
  const committed: Json[] = [];
  await commitRestored(restored!.metadata, [
    {
      operatorId: "sink",
      checkpointComplete: (id, snapshots) =>
        void committed.push(id, ...snapshots.flatMap((snapshot) => snapshot.committables)),
    },
  ]);
  expect(committed).toEqual([1, "file-1"]);
});

test("a final checkpoint is the last; its promise resolves after the commit", async () => {
  const { coordinator, timer, drain, settled, source, sink } = job();
  coordinator.start();
  timer.advance(100);
  await settled();
  const final = coordinator.trigger("final");
  source(1);
  sink(1);
  await settled();
  expect(drain()).toContain("trigger source 2 final");
  source(2);
  sink(2);
  await expect(final).resolves.toMatchObject({ id: 2, kind: "final" });
  expect(drain()).toEqual(['complete sink 2 [["file-2"]]', 'complete source 2 [{"0":20}]']);
  timer.advance(1000);
  await settled();
  expect(drain()).toEqual([]);
});

test("a job without an interval commits through its final checkpoint", async () => {
  const { coordinator, timer, drain, settled, source, sink } = job({ intervalMillis: 0 });
  coordinator.start();
  timer.advance(10_000);
  const final = coordinator.trigger("final");
  await settled();
  source(1);
  sink(1);
  await final;
  expect(drain()).toContain('complete sink 1 [["file-1"]]');
});

test("stop aborts what runs, rejects what waits, and does not count as a failure", async () => {
  const { coordinator, timer, drain, settled, sink } = job();
  coordinator.start();
  timer.advance(100);
  await settled();
  sink(1);
  const waiting = coordinator.trigger("savepoint", { directory: "savepoints", compression: "none", last: false });
  const stopped = coordinator.stop();
  await expect(waiting).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  await stopped;
  expect(drain()).toEqual(["trigger source 1", "trigger sink 1", "aborted source 1", "aborted sink 1"]);
  timer.advance(1000);
  await settled();
  expect(drain()).toEqual([]);
});

test("answers of strangers and second answers are ignored", async () => {
  const { coordinator, timer, drain, settled, source, sink } = job();
  coordinator.start();
  timer.advance(100);
  await settled();
  drain();
  sink(1);
  sink(1, ["again"]);
  coordinator.acknowledge({ checkpointId: 1, operatorId: "other", subtask: 0 });
  source(1);
  await settled();
  expect(drain()).toContain('complete sink 1 [["file-1"]]');
});

test("another interval counts from the last trigger", async () => {
  const { coordinator, timer, drain, settled, source, sink } = job({ intervalMillis: 100 });
  coordinator.start();
  timer.advance(100);
  await settled();
  source(1);
  sink(1);
  await settled();
  drain();
  timer.advance(50);
  coordinator.setIntervalMillis(300);
  timer.advance(249);
  await settled();
  expect(drain()).toEqual([]);
  timer.advance(1);
  await settled();
  expect(drain()).toEqual(["trigger source 2", "trigger sink 2"]);
  source(2);
  sink(2);
  await settled();
  timer.advance(60);
  coordinator.setIntervalMillis(50);
  timer.advance(0);
  await settled();
  expect(drain()).toContain("trigger source 3");
});

test("sizes, elements, pauses and times of a checkpoint are counted", async () => {
  const { coordinator, timer, settled, sink } = job();
  coordinator.start();
  timer.advance(100);
  await settled();
  const file = { compression: "none", bytes: 10, rawBytes: 30, crc32: 0 } as const;
  const stateFiles = [
    { ...file, path: "a" },
    { ...file, path: "../chk-0/b", bytes: 90 },
  ];
  sink(1);
  timer.advance(7);
  coordinator.acknowledge({
    checkpointId: 1,
    operatorId: "source",
    subtask: 0,
    stateFiles,
    elements: 5,
    estimatedBytes: 80,
    pauseMillis: 3,
  });
  await settled();
  expect(coordinator.statistics().lastCompleted).toMatchObject({
    id: 1,
    status: "completed",
    bytes: 100,
    newBytes: 10,
    answeredMillis: 7,
    pauseMillis: 3,
    operators: [
      { operatorId: "source", subtasks: 1, bytes: 100, newBytes: 10, rawBytes: 60, elements: 5, estimatedBytes: 80 },
    ],
  });
});
