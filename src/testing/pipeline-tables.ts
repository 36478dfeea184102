import { SqlError } from "../base/errors.ts";
import { CollectedChanges } from "../batch/collected-changes.ts";
import { columnOf } from "../batch/column-builder.ts";
import type { Change } from "../batch/changes.ts";
import type {
  Connector,
  ConnectorContext,
  RunIdentity,
  ScanColumn,
  ScanRequest,
  Sink,
  Source,
  SplitReader,
  TableRequest,
} from "../connectors/api.ts";
import { nextRowOf, rowPosition } from "../connectors/row-splits.ts";
import type { Field, Value } from "../types/data-type.ts";
import { valueText } from "../types/value-text.ts";

/** What a pipeline under test wrote into one of its tables. */
export interface WrittenTable {
  readonly request: TableRequest;
  readonly context: ConnectorContext;
  /** Changes that count, in order. */
  readonly changes: Change[];
}

/** Connectors whose writers may be given updates, where the real one is not there to ask. */
const UPSERT_CONNECTORS: ReadonlySet<string> = new Set([
  "upsert-kafka",
  "jdbc",
  "mongodb",
  "elasticsearch-7",
  "opensearch",
]);

/**
 * The tables of a pipeline under test: those with an input file read that file, bounded; all others keep in memory what
 * is written into them, and give it back when they are read.
 */
export class PipelineTables {
  readonly #inputs: ReadonlyMap<string, string>;
  readonly #filesystem: Connector;
  readonly #written = new Map<string, WrittenTable>();
  readonly #collected = new Map<string, CollectedChanges>();

  /** `inputs`: files (`.jsonl`, `.csv`) by table name. */
  constructor(inputs: ReadonlyMap<string, string>, filesystem: Connector) {
    this.#inputs = inputs;
    this.#filesystem = filesystem;
  }

  /** Tables that were written into, by name. */
  written(): ReadonlyMap<string, WrittenTable> {
    return this.#written;
  }

  /** What stands for a table's connector. `actual`: the real one, unless this build does not have it. */
  connectorFor(request: TableRequest, actual: Connector | undefined): Connector {
    const input = this.#inputs.get(nameOf(request));
    const upserts = UPSERT_CONNECTORS.has(request.options["connector"] ?? "");
    const base = {
      name: request.options["connector"] ?? "",
      options: [],
      metadata: actual?.metadata ?? [],
      sinkMode:
        actual === undefined ? (upserts && request.primaryKey.length > 0 ? "upsert" : "append") : actual.sinkMode,
    } as const;
    const sink = (table: TableRequest, context: ConnectorContext, run: RunIdentity): Sink =>
      this.#sink(table, context, run);
    if (input !== undefined) {
      return {
        ...base,
        isBounded: () => true,
        source: (scan, context) => this.#fileSource(scan, context, input),
        sink,
      };
    }
    return { ...base, isBounded: () => true, source: (scan) => this.#memorySource(scan), sink };
  }

  #fileSource(scan: ScanRequest, context: ConnectorContext, file: string): Source {
    const format = file.endsWith(".csv") ? "csv" : "json";
    const metadata = scan.columns.flatMap((c) => (c.kind === "metadata" ? [{ name: `@${c.key}`, type: c.type }] : []));
    if (metadata.length > 0 && format === "csv") {
      throw new SqlError("UNSUPPORTED", `a CSV file cannot hold the metadata columns of '${scan.table}'`, {
        hint: 'use a .jsonl file with fields such as "@timestamp"',
      });
    }
    const columns = scan.columns.map((c): ScanColumn =>
      c.kind === "metadata" ? { kind: "physical", path: [`@${c.key}`], type: c.type } : c,
    );
    const formatOptions = Object.entries(scan.options).filter(([key]) => key.startsWith(`${format}.`));
    const options = { ...Object.fromEntries(formatOptions), connector: "filesystem", path: file, format };
    const request: ScanRequest = {
      ...scan,
      physical: [...scan.physical, ...metadata],
      columns,
      partitionKeys: [],
      partitionFilter: undefined,
      options,
    };
    this.#filesystem.validate?.(request, context);
    return this.#filesystem.source!(request, context);
  }

