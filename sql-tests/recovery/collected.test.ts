import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { goldenRun } from "../../src/testing/golden-run.ts";

const SCRIPT =
  "SELECT v % 3 AS k, COUNT(*) AS c, SUM(v) AS s FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS t(v) GROUP BY v % 3;";

/** What the query gives when its job is given up after batches `crashes` (one row each; the end is the tenth). */
async function outcome(
  crashes: readonly number[],
  records: string,
): Promise<{ readonly text: string; readonly crashed: number }> {
  const directory = mkdtempSync(join(tmpdir(), "millrace-collected-"));
  let asked = 0;
  let crashed = 0;
  const { text } = await goldenRun(SCRIPT, {
    baseDirectory: directory,
    config: new Map([
      ["execution.checkpointing.dir", directory],
      ["execution.checkpointing.records", records],
      ["execution.batch-rows", "1"],
      ["restart-strategy.type", "fixed-delay"],
      ["restart-strategy.fixed-delay.attempts", "9"],
      ["restart-strategy.fixed-delay.delay", "0 ms"],
    ]),
    launcher: {
      note: () => undefined,
      crashes: () => {
        asked += 1;
        if (crashes[crashed] !== asked) return false;
        crashed += 1;
        return true;
      },
    },
  });
  rmSync(directory, { recursive: true });
  return { text, crashed };
}

test.each([
  ["before any checkpoint", [2], "4"],
  ["after one", [6], "4"],
  ["again and again", [1, 4, 5, 9, 15], "2"],
  ["at the end of the input", [10], "2"],
])("a collected result is the same, changes and all, when the job dies %s", async (_when, crashes, records) => {
  const calm = await outcome([], records);
  expect(calm.text).toContain("\nfinal\n[0, 3, 18]\n[1, 3, 12]\n[2, 3, 15]\n");
  expect(await outcome(crashes, records)).toEqual({ text: calm.text, crashed: crashes.length });
});
