import type { Expression } from "../../parser/index.ts";

/** The names of columns in an expression (for `a.b` both parts: which one is the column is not known here). */
export function columnNamesIn(expression: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === "object" && value !== null) {
      const node = value as Readonly<Record<string, unknown>>;
      if (node["kind"] === "ColumnRef") for (const part of node["parts"] as readonly { name: string }[]) names.add(part.name);
      else Object.values(node).forEach(walk);
    }
  };
  walk(expression);
  return names;
}
