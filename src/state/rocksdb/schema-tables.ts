import { must } from "../../base/assert.ts";
import type { DataType } from "../../types/data-type.ts";
import type { ChildMapSpec, StateField, TableSpec } from "../api.ts";
import { MemoryChildMap } from "../child-map.ts";
import { MemoryKeyedTable } from "../keyed-table.ts";
import { createOperatorState, type MemoryOperatorState } from "../operator-state.ts";
import type { RestoredState } from "../restored-state.ts";
import { MemoryRowLists } from "../row-lists.ts";
import { MemorySlicedTable, type Slice } from "../sliced-table.ts";
import type { ColumnSchema, PartSchema } from "../snapshot-manifest.ts";
import { ChildRows } from "./child-rows.ts";
import { KeyLayout } from "./key-layout.ts";
import type { StoredTable } from "./manifest.ts";
import { TableRecords } from "./table-records.ts";

/** No row of a table that is only passed through expires. */
const NO_CLOCK = { nowMillis: () => 0 };
const FOR_EVER_MILLIS = Number.MAX_SAFE_INTEGER;

/** State of an operator in memory, declared by what is stored rather than by an operator. */
export interface SchemaTables {
  readonly state: MemoryOperatorState;
  readonly tables: readonly SchemaTable[];
}

export interface SchemaTable {
  readonly stored: StoredTable;
  /** Records of the table; of slices only through `slice`. */
  readonly records: TableRecords | undefined;
  /** Records of one slice, which is opened. */
  slice(endMillis: number): TableRecords;
  /** Slices that are there. */
  slices(): readonly TableRecords[];
}

/** Tables with these schemas, empty or with what a snapshot of the memory backend holds. */
export function schemaTables(
  stored: readonly StoredTable[],
  maxParallelism: number,
  restore?: RestoredState,
): SchemaTables {
  const state = createOperatorState({ clock: NO_CLOCK, maxParallelism, restore });
  return { state, tables: stored.map((table) => declare(state, table, maxParallelism)) };
}

function declare(state: MemoryOperatorState, stored: StoredTable, maxParallelism: number): SchemaTable {
  const spec = tableSpec(stored.schema);
  if (stored.schema.kind === "slices") return declareSlices(state, stored, spec, maxParallelism);
  const table = must(asTable(state.table(spec)), "table");
  const records = new TableRecords(
    table,
    new KeyLayout(stored.number, undefined, table.keyColumns, maxParallelism, spec.groupKeys),
  );
  for (const child of stored.children) {
    const name = childName(child);
    if (child.kind === "lists") {
      const lists = state.lists(table, name, fieldsOf(child));
      if (lists instanceof MemoryRowLists) records.children.push(new ChildRows(lists.children, undefined));
    } else {
      const map = state.childMap(table, childSpec(child));
      if (map instanceof MemoryChildMap) records.children.push(new ChildRows(map.children, map));
    }
  }
  const none = (): TableRecords => records;
  return { stored, records, slice: none, slices: () => [] };
}

function declareSlices(
  state: MemoryOperatorState,
  stored: StoredTable,
  spec: TableSpec,
  maxParallelism: number,
): SchemaTable {
  const sliced = state.slices(spec, stored.children.map(childSpec));
  const table = must(sliced instanceof MemorySlicedTable ? sliced : undefined, "sliced table");
  const recordsOf = (slice: Slice): TableRecords => {
    const layout = new KeyLayout(
      stored.number,
      slice.endMillis,
      slice.table.keyColumns,
      maxParallelism,
      spec.groupKeys,
    );
    const records = new TableRecords(slice.table, layout);
    for (const map of slice.children) records.children.push(new ChildRows(map.children, map));
    return records;
  };
  return {
    stored,
    records: undefined,
    slice: (endMillis) => {
      table.slice(endMillis);
      return recordsOf(
        must(
          table.all().find((slice) => slice.endMillis === endMillis),
          "slice",
        ),
      );
    },
    slices: () => table.all().map(recordsOf),
  };
}

function asTable(table: unknown): MemoryKeyedTable | undefined {
  return table instanceof MemoryKeyedTable ? table : undefined;
}

/** Name of a child without that of its table. */
function childName({ name, parent }: PartSchema): string {
  return name.slice(must(parent, "parent").length + 1);
}

function tableSpec(schema: PartSchema): TableSpec {
  return {
    name: schema.name,
    keys: schema.keys.map(column),
    groupKeys: schema.groupKeys,
    fields: fieldsOf(schema),
    ttlMillis: schema.ttl ? FOR_EVER_MILLIS : 0,
  };
}

function childSpec(schema: PartSchema): ChildMapSpec {
  return { name: childName(schema), keys: schema.keys.map(column), fields: fieldsOf(schema) };
}

function fieldsOf({ fields }: PartSchema): StateField[] {
  return fields.map((field): StateField => ({
    ...column(field),
    initial: null,
    ...(field.generic === true ? { storage: "any" } : {}),
    bits: field.bits,
  }));
}

/** A schema holds the type as JSON, without what does not change how it is stored. */
function column({ name, type }: ColumnSchema): { readonly name: string; readonly type: DataType } {
  return { name, type: type as unknown as DataType };
}
