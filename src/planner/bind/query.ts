import { SqlError } from "../../base/errors.ts";
import type { Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import { commonType } from "../../types/coerce.ts";
import { withNullable, type Field } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import { illegalNull } from "./call.ts";
import { coerce } from "./coercion.ts";
import type { Binding, QueryUse } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { renamed } from "./from.ts";
import { aggregate, columnsOfPlan, extend, project, repeatedAt, union, values } from "./nodes.ts";
import { uniqueNames } from "../logical/unique-names.ts";
import { sortKey } from "./order.ts";
import { EMPTY_SCOPE, tableScope, type Relation, type Scope } from "./scope.ts";
import { bindSelect } from "./select.ts";
import { countedOperation, distinctOperation } from "./set-operation.ts";
import { applyTail, bindTail, hasTail, NO_TAIL, outputColumn, type Tail } from "./tail.ts";

/** Binds a whole query expression: WITH, body, ORDER BY, LIMIT. */
export function bindQueryExpression(
  query: ast.Query,
  binding: Binding,
  outer: Scope | undefined,
  use: QueryUse,
): Relation {
  const inner = query.with.length === 0 ? binding : withCommonTables(query.with, binding);
  const tail = bindTail(query, use);
  if (query.body.kind === "Select") return bindSelect(query.body, tail, { ...inner, use }, outer);
  const relation = bindBody(query.body, inner, outer);
  return hasTail(tail) ? withTail(relation, tail, inner) : relation;
}

function withCommonTables(tables: readonly ast.CommonTable[], binding: Binding): Binding {
  const commonTables = new Map(binding.commonTables);
  for (const { name, columns, query } of tables) {
    const relation = binding.bindQuery(query, { ...binding, commonTables: new Map(commonTables) }, undefined, "nested");
    const names = columns.length === 0 ? relation.names : renamed(relation.names, columns, name);
    const at = repeatedAt(names);
    if (at >= 0) {
      throw new SqlError("DUPLICATE_COLUMN", `Duplicate column '${names[at]}' in WITH table '${name.name}'`, {
        span: name.span,
        hint: `name its columns: WITH ${name.name} (…) AS`,
      });
    }
    commonTables.set(name.name, { plan: relation.plan, names });
  }
  return { ...binding, commonTables };
}

function bindBody(body: ast.QueryBody, binding: Binding, outer: Scope | undefined): Relation {
  switch (body.kind) {
    case "Select":
      return bindSelect(body, NO_TAIL, { ...binding, use: "nested" }, outer);
    case "Query":
      return bindQueryExpression(body, binding, outer, "nested");
    case "Values":
      return bindValues(body, binding, outer);
    case "SetOperation":
      return bindSetOperation(body, binding, outer);
  }
}

function withTail(relation: Relation, tail: Tail, binding: Binding): Relation {
  const { plan, names } = relation;
  const scope = tableScope(relation, [], undefined);
  const width = plan.schema.fields.length;
  const computed: Expr[] = [];
  const keys = tail.orderBy.map((item) => {
    const position = outputColumn(item.expression, names);
    if (position !== undefined) return sortKey(position, item);
    const bound = bindExpression(item.expression, { binding, scope, clause: "ORDER BY" });
    return sortKey(bound.kind === "column" ? bound.index : width + computed.push(bound) - 1, item);
  });
  const below = extend(
    plan,
    computed,
    computed.map((_, i) => `$s${i}`),
  );
  const sorted = applyTail(below, keys, tail);
  const own = columnsOfPlan(plan);
  return {
    plan:
      computed.length === 0
        ? sorted
        : project(
            sorted,
            own,
            plan.schema.fields.map((f) => f.name),
          ),
    names,
  };
}

/** VALUES: each column has the common type of its items. */
function bindValues(node: ast.Values, binding: Binding, outer: Scope | undefined): Relation {
  const env = { binding, scope: { ...EMPTY_SCOPE, outer }, clause: "VALUES" };
  const rows = node.rows.map((row) => row.map((item) => bindExpression(item, env)));
  const width = rows[0]!.length;
  for (const [i, row] of rows.entries()) {
    if (row.length !== width) {
      throw new SqlError(
        "INVALID_QUERY",
        "Values passed to VALUES operator must have compatible types: rows differ in the number of columns",
        { span: node.rows[i]![0]?.span ?? node.span },
      );
    }
  }
  const types = Array.from({ length: width }, (_, c) => {
    const type = commonType(rows.map((row) => row[c]!.type));
    if (type === undefined) {
      const [first, other] = [
        rows[0]![c]!,
        rows.find((row) => commonType([rows[0]![c]!.type, row[c]!.type]) === undefined)?.[c],
      ];
      throw new SqlError(
        "TYPE_MISMATCH",
        `Values passed to VALUES operator must have compatible types, but are ${typeText(first.type)} and ${typeText((other ?? first).type)}`,
        { span: other?.span ?? node.span },
      );
    }
    if (type.kind === "NULL") throw illegalNull(rows[0]![c]!.span);
    return type;
  });
  const names = types.map((_, i) => `EXPR$${i}`);
  const fields: readonly Field[] = types.map((type, i) => ({ name: names[i]!, type }));
  return {
    plan: values(
      rows.map((row) => row.map((item, c) => coerce(item, types[c]!))),
      fields,
    ),
    names,
  };
}

function bindSetOperation(node: ast.SetOperation, binding: Binding, outer: Scope | undefined): Relation {
  const sides = node.operator === "UNION" ? unionSides(node, node.all) : [node.left, node.right];
  const relations = sides.map((side) => bindBody(side, binding, outer));
  const first = relations[0]!;
  const fields = unifiedFields(relations, node);
  const plans = relations.map((r) => withTypes(r.plan, fields));
  const { names } = first;
  const keys = names.map((_, i) => i);
  if (node.operator === "UNION") {
    const all = union(plans, fields);
    return { plan: node.all ? all : aggregate(all, keys, []), names };
  }
  const [left, right] = plans as [LogicalPlan, LogicalPlan];
  const operation = { operator: node.operator, fields, binding, span: node.span };
  return {
    plan: node.all ? countedOperation(left, right, operation) : distinctOperation(left, right, operation),
    names,
  };
}

/** The branches of `a UNION [ALL] b UNION [ALL] c` as one list. */
function unionSides(node: ast.QueryBody, all: boolean): readonly ast.QueryBody[] {
  if (node.kind !== "SetOperation" || node.operator !== "UNION" || node.all !== all) return [node];
  return [...unionSides(node.left, all), ...unionSides(node.right, all)];
}

function unifiedFields(relations: readonly Relation[], node: ast.SetOperation): readonly Field[] {
  const first = relations[0]!;
  const width = first.names.length;
  const other = relations.find((r) => r.names.length !== width);
  if (other !== undefined) {
    throw new SqlError(
      "INVALID_QUERY",
      `Column count mismatch in ${node.operator}: ${width} and ${other.names.length}`,
      { span: node.span },
    );
  }
  const names = uniqueNames(first.names);
  return names.map((name, i) => {
    const types = relations.map((r) => r.plan.schema.fields[i]!.type);
    const type = commonType(types);
    if (type !== undefined) return { name, type: type.kind === "NULL" ? withNullable(type, true) : type };
    throw new SqlError(
      "TYPE_MISMATCH",
      `Type mismatch in column ${i + 1} of ${node.operator}: ${types.map((t) => typeText(t)).join(" and ")}`,
      { span: node.span },
    );
  });
}

/** The plan with its columns converted to the types. */
function withTypes(plan: LogicalPlan, fields: readonly Field[]): LogicalPlan {
  const columns = columnsOfPlan(plan);
  const converted = columns.map((c, i): Expr => coerce(c, fields[i]!.type));
  if (converted.every((c, i) => c === columns[i])) return plan;
  return project(
    plan,
    converted,
    fields.map((f) => f.name),
  );
}
