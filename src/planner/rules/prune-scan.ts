import { column } from "../../expressions/expr.ts";
import type { DataType, Field } from "../../types/data-type.ts";
import type { Scan, ScanField } from "../logical/algebra.ts";
import { fieldAt, type Path, type PathSet } from "./paths.ts";
import type { Pruned } from "./pruned.ts";

/** The scan of what is needed alone: columns, and fields inside of them. */
export function prunedScan(plan: Scan, needed: PathSet): Pruned {
  const { fields } = plan.schema;
  const columns = needed.paths.map((path): ScanField => scanField(plan, path, fieldAt(fields, path).type));
  return {
    plan: { ...plan, schema: { fields: needed.paths.map((path) => fieldAt(fields, path)) }, columns },
    at: (path) => column(needed.indexOf(path), fieldAt(fields, path).type),
  };
}

/** Numbers of the columns of the primary key. */
export function keyColumns(plan: Scan): readonly number[] {
  const physical = plan.table.columns.filter((c) => c.kind === "physical");
  return (plan.table.primaryKey?.columns ?? []).map((name) => physical.findIndex((c) => c.name === name));
}

function scanField(plan: Scan, path: Path, type: DataType): ScanField {
  const physical = plan.table.columns.filter((c) => c.kind === "physical");
  const top = physical[path.column];
  if (top === undefined) {
    const metadata = plan.table.columns.filter((c) => c.kind === "metadata")[path.column - physical.length];
    return { kind: "metadata", key: metadata?.key ?? metadata?.name ?? "", type };
  }
  const names = [top.name];
  let inner: DataType = top.type;
  for (const position of path.fields) {
    const field = (inner.kind === "ROW" ? inner.fields[position] : undefined) as Field;
    names.push(field.name);
    inner = field.type;
  }
  return { kind: "physical", path: names, type };
}
