import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { goldenRun } from "../../src/testing/golden-run.ts";
import { blocksOf } from "../../src/testing/blocks.ts";
import { randomQuery, randomRows, TABLES } from "./random-query.ts";
import { Choice } from "./random-parts.ts";

/** What became of one seed. */
export interface Outcome {
  readonly seed: number;
  readonly sql: string;
  /** Why it says nothing: one of the two does not have the query. */
  readonly skipped?: string | undefined;
  /** How the answers differ. */
  readonly difference?: string | undefined;
}

type Rows = ReturnType<typeof randomRows>;

/** DuckDB in this process, to be asked for the right answer. Undefined where it has no build for this machine. */
export async function openDuckDB(): Promise<DuckDBConnection | undefined> {
  try {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    return await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  } catch {
    return undefined;
  }
}

/** Runs the query of a seed in both: here as a stream with batches cut anywhere, and given up and restored on the way. */
export async function compareSeed(seed: number, duckdb: DuckDBConnection): Promise<Outcome> {
  const choice = new Choice(seed);
  const rows = randomRows(choice);
  const { sql } = randomQuery(choice);
  let expected: readonly string[];
  try {
    expected = await askDuckDB(sql, rows, duckdb);
  } catch (error) {
    return { seed, sql, skipped: `DuckDB: ${(error as Error).message.split("\n")[0] ?? ""}` };
  }
  const { text, code, message } = await askMillrace(sql, rows, choice);
  if (code === "UNSUPPORTED") return { seed, sql, skipped: message };
  if (code !== undefined) return { seed, sql, difference: `error[${code}] ${message}\nwanted: ${expected.join(" ")}` };
  const actual = text.toSorted();
  const same = actual.length === expected.length && actual.every((row, i) => row === expected[i]);
  if (same) return { seed, sql };
  return { seed, sql, difference: `wanted: ${expected.join(" ")}\ngot:    ${actual.join(" ")}\n${shown(rows)}` };
}

async function askDuckDB(sql: string, rows: Rows, duckdb: DuckDBConnection): Promise<readonly string[]> {
  for (const [i, { name, columns }] of TABLES.entries()) {
    const types = columns.map((c) => `${c.name} ${c.type === "n" ? "INTEGER" : "VARCHAR"}`);
    await duckdb.run(`CREATE OR REPLACE TABLE ${name} (${types.join(", ")})`);
    const values = rows[i]!.map((row) => `(${row.map(sqlText).join(", ")})`);
    if (values.length > 0) await duckdb.run(`INSERT INTO ${name} VALUES ${values.join(", ")}`);
  }
  const result = await duckdb.runAndReadAll(sql);
  return result
    .getRows()
    .map((row) => `[${row.map(shownValue).join(", ")}]`)
    .toSorted();
}

function sqlText(value: number | string | null): string {
  if (value === null) return "NULL";
  return typeof value === "string" ? `'${value}'` : String(value);
}

function shownValue(value: unknown): string {
  if (value === null) return "NULL";
  return typeof value === "boolean" ? String(value).toUpperCase() : String(value as string | number | bigint);
}

async function askMillrace(
  sql: string,
  rows: Rows,
  choice: Choice,
): Promise<{ readonly text: readonly string[]; readonly code: string | undefined; readonly message: string }> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-differential-"));
  try {
    const tables = TABLES.map(({ name, columns }, i) => {
      mkdirSync(join(folder, name));
      const lines = rows[i]!.map((row) => `${row.map((v) => v ?? "").join(",")}\n`);
      writeFileSync(join(folder, name, "rows.csv"), lines.join(""));
      const types = columns.map((c) => `${c.name} ${c.type === "n" ? "INT" : "STRING"}`);
      const options = `'connector' = 'filesystem', 'path' = '${join(folder, name)}', 'format' = 'csv', 'csv.null-literal' = ''`;
      return `CREATE TABLE ${name} (${types.join(", ")}) WITH (${options});`;
    });
    const crashes = choice.chance(0.5);
    let left = 2;
    const outcome = await goldenRun(`-- compare: final\n${tables.join("\n")}\n${sql};`, {
      baseDirectory: folder,
      config: new Map([
        ["execution.batch-rows", String(1 + choice.upTo(4))],
        ["table.exec.compile-expressions", String(choice.chance(0.5))],
        ["restart-strategy.type", "fixed-delay"],
        ["restart-strategy.fixed-delay.attempts", "3"],
        ["restart-strategy.fixed-delay.delay", "0 ms"],
        ["execution.checkpointing.dir", join(folder, ".checkpoints")],
        ...(crashes ? ([["execution.checkpointing.records", String(1 + choice.upTo(5))]] as const) : []),
      ]),
      launcher: {
        note: () => undefined,
        crashes: crashes ? (atEnd) => left > 0 && (atEnd || choice.chance(0.3)) && left-- > 0 : undefined,
      },
    });
    const block = blocksOf(outcome.text).at(-1);
    return {
      text: block?.kind === "final" ? block.rows : [],
      code: outcome.error?.code,
      message: outcome.error?.message ?? "",
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function shown(rows: Rows): string {
  return TABLES.map(
    ({ name }, i) => `${name}: ${rows[i]!.map((row) => `(${row.map(sqlText).join(", ")})`).join(", ")}`,
  ).join("\n");
}
