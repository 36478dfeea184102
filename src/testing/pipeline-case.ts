import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ByteWriter } from "../base/byte-writer.ts";
import { SqlError } from "../base/errors.ts";
import { changesOf } from "../batch/changes.ts";
import { columnOf } from "../batch/column-builder.ts";
import { filesystem } from "../connectors/filesystem/index.ts";
import type { Format } from "../formats/api.ts";
import { encodeLines } from "../formats/lines.ts";
import type { Value } from "../types/data-type.ts";
import { bagDifferences } from "./blocks.ts";
import { PipelineTables, finalRows } from "./pipeline-tables.ts";
import type { WrittenTable } from "./pipeline-tables.ts";

const EXPECTED = ".expected.jsonl";

/** The tables of a pipeline's folder: `<table>.jsonl` and `<table>.csv` are inputs. */
export function pipelineTables(folder: string): PipelineTables {
  const inputs = readdirSync(folder).filter((file) => /\.(jsonl|csv)$/.test(file) && !file.endsWith(EXPECTED));
  return new PipelineTables(
    new Map(inputs.map((file) => [file.replace(/\.(jsonl|csv)$/, ""), join(folder, file)])),
    filesystem,
  );
}

/** Holds what the pipeline wrote against `<table>.expected.jsonl`; the differences as lines. Tables without one are not compared. */
export function comparePipeline(folder: string, tables: PipelineTables): readonly string[] {
  const expected = readdirSync(folder).filter((file) => file.endsWith(EXPECTED));
  if (expected.length === 0) return [`there is no <table>${EXPECTED} in ${folder}: run with --accept`];
  return expected.flatMap((file) => {
    const name = file.slice(0, -EXPECTED.length);
    const table = tables.written().get(name);
    if (table === undefined) return [`${name}: nothing was written into it`];
    try {
      const want = linesOf(table, readRows(table, join(folder, file)));
      return bagDifferences(want, linesOf(table, finalRows(table))).map((line) => `${name}: ${line}`);
    } catch (error) {
      if (error instanceof SqlError) return [`${file}: error[${error.code}]: ${error.message}`];
      throw error;
    }
  });
}

/** Writes `<table>.expected.jsonl` for every table that was written into, sorted. */
export function acceptPipeline(folder: string, tables: PipelineTables): void {
  for (const [name, table] of tables.written()) {
    const lines = linesOf(table, finalRows(table));
    writeFileSync(
      join(folder, `${name}${EXPECTED}`),
      [...lines]
        .sort()
        .map((line) => `${line}\n`)
        .join(""),
    );
  }
}

/** Rows as JSON lines, in the one spelling of the JSON format. */
function linesOf({ request, context }: WrittenTable, rows: readonly (readonly Value[])[]): readonly string[] {
  const encoder = json(context).encoder!({ fields: request.physical, options: {}, timeZone: request.timeZone });
  const columns = request.physical.map((f, i) =>
    columnOf(
      f.type,
      rows.map((row) => row[i] ?? null),
    ),
  );
  const out = new ByteWriter();
  encodeLines(
    encoder,
    { rowCount: rows.length, columns, kinds: undefined, steps: undefined },
    undefined,
    0,
    rows.length,
    out,
  );
  const text = new TextDecoder().decode(out.bytes.subarray(0, out.length));
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Rows of an expected file, as values of the table's types. Throws BAD_RECORD. */
function readRows({ request, context }: WrittenTable, file: string): readonly (readonly Value[])[] {
  const bytes = readFileSync(file);
  const projection = request.physical.map((f) => ({ path: [f.name], type: f.type }));
  const decoder = json(context).decoder!({
    physical: request.physical,
    projection,
    options: {},
    timeZone: request.timeZone,
  });
  const types = request.physical.map((f) => f.type);
  const rows: (readonly Value[])[] = [];
  for (let start = 0; start < bytes.length;) {
    const { batch, consumed } = decoder.decode(bytes, start, bytes.length, 4096, true);
    for (const { row } of changesOf(batch, types)) rows.push(row);
    if (consumed === 0 && batch.rowCount === 0) break;
    start += consumed;
  }
  return rows;
}

function json(context: WrittenTable["context"]): Format {
  const format = context.format("json");
  if (format === undefined) throw new SqlError("BUG", "there is no JSON format");
  return format;
}
