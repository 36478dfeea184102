import { call, literal } from "../../expressions/expr.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { DataType, Field } from "../../types/data-type.ts";

/** A column, or a field inside a ROW column by positions. */
export interface Path {
  readonly column: number;
  readonly fields: readonly number[];
}

export function pathKey(path: Path): string {
  return path.fields.length === 0 ? String(path.column) : `${path.column}.${path.fields.join(".")}`;
}

/** A set of paths in order of first use. */
export class PathSet {
  readonly paths: Path[] = [];
  readonly #index = new Map<string, number>();

  add(path: Path): number {
    const key = pathKey(path);
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    this.#index.set(key, this.paths.length);
    return this.paths.push(path) - 1;
  }

  addAll(paths: Iterable<Path>): void {
    for (const path of paths) this.add(path);
  }

  indexOf(path: Path): number {
    return this.#index.get(pathKey(path)) ?? -1;
  }
}

/** `FIELD(FIELD(column, i), j)` as a path; `undefined` for anything else. */
export function pathOf(expr: Expr): Path | undefined {
  if (expr.kind === "column") return { column: expr.index, fields: [] };
  if (expr.kind !== "call" || expr.function !== "FIELD") return undefined;
  const [operand, position] = expr.args;
  if (operand === undefined || position?.kind !== "literal") return undefined;
  const path = pathOf(operand);
  return path === undefined ? undefined : { column: path.column, fields: [...path.fields, Number(position.value)] };
}

/** The longest paths that the expression reads. */
export function pathsIn(expr: Expr, into: PathSet): void {
  const path = pathOf(expr);
  if (path !== undefined) into.add(path);
  else if (expr.kind === "call") for (const arg of expr.args) pathsIn(arg, into);
}

/** Replaces each longest path by what now stands for it, keeping the types that the expression was bound with. */
export function replacePaths(expr: Expr, replacement: (path: Path) => Expr): Expr {
  const path = pathOf(expr);
  if (path !== undefined) return retype(replacement(path), expr.type);
  if (expr.kind !== "call" || expr.args.length === 0) return expr;
  return { ...expr, args: expr.args.map((arg) => replacePaths(arg, replacement)) };
}

/** The field at the path inside the value of `expr`. */
export function applyFields(expr: Expr, fields: readonly number[]): Expr {
  let result = expr;
  for (const position of fields) {
    const row = result.type;
    const field = row.kind === "ROW" ? (row.fields[position] as Field) : undefined;
    const type: DataType = field === undefined ? row : { ...field.type, nullable: field.type.nullable || row.nullable };
    result = call("FIELD", [result, literal(position, { kind: "INT", nullable: false })], type);
  }
  return result;
}

/** Type and name of what a path leads to. */
export function fieldAt(fields: readonly Field[], path: Path): Field {
  let { name, type } = fields[path.column] as Field;
  for (const position of path.fields) {
    const inner = (type.kind === "ROW" ? type.fields[position] : undefined) as Field;
    const nullable: boolean = type.nullable || inner.type.nullable;
    name = `${name}.${inner.name}`;
    type = { ...inner.type, nullable };
  }
  return { name, type };
}

function retype(expr: Expr, type: DataType): Expr {
  return { ...expr, type };
}
