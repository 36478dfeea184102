import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Json } from "../base/json.ts";
import { reader } from "../batch/get.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { DataType, Field, Value } from "../types/data-type.ts";
import type { ConnectorContext, ScanColumn, ScanRequest, Source, Split, TableRequest } from "./api.ts";
import { lineFormat } from "./line-format.test-helper.ts";

/** A context that captures what connectors print; `clock.millis` is its time. */
export interface TestContext extends ConnectorContext {
  readonly clock: { millis: number };
  readonly printed: string[];
}

/** A context with the line format (under the name `json`), a fixed clock, and relative paths under `baseDirectory`. */
export function testContext(baseDirectory = "/"): TestContext {
  const clock = { millis: 1_700_000_000_000 };
  const printed: string[] = [];
  return {
    clock,
    printed,
    baseDirectory,
    format: (name) => (name === "json" ? lineFormat : name === "csv" ? { ...lineFormat, name: "csv" } : undefined),
    formatNames: () => ["json", "csv"],
    stdout: (text) => printed.push(text),
    stderr: (text) => printed.push(`stderr: ${text}`),
    nowMillis: () => clock.millis,
  };
}

/** A new empty directory, in memory where the system has such a place (synchronising costs nothing there). */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "millrace-connectors-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A table request with defaults. */
export function tableRequest(
  physical: readonly Field[],
  options: Record<string, string>,
  more: Partial<TableRequest> = {},
): TableRequest {
  return { table: "c.d.t", physical, primaryKey: [], partitionKeys: [], options, timeZone: "UTC", ...more };
}

/** A scan of all physical columns, or of the given ones. */
export function scanRequest(
  table: TableRequest,
  columns?: readonly ScanColumn[],
  more: Partial<ScanRequest> = {},
): ScanRequest {
  return {
    ...table,
    columns: columns ?? table.physical.map(({ name, type }) => ({ kind: "physical", path: [name], type })),
    ...more,
  };
}

/** Rows of a batch as Values. */
export function rowsOf(batch: RecordBatch, types: readonly DataType[]): Value[][] {
  const read = batch.columns.map((column, i) => reader(column, types[i]!));
  return Array.from({ length: batch.rowCount }, (_, row) => read.map((value) => value(row)));
}

/** Polls a split until it ends, is idle, or `limit` rows have come; gives the rows and the position after each batch. */
export async function readSplit(
  source: Source,
  split: Split,
  types: readonly DataType[],
  options: { from?: Json; maxRows?: number; limit?: number } = {},
): Promise<{ rows: Value[][]; positions: { position: Json; rows: number }[]; end: "end" | "idle" | "limit" }> {
  const reader = await source.openSplit(split, options.from);
  const rows: Value[][] = [];
  const positions = [{ position: reader.position(), rows: 0 }];
  let end: "end" | "idle" | "limit" = "limit";
  while (rows.length < (options.limit ?? Number.POSITIVE_INFINITY)) {
    const polled = await reader.poll(options.maxRows ?? 4096);
    if (polled === "end" || polled === "idle") {
      end = polled;
      break;
    }
    rows.push(...rowsOf(polled, types));
    positions.push({ position: reader.position(), rows: rows.length });
  }
  await reader.close();
  return { rows, positions, end };
}

/** All rows of a source, split after split. */
export async function readAll(source: Source, types: readonly DataType[], maxRows = 4096): Promise<Value[][]> {
  let rows: Value[][] = [];
  for (const split of await source.discoverSplits(new Set()))
    rows = rows.concat((await readSplit(source, split, types, { maxRows })).rows);
  return rows;
}

/** All files below a directory by relative path (hidden ones included), with their text. */
export function filesIn(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (path: string, prefix: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) walk(join(path, entry.name), `${prefix}${entry.name}/`);
      else found[prefix + entry.name] = readFileSync(join(path, entry.name), "utf8");
    }
  };
  walk(directory, "");
  return found;
}
