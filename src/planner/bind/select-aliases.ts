import { SqlError } from "../../base/errors.ts";
import { walk, type Expression, type FunctionCall, type Identifier, type SelectItem } from "../../parser/index.ts";
import { functionName } from "./call.ts";
import type { Binding } from "./context.ts";

/**
 * QUALIFY, or an expression of ORDER BY, with the names of the select list replaced by what they stand for, as Flink does:
 * an alias goes before a column of that name, inside of OVER too. Sub-queries keep their own names, a window of the WINDOW
 * clause sees no aliases, and in an aggregate the alias of another one is a column. Throws AMBIGUOUS_COLUMN where two
 * items have the name; `names`: of all columns of the result, where those count that `*` stands for.
 */
export function withoutAliases(
  node: Expression,
  items: readonly SelectItem[],
  { functions }: Binding,
  names: readonly string[] = [],
): Expression {
  const byName = new Map<string, Expression[]>();
  for (const { expression, alias } of items) {
    const name = alias?.name ?? (expression.kind === "ColumnRef" ? expression.parts.at(-1)!.name : undefined);
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), expression]);
  }
  const named = ({ name, span }: Identifier): Expression | undefined => {
    const [first, second] = byName.get(name) ?? [];
    if (second === undefined && names.indexOf(name) === names.lastIndexOf(name)) return first;
    throw new SqlError("AMBIGUOUS_COLUMN", `Column '${name}' is ambiguous`, {
      span,
      hint: "two columns of the select list have this name",
    });
  };
  const isAggregate = (call: FunctionCall): boolean =>
    call.over === undefined && functions.aggregate(functionName(call)) !== undefined;
  const aggregates = (expression: Expression): boolean => {
    let found = false;
    walk(expression, (each) => {
      if (each.kind === "FunctionCall")
        found ||= (each as FunctionCall).over !== undefined || isAggregate(each as FunctionCall);
    });
    return found;
  };
  const rewrite = (value: unknown, inAggregate: boolean): unknown => {
    if (Array.isArray(value)) return value.map((each) => rewrite(each, inAggregate));
    if (typeof value !== "object" || value === null || isQuery(value)) return value;
    const each = value as Expression;
    if (each.kind === "ColumnRef") {
      const found = each.parts.length === 1 ? named(each.parts[0]!) : undefined;
      return found === undefined || (inAggregate && aggregates(found)) ? each : found;
    }
    const below = inAggregate || (each.kind === "FunctionCall" && isAggregate(each));
    const copy = Object.fromEntries(Object.entries(value).map(([key, v]) => [key, rewrite(v, below)]));
    if (each.kind !== "FunctionCall" || each.symbols.length === 0) return copy;
    // SECOND in TIMESTAMPDIFF(SECOND, …) is no column.
    return {
      ...copy,
      args: (copy["args"] as Expression[]).map((a, i) => (each.symbols.includes(i) ? each.args[i] : a)),
    };
  };
  return rewrite(node, false) as Expression;
}

function isQuery(value: object): boolean {
  return "kind" in value && value.kind === "Query";
}
