import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HISTORY_FILE, HistoryWriter, readHistory } from "./run-history.ts";
import { bytesPerSecond, StatisticsKeeper, successRatio, type CheckpointRecord } from "./statistics.ts";

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "millrace-history-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function record(id: number, status: CheckpointRecord["status"]): CheckpointRecord {
  return {
    id,
    kind: "checkpoint",
    status,
    attempt: 1,
    triggeredMillis: id * 1000,
    durationMillis: 5,
    writeMillis: 4,
    bytes: 1000,
    newBytes: 100,
    acknowledged: 1,
    participants: 1,
    operators: [],
  };
}

test("what one process writes down the next one counts on from", async () => {
  const writer = new HistoryWriter(directory);
  await writer.append({ type: "checkpoint", record: record(1, "completed") });
  await writer.append({ type: "checkpoint", record: record(2, "failed") });
  const recovery = { attempt: 2, startedMillis: 7, delayMillis: 0, restoredMillis: 3, cause: "disk full" };
  await writer.append({ type: "recovery", record: recovery });
  const history = await readHistory(directory);
  expect(history).toMatchObject({ completed: 1, failed: 1, recoveries: 1, recovered: [recovery] });
  const keeper = new StatisticsKeeper(history);
  keeper.add(record(3, "completed"));
  const summary = keeper.summary(undefined);
  expect(summary).toMatchObject({
    completed: 2,
    failed: 1,
    lastFailed: { id: 2 },
    lastCompleted: { id: 3 },
    lastRecovery: { cause: "disk full" },
  });
  expect(summary.history.map((each) => each.id)).toEqual([3, 2, 1]);
  expect(successRatio(summary)).toBe(2 / 3);
});

test("a line that a crash has torn is left out, and the next one stands on its own", async () => {
  await new HistoryWriter(directory).append({ type: "checkpoint", record: record(1, "completed") });
  appendFileSync(join(directory, HISTORY_FILE), '{"type":"checkpoint","reco');
  await new HistoryWriter(directory).append({ type: "checkpoint", record: record(2, "completed") });
  appendFileSync(join(directory, HISTORY_FILE), '{"type":"checkpoint"}\n"x"\nnull\n');
  expect((await readHistory(directory)).checkpoints.map(({ id }) => id)).toEqual([1, 2]);
});

test("the file stays small, and the counts stay right", async () => {
  const lines = Array.from({ length: 2000 }, (_, i) =>
    JSON.stringify({ type: "checkpoint", record: record(i + 1, i % 10 === 0 ? "failed" : "completed") }),
  );
  appendFileSync(join(directory, HISTORY_FILE), `${lines.join("\n")}\n`);
  await new HistoryWriter(directory).append({ type: "checkpoint", record: record(2001, "completed") });
  expect(readFileSync(join(directory, HISTORY_FILE), "utf8").split("\n").length).toBeLessThan(1010);
  const history = await readHistory(directory);
  expect([history.completed, history.failed]).toEqual([1801, 200]);
  expect(history.checkpoints.at(-1)?.id).toBe(2001);
});

test("no file is an empty history", async () => {
  const history = await readHistory(directory);
  expect(history.checkpoints).toEqual([]);
  expect(successRatio(history)).toBeUndefined();
});

test("bandwidth needs bytes and time", () => {
  expect(bytesPerSecond(record(1, "completed"))).toBe(25_000);
  expect(bytesPerSecond({ ...record(1, "completed"), writeMillis: 0 })).toBeUndefined();
});