  #memorySource(scan: ScanRequest): Source {
    const name = nameOf(scan);
    const table = this.#written.get(name);
    if (table === undefined) {
      throw new SqlError(
        "FILE_NOT_FOUND",
        `there is no input for the table '${name}', and nothing was written into it`,
        { hint: `put ${name}.jsonl or ${name}.csv beside pipeline.sql` },
      );
    }
    const rows = finalRows(table);
    return {
      bounded: true,
      discoverSplits: () => Promise.resolve([{ id: "rows", data: null }]),
      openSplit: (_, position) => new RowsReader(rows, scan, nextRowOf(position) ?? 0),
    };
  }

  #sink(request: TableRequest, context: ConnectorContext, run: RunIdentity): Sink {
    const name = nameOf(request);
    const table = this.#written.get(name) ?? { request, context, changes: [] };
    this.#written.set(name, table);
    const types = request.physical.map((f) => f.type);
    // The attempts of one job share what they have prepared.
    const key = `${run.jobName}/${run.operatorId}`;
    const collected = this.#collected.get(key) ?? new CollectedChanges(types, (change) => table.changes.push(change));
    this.#collected.set(key, collected);
    return {
      guarantee: "exactly-once",
      openWriter: () => ({
        write: (batch) => collected.batch(batch),
        prepareCommit: (checkpointId) => {
          collected.prepare(checkpointId);
          return { committables: [checkpointId], state: null };
        },
        close: () => undefined,
      }),
      commit: (checkpointId) => Promise.resolve(collected.commit(checkpointId)),
      discardAfter: () => Promise.resolve(collected.discardAfter()),
    };
  }
}

/** The rows that are left: by primary key where there is one, else as a bag. Throws CHANGELOG_MODE for a change that takes away a row which is not there. */
export function finalRows({ request, changes }: WrittenTable): readonly (readonly Value[])[] {
  const keys = request.primaryKey.map((name) => request.physical.findIndex((f) => f.name === name));
  const text = (row: readonly Value[], columns: readonly number[]): string =>
    columns.map((i) => valueText(row[i] ?? null, request.physical[i]!.type, request.timeZone)).join("\u0000");
  const all = request.physical.map((_, i) => i);
  const rows = new Map<string, { readonly row: readonly Value[]; count: number }>();
  for (const { kind, row } of changes) {
    const id = text(row, keys.length > 0 ? keys : all);
    if (keys.length > 0) {
      if (kind === "-D") rows.delete(id);
      else if (kind !== "-U") rows.set(id, { row, count: 1 });
      continue;
    }
    const entry = rows.get(id) ?? { row, count: 0 };
    entry.count += kind.startsWith("+") ? 1 : -1;
    if (entry.count < 0)
      throw new SqlError("CHANGELOG_MODE", `a change of '${nameOf(request)}' takes away a row that is not there`);
    if (entry.count === 0) rows.delete(id);
    else rows.set(id, entry);
  }
  return [...rows.values()].flatMap(({ row, count }) => Array.from({ length: count }, () => row));
}

class RowsReader implements SplitReader {
  readonly #rows: readonly (readonly Value[])[];
  readonly #scan: ScanRequest;
  #next: number;

  constructor(rows: readonly (readonly Value[])[], scan: ScanRequest, next: number) {
    this.#rows = rows;
    this.#scan = scan;
    this.#next = next;
  }

  poll(maxRows: number) {
    if (this.#next >= this.#rows.length) return "end";
    const rows = this.#rows.slice(this.#next, this.#next + maxRows);
    this.#next += rows.length;
    const columns = this.#scan.columns.map((c) =>
      columnOf(
        c.type,
        rows.map((row) => (c.kind === "physical" ? fieldAt(row, this.#scan.physical, c.path) : null)),
      ),
    );
    return { rowCount: rows.length, columns, kinds: undefined, steps: undefined };
  }

  position() {
    return rowPosition(this.#next);
  }

  close(): void {}
}

/** A column of a row, or a field inside one. */
function fieldAt(row: readonly Value[], fields: readonly Field[], path: readonly string[]): Value {
  const [name, ...rest] = path;
  const index = fields.findIndex((f) => f.name === name);
  const value = row[index] ?? null;
  const type = fields[index]?.type;
  return rest.length === 0 || value === null || type?.kind !== "ROW"
    ? value
    : fieldAt(value as readonly Value[], type.fields, rest);
}

function nameOf(request: TableRequest): string {
  return request.table.split(".").at(-1) ?? "";
}
