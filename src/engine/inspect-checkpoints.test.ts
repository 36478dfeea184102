import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createEngine } from "./engine.ts";
import { inspectCheckpoints } from "./inspect-checkpoints.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-inspect-"));
const checkpoints = join(folder, "checkpoints");

beforeAll(async () => {
  const engine = createEngine({
    config: { "execution.checkpointing.dir": checkpoints, "execution.checkpointing.records": "10" },
  });
  await engine.run(`
    CREATE TABLE g (k INT) WITH ('connector' = 'datagen', 'number-of-rows' = '50', 'fields.k.kind' = 'sequence', 'fields.k.start' = '1', 'fields.k.end' = '50');
    CREATE TABLE counts (k INT, n BIGINT) WITH ('connector' = 'blackhole');
    INSERT INTO counts SELECT MOD(k, 7), COUNT(*) FROM g GROUP BY MOD(k, 7);
  `);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["the checkpoint directory", ""],
  ["a job's folder", "counts"],
])("lists from %s", async (_, below) => {
  const [run, ...others] = await inspectCheckpoints(join(checkpoints, below), true);
  expect(others).toEqual([]);
  expect(run).toMatchObject({ job: "counts", status: "finished" });
  // The final one, and those whose files it builds on.
  const kinds = run!.checkpoints.map((c) => [c.status, c.metadata?.kind].join(" "));
  expect(kinds.toSorted().at(-1)).toBe("completed final");
  expect(kinds.filter((kind) => kind !== "completed checkpoint")).toHaveLength(1);
  expect(run!.checkpoints[0]!.bytes).toBeGreaterThan(0);
});

test("says where there is nothing", async () => {
  await expect(inspectCheckpoints(join(folder, "nowhere"), false)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  mkdirSync(join(folder, "empty"));
  await expect(inspectCheckpoints(join(folder, "empty"), false)).rejects.toMatchObject({
    code: "CHECKPOINT_NOT_FOUND",
  });
});

test("a damaged state file makes the checkpoint invalid, and says so", async () => {
  const [run] = await inspectCheckpoints(checkpoints, false);
  const { location } = run!.checkpoints[0]!;
  appendFileSync(
    join(
      location,
      readdirSync(location).find((name) => name.includes(".state"))!,
    ),
    "x",
  );
  const [damaged] = await inspectCheckpoints(location, true);
  expect(damaged!.checkpoints[0]).toMatchObject({ status: "invalid" });
  expect(damaged!.checkpoints[0]!.problem).toContain("is damaged");
});

test("an encrypted checkpoint in two places: what it is without the key, what it holds with it, what each place got", async () => {
  vi.stubEnv("INSPECTION_KEY", Buffer.alloc(32, 5).toString("base64"));
  const [main, copy] = [join(folder, "sealed"), join(folder, "copy")];
  const key = { "execution.checkpointing.encryption-key": "env:INSPECTION_KEY" };
  const engine = createEngine({
    config: {
      ...key,
      "execution.checkpointing.dir": main,
      "execution.checkpointing.replicas": copy,
      "execution.checkpointing.records": "10",
    },
  });
  await engine.run(`
    CREATE TABLE g (k INT) WITH ('connector' = 'datagen', 'number-of-rows' = '50', 'fields.k.kind' = 'sequence', 'fields.k.start' = '1', 'fields.k.end' = '50');
    CREATE TABLE sums (k INT, n BIGINT) WITH ('connector' = 'blackhole');
    INSERT INTO sums SELECT MOD(k, 7), COUNT(*) FROM g GROUP BY MOD(k, 7);
  `);
  for (const place of [main, copy]) {
    const [sealed] = await inspectCheckpoints(place, true);
    expect([...new Set(sealed!.checkpoints.map((c) => c.status))]).toEqual(["encrypted"]);
    expect(sealed!.checkpoints[0]!.problem).toMatch(/is encrypted with the key [0-9a-f]{16}; no key is given$/);
    const [open] = await inspectCheckpoints(place, true, new Map(Object.entries(key)));
    expect(open).toMatchObject({ job: "sums", status: "finished" });
    expect([...new Set(open!.checkpoints.map((c) => c.status))]).toEqual(["completed"]);
  }
  const [{ summary } = { summary: undefined }] = await inspectCheckpoints(main, false);
  expect(summary?.places).toMatchObject([{ held: summary!.completed, missed: 0, successRatio: 1 }]);
  expect(summary?.places[0]?.location.startsWith(copy)).toBe(true);
  vi.unstubAllEnvs();
});
