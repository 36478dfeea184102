import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqlError } from "../base/errors.ts";
import { columnOf } from "../batch/column-builder.ts";
import type { Column } from "../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../batch/record-batch.ts";
import { takeColumn } from "../batch/take.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import { T, type DataType, type Field, type Value } from "../types/data-type.ts";
import type { ChildMap, KeyedTable, OperatorState, TableSpec } from "./api.ts";
import { keyGroupsOf, type StateBackend } from "./backend.ts";
import { MEMORY } from "./memory-backend.ts";
import type { ColumnSchema, PartSchema } from "./snapshot-manifest.ts";
import { ROCKSDB } from "./rocksdb/backend.ts";
import { childName, childSpec, fieldsOf, tableSpec } from "./stored-specs.ts";
import { ofOperator, storedSchemas, type StoredSchemas } from "./stored-states.ts";
import { dataTypeOf } from "./widening.ts";

/** One state of a checkpoint as a table: window end and keys first, then the columns. */
export interface StateRows {
  /** `groups`, `keys/rows`; `numbers` holds what belongs to no key. */
  readonly name: string;
  readonly fields: readonly Field[];
  readonly rowCount: number;
  /** Rows from `from` (below `rowCount`) on: at least one, at most `maxRows`. */
  batch(from: number, maxRows: number): RecordBatch;
}

/** Columns of numbers that belong to no key. */
const NUMBER_FIELDS: readonly Field[] = [
  { name: "name", type: T.string(false) },
  { name: "value", type: T.double(false) },
];

/**
 * The states of one operator, read into memory, whatever backend and parallelism wrote them. Throws UNSUPPORTED where
 * only a job can read them, CHECKPOINT_NOT_FOUND, CHECKPOINT_INVALID, IO.
 */
