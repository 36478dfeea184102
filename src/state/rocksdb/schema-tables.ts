import { must } from "../../base/assert.ts";
import type { ChildMapSpec, StateField, TableSpec } from "../api.ts";
import { MemoryChildMap } from "../child-map.ts";
import { MemoryKeyedTable } from "../keyed-table.ts";
import { createOperatorState, type MemoryOperatorState } from "../operator-state.ts";
import type { RestoredState } from "../restored-state.ts";
import { MemoryRowLists } from "../row-lists.ts";
import { MemorySlicedTable, type Slice } from "../sliced-table.ts";
import { childName, childSpec, fieldsOf, tableSpec } from "../stored-specs.ts";
import type { Clock } from "../ttl.ts";
import { ChildRows } from "./child-rows.ts";
import { KeyLayout } from "./key-layout.ts";
import type { StoredTable } from "./manifest.ts";
import { TableRecords } from "./table-records.ts";

/** No row of a table that is only passed through expires. */
const NO_CLOCK = { nowMillis: () => 0 };

/** A list or map under a table, as it is declared. */
export type ChildDeclaration =
  | { readonly kind: "lists"; readonly name: string; readonly fields: readonly StateField[] }
  | { readonly kind: "map"; readonly spec: ChildMapSpec };

/** A table and what hangs under it. */
export interface TableDeclaration {
  /** Keys of its records begin with it. */
  readonly number: number;
  readonly kind: "table" | "slices";
  readonly spec: TableSpec;
  /** In the order in which records hold them. */
  readonly children: readonly ChildDeclaration[];
}

/** Tables that are passed through memory. */
export interface SchemaTables {
  readonly state: MemoryOperatorState;
  readonly tables: readonly SchemaTable[];
}

export interface SchemaTable {
  readonly number: number;
  /** Records of the table; of slices only through `slice`. */
  readonly records: TableRecords | undefined;
  /** Records of one slice, which is opened. */
  slice(endMillis: number): TableRecords;
  /** Slices that are there. */
  slices(): readonly TableRecords[];
}

/** Tables with these declarations, empty or with what a snapshot of the memory backend holds. `clock`: for times to live. */
export function schemaTables(
  declarations: readonly TableDeclaration[],
  maxParallelism: number,
  restore?: RestoredState,
  clock: Clock = NO_CLOCK,
): SchemaTables {
  const state = createOperatorState({ clock, maxParallelism, restore });
  return { state, tables: declarations.map((table) => declare(state, table, maxParallelism)) };
}

/** What is stored, declared as it is. */
export function declarationOf({ number, schema, children }: StoredTable): TableDeclaration {
  return {
    number,
    kind: schema.kind === "slices" ? "slices" : "table",
    spec: tableSpec(schema),
    children: children.map((child): ChildDeclaration =>
      child.kind === "lists"
        ? { kind: "lists", name: childName(child), fields: fieldsOf(child) }
        : { kind: "map", spec: childSpec(child) },
    ),
  };
}

function declare(state: MemoryOperatorState, declaration: TableDeclaration, maxParallelism: number): SchemaTable {
  const { number, kind, spec, children } = declaration;
  if (kind === "slices") return declareSlices(state, declaration, maxParallelism);
  const table = must(asTable(state.table(spec)), "table");
  const records = new TableRecords(
    table,
    new KeyLayout(number, undefined, table.keyColumns, maxParallelism, spec.groupKeys),
  );
  for (const child of children) {
    if (child.kind === "lists") {
      const lists = state.lists(table, child.name, child.fields);
      if (lists instanceof MemoryRowLists) records.children.push(new ChildRows(lists.children, undefined));
    } else {
      const map = state.childMap(table, child.spec);
      if (map instanceof MemoryChildMap) records.children.push(new ChildRows(map.children, map));
    }
  }
  const none = (): TableRecords => records;
  return { number, records, slice: none, slices: () => [] };
}

function declareSlices(
  state: MemoryOperatorState,
  { number, spec, children }: TableDeclaration,
  maxParallelism: number,
): SchemaTable {
  const maps = children.map((child) => must(child.kind === "map" ? child.spec : undefined, "map"));
  const sliced = state.slices(spec, maps);
  const table = must(sliced instanceof MemorySlicedTable ? sliced : undefined, "sliced table");
  const recordsOf = (slice: Slice): TableRecords => {
    const layout = new KeyLayout(number, slice.endMillis, slice.table.keyColumns, maxParallelism, spec.groupKeys);
    const records = new TableRecords(slice.table, layout);
    for (const map of slice.children) records.children.push(new ChildRows(map.children, map));
    return records;
  };
  return {
    number,
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
