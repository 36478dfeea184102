import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type * as ast from "../../parser/index.ts";
import { ORDINALITY } from "../../functions/table/unnest.ts";
import type { Field } from "../../types/data-type.ts";
import type { TableCall } from "../logical/algebra.ts";
import { argumentsOf, coerceArguments, doesNotApply, functionNotFound } from "./call.ts";
import type { Binding, Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import type { Scope } from "./scope.ts";

/** FROM items that give rows for each row of the items before them. */
export type LateralItem = ast.Unnest | ast.TableFunction;

/** A table function over the rows of `input`, whose columns `scope` names. The relation has the function's columns alone. */
export interface BoundTableCall {
  readonly call: TableCall;
  readonly names: readonly string[];
}

/** Binds UNNEST or a call of a table function. Throws FUNCTION_NOT_FOUND, TYPE_MISMATCH. */
export function bindTableCall(item: LateralItem, binding: Binding, scope: Scope): BoundTableCall {
  if (item.kind === "Unnest") return bindUnnest(item, binding, scope);
  const name = item.name.parts.at(-1)!.name.toUpperCase();
  const env: Environment = { binding, scope, clause: name };
  const args = item.args.map((arg) => bindExpression(arg, env));
  const fn = binding.functions.table(name);
  if (fn === undefined) {
    if (binding.functions.scalar(name) === undefined && binding.functions.aggregate(name) === undefined)
      throw functionNotFound(binding, name, args, item.name.span);
    throw new SqlError("INVALID_QUERY", `${name} gives a value and no rows: it is no table function`, {
      span: item.name.span,
      hint: "call it in SELECT or WHERE",
    });
  }
  const resolution = fn.resolve(argumentsOf(args));
  if (resolution === undefined) throw doesNotApply(fn.name, fn.signature, args, item.span);
  const { columns } = resolution;
  return {
    call: { function: fn.name, args: coerceArguments(args, resolution), columns, withOrdinality: false },
    names: columns.map((c) => c.name),
  };
}

function bindUnnest(item: ast.Unnest, binding: Binding, scope: Scope): BoundTableCall {
  const operand = bindExpression(item.operand, { binding, scope, clause: "UNNEST" });
  const resolution = binding.functions.table("UNNEST")?.resolve(argumentsOf([operand]));
  if (resolution === undefined)
    throw doesNotApply("UNNEST", "UNNEST(<MULTISET>), UNNEST(<ARRAY>), UNNEST(<MAP>)", [operand], item.span);
  const columns: readonly Field[] = item.withOrdinality ? [...resolution.columns, ORDINALITY] : resolution.columns;
  const names = columns.map((c) => c.name);
  // The one column of plain items is called as its table.
  const { type } = operand;
  const plain = (type.kind === "ARRAY" || type.kind === "MULTISET") && type.element.kind !== "ROW";
  if (plain && item.alias !== undefined) names[0] = item.alias.name.name;
  return { call: { function: "UNNEST", args: [operand], columns, withOrdinality: item.withOrdinality }, names };
}

/** Joins that a table function or LATERAL cannot take part in. */
export function refuseJoin(type: ast.Join["type"], node: ast.Join, span: Span): void {
  if (type === "RIGHT" || type === "FULL") {
    throw new SqlError("PLANNING", `${type} JOIN cannot have on its right a table that depends on the left one`, {
      span,
      hint: "use CROSS JOIN or LEFT JOIN … ON TRUE",
    });
  }
  if (node.natural || node.using !== undefined) {
    throw new SqlError("UNSUPPORTED", "NATURAL and USING with a table that depends on the left one are not supported", {
      span,
      hint: "use ON",
    });
  }
}
