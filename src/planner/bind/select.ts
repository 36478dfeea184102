import { must } from "../../base/assert.ts";
import { SqlError } from "../../base/errors.ts";
import { column, literal, type Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import { T } from "../../types/data-type.ts";
import { isBatch } from "../batch-mode.ts";
import type { AggregateCall, LogicalPlan, SortKey } from "../logical/algebra.ts";
import { columnsOf, digest, replaceColumns } from "../logical/rewrite.ts";
import { bindAggregateCall, countingRows } from "./aggregate-call.ts";
import { buildAggregate, rewriteGrouped } from "./aggregate.ts";
import { functionName, illegalNull } from "./call.ts";
import type { Binding, Environment } from "./context.ts";
import { bindCondition, bindExpression } from "./expression.ts";
import { bindFrom, type FromResult } from "./from.ts";
import { bindGroupBy, NO_KEYS } from "./group-by.ts";
import { checkHint, checkTableHints, stateTtlMillis, withStateTtl } from "./join-hints.ts";
import { groupWindowProperty, groupWindowPropertyType, type GroupWindowProperty } from "./group-window.ts";
import { aggregate, columnsOfPlan, filter, project, values } from "./nodes.ts";
import { uniqueNames } from "../logical/unique-names.ts";
import { sortKey } from "./order.ts";
import { applyOvers, bindOver, type PendingOver } from "./over.ts";
import { createPendingList, PENDING_BASE } from "./pending.ts";
import { EMPTY_SCOPE, OUTER_BASE, starItems, type Relation, type Scope } from "./scope.ts";
import { withoutAliases } from "./select-aliases.ts";
import { applyAsColumn } from "./apply-subquery.ts";
import { prepareSubquery, type PendingSubquery } from "./subquery.ts";
import { applyTail, hasTail, outputColumn, withoutOrder, type Tail } from "./tail.ts";
import { bindWhere, isPositive } from "./where.ts";

interface OutputItem {
  readonly expression: Expr;
  readonly name: string;
}

/** GROUPING, GROUPING_ID, GROUP_ID over the keys with these numbers. */
interface PendingGrouping {
  readonly keys: readonly number[];
}

/** Binds SELECT with the ORDER BY and LIMIT that follow it. */
export function bindSelect(select: ast.Select, tail: Tail, binding: Binding, outer: Scope | undefined): Relation {
  select.hints.forEach(checkHint);
  const { plan: fromPlan, scope } = bindFromClause(select, { ...binding, hints: select.hints }, outer);
  let input = select.where === undefined ? fromPlan : bindWhere(select.where, fromPlan, scope, binding);

  let number = PENDING_BASE;
  const next = (): number => number++;
  const aggregates = createPendingList<AggregateCall>(next);
  const overs = createPendingList<PendingOver>(next);
  const subqueries = createPendingList<PendingSubquery>(next);
  const properties = createPendingList<GroupWindowProperty>(next);
  const groupings = createPendingList<PendingGrouping>(next);

  // Subqueries of keys and of arguments of aggregates become columns of what is grouped.
  const ofKeys = new Map<string, Expr>();
  const plainEnv: Environment = {
    binding,
    scope,
    clause: "GROUP BY",
    subquery(node) {
      const pending = prepareSubquery(node, binding, scope, (operand) => bindExpression(operand, plainEnv));
      const applied = applyAsColumn(input, pending, binding, (e) => e);
      input = applied.plan;
      ofKeys.set(subqueryKey(pending), applied.value);
      return applied.value;
    },
  };
  const grouping =
    select.groupBy === undefined ? NO_KEYS : bindGroupBy(select.groupBy, select.groupByDistinct, plainEnv);
  const keySubqueries = new Map(ofKeys);
  const isEmptySet = grouping.window === undefined && grouping.sets.some((set) => set.length === 0);
  // The empty set of GROUPING SETS, ROLLUP and CUBE has a row only where there are rows, unlike no GROUP BY and `GROUP BY ()`.
  const mayBeEmpty = isEmptySet && select.groupBy?.every(isNothing) !== false;

  const qualifyNode = select.qualify === undefined ? undefined : withoutAliases(select.qualify, select.items, binding);
  if (qualifyNode !== undefined) binding.notes?.qualify(select.qualify!, qualifyNode);
  const groupedEnv: Environment = {
    ...plainEnv,
    clause: "HAVING",
    aggregate(node) {
      const call = countingRows(bindAggregateCall(node, plainEnv, mayBeEmpty));
      return aggregates.add(call, call.type, node.span);
    },
    subquery(node) {
      const nullIsFalse = [select.having, qualifyNode].some((c) => c !== undefined && isPositive(c, node));
      const pending = prepareSubquery(
        node,
        binding,
        scope,
        (operand) => bindExpression(operand, groupedEnv),
        nullIsFalse,
      );
      const key = keySubqueries.get(subqueryKey(pending));
      return key ?? subqueries.add(pending, pending.type, node.span);
    },
    special(node) {
      const property = groupWindowProperty(node, grouping.window, plainEnv);
      if (property !== undefined) {
        return properties.add(
          property,
          groupWindowPropertyType(property, must(grouping.window, "group window"), node.span),
          node.span,
        );
      }
      const name = functionName(node);
      if (name !== "GROUPING" && name !== "GROUPING_ID" && name !== "GROUP_ID") return undefined;
      if (select.groupBy === undefined) {
        throw new SqlError("INVALID_QUERY", `${name} operator may only occur in an aggregate query`, {
          span: node.span,
        });
      }
      const digests = grouping.keys.map((k) => digest(k));
      const keys = node.args.map((arg) => {
        const key = digests.indexOf(digest(bindExpression(arg, plainEnv)));
        if (key < 0)
          throw new SqlError("INVALID_QUERY", `Argument to ${name} operator must be a grouped expression`, {
            span: arg.span,
          });
        return key;
      });
      if ((keys.length === 0) !== (name === "GROUP_ID"))
        throw new SqlError("INVALID_QUERY", `Invalid number of arguments to function '${name}'`, { span: node.span });
      return groupings.add({ keys }, T.bigint(false), node.span);
    },
  };
  const selectEnv: Environment = {
    ...groupedEnv,
    clause: "SELECT",
    over(node) {
      const pending = bindOver(node, groupedEnv, select.windows);
      return overs.add(pending, pending.call.type, node.span);
    },
  };

  const having = select.having === undefined ? undefined : bindCondition(select.having, groupedEnv);
  const havingSubqueries = subqueries.items.length;
  const items = bindItems(select.items, selectEnv);
  const qualify =
    qualifyNode === undefined ? undefined : bindCondition(qualifyNode, { ...selectEnv, clause: "QUALIFY" });
  if (qualify !== undefined && !holdsOver(qualify, overs.items)) {
    throw new SqlError("INVALID_QUERY", "QUALIFY expression must contain a window function", {
      span: select.qualify!.span,
      hint: "use WHERE or HAVING for what needs no window",
    });
  }
  const order = tail.orderBy.map((item) =>
    bindOrderItem(item, items, select.items, { ...selectEnv, clause: "ORDER BY" }),
  );

  // From here on the plan is built; `resolved` says where what was pending has come to be.
  const resolved = new Map<number, Expr>();
  const grouped = select.groupBy !== undefined || select.having !== undefined || aggregates.items.length > 0;
  if (grouped || select.distinct || hasTail(tail)) input = withoutOrder(input);
  let plan: LogicalPlan = input;
  let rewrite = (expr: Expr): Expr => replaceColumns(expr, (c) => resolved.get(c.index) ?? c);
  checkTableHints(select.hints, scope, grouped || select.distinct);
  if (grouped) {
    const calls = aggregates.items.map(({ index, item }, i) => ({
      ...item,
      name: nameOfPending(index, items) ?? `EXPR$${i}`,
    }));
    const result = buildAggregate(input, grouping, calls);
    plan = withStateTtl(result.plan, stateTtlMillis(select.hints, scope));
    aggregates.items.forEach(({ index }, i) => resolved.set(index, must(result.aggregates[i], "aggregate")));
    for (const { index, item } of properties.items) {
      const type = groupWindowPropertyType(item, must(grouping.window, "group window"), select.span);
      resolved.set(index, { ...result.property(item), type });
    }
    for (const { index, item } of groupings.items)
      resolved.set(index, result.grouping(item.keys, binding, select.span));
    const nameOf = (index: number): string => fromPlan.schema.fields[index]?.name ?? String(index);
    rewrite = (expr) => rewriteGrouped(expr, { grouping, result, binding, resolved, nameOf });
  }
  const resolveSubqueries = (from: number, to: number): void => {
    for (const { index, item } of subqueries.items.slice(from, to)) {
      const applied = applyAsColumn(plan, item, binding, rewrite);
      plan = applied.plan;
      resolved.set(index, applied.value);
    }
  };
  resolveSubqueries(0, havingSubqueries);
  if (having !== undefined) plan = filter(plan, rewrite(having));
  resolveSubqueries(havingSubqueries, subqueries.items.length);
  plan = applyOvers(
    plan,
    overs.items.map(({ item }) => item),
    rewrite,
    isBatch(binding.options),
  );
  overs.items.forEach(({ index, item }, i) => {
    resolved.set(index, column(plan.schema.fields.length - overs.items.length + i, item.call.type));
  });
  if (qualify !== undefined) plan = filter(plan, rewrite(qualify));
  return finish(
    plan,
    items.map((i) => ({ ...i, expression: rewrite(i.expression) })),
    order.map((o) => ({ ...o, expression: rewrite(o.expression) })),
    select,
    { ...tail, distinctTtlMillis: stateTtlMillis(select.hints, scope) },
  );
}

/** `()` in GROUP BY. */
function isNothing(item: ast.GroupItem): boolean {
  if (item.kind !== "GroupingSets" || item.sets.length !== 1) return false;
  const [set] = item.sets;
  return set !== undefined && "length" in set && set.length === 0;
}

/** The same for the same subquery over the same rows. */
function subqueryKey(pending: PendingSubquery): string {
  return digest({ ...pending, nullIsFalse: false });
}

function bindFromClause(select: ast.Select, binding: Binding, outer: Scope | undefined): FromResult {
  const use = select.from?.kind === "TableRef" ? binding.use : "nested";
  if (select.from !== undefined) return bindFrom(select.from, { ...binding, use }, outer);
  return { plan: values([[]], []), scope: { ...EMPTY_SCOPE, outer } };
}

function holdsOver(expr: Expr, overs: readonly { readonly index: number }[]): boolean {
  const columns = columnsOf(expr);
  return overs.some(({ index }) => columns.has(index));
}

function nameOfPending(index: number, items: readonly OutputItem[]): string | undefined {
  return items.find(({ expression }) => expression.kind === "column" && expression.index === index)?.name;
}

function bindItems(nodes: readonly ast.SelectItem[], env: Environment): readonly OutputItem[] {
  const items: OutputItem[] = [];
  for (const { expression: node, alias } of nodes) {
    if (node.kind === "Star") {
      const columns = starItems(env.scope, node.qualifier, node.span);
      if (columns.length === 0)
        throw new SqlError("INVALID_QUERY", "SELECT * requires a FROM clause", { span: node.span });
      const taken = items.map((i) => i.name);
      const names = uniqueNames([...new Set(taken), ...columns.map((c) => c.name)]).slice(-columns.length);
      columns.forEach((c, i) =>
        items.push({ expression: { ...c.expr, span: node.span }, name: must(names[i], "name") }),
      );
      env.binding.notes?.star(
        node,
        columns.map((c, i) => ({ name: c.fullName, alias: names[i] === c.name ? undefined : names[i] })),
      );
      continue;
    }
    if (node.kind === "FieldAccess" && node.field.kind === "Star") {
      items.push(...rowFields(bindExpression(node.operand, env), node));
      continue;
    }
    const expression = bindExpression(node, env);
    if (expression.type.kind === "NULL") throw illegalNull(node.span);
    items.push({ expression, name: alias?.name ?? derivedName(node) ?? `EXPR$${items.length}` });
  }
  return items;
}

function rowFields(row: Expr, node: ast.FieldAccess): readonly OutputItem[] {
  if (row.type.kind !== "ROW") throw new SqlError("TYPE_MISMATCH", "'.*' needs a row", { span: node.span });
  return row.type.fields.map((field, i) => ({
    name: field.name,
    expression: {
      kind: "call",
      function: "FIELD",
      args: [row, literal(i, T.int(false))],
      type: { ...field.type, nullable: field.type.nullable || row.type.nullable },
    },
  }));
}

function derivedName(node: ast.Expression): string | undefined {
  return node.kind === "ColumnRef" ? node.parts.at(-1)!.name : undefined;
}

interface OrderKey {
  readonly expression: Expr;
  readonly item: ast.OrderItem;
}

/** An ORDER BY item: a position, or any expression over the query's rows and the names of the select list. */
function bindOrderItem(
  item: ast.OrderItem,
  items: readonly OutputItem[],
  nodes: readonly ast.SelectItem[],
  env: Environment,
): OrderKey {
  const names = items.map((i) => i.name);
  const position = outputColumn(item.expression, names);
  if (position !== undefined) return { expression: items[position]!.expression, item };
  return { expression: bindExpression(withoutAliases(item.expression, nodes, env.binding, names), env), item };
}

function finish(
  plan: LogicalPlan,
  items: readonly OutputItem[],
  order: readonly OrderKey[],
  select: ast.Select,
  tail: Tail,
): Relation {
  const names = items.map((i) => i.name);
  const expressions = items.map((i) => i.expression);
  const digests = expressions.map((e) => digest(e));
  const hidden: Expr[] = [];
  const keys = order.map(({ expression, item }): SortKey => {
    const key = digest(expression);
    let at = digests.indexOf(key);
    if (at < 0) {
      digests.push(key);
      const found = select.distinct ? overSelectList(expression, expressions, item) : expression;
      at = expressions.length + hidden.push(found) - 1;
    }
    return sortKey(at, item);
  });
  const allNames = [...names, ...hidden.map((_, i) => `$s${i}`)];
  let result = select.distinct
    ? project(plan, expressions, names)
    : project(plan, [...expressions, ...hidden], allNames);
  if (select.distinct) {
    const keys = names.map((_, i) => i);
    result = withStateTtl(aggregate(result, keys, []), tail.distinctTtlMillis);
    if (hidden.length > 0) result = project(result, [...columnsOfPlan(result), ...hidden], allNames);
  }
  if (hasTail(tail)) result = applyTail(result, keys, tail);
  if (hidden.length > 0)
    result = project(result, columnsOfPlan(result).slice(0, names.length), uniqueNames(names, true));
  return { plan: result, names };
}

/** An expression of ORDER BY over the columns of SELECT DISTINCT: distinct rows have no others. */
function overSelectList(expression: Expr, list: readonly Expr[], item: ast.OrderItem): Expr {
  const digests = list.map((e) => digest(e));
  const walk = (node: Expr): Expr => {
    const at = node.kind === "literal" ? -1 : digests.indexOf(digest(node));
    if (at >= 0) return column(at, node.type, node.span);
    if (node.kind === "call") return { ...node, args: node.args.map(walk) };
    if (node.kind === "literal" || node.index >= OUTER_BASE) return node;
    throw new SqlError("INVALID_QUERY", "ORDER BY of SELECT DISTINCT must be in the select list", { span: item.span });
  };
  return walk(expression);
}