export async function readStateRows(reader: CheckpointReader, operatorId: string): Promise<readonly StateRows[]> {
  const restore = ofOperator(reader, operatorId);
  const schemas = await storedSchemas(restore, operatorId);
  switch (schemas.owner) {
    case undefined:
      return await readWith(MEMORY, restore, operatorId, schemas, "");
    case "rocksdb": {
      const folder = await mkdtemp(join(tmpdir(), "millrace-state-"));
      try {
        // The files of the database may be with any operator.
        return await readWith(ROCKSDB, reader, operatorId, schemas, folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
    case "jdbc":
      throw new SqlError(
        "UNSUPPORTED",
        `the state of ${operatorId} in ${reader.location} is in the form of the ${schemas.owner} backend, which only a job can read`,
        { hint: "take a savepoint: it has the common form" },
      );
  }
}

/** Restores the operator alone, in one thread; `folder`: for working files. */
async function readWith(
  { open }: StateBackend,
  restore: CheckpointReader,
  operatorId: string,
  schemas: StoredSchemas,
  folder: string,
): Promise<readonly StateRows[]> {
  const { maxParallelism } = restore.metadata;
  const backend = await open({
    options: new Map(),
    run: { job: "", run: "", attempt: 0 },
    workDirectory: folder,
    // Nothing expires while it is looked at.
    clock: { nowMillis: () => 0 },
    maxParallelism,
    subtask: 0,
    parallelism: 1,
    keyGroups: keyGroupsOf(0, 1, maxParallelism),
    restore,
  });
  try {
    const { state } = backend.operatorState(operatorId);
    const tables = tablesOf(state, [...schemas.parts.values()]);
    await state.makeRoom();
    const rows = tables.flatMap((read) => read());
    return schemas.numbers.size === 0 ? rows : [...rows, numbersOf(state, [...schemas.numbers.keys()])];
  } finally {
    await backend.close();
  }
}

/** Declares each stored state as it is, so that a restore fills it; returns what reads them when all is in memory. */
function tablesOf(state: OperatorState, parts: readonly PartSchema[]): (() => StateRows[])[] {
  const tables = new Map<string, { readonly schema: PartSchema; readonly table: KeyedTable }>();
  const rows: (() => StateRows[])[] = [];
  for (const schema of parts) {
    const spec: TableSpec = { ...tableSpec(schema), resident: "always" };
    if (schema.kind === "slices") {
      const children = parts.filter((part) => part.parent === schema.name);
      const childSpecs = children.map(childSpec);
      const slices = state.slices(spec, childSpecs);
      rows.push(() => {
        const ends = slices.ends();
        const own = ends.map((end): Segment => tableSegment(slices.slice(end), end));
        const ofChildren = children.map((child, i) => {
          const segments = ends.map((end) =>
            mapSegment(slices.slice(end), slices.childMap(end, childSpecs[i]!.name), end),
          );
          return stateRows(child, [schema, child], segments, true);
        });
        return [stateRows(schema, [schema], own, true), ...ofChildren];
      });
    } else if (schema.kind === "table") {
      const table = state.table(spec);
      tables.set(schema.name, { schema, table });
      rows.push(() => [stateRows(schema, [schema], [tableSegment(table)], false)]);
    } else {
      const parent = schema.parent === undefined ? undefined : tables.get(schema.parent);
      // Maps of slices were declared with them.
      if (parent === undefined) continue;
      const { table } = parent;
      const segmentOf = schema.kind === "lists" ? listReader(state, table, schema) : mapReader(state, table, schema);
      rows.push(() => [stateRows(schema, [parent.schema, schema], [segmentOf()], false)]);
    }
  }
  return rows;
}

function listReader(state: OperatorState, table: KeyedTable, schema: PartSchema): () => Segment {
  const lists = state.lists(table, childName(schema), fieldsOf(schema));
  return () => listSegment(table, lists);
}

function mapReader(state: OperatorState, table: KeyedTable, schema: PartSchema): () => Segment {
  const map = state.childMap(table, childSpec(schema));
  return () => mapSegment(table, map);
}

/** Rows of one table, or of one slice of it: slots of the parents and of the rows themselves, in order. */
interface Segment {
  readonly end: number | undefined;
  readonly count: number;
  readonly columns: (from: number, count: number) => readonly Column[];
}

function tableSegment(table: KeyedTable, end?: number): Segment {
  const slots = table.liveSlots();
  return {
    end,
    count: slots.length,
    columns: (from, count) => {
      const some = slots.subarray(from, from + count);
      return [...table.gatherKeys(some, count), ...table.gather(some, count)];
    },
  };
}

function listSegment(table: KeyedTable, lists: ReturnType<OperatorState["lists"]>): Segment {
  const parents: number[] = [];
  const rows: number[] = [];
  for (const slot of table.liveSlots()) {
    for (let row = lists.head(slot); row >= 0; row = lists.next(row)) {
      parents.push(slot);
      rows.push(row);
    }
  }
  return childSegment(table, parents, rows, undefined, (some, count) => lists.gather(some, count));
}

function mapSegment(table: KeyedTable, map: ChildMap, end?: number): Segment {
  const parents: number[] = [];
  const entries: number[] = [];
  for (const slot of table.liveSlots()) {
    for (let entry = map.firstOf(slot); entry >= 0; entry = map.nextOf(entry)) {
      parents.push(slot);
      entries.push(entry);
    }
  }
  return childSegment(table, parents, entries, end, (some, count) => [
    ...map.gatherKeys(some, count),
    ...map.columns.map((column) => takeColumn(column, some, count)),
  ]);
}

function childSegment(
  table: KeyedTable,
  parents: readonly number[],
  rows: readonly number[],
  end: number | undefined,
  gather: (rows: Int32Array, count: number) => readonly Column[],
): Segment {
  const [parentSlots, rowSlots] = [Int32Array.from(parents), Int32Array.from(rows)];
  return {
    end,
    count: rows.length,
    columns: (from, count) => [
      ...table.gatherKeys(parentSlots.subarray(from, from + count), count),
      ...gather(rowSlots.subarray(from, from + count), count),
    ],
  };
}

/** `schemas`: of the parent, if there is one, whose keys come first, and of the state itself. */
function stateRows(
  schema: PartSchema,
  schemas: readonly PartSchema[],
  segments: readonly Segment[],
  sliced: boolean,
): StateRows {
  const columns = [...schemas.flatMap((each) => each.keys), ...schema.fields];
  const shown = columns.map(shownColumn);
  const lead: readonly Field[] = sliced ? [{ name: "window_end", type: T.timestamp(3, false) }] : [];
  const names = differing([...lead.map((f) => f.name), ...columns.map((c) => c.name)]);
  const types = [...lead.map((f) => f.type), ...shown.map((s) => s.type)];
  return {
    name: schema.name,
    fields: names.map((name, i) => ({ name, type: types[i]! })),
    rowCount: segments.reduce((sum, s) => sum + s.count, 0),
    batch: (from, maxRows) => {
      const { segment, start } = segmentAt(segments, from);
      const rowCount = Math.min(maxRows, segment.count - start, BATCH_ROWS);
      const own = segment.columns(start, rowCount).map((column, i) => shown[i]!.column(column, rowCount));
      if (segment.end === undefined) return inserts(rowCount, own);
      const ends: Column = { storage: "f64", values: new Float64Array(rowCount).fill(segment.end), nulls: undefined };
      return inserts(rowCount, [ends, ...own]);
    },
  };
}

function segmentAt(segments: readonly Segment[], row: number): { readonly segment: Segment; readonly start: number } {
  let start = row;
  for (const segment of segments) {
    if (start < segment.count) return { segment, start };
    start -= segment.count;
  }
  throw new SqlError("BUG", `a state has no row ${row}`);
}

interface ShownColumn {
  readonly type: DataType;
  column(stored: Column, rowCount: number): Column;
}

/** Values of an operator's own form are shown as text, masks by what their bits mean. */
function shownColumn(schema: ColumnSchema): ShownColumn {
  const { bits } = schema;
  if (schema.generic === true) {
    const text = (value: Value): Value => (value === null ? null : JSON.stringify(value, plain));
    return {
      type: T.string(),
      column: (stored, rowCount) =>
        columnOf(
          T.string(),
          (stored as { readonly values: readonly Value[] }).values
            .slice(0, rowCount)
            .map((value, i) => (stored.nulls?.[i] === 1 ? null : text(value))),
        ),
    };
  }
  if (bits !== undefined) {
    const text = (mask: number): string => bits.filter((_, bit) => (mask & (1 << bit)) !== 0).join(", ");
    return {
      type: T.string(),
      column: (stored, rowCount) =>
        columnOf(T.string(), Array.from((stored as { values: Int32Array }).values.subarray(0, rowCount), text)),
    };
  }
  return { type: dataTypeOf(schema), column: (stored) => stored };
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}

function differing(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name} #${n}`;
    taken.add(free);
    return free;
  });
}

function numbersOf(state: OperatorState, names: readonly string[]): StateRows {
  const rows = names.map((name): readonly Value[] => [name, state.number(name, "highest", Number.NaN, () => 0)]);
  return fixedRows("numbers", NUMBER_FIELDS, rows);
}

/** Rows that are at hand, as a state. */
export function fixedRows(name: string, fields: readonly Field[], rows: readonly (readonly Value[])[]): StateRows {
  return {
    name,
    fields,
    rowCount: rows.length,
    batch: (from, maxRows) => {
      const some = rows.slice(from, from + maxRows);
      const columns = fields.map(({ type }, i) =>
        columnOf(
          type,
          some.map((row) => row[i]!),
        ),
      );
      return inserts(some.length, columns);
    },
  };
}

function inserts(rowCount: number, columns: readonly Column[]): RecordBatch {
  return { rowCount, columns, kinds: undefined, steps: undefined };
}
