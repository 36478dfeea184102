import { SqlError } from "../../base/errors.ts";
import { unionSpan, type Span } from "../../base/span.ts";
import { didYouMean } from "../../base/suggest.ts";
import { call, column, literal, type Expr } from "../../expressions/expr.ts";
import type { Identifier } from "../../parser/index.ts";
import { T, withNullable } from "../../types/data-type.ts";
import { repeatedAt } from "./nodes.ts";
import { typeText } from "../../types/type-text.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import { replaceColumns } from "../logical/rewrite.ts";

/** Columns of the enclosing query inside a correlated subquery have their number plus this; of the one around that, twice this. */
export const OUTER_BASE = 1_000_000;

export interface ScopeColumn {
  readonly name: string;
  /** A column of the plan; COALESCE of two for a common column of JOIN … USING that is not simply that of one side. */
  readonly expr: Expr;
}

export interface ScopeTable {
  /** `[catalog, database, table]`, `[alias]`, or none for a table without a name. */
  readonly name: readonly string[];
  readonly columns: readonly ScopeColumn[];
}

/** The names that expressions of one SELECT see. */
export interface Scope {
  readonly tables: readonly ScopeTable[];
  /** Common columns of USING and NATURAL joins: they win over the tables' own and come first in `*`. */
  readonly merged: readonly ScopeColumn[];
  /** The enclosing query, for correlated subqueries. */
  readonly outer: Scope | undefined;
}

export const EMPTY_SCOPE: Scope = { tables: [], merged: [], outer: undefined };

/** A plan and how its columns are called. */
export interface Relation {
  readonly plan: LogicalPlan;
  /** One a column; not always unique. */
  readonly names: readonly string[];
}

/** The scope of one table with its alias. */
export function tableScope(relation: Relation, name: readonly string[], outer: Scope | undefined): Scope {
  const columns = relation.plan.schema.fields.map((field, i) => ({
    name: relation.names[i] ?? field.name,
    expr: column(i, field.type),
  }));
  return { tables: [{ name, columns }], merged: [], outer };
}

/** A scope whose columns moved by `by` and have the types of `plan`. */
export function shiftScope(scope: Scope, by: number, plan: LogicalPlan): Scope {
  const shift = (c: ScopeColumn): ScopeColumn => ({ name: c.name, expr: shiftExpr(c.expr, by, plan) });
  return {
    tables: scope.tables.map((t) => ({ name: t.name, columns: t.columns.map(shift) })),
    merged: scope.merged.map(shift),
    outer: scope.outer,
  };
}

/** An expression of a scope, a column or COALESCE of columns and casts, whose columns moved by `by` and have the types of `plan`. */
export function shiftExpr(expr: Expr, by: number, plan: LogicalPlan): Expr {
  switch (expr.kind) {
    case "literal":
      return expr;
    case "column":
      return column(expr.index + by, plan.schema.fields[expr.index + by]?.type ?? expr.type, expr.span);
    case "call": {
      const args = expr.args.map((arg) => shiftExpr(arg, by, plan));
      return {
        ...expr,
        args,
        type: withNullable(
          expr.type,
          args.every((a) => a.type.nullable),
        ),
      };
    }
  }
}

/** A column of `*`, `t.*` or `row.*`, and how it is written in full. */
export interface StarItem extends ScopeColumn {
  readonly fullName: readonly string[];
}

/** The columns of a star; those of `*` begin with the common ones. Throws AMBIGUOUS_COLUMN where a table has two of one name. */
export function starItems(scope: Scope, qualifier: readonly Identifier[], span: Span): readonly StarItem[] {
  const ofTable = (table: ScopeTable): readonly StarItem[] => {
    refuseDuplicates(table, span);
    return table.columns.map((c) => ({ ...c, fullName: [...table.name.slice(-1), c.name] }));
  };
  if (qualifier.length === 0) {
    const common = new Set(scope.merged.map((c) => c.name));
    const own = scope.tables.flatMap(ofTable).filter((c) => !common.has(c.name));
    return [...scope.merged.map((c) => ({ ...c, fullName: [c.name] })), ...own];
  }
  const table = findTable(
    scope,
    qualifier.map((q) => q.name),
  );
  if (table !== undefined) return ofTable(table);
  const row = resolveColumn(scope, qualifier);
  if (row.type.kind !== "ROW") {
    throw new SqlError(
      "TYPE_MISMATCH",
      `'${textOf(qualifier)}.*' needs a table or a row, but its type is ${typeText(row.type)}`,
      { span },
    );
  }
  const owner = fullName(scope, qualifier);
  return row.type.fields.map(({ name }) => ({
    name,
    expr: fieldOf(row, { name, span }),
    fullName: [...owner, name],
  }));
}

function refuseDuplicates({ columns }: ScopeTable, span: Span): void {
  const twice = columns[repeatedAt(columns.map((c) => c.name))];
  if (twice !== undefined) throw ambiguous({ name: twice.name, span });
}

/** `a`, `t.a`, `db.t.a`, `t.row.field` …: throws COLUMN_NOT_FOUND, AMBIGUOUS_COLUMN. */
export function resolveColumn(scope: Scope, parts: readonly Identifier[]): Expr {
  const found = tryResolve(scope, parts);
  if (found !== undefined) return found;
  let base = OUTER_BASE;
  for (let around = scope.outer; around !== undefined; around = around.outer) {
    const outer = tryResolve(around, parts);
    const by = base;
    if (outer !== undefined) return replaceColumns(outer, (c) => ({ ...c, index: c.index + by }));
    base += OUTER_BASE;
  }
  throw notFound(scope, parts);
}

