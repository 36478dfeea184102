import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SqlError } from "../../src/base/errors.ts";
import { BUILTINS } from "../../src/engine/builtin.ts";
import { execute } from "../../src/engine/execute.ts";
import { Session } from "../../src/engine/session.ts";
import { parseScript } from "../../src/parser/index.ts";
import { ALL_CASES, sampleOfTheDay } from "../sample-of-the-day.ts";
import { isOrdered } from "./kill-matrix.ts";
import { twoSinks, writeEvents } from "./scripts.ts";

const TABLES = ["windows", "copies"];
const WAYS = ["cut off", "empty", "a changed bit", "gone"] as const;

interface Setting {
  readonly backend: string;
  readonly replica: boolean;
  readonly encrypted: boolean;
}

const SETTINGS: readonly Setting[] = ["memory", "rocksdb"].flatMap((backend) =>
  [false, true].flatMap((replica) => [false, true].map((encrypted) => ({ backend, replica, encrypted }))),
);

const folder = mkdtempSync(join(tmpdir(), "millrace-damage-"));
const input = join(folder, "events.csv");
beforeAll(() => {
  writeEvents(input, 6000);
  vi.stubEnv("DAMAGE_KEY", Buffer.alloc(32, 4).toString("hex"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

interface Outcome {
  readonly error: string | undefined;
  readonly notes: readonly string[];
}

/** The job's folder: checkpoints, a replica of them, tables. */
const scene = join(folder, "scene");

/** The job to its end, or to a crash after so many batches. */
async function run(setting: Setting, crashAfter: number | undefined): Promise<Outcome> {
  const checkpoints = `SET 'execution.checkpointing.records' = '1200'; SET 'execution.batch-rows' = '300';
SET 'execution.checkpointing.num-retained' = '2'; SET 'restart-strategy.type' = 'none';
SET 'state.backend.type' = '${setting.backend}';
${setting.replica ? `SET 'execution.checkpointing.replicas' = '${scene}/replica';` : ""}
${setting.encrypted ? "SET 'execution.checkpointing.encryption-key' = 'env:DAMAGE_KEY';" : ""}`;
  const notes: string[] = [];
  const session = new Session({
    builtins: BUILTINS,
    baseDirectory: folder,
    stdout: () => undefined,
    stderr: (text) => notes.push(text),
  });
  let batches = 0;
  const launcher = {
    note: (text: string) => notes.push(text),
    from: { latest: true as const },
    crashes: () => ++batches === crashAfter,
  };
  try {
    for (const statement of parseScript(twoSinks({ input, checkpoints }).replaceAll("${tmp}", scene))) {
      const result = await execute(statement, session, launcher, { onQuery: () => ({ batch: () => undefined }) });
      const outcome = result.kind === "job" ? await result.job.done : undefined;
      if (outcome?.status === "failed") throw outcome.error;
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { error: `${error.code}: ${error.message}`, notes };
  }
  return { error: undefined, notes };
}

/** What readers of the tables see, and what was begun and never finished. */
function tables(
  setting: Setting,
): readonly { readonly table: string; readonly rows: string[]; readonly hidden: string[] }[] {
  return TABLES.map((table) => {
    const names = existsSync(join(scene, table)) ? readdirSync(join(scene, table)) : [];
    const numbers = (name: string): string =>
      name
        .split("-")
        .slice(2)
        .map((part) => part.padStart(6, "0"))
        .join();
    const rows = names
      .filter((name) => !name.startsWith("."))
      .sort((a, b) => (numbers(a) < numbers(b) ? -1 : 1))
      .flatMap((name) => readFileSync(join(scene, table, name), "utf8").split("\n"))
      .filter((row) => row !== "");
    return {
      table,
      rows: isOrdered({ backend: setting.backend, threads: 1 }) ? rows : rows.sort(),
      // What was visible and was taken back is kept aside.
      hidden: names.filter((name) => name.startsWith(".") && !name.endsWith(".superseded")),
    };
  });
}

type Tables = ReturnType<typeof tables>;

function differences(actual: Tables, expected: Tables): readonly string[] {
  return actual.flatMap(({ table, rows, hidden }, i) => {
    const wanted = expected[i]!.rows;
    const same = JSON.stringify(rows) === JSON.stringify(wanted);
    const more = same ? [] : [`${table} has ${rows.length} rows, of ${wanted.length}`];
    return [...more, ...hidden.map((name) => `${table} has ${name}`)];
  });
}

function damage(path: string, way: (typeof WAYS)[number]): void {
  const bytes = readFileSync(path);
  if (way === "gone") rmSync(path);
  else if (way === "empty") writeFileSync(path, "");
  else if (way === "cut off") writeFileSync(path, bytes.subarray(0, Math.max(0, bytes.length - 7)));
  else {
    bytes[Math.floor(bytes.length / 3)]! ^= 16;
    writeFileSync(path, bytes);
  }
}

/** Files of the run's checkpoints, from the run's folder. */
function files(place: string): readonly string[] {
  const job = join(scene, place, "job");
  const runFolder = join(job, readdirSync(job)[0]!);
  return readdirSync(runFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(scene, join(entry.parentPath, entry.name)))
    .sort();
}

describe.each(sampleOfTheDay(SETTINGS, 2))("$backend, with a replica: $replica, encrypted: $encrypted", (setting) => {
  test("any file of the checkpoints damaged: the right rows, or a clear error", { timeout: 600_000 }, async () => {
    const start = join(folder, "start");
    rmSync(scene, { recursive: true, force: true });
    expect(await run(setting, undefined)).toMatchObject({ error: undefined });
    const expected = tables(setting);
    rmSync(scene, { recursive: true });
    expect((await run(setting, 15)).error).toContain("given up by a test of recovery");
    rmSync(start, { recursive: true, force: true });
    cpSync(scene, start, { recursive: true });
    const all = files("checkpoints");
    expect(all.filter((name) => name.includes("chk-")).length).toBeGreaterThan(4);
    const seen = new Map<string, number>();
    const cases = all.flatMap((file) => WAYS.map((way) => [file, way] as const));
    for (const [file, way] of sampleOfTheDay(cases, Math.ceil(cases.length / 7))) {
      rmSync(scene, { recursive: true });
      cpSync(start, scene, { recursive: true });
      damage(join(scene, file), way);
      const { error, notes } = await run(setting, undefined);
      const about = `${file}, ${way}: ${error ?? "no error"}; ${notes.join("; ")}`;
      if (error === undefined) expect([about, differences(tables(setting), expected)]).toEqual([about, []]);
      else expect(about).toMatch(/: (CHECKPOINT_INVALID|CHECKPOINT_NOT_FOUND): /);
      // There is another one to go on from, or the beginning.
      if (file.includes("chk-")) expect([about, error]).toEqual([about, undefined]);
      const taken = notes.some((note) => note.includes("is taken from"));
      const older = notes.some((note) => note.includes("is not used"));
      const kind = error !== undefined ? "error" : taken ? "replica" : older ? "older" : "unharmed";
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      // With a copy of it nothing that is damaged matters.
      if (setting.replica) expect([about, kind]).toEqual([about, expect.stringMatching(/replica|unharmed/)]);
    }
    if (ALL_CASES) expect([...seen.keys()]).toContain(setting.replica ? "replica" : "older");
  });
});
