import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SqlError } from "../base/errors.ts";
import { parseScript } from "../parser/index.ts";
import type { Value } from "../types/data-type.ts";
import { BUILTINS } from "./builtin.ts";
import { execute } from "./execute.ts";
import type { JobHandle, JobLauncher } from "./job-request.ts";
import { Session } from "./session.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-jobs-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NUMBERS = (
  last: number,
): string => `CREATE TABLE numbers (n BIGINT, ts AS TO_TIMESTAMP_LTZ(n * 100, 3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'datagen', 'rows-per-second' = '2000', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '${last}');`;
const TABLES = `${NUMBERS(100_000)}
CREATE TABLE copies (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'copies', 'format' = 'csv');
CREATE TABLE sums (e TIMESTAMP(3), c BIGINT) WITH ('connector' = 'filesystem', 'path' = 'sums', 'format' = 'csv');
CREATE TABLE hole (k BIGINT, c BIGINT) WITH ('connector' = 'blackhole');`;
const COPY = "INSERT INTO copies SELECT n FROM numbers;";
const COUNT = "INSERT INTO hole SELECT n % 7, COUNT(*) FROM numbers GROUP BY n % 7;";
const WINDOWS = `INSERT INTO sums SELECT window_end, COUNT(*) FROM TABLE(TUMBLE(TABLE numbers, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY window_start, window_end;`;

const FOLDERS = (): ReadonlyMap<string, string> =>
  new Map([
    ["execution.checkpointing.dir", join(folder, "checkpoints")],
    ["execution.checkpointing.savepoint-dir", join(folder, "savepoints")],
  ]);

/** Runs statements; jobs go on beside them. Rows of the last statement. */
class Scene {
  readonly notes: string[] = [];
  readonly jobs: JobHandle[] = [];
  readonly session: Session;
  readonly #from: JobLauncher["from"];

  constructor(from?: JobLauncher["from"], config = FOLDERS()) {
    this.#from = from;
    this.session = new Session({
      builtins: BUILTINS,
      config,
      baseDirectory: folder,
      stdout: () => undefined,
      stderr: () => undefined,
    });
  }