/** As `resolveColumn` without the enclosing query; undefined when there is no such column. */
export function tryResolve(scope: Scope, parts: readonly Identifier[]): Expr | undefined {
  for (let length = Math.min(3, parts.length - 1); length >= 1; length--) {
    const table = findTable(
      scope,
      parts.slice(0, length).map((p) => p.name),
    );
    if (table === undefined) continue;
    const name = parts[length]!;
    const matches = table.columns.filter((c) => c.name === name.name);
    if (matches.length > 1) throw ambiguous(name);
    if (matches[0] !== undefined) return follow(matches[0].expr, parts, length);
  }
  const first = parts[0]!;
  const merged = scope.merged.find((c) => c.name === first.name);
  if (merged !== undefined) return follow(merged.expr, parts, 0);
  const matches = scope.tables.flatMap((t) => t.columns.filter((c) => c.name === first.name));
  if (matches.length > 1) throw ambiguous(first);
  return matches[0] === undefined ? undefined : follow(matches[0].expr, parts, 0);
}

/** A column name with its table's in front, as far as it has one: `[table, column, field …]`. */
export function fullName(scope: Scope, parts: readonly Identifier[]): readonly string[] {
  const names = parts.map((p) => p.name);
  for (let length = Math.min(3, names.length - 1); length >= 1; length--) {
    const table = findTable(scope, names.slice(0, length));
    if (table?.columns.some((c) => c.name === names[length]) === true) return names.slice(length - 1);
  }
  // A common column of a join belongs to both sides.
  if (scope.merged.some((c) => c.name === names[0])) return names;
  const table = scope.tables.find((t) => t.columns.some((c) => c.name === names[0]));
  if (table === undefined) return scope.outer === undefined ? names : fullName(scope.outer, parts);
  const name = table.name.at(-1);
  return name === undefined ? names : [name, ...names];
}

/** The fields after the column at `parts[at]`. */
function follow(expr: Expr, parts: readonly Identifier[], at: number): Expr {
  let result: Expr = { ...expr, span: spanOf(parts) };
  for (const field of parts.slice(at + 1)) result = fieldOf(result, field);
  return result;
}

/** `row.field`; NULL of a row that is NULL. */
export function fieldOf(row: Expr, field: Pick<Identifier, "name" | "span">): Expr {
  if (row.type.kind !== "ROW") {
    throw new SqlError("COLUMN_NOT_FOUND", `Column has no field '${field.name}': its type is ${typeText(row.type)}`, {
      span: field.span,
    });
  }
  const names = row.type.fields.map((f) => f.name);
  const index = names.indexOf(field.name);
  const found = row.type.fields[index];
  if (found === undefined) {
    throw new SqlError("COLUMN_NOT_FOUND", `Field '${field.name}' not found in ${typeText(row.type)}`, {
      span: field.span,
      hint: didYouMean(field.name, names),
    });
  }
  const type = withNullable(found.type, found.type.nullable || row.type.nullable);
  return call(
    "FIELD",
    [row, literal(index, T.int(false))],
    type,
    row.span === undefined ? field.span : unionSpan(row.span, field.span),
  );
}

function findTable(scope: Scope, name: readonly string[]): ScopeTable | undefined {
  return scope.tables.find(
    (t) => t.name.length >= name.length && name.every((part, i) => part === t.name[t.name.length - name.length + i]),
  );
}

function ambiguous(name: Pick<Identifier, "name" | "span">): SqlError {
  return new SqlError("AMBIGUOUS_COLUMN", `Column '${name.name}' is ambiguous`, {
    span: name.span,
    hint: "write the name of its table in front of it",
  });
}

function notFound(scope: Scope, parts: readonly Identifier[]): SqlError {
  const name = parts.at(-1)!;
  const table =
    parts.length > 1
      ? findTable(
          scope,
          parts.slice(0, -1).map((p) => p.name),
        )
      : undefined;
  if (table !== undefined) {
    return new SqlError("COLUMN_NOT_FOUND", `Column '${name.name}' not found in table '${parts.at(-2)!.name}'`, {
      span: name.span,
      hint: didYouMean(
        name.name,
        table.columns.map((c) => c.name),
      ),
    });
  }
  if (parts.length > 1) {
    const names = [...scope.tables.map((t) => t.name.at(-1) ?? ""), ...columnNames(scope)];
    return new SqlError("COLUMN_NOT_FOUND", `Table '${parts[0]!.name}' not found`, {
      span: parts[0]!.span,
      hint: didYouMean(parts[0]!.name, names),
    });
  }
  return new SqlError("COLUMN_NOT_FOUND", `Column '${name.name}' not found in any table`, {
    span: name.span,
    hint: didYouMean(name.name, columnNames(scope)),
  });
}

function columnNames(scope: Scope): readonly string[] {
  return scope.tables.flatMap((t) => t.columns.map((c) => c.name));
}

function spanOf(parts: readonly Identifier[]): Span {
  return unionSpan(parts[0]!.span, parts.at(-1)!.span);
}

function textOf(parts: readonly Identifier[]): string {
  return parts.map((p) => p.name).join(".");
}
