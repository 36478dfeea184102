import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { CatalogView } from "../../catalog/table.ts";
import { call, literal, type Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import type { Identifier, ObjectName, TableAlias } from "../../parser/index.ts";
import { timeAttributeOf } from "../traits/time-attributes.ts";
import { sameType } from "../../types/coerce.ts";
import { T, withNullable, withoutTimeAttribute } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { Join as LogicalJoin, LogicalPlan } from "../logical/algebra.ts";
import { bindCall, explicitCast } from "./call.ts";
import type { Binding, Environment } from "./context.ts";
import { bindCondition } from "./expression.ts";
import { bindMatch } from "./match.ts";
import { bindAsOf } from "./as-of.ts";
import { bindTableCall, refuseJoin, type LateralItem } from "./lateral.ts";
import { lateralCall, lateralQuery } from "./lateral-join.ts";
import { joinWithSubqueries } from "./join-subqueries.ts";
import { checkHint, stateTtlMillis } from "./join-hints.ts";
import { columnsOfPlan, correlate, join, project, repeatedAt, values } from "./nodes.ts";
import {
  EMPTY_SCOPE,
  shiftExpr,
  shiftScope,
  tableScope,
  tryResolve,
  type Relation,
  type Scope,
  type ScopeColumn,
} from "./scope.ts";
import { bindTable } from "./table-source.ts";
import { hasSubquery, splitAnd } from "./where.ts";
import { bindChangelogFunction, isChangelogFunction } from "./changelog-functions.ts";
import { bindWindowTvf, isWindowTvf } from "./window-tvf.ts";

/** The plan of a FROM clause and the names that it brings. */
export interface FromResult {
  readonly plan: LogicalPlan;
  readonly scope: Scope;
}

const TRUE: Expr = literal(true, T.boolean(false));

/** Binds a FROM item. `outer` is the enclosing query's scope when this one may be correlated. */
export function bindFrom(item: ast.FromItem, binding: Binding, outer: Scope | undefined): FromResult {
  switch (item.kind) {
    case "TableRef": {
      if (item.asOf !== undefined) {
        throw new SqlError("INVALID_QUERY", "FOR SYSTEM_TIME AS OF stands at the right side of a join", {
          span: item.asOf.span,
          hint: "FROM orders AS o JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r ON …",
        });
      }
      return bindTableRef(item, binding, outer);
    }
    case "DerivedTable": {
      // It sees the enclosing query, but not the tables beside it unless it is LATERAL.
      return named(binding.bindQuery(item.query, binding, outer, "nested"), [], item.alias, outer);
    }
    case "TableFunction": {
      const name = item.name.parts.at(-1)!.name.toUpperCase();
      if (!isWindowTvf(name) && !isChangelogFunction(name)) return bindAlone(item, binding, outer);
      const env: Environment = { binding, scope: EMPTY_SCOPE, clause: name };
      const bindInput = (table: ast.TableArgument["table"]): Relation =>
        table.kind === "ObjectName"
          ? bindArgument(table, binding)
          : binding.bindQuery(table, binding, undefined, "nested");
      if (isChangelogFunction(name))
        return named(bindChangelogFunction(item, name, env, bindInput), [], item.alias, outer);
      const relation = bindWindowTvf(item, name, env, bindInput);
      return named(relation, [], item.alias, outer);
    }
    case "Unnest":
      return bindAlone(item, binding, outer);
    case "MatchRecognize": {
      const { plan, scope } = bindFrom(item.input, binding, undefined);
      const names = plan.schema.fields.map((field, i) => scope.tables[0]?.columns[i]?.name ?? field.name);
      if (scope.tables.length !== 1) {
        throw new SqlError("UNSUPPORTED", "MATCH_RECOGNIZE over a join is not supported", {
          span: item.input.span,
          hint: "write the join as a subquery: FROM (SELECT … FROM a JOIN b …) MATCH_RECOGNIZE (…)",
        });
      }
      return named(bindMatch(item, { plan, names }, scope, binding), [], item.alias, outer);
    }
    case "Join":
      return bindJoin(item, binding, outer);
  }
}

function bindTableRef(item: ast.TableRef, binding: Binding, outer: Scope | undefined): FromResult {
  const { relation, name } = bindTableName(item.name, item.hints, binding);
  binding.notes?.table(item, name);
  return named(relation, name, item.alias, outer);
}

/** `TABLE t` as an argument. */
function bindArgument(table: ObjectName, binding: Binding): Relation {
  const { relation, name } = bindTableName(table, [], binding);
  binding.notes?.table(table, name);
  return relation;
}

/** A table function that is the first of its FROM clause: its arguments see the enclosing query alone. */
function bindAlone(item: LateralItem, binding: Binding, outer: Scope | undefined): FromResult {
  const call = bindTableCall(item, binding, { ...EMPTY_SCOPE, outer });
  const plan = correlate(values([[]], []), call.call, "inner", undefined);
  return named({ plan, names: call.names }, [], item.alias, outer);
}

/** A table, view or WITH table by name, and the name under which its columns are found. */
function bindTableName(
  name: ObjectName,
  hints: readonly ast.Hint[],
  binding: Binding,
): { readonly relation: Relation; readonly name: readonly string[] } {
  const parts = name.parts.map((p) => p.name);
  const common = parts.length === 1 ? binding.commonTables.get(parts[0]!) : undefined;
  if (common !== undefined) {
    hints.forEach(checkHint);
    return { relation: common, name: parts };
  }
  const path = binding.catalog.resolvePath(parts, binding.searchPath, name.span);
  const object = binding.catalog.get(path, name.span);
  const scopeName = [path.catalog, path.database, path.object];
  if (object.kind === "table") return { relation: bindTable(object, hints, binding, name.span), name: scopeName };
  const options = hints.find((hint) => hint.name.toUpperCase() === "OPTIONS");
  if (options !== undefined) {
    throw new SqlError(
      "INVALID_QUERY",
      `View '${path.object}' cannot be enriched with new options. Hints can only be applied to tables.`,
      { span: options.span },
    );
  }
  hints.forEach(checkHint);
  return { relation: bindView(object, binding, name), name: scopeName };
}

function bindView(view: CatalogView, binding: Binding, name: ObjectName): Relation {
  const key = `${view.path.catalog}.${view.path.database}.${view.path.object}`;
  if (binding.openViews.includes(key)) {
    throw new SqlError("INVALID_QUERY", `View '${view.path.object}' contains itself`, { span: name.span });
  }
  const inner: Binding = {
    ...binding,
    notes: undefined,
    searchPath: view.searchPath,
    commonTables: new Map(),
    openViews: [...binding.openViews, key],
  };
  try {
    const { plan } = binding.bindQuery(view.query, inner, undefined, binding.use ?? "nested");
    return { plan: asDeclared(plan, view, name.span), names: view.columns.map((c) => c.name) };
  } catch (error) {
    // Spans inside the view belong to the statement that made it.
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError(error.code, `${error.message} (in view '${view.path.object}')`, {
      span: name.span,
      hint: error.hint,
      cause: error,
    });
  }
}

/**
 * The columns of the view with the types that they had when it was made: those of its tables may have changed. One that
 * has become nullable is, whatever it was.
 */
function asDeclared(plan: LogicalPlan, view: CatalogView, span: Span): LogicalPlan {
  const present = columnsOfPlan(plan);
  const columns = view.columns.map(({ type }, i) => {
    const now = present[i]!;
    const cast = sameType(now.type, type) ? now : explicitCast(now, withoutTimeAttribute(type), false, span);
    if (cast.type.nullable || !type.nullable || timeAttributeOf(cast.type) !== undefined) return cast;
    return call("CAST", [cast], withNullable(cast.type, true), span);
  });
  const names = plan.schema.fields.map((f) => f.name);
  return columns.every((c, i) => c === present[i]) ? plan : project(plan, columns, names);
}

function named(
  relation: Relation,
  name: readonly string[],
  alias: TableAlias | undefined,
  outer: Scope | undefined,
): FromResult {
  if (alias === undefined) return { plan: relation.plan, scope: tableScope(relation, name, outer) };
  const names = alias.columns.length === 0 ? relation.names : renamed(relation.names, alias.columns, alias);
  return { plan: relation.plan, scope: tableScope({ plan: relation.plan, names }, [alias.name.name], outer) };
}

/** The names of `AS t (a, b)`. Throws INVALID_QUERY unless there is one for each column, DUPLICATE_COLUMN for one that comes twice. */
export function renamed(
  present: readonly string[],
  columns: readonly Identifier[],
  at: { readonly span: ast.Identifier["span"] },
): readonly string[] {
  if (columns.length === present.length) {
    const names = columns.map((c) => c.name);
    const twice = columns[repeatedAt(names)];
    if (twice === undefined) return names;
    throw new SqlError("DUPLICATE_COLUMN", `Duplicate name '${twice.name}' in column alias list`, { span: twice.span });
  }
  throw new SqlError(
    "INVALID_QUERY",
    `List of column aliases must have same degree as table; table has ${present.length} columns (${present.map((n) => `'${n}'`).join(", ")}), whereas alias list has ${columns.length} columns`,
    { span: at.span },
  );
}

const TYPES: Readonly<Record<ast.Join["type"], LogicalJoin["type"]>> = {
  INNER: "inner",
  CROSS: "inner",
  LEFT: "left",
  RIGHT: "right",
  FULL: "full",
  SEMI: "semi",
  ANTI: "anti",
};

function bindJoin(given: ast.Join, binding: Binding, outer: Scope | undefined): FromResult {
  const node = leftDeep(given);
  const left = bindFrom(node.left, binding, outer);
  if (isLateral(node.right)) return bindLateralJoin(node, node.right, left, binding, outer);
  const table = node.right.kind === "TableRef" ? node.right : undefined;
  const right = table === undefined ? bindFrom(node.right, binding, outer) : bindTableRef(table, binding, outer);
  const type = TYPES[node.type];
  const asOf = table?.asOf && bindAsOf(table.asOf, type, left, right, binding);
  checkNames(left.scope, right.scope, node);
  const width = left.plan.schema.fields.length;
  // The condition sees both sides before the join makes one of them nullable.
  const inner = join(left.plan, right.plan, "inner", TRUE);
  const rightScope = shiftScope(right.scope, width, inner);
  const both: Scope = {
    tables: [...left.scope.tables, ...rightScope.tables],
    merged: [...left.scope.merged, ...rightScope.merged],
    outer,
  };
  const common = commonNames(node, left.scope, right.scope);
  const pairs = common.map((name) => {
    const [l, r] = [left.scope, rightScope].map((scope) => tryResolve(scope, [name]));
    if (l !== undefined && r !== undefined)
      return { name: name.name, left: l, right: r, equal: bindCall(binding, "=", [l, r], name.span) };
    throw new SqlError(
      "COLUMN_NOT_FOUND",
      `Column '${name.name}' not found in ${l === undefined ? "the left" : "the right"} side of the join`,
      { span: name.span },
    );
  });
  const conditions = pairs.map((p) => p.equal);
  const on = node.on === undefined ? [] : splitAnd(node.on);
  const nested = on.filter(hasSubquery);
  for (const part of on.filter((e) => !nested.includes(e)))
    conditions.push(bindCondition(part, { binding, scope: both, clause: "ON" }));
  const condition = conditions.reduce<Expr | undefined>(
    (a, b) => (a === undefined ? b : bindCall(binding, "AND", [a, b], node.span)),
    undefined,
  );
  const hints = binding.hints ?? [];
  const ttl = [left.scope, right.scope].map((side) => stateTtlMillis(hints, side));
  const joined: LogicalJoin = {
    ...join(left.plan, right.plan, type, condition ?? TRUE),
    ...(asOf === undefined ? {} : { asOf }),
    ...(ttl.every((millis) => millis === undefined) ? {} : { ttlMillis: [ttl[0], ttl[1]] }),
  };
  const plan = nested.length === 0 ? joined : joinWithSubqueries(node, nested, joined, both, binding);
  if (type === "semi" || type === "anti") return { plan, scope: left.scope };
  const scope = shiftScope(both, 0, plan);
  const merged = pairs.map(({ name, left: l, right: r }): ScopeColumn => {
    return { name, expr: commonColumn(type, shiftExpr(l, 0, plan), shiftExpr(r, 0, plan), binding, node.span) };
  });
  const older = scope.merged.filter((c) => !merged.some((m) => m.name === c.name));
  return { plan, scope: { ...scope, merged: [...merged, ...older] } };
}

/** Items that see the tables before them in their FROM clause. */
function isLateral(item: ast.FromItem): item is LateralItem | ast.DerivedTable {
  switch (item.kind) {
    case "Unnest":
      return true;
    case "DerivedTable":
      return item.lateral;
    case "TableFunction":
      return !isWindowTvf(item.name.parts.at(-1)!.name.toUpperCase());
    default:
      return false;
  }
}

/** `a, b CROSS JOIN UNNEST(a.x)` as `(a, b) CROSS JOIN UNNEST(a.x)`: the last item sees both. */
function leftDeep(node: ast.Join): ast.Join {
  const { right } = node;
  if (node.type !== "CROSS" || right.kind !== "Join" || !endsLateral(right)) return node;
  return { ...right, left: leftDeep({ ...node, right: right.left }) };
}

function endsLateral(node: ast.Join): boolean {
  if (node.type === "RIGHT" || node.type === "FULL") return false;
  return isLateral(node.right) || (node.left.kind === "Join" && endsLateral(node.left));
}

/** The rows of `left`, each with those that a table function or a LATERAL query gives for it. */
function bindLateralJoin(
  node: ast.Join,
  item: LateralItem | ast.DerivedTable,
  left: FromResult,
  binding: Binding,
  outer: Scope | undefined,
): FromResult {
  refuseJoin(node.type, node, item.span);
  const type = node.type === "LEFT" ? "left" : "inner";
  const right =
    item.kind === "DerivedTable"
      ? lateralQuery(binding.bindQuery(item.query, binding, left.scope, "nested"), left.plan, binding, item.span)
      : lateralCall(bindTableCall(item, binding, left.scope), left.plan);
  const inner = right.joined("inner", TRUE);
  const { names } = right;
  const width = left.plan.schema.fields.length;
  const own: Relation = {
    plan: { ...inner, schema: { fields: inner.schema.fields.slice(width, width + names.length) } },
    names,
  };
  const rightScope = named(own, [], item.alias, outer).scope;
  checkNames(left.scope, rightScope, node);
  const shifted = shiftScope(rightScope, width, inner);
  const both: Scope = { tables: [...left.scope.tables, ...shifted.tables], merged: left.scope.merged, outer };
  const condition = node.on === undefined ? TRUE : bindCondition(node.on, { binding, scope: both, clause: "ON" });
  const plan = right.joined(type, condition);
  return { plan, scope: shiftScope(both, 0, plan) };
}

/** COALESCE of a column that USING or NATURAL finds on both sides: one of them where that says the same. */
function commonColumn(type: LogicalJoin["type"], left: Expr, right: Expr, binding: Binding, span: Span): Expr {
  const common = bindCall(binding, "COALESCE", [left, right], span);
  const kept = type === "right" ? right : left;
  const says = (e: Expr): string => typeText(withoutTimeAttribute(e.type), { withNullability: true });
  return type !== "full" && says(kept) === says(common) ? kept : common;
}

function commonNames(node: ast.Join, left: Scope, right: Scope): readonly Identifier[] {
  if (node.using !== undefined) return node.using;
  if (!node.natural) return [];
  const names = (scope: Scope): ReadonlySet<string> =>
    new Set(scope.tables.flatMap((t) => t.columns.map((c) => c.name)));
  const rightNames = names(right);
  return [...names(left)]
    .filter((name) => rightNames.has(name))
    .map((name) => ({ kind: "Identifier", span: node.span, name, quoted: true }));
}

/** The same name twice in one FROM would make every use of it ambiguous, also where the databases of the tables differ. */
function checkNames(left: Scope, right: Scope, node: ast.Join): void {
  const taken = new Set(left.tables.map((t) => t.name.at(-1)));
  for (const { name } of right.tables) {
    if (name.length > 0 && taken.has(name.at(-1))) {
      throw new SqlError("INVALID_QUERY", `Duplicate relation name '${name.at(-1)}' in FROM clause`, {
        span: node.right.span,
        hint: "give one of them an alias: … AS x",
      });
    }
  }
}
