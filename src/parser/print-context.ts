import type { Expression } from "./ast/expression.ts";
import type { Identifier, ObjectName } from "./ast/node.ts";
import type { Query } from "./ast/query.ts";

/** How a tree is written. */
export interface PrintOptions {
  /**
   * By default the text is what Flink shows (SHOW CREATE VIEW, DESCRIBE), where defaults are spelled out and some calls are rewritten:
   * `YEAR(x)` is `EXTRACT(YEAR FROM x)`. Exact: the text parses to the same tree.
   */
  readonly exact?: boolean | undefined;
  /** A query has its FROM, WHERE, … on lines of their own; else all is one line. */
  readonly lines?: boolean | undefined;
}

/** What the parts of the printer share, so that their files need not import in a circle. */
export interface PrintContext {
  readonly exact: boolean;
  /** Between the clauses of a query: a blank or a line break. */
  readonly separator: string;
  readonly expression: (expression: Expression) => string;
  readonly query: (query: Query) => string;
}

/** A name in backquotes. */
export function quote(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A text as a string literal. */
export function quoteString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function printIdentifier(identifier: Identifier): string {
  return quote(identifier.name);
}

/** `` `a`.`b` `` */
export function printName(name: ObjectName | readonly Identifier[]): string {
  const parts = "kind" in name ? name.parts : name;
  return parts.map(printIdentifier).join(".");
}

/** `` `a`, `b` `` */
export function printNames(names: readonly Identifier[]): string {
  return names.map(printIdentifier).join(", ");
}
