import { SqlError } from "../base/errors.ts";
import { changesOf } from "../batch/changes.ts";
import { CollectedChanges } from "../batch/collected-changes.ts";
import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { DataType, Field, Value } from "../types/data-type.ts";
import { compareOf } from "../types/value-compare.ts";
import { printTextOf, textOf } from "../types/value-text.ts";
import { ArrowResult } from "./arrow.ts";
import { jsonValue } from "./json-value.ts";
import { QUERY_COLUMN_WIDTH, TableauWriter } from "./tableau.ts";
import type { TableauStyle } from "./tableau.ts";

export const RESULT_FORMATS = ["tableau", "print", "json", "csv", "arrow", "golden"] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

/** One column of an ORDER BY. */
export interface ResultOrder {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Shows one result: changes as they come, then the end. */
export interface ResultWriter {
  /** A promise is back-pressure. */
  batch(batch: RecordBatch): void | Promise<void>;
  end(): void;
  /** `--final`: a transactional result, see `CollectedChanges`. */
  prepare?(checkpointId: number): void;
  commit?(checkpointId: number): void;
  discardAfter?(): void;
}

export interface ResultOptions {
  readonly format: Exclude<ResultFormat, "golden">;
  readonly zone: string;
  /** Only the rows that are left at the end. */
  readonly final: boolean;
  /** A box without its `op` column: the rows are no changes. */
  readonly plain?: boolean | undefined;
  /** Order of the final rows, by output columns. */
  readonly order?: readonly ResultOrder[] | undefined;
  /** −1: all. */
  readonly maxRows: number;
  /** Widest column of a box, in terminal columns. */
  readonly maxWidth?: number | undefined;
  /** `maxRows` rows were shown: more is not needed. */
  readonly onFull?: (() => void) | undefined;
  readonly write: (text: string) => void | Promise<void>;
  /** Where `arrow` goes. */
  readonly writeBytes?: ((bytes: Uint8Array) => void | Promise<void>) | undefined;
}

/** A writer for the rows of a SELECT. */
export function resultWriter(fields: readonly Field[], options: ResultOptions): ResultWriter {
  const types = fields.map((f) => f.type);
  if (options.format === "arrow" && !options.final) return arrowWriter(fields, options);
  const shown = options.final ? finalRows(types, options) : undefined;
  const lines = lineWriter(fields, types, options, {
    plain: options.final || options.plain === true,
    maxWidth: options.maxWidth ?? QUERY_COLUMN_WIDTH,
  });
  let count = 0;
  const emit = (kind: string, row: readonly Value[]): void => {
    if (options.maxRows >= 0 && count >= options.maxRows) return;
    count += 1;
    lines.change(kind, row);
    if (count === options.maxRows) options.onFull?.();
  };
  if (shown === undefined) {
    return {
      batch: (batch) => {
        for (const { kind, row } of changesOf(batch, types)) emit(kind, row);
        return lines.flush();
      },
      end: () => lines.end(),
    };
  }
  const end = (): void => {
    for (const row of shown.rows()) emit("+I", row);
    lines.end();
  };
  return Object.assign(new CollectedChanges(types, ({ kind, row }) => shown.apply(kind, row)), { end });
}

/** Batches as they come, cut to `maxRows`. */
function arrowWriter(fields: readonly Field[], options: ResultOptions): ResultWriter {
  const stream = new ArrowResult(fields, options.zone, options.plain === true);
  let count = 0;
  return {
    batch: (batch) => {
      const rowCount = options.maxRows < 0 ? batch.rowCount : Math.min(batch.rowCount, options.maxRows - count);
      if (rowCount <= 0) return;
      count += rowCount;
      if (count === options.maxRows) options.onFull?.();
      return options.writeBytes?.(stream.batch({ ...batch, rowCount }));
    },
    end: () => void options.writeBytes?.(stream.end()),
  };
}

/** DESCRIBE, SHOW, EXPLAIN: a finished table in the same forms, plans and statements as they are. */
export function showRows(fields: readonly Field[], rows: readonly (readonly Value[])[], options: ResultOptions): void {
  const types = fields.map((f) => f.type);
  const { format } = options;
  if (fields.length === 1 && fields[0]?.name === "result" && (format === "print" || format === "tableau")) {
    for (const [text] of rows) void options.write(`${String(text).trimEnd()}\n`);
    return;
  }
  const lines = lineWriter(fields, types, options, { plain: true, maxWidth: Infinity });
  for (const row of rows) lines.change("+I", row);
  lines.end();
}

interface LineWriter {
  change(kind: string, row: readonly Value[]): void;
  flush(): void | Promise<void>;
  end(): void;
}

function lineWriter(
  fields: readonly Field[],
  types: readonly DataType[],
  options: ResultOptions,
  box: TableauStyle,
): LineWriter {
  const buffer: string[] = [];
  const flush = (): void | Promise<void> => (buffer.length > 0 ? options.write(buffer.splice(0).join("")) : undefined);
  const end = (): void => void flush();
  switch (options.format) {
    case "tableau": {
      const texts = types.map((t) => textOf(t, options.zone));
      const table = new TableauWriter(fields, box, options.write);
      return {
        change: (kind, row) =>
          table.change(
            kind,
            row.map((v, i) => (v === null ? "<NULL>" : texts[i]!(v))),
          ),
        flush: () => table.flush(),
        end: () => table.end(),
      };
    }
    case "json":
      return {
        change: (kind, row) => {
          const values = fields.map(
            (f, i) => `${JSON.stringify(f.name)}:${jsonValue(row[i]!, types[i]!, options.zone)}`,
          );
          buffer.push(`{"op":"${kind}","row":{${values.join(",")}}}\n`);
        },
        flush,
        end,
      };
    case "csv": {
      const texts = types.map((t) => textOf(t, options.zone));
      buffer.push(`${fields.map((f) => csvField(f.name)).join(",")}\n`);
      return {
        change: (kind, row) => {
          if (kind !== "+I") {
            throw new SqlError("CHANGELOG_MODE", "csv cannot show a result with updates", {
              hint: "add --final for the rows that are left at the end, or use --format json",
            });
          }
          buffer.push(`${row.map((v, i) => (v === null ? "" : csvField(texts[i]!(v)))).join(",")}\n`);
        },
        flush,
        end,
      };
    }
    case "arrow": {
      // Final rows: they come all at once.
      const stream = new ArrowResult(fields, options.zone, true);
      const rows: (readonly Value[])[] = [];
      return {
        change: (_kind, row) => rows.push(row),
        flush: () => undefined,
        end: () => {
          const columns = types.map((type, i) =>
            columnOf(
              type,
              rows.map((row) => row[i]!),
            ),
          );
          void options.writeBytes?.(
            stream.batch({ rowCount: rows.length, columns, kinds: undefined, steps: undefined }),
          );
          void options.writeBytes?.(stream.end());
        },
      };
    }
    case "print": {
      const texts = types.map((t) => printTextOf(t));
      return {
        change: (kind, row) => buffer.push(`${kind}[${row.map((v, i) => texts[i]!(v)).join(", ")}]\n`),
        flush,
        end,
      };
    }
  }
}

function csvField(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows that are left, compared by their text as JSON, which tells NULL from 'NULL' and [a, b] from ['a, b']. */
function finalRows(types: readonly DataType[], options: ResultOptions) {
  const kept = new Map<string, { readonly row: readonly Value[]; count: number }>();
  return {
    apply(kind: string, row: readonly Value[]): void {
      const key = row.map((v, i) => jsonValue(v, types[i]!, options.zone)).join(",");
      const entry = kept.get(key) ?? { row, count: 0 };
      entry.count += kind.startsWith("+") ? 1 : -1;
      if (entry.count === 0) kept.delete(key);
      else kept.set(key, entry);
    },
    rows: (): (readonly Value[])[] =>
      [...kept.values()]
        .flatMap(({ row, count }) => Array.from({ length: Math.max(0, count) }, () => row))
        .sort(rowOrder(types, options.order ?? [])),
  };
}

function rowOrder(
  types: readonly DataType[],
  order: readonly ResultOrder[],
): (a: readonly Value[], b: readonly Value[]) => number {
  const compares = order.map(({ column }) => compareOf(types[column]!));
  return (a, b) => {
    for (const [i, { column, descending, nullsFirst }] of order.entries()) {
      const x = a[column]!;
      const y = b[column]!;
      if (x === null || y === null) {
        if (x !== y) return (x === null) === nullsFirst ? -1 : 1;
        continue;
      }
      const difference = compares[i]!(x, y);
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
}
