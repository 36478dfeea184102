import { describe, expect, test } from "vitest";
import { hashRows, keyGroupOf } from "../../batch/hash.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { takeBatch } from "../../batch/take.ts";
import { keyGroupsOf, subtaskOf } from "../../state/backend.ts";
import { readSnapshots } from "../../state/restored-state.ts";
import type { CheckpointReader } from "../../checkpoint/storage.ts";
import type { BackendState, OpenStateBackend } from "../../state/backend.ts";
import { ROCKSDB } from "../../state/rocksdb/backend.ts";
import { checkpointOf, memoryRun, opened, withFolder } from "../../state/rocksdb/test-support.ts";
import { Harness } from "../harness.ts";
import { randomSource } from "./test-support.ts";
import { type Subject, SUBJECTS, stream, cutsOf, inAnyOrder, joined } from "./recovery.test-helper.ts";

const KEY_GROUPS = 128;

async function openState(folder: string, restore?: CheckpointReader): Promise<[OpenStateBackend, BackendState]> {
  const backend = await opened(ROCKSDB, folder, { restore });
  return [backend, backend.operatorState("op")];
}

describe("with rocksdb and no memory for what is not in use", () => {
  test.each(SUBJECTS)("$name", async (subject) => {
    for (let seed = 1; seed <= 3; seed++) {
      await withFolder(async (folder) => {
        const random = randomSource(seed);
        const pieces = stream(subject, random);
        const whole = new Harness(subject.spec, subject);
        for (const { input, batch } of pieces) whole.push(batch, input);
        const expected = whole.take();

        // Never stopped: exactly the same rows, in the same order but for those of one window, which come in parts.
        const order = subject.spec.kind === "window-aggregate" ? inAnyOrder : (rows: string[]) => rows;
        const [steady, state] = await openState(folder);
        const harness = new Harness(subject.spec, { ...subject, state: state.state });
        for (const { input, batch } of pieces) await harness.pushAwaited(batch, input);
        expect(order(harness.take())).toEqual(order(expected));
        await steady.close();

        const run = memoryRun();
        let [backend, handle] = await openState(folder);
        let going = new Harness(subject.spec, { ...subject, state: handle.state });
        const lines: string[] = [];
        for (const [i, { input, batch }] of pieces.entries()) {
          await going.pushAwaited(batch, input);
          lines.push(...going.take());
          if (random(2) === 0) continue;
          const restore = await checkpointOf(
            run,
            i + 1,
            [[["op", handle]]],
            random(3) === 0 ? "savepoint" : "checkpoint",
          );
          await backend.close();
          [backend, handle] = await openState(folder, restore);
          going = new Harness(subject.spec, { ...subject, state: handle.state });
          handle.checkAllRestored(false);
        }
        await backend.close();
        expect(inAnyOrder(joined(lines))).toEqual(inAnyOrder(expected));
      });
    }
  });
});

describe("stopped and started again in the middle is as never stopped, wherever the batches are cut", () => {
  test.each(SUBJECTS)("$name", async (subject) => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = randomSource(seed);
      const pieces = stream(subject, random);
      const whole = new Harness(subject.spec, subject);
      for (const { input, batch } of pieces) whole.push(batch, input);
      let harness = new Harness(subject.spec, subject);
      const lines: string[] = [];
      for (const { input, batch } of pieces) {
        harness.pushCut(batch, cutsOf(random), input);
        lines.push(...harness.take());
        if (random(2) === 0) await harness.checkpoint();
        if (random(2) === 0) harness = await harness.restarted();
      }
      const joined = lines.filter((line, i) => !(line.startsWith("W ") && lines[i + 1]?.startsWith("W ") === true));
      expect(joined).toEqual(whole.take());
    }
  });
});

/** The rows of a batch that the task `subtask` of `parallelism` gets, with all watermarks. */
function shareOf(batch: RecordBatch, partition: readonly number[], subtask: number, parallelism: number): RecordBatch {
  const hashes = new Int32Array(batch.rowCount);
  hashRows(
    partition.map((column) => batch.columns[column]!),
    batch.rowCount,
    hashes,
  );
  const rows = Int32Array.from(hashes.keys()).filter(
    (row) => subtaskOf(keyGroupOf(hashes[row]!, KEY_GROUPS), parallelism, KEY_GROUPS) === subtask,
  );
  return takeBatch(batch, rows, rows.length);
}

/** The tasks go on as another number of tasks. */
async function rescaled(subject: Subject, tasks: readonly Harness[], parallelism: number): Promise<Harness[]> {
  const files: Uint8Array[] = [];
  for (const task of tasks) files.push(...(await task.checkpoint()));
  return await Promise.all(
    Array.from({ length: parallelism }, async (_, subtask) => {
      const restore = await readSnapshots(files, keyGroupsOf(subtask, parallelism, KEY_GROUPS));
      return new Harness(subject.spec, { ...subject, restore });
    }),
  );
}

describe("on one task, then on three, then on two, the same rows come out", () => {
  test.each(SUBJECTS.filter(({ partition }) => partition.length > 0))("$name", async (subject) => {
    for (let seed = 1; seed <= 8; seed++) {
      const pieces = stream(subject, randomSource(seed));
      const alone = new Harness(subject.spec, subject);
      let tasks = [new Harness(subject.spec, subject)];
      const lines: string[] = [];
      for (const [i, { input, batch }] of pieces.entries()) {
        alone.push(batch, input);
        const { length } = tasks;
        for (const [subtask, task] of tasks.entries()) {
          task.push(shareOf(batch, subject.partition, subtask, length), input);
          lines.push(...task.rows());
          if (i % 2 === 0) await task.checkpoint();
        }
        if (i === 1) tasks = await rescaled(subject, tasks, 3);
        if (i === 3) tasks = await rescaled(subject, tasks, 2);
      }
      expect(lines.toSorted()).toEqual(alone.rows().toSorted());
    }
  });
});
