import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HistoryWriter } from "../checkpoint/run-history.ts";
import { createEngine } from "../engine/engine.ts";
import { inspectCheckpoints } from "../engine/inspect-checkpoints.ts";
import type { RunInfo } from "../engine/inspect-checkpoints.ts";
import { listedRun, shownRun } from "./checkpoint-text.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-checkpoint-text-"));
let run: RunInfo;

beforeAll(async () => {
  const engine = createEngine({
    config: { "execution.checkpointing.dir": folder, "execution.checkpointing.records": "10" },
  });
  await engine.run(`
    CREATE TABLE g (k INT) WITH ('connector' = 'datagen', 'number-of-rows' = '50', 'fields.k.kind' = 'sequence', 'fields.k.start' = '1', 'fields.k.end' = '50');
    CREATE TABLE counts (k INT, n BIGINT) WITH ('connector' = 'blackhole');
    INSERT INTO counts SELECT MOD(k, 7), COUNT(*) FROM g GROUP BY MOD(k, 7);
  `);
  const [found] = await inspectCheckpoints(folder, false);
  const history = new HistoryWriter(found!.location);
  for (let id = 20; id < 35; id++)
    await history.append({
      type: "checkpoint",
      record: {
        id,
        kind: "checkpoint",
        status: "failed",
        attempt: 1,
        triggeredMillis: 0,
        durationMillis: 3,
        writeMillis: 0,
        bytes: 0,
        newBytes: 0,
        acknowledged: 0,
        participants: 3,
        operators: [],
        failure: `disk full ${id}`,
      },
    });
  for (const [checkpoint, problem] of [undefined, "it is down"].entries()) {
    const record = { location: "s3://bucket/copies", checkpoint, held: problem === undefined, problem };
    await history.append({ type: "place", record });
  }
  await history.append({
    type: "recovery",
    record: {
      attempt: 2,
      startedMillis: 0,
      delayMillis: 1000,
      restoredMillis: 1200,
      firstRowMillis: 1250,
      cause: "disk full",
    },
  });
  [run] = (await inspectCheckpoints(folder, true)) as [RunInfo];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("list: ratio, recovery, the newest failures with their reasons, what is there", () => {
  const text = listedRun(run);
  const completed = run.summary.completed;
  expect(completed).toBeGreaterThanOrEqual(2);
  expect(text).toContain(
    `  ${completed} of ${completed + 15} checkpoints completed (success ratio ${(completed / (completed + 15)).toFixed(3)})\n`,
  );
  expect(text).toContain("  1 recovery, the last one restored in 1.2 s, first rows after 1.3 s: disk full\n");
  expect(text).toContain(
    "  s3://bucket/copies got 1 of 2 checkpoints (success ratio 0.500), the newest is chk-0; it missed one: it is down\n",
  );
  expect(text).toContain("  (5 older failed ones are not shown)\n");
  expect(text).not.toContain("disk full 24");
  expect(text).toContain("  chk-25  failed  1970-01-01T00:00:00.000Z: disk full 25\n");
  expect(text).toMatch(new RegExp(`  chk-${completed}  completed  final  \\S+  \\d+ ms  \\d+`));
});

test("show: statement, times, operators in words, elements and what they take", () => {
  const text = shownRun(run);
  expect(text).toContain("    INSERT INTO `counts` SELECT MOD(`k`, 7)");
  expect(text).toMatch(
    /    answered \d of \d after \d+ ms, stream stood still \d+ ms, writing \d+ ms, committed after/,
  );
  expect(text).toContain("        GroupAggregate(groupBy=[$k0], select=[$k0, COUNT(*)");
  expect(text).toMatch(/        7 elements, by the sizes of their types \d+ B/);
});
