import { SqlError } from "../../base/errors.ts";
import type { Expression, Identifier, SelectItem } from "../../parser/index.ts";

/**
 * QUALIFY with the names of the select list replaced by what they stand for, as Flink does: an alias goes before a column
 * of that name, inside of OVER too. Sub-queries keep their own names, and a window of the WINDOW clause sees no aliases.
 * Throws AMBIGUOUS_COLUMN where two items have the name.
 */
export function withoutAliases(condition: Expression, items: readonly SelectItem[]): Expression {
  const byName = new Map<string, Expression[]>();
  for (const { expression, alias } of items) {
    const name = alias?.name ?? (expression.kind === "ColumnRef" ? expression.parts.at(-1)!.name : undefined);
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), expression]);
  }
  const named = ({ name, span }: Identifier): Expression | undefined => {
    const [first, second] = byName.get(name) ?? [];
    if (second === undefined) return first;
    throw new SqlError("AMBIGUOUS_COLUMN", `Column '${name}' is ambiguous`, {
      span,
      hint: "two columns of the select list have this name",
    });
  };
  const rewrite = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rewrite);
    if (typeof value !== "object" || value === null) return value;
    const node = value as Expression;
    if (node.kind === "ColumnRef") return node.parts.length === 1 ? (named(node.parts[0]!) ?? node) : node;
    if (isQuery(value)) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, v]) => [key, rewrite(v)]));
    if (node.kind !== "FunctionCall" || node.symbols.length === 0) return copy;
    // SECOND in TIMESTAMPDIFF(SECOND, …) is no column.
    return {
      ...copy,
      args: (copy["args"] as Expression[]).map((arg, i) => (node.symbols.includes(i) ? node.args[i] : arg)),
    };
  };
  return rewrite(condition) as Expression;
}

function isQuery(value: object): boolean {
  return "kind" in value && value.kind === "Query";
}