  async run(sql: string): Promise<readonly (readonly Value[])[]> {
    let rows: readonly (readonly Value[])[] = [];
    const launcher: JobLauncher = { from: this.#from, note: (text) => this.notes.push(text) };
    for (const statement of parseScript(sql)) {
      const result = await execute(statement, this.session, launcher, {
        onQuery: () => {
          throw new SqlError("BUG", "no query expected");
        },
      });
      rows = result.kind === "rows" ? result.rows : [];
      if (result.kind === "job") this.jobs.push(result.job);
    }
    return rows;
  }

  /** Until the job has read some rows. */
  async flowing(job = this.jobs.at(-1)!, rows = 200): Promise<void> {
    while (job.progress().rows < rows) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function numbersIn(table: string): number[] {
  const path = join(folder, table);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) => readFileSync(join(path, name), "utf8").trim().split("\n").map(Number))
    .sort((a, b) => a - b);
}

function metadataOf(path: string): { readonly kind: string; readonly properties: Readonly<Record<string, unknown>> } {
  return JSON.parse(readFileSync(join(path, "_metadata"), "utf8")) as ReturnType<typeof metadataOf>;
}

test("SHOW JOBS, DESCRIBE JOB, CHECKPOINT JOB and STOP JOB, by name and by id", async () => {
  const scene = new Scene();
  await scene.run(`${TABLES} SET 'execution.checkpointing.interval' = '1 h'; ${COUNT}`);
  await scene.flowing();
  const [job] = scene.jobs;
  expect(await scene.run("SHOW JOBS")).toEqual([[job!.id, "hole", "RUNNING", job!.startedMillis]]);
  const [[id, path] = []] = await scene.run("CHECKPOINT JOB hole");
  expect([id, metadataOf(path as string).kind]).toEqual([1n, "checkpoint"]);
  const [description] = await scene.run(`DESCRIBE JOB '${job!.id}'`);
  expect(description!.slice(6)).toEqual([1n, 1n, 0n, 1, expect.any(BigInt), 3_600_000n, 1_800_000n, null, null, null]);
  expect(Number(description![10])).toBeGreaterThan(0);
  const aggregate = job!.statistics()!.lastCompleted!.operators.find((o) => o.operatorId.startsWith("group-aggregate"));
  expect(aggregate).toMatchObject({ subtasks: 1, elements: 7 });
  expect(aggregate!.estimatedBytes).toBeGreaterThanOrEqual(7 * 16);
  expect(await scene.run(`STOP JOB '${job!.id}'`)).toEqual([]);
  expect((await scene.run("SHOW JOBS"))[0]![2]).toBe("CANCELED");
  expect(await job!.done).toEqual({ status: "stopped" });
  await expect(scene.run("STOP JOB whole")).rejects.toMatchObject({
    code: "JOB_NOT_FOUND",
    hint: "did you mean 'hole'?",
  });
});

test("a checkpoint says which statement, options and operators it is of", async () => {
  const scene = new Scene();
  await scene.run(`${TABLES} SET 'execution.checkpointing.interval' = '1 h'; ${COUNT}`);
  const [[, path] = []] = await scene.run("CHECKPOINT JOB hole");
  const { properties } = metadataOf(path as string);
  expect(properties["statement"]).toBe("INSERT INTO `hole` SELECT `n` % 7, COUNT(*) FROM `numbers` GROUP BY `n` % 7");
  expect(properties["version"]).toMatch(/^\d+\.\d+\.\d+/);
  expect(properties["options"]).toMatchObject({ "execution.checkpointing.interval": "1 h" });
  const plan = Object.entries(properties["plan"] as Record<string, string>);
  expect(plan.find(([operator]) => operator.startsWith("group-aggregate"))?.[1]).toMatch(/^GroupAggregate\(groupBy=/);
  await scene.run("STOP JOB hole");
});

describe.each([
  ["with checkpoints", "SET 'execution.checkpointing.interval' = '1 h';"],
  ["without", ""],
])("a savepoint of a job %s", (_, interval) => {
  // Without an interval a job into files would get one, so that its rows are ever seen.
  const insert = interval === "" ? COUNT : COPY;

  test("ends the job, commits everything before it, and is gone on from", async () => {
    const scene = new Scene();
    await scene.run(`${TABLES} ${interval} ${insert}`);
    await scene.flowing();
    const [job] = scene.jobs;
    const [[path] = []] = await scene.run(`STOP JOB '${job!.name}' WITH SAVEPOINT`);
    expect(metadataOf(path as string).kind).toBe("savepoint");
    expect((await scene.run("SHOW JOBS"))[0]![2]).toBe("FINISHED");
    const read = job!.progress().rows;
    const later = new Scene({ path: path as string });
    await later.run(`${TABLES} ${interval} ${insert}`);
    await later.flowing(undefined, read + 100);
    expect(later.notes[0]).toMatch(/begins a new run with checkpoint 1 of .*savepoint-/);
    const [[again] = []] = await later.run(`STOP JOB '${job!.name}' WITH SAVEPOINT`);
    expect(again).not.toBe(path);
    if (interval === "") return;
    const last = new Scene();
    await last.run(`${TABLES} ${interval} SET 'execution.state-recovery.path' = '${String(again)}'; ${insert}`);
    await last.run(`STOP JOB '${job!.name}' WITH SAVEPOINT WITH DRAIN`);
    const all = numbersIn("copies");
    expect(all.length).toBe(last.jobs[0]!.progress().rows);
    expect(all).toEqual(all.map((_n, i) => i + 1));
  });
});

test("DRAIN fires the windows before the savepoint; the job has finished", async () => {
  const scene = new Scene();
  await scene.run(`${TABLES} SET 'execution.checkpointing.interval' = '1 h'; ${WINDOWS}`);
  await scene.flowing();
  const [[path] = []] = await scene.run("STOP JOB sums WITH SAVEPOINT WITH DRAIN");
  const counts = readdirSync(join(folder, "sums"))
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      readFileSync(join(folder, "sums", name), "utf8")
        .trim()
        .split("\n"),
    )
    .map((line) => Number(line.split(",")[1]));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(scene.jobs[0]!.progress().rows);
  const latest = new Scene({ latest: true });
  await latest.run(`${TABLES} SET 'execution.checkpointing.interval' = '1 h'; ${WINDOWS}`);
  expect(latest.notes).toEqual(["the last run of sums had finished: there is nothing to do"]);
  const restored = new Scene({ path: path as string });
  await restored.run(`${TABLES} SET 'execution.checkpointing.interval' = '1 h'; ${WINDOWS}`);
  expect(await restored.jobs[0]!.done).toEqual({ status: "finished" });
});

test("without DRAIN the windows stay open", async () => {
  const scene = new Scene();
  await scene.run(`${TABLES} SET 'execution.checkpointing.interval' = '1 h'; ${WINDOWS}`);
  await scene.flowing();
  await scene.run("STOP JOB sums WITH SAVEPOINT");
  expect(readdirSync(join(folder, "sums")).filter((name) => !name.startsWith("."))).toEqual([]);
});

test("--from latest goes on from the savepoint that the run ended with", async () => {
  const scene = new Scene();
  const script = `${TABLES} SET 'execution.checkpointing.interval' = '1 h'; ${COPY}`;
  await scene.run(script);
  await scene.flowing();
  await scene.run("CHECKPOINT JOB copies");
  await scene.flowing(undefined, scene.jobs[0]!.progress().rows + 100);
  await scene.run("STOP JOB copies WITH SAVEPOINT");
  const later = new Scene({ latest: true });
  await later.run(script);
  expect(later.notes[0]).toContain("goes on from checkpoint 2 ");
  await later.flowing();
  await later.run("STOP JOB copies WITH SAVEPOINT WITH DRAIN");
  const all = numbersIn("copies");
  expect(all).toEqual(all.map((_n, i) => i + 1));
  expect(all.length).toBe(later.jobs[0]!.progress().rows);
  expect(readdirSync(join(folder, "copies")).filter((name) => name.endsWith(".superseded"))).toEqual([]);
});

test("a savepoint that cannot be written: the job goes on from its last checkpoint", async () => {
  const scene = new Scene();
  writeFileSync(join(folder, "savepoints"), "a file");
  await scene.run(`${TABLES} SET 'execution.checkpointing.interval' = '1 h'; ${COPY} CHECKPOINT JOB copies;`);
  await expect(scene.run("STOP JOB copies WITH SAVEPOINT")).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  const [job] = scene.jobs;
  while (job!.status() !== "RUNNING") await new Promise((resolve) => setTimeout(resolve, 5));
  await scene.flowing(job, 500);
  expect(job!.statistics()).toMatchObject({ completed: 1, failed: 1, lastFailed: { kind: "savepoint" } });
  rmSync(join(folder, "savepoints"));
  await scene.run("STOP JOB copies WITH SAVEPOINT WITH DRAIN");
  const all = numbersIn("copies");
  expect(all).toEqual(all.map((_n, i) => i + 1));
  expect(job!.statistics()).toMatchObject({
    recoveries: 1,
    lastRecovery: { attempt: 2, checkpoint: 1, delayMillis: 0 },
  });
});

test.each([
  ["STOP JOB hole WITH SAVEPOINT", "there is no folder for a savepoint of 'hole'"],
  ["CHECKPOINT JOB hole", "the job 'hole' takes no checkpoints"],
])("%s is refused when nothing is set", async (statement, message) => {
  const scene = new Scene(undefined, new Map());
  await scene.run(`${TABLES} ${COUNT}`);
  await expect(scene.run(statement)).rejects.toMatchObject({ code: "OPTION_MISSING", message });
  await scene.run("STOP JOB hole");
});
