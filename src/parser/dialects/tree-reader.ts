import type { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { Context } from "./context.ts";

/** What says nothing about the meaning of a node. */
const SILENT = new Set([
  "type",
  "loc",
  "tableList",
  "columnList",
  "parentheses",
  "parentheses_symbol",
  "keyword",
  "symbol",
  "surround",
]);

/** What a property that nothing here reads stands for, where its name is not the word that was written. */
const CLAUSES: Readonly<Record<string, string>> = {
  locking_read: "FOR UPDATE / FOR SHARE",
  into: "SELECT … INTO",
  options: "an option after SELECT, or AT TIME ZONE,",
  consider_nulls: "IGNORE NULLS / RESPECT NULLS",
  within_group: "WITHIN GROUP",
  within_group_orderby: "WITHIN GROUP",
  array_index: "an index in brackets",
  modifiers: "GROUP BY … WITH ROLLUP",
  tablesample: "TABLESAMPLE",
  temporal_table: "a temporal table",
  index_hint: "an index hint",
};

/**
 * A node of the foreign tree. Every property that is read is noted, and `done` refuses what was not read and is not empty: nothing of
 * a query can get lost because a grammar knows more than the conversion.
 */
export class TreeReader {
  readonly context: Context;
  readonly span: Span;
  readonly #node: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(context: Context, node: unknown, outer: Span) {
    this.context = context;
    this.#node = (isRecord(node) ? node : {}) as Readonly<Record<string, unknown>>;
    this.span = spanOf(this.#node["loc"], context) ?? outer;
    if (!isRecord(node)) throw this.unsupported("a part of the query");
  }

  get type(): string {
    return this.peek("type") ?? "";
  }

  has(key: string): boolean {
    return !isEmpty(this.#node[key]);
  }

  /** A text without counting as read. */
  peek(key: string): string | undefined {
    const value = this.#node[key];
    return typeof value === "string" ? value : undefined;
  }

  raw(key: string): unknown {
    this.#read.add(key);
    return this.#node[key];
  }

  /** A text; undefined when there is none. */
  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") throw this.unsupported(clause(key));
    return value;
  }

  /** A node; undefined when there is none. */
  child(key: string): TreeReader | undefined {
    const value = this.raw(key);
    return value === undefined || value === null ? undefined : new TreeReader(this.context, value, this.span);
  }

  need(key: string): TreeReader {
    const child = this.child(key);
    if (child === undefined) throw this.unsupported(clause(key));
    return child;
  }

  list(key: string): TreeReader[] {
    const value = this.raw(key);
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw this.unsupported(clause(key));
    return value.map((item) => new TreeReader(this.context, item, this.span));
  }

  /** This property means nothing here. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#read.add(key);
  }

  /** All has been read. Throws UNSUPPORTED, naming what was not. */
  done<T>(result: T): T {
    for (const [key, value] of Object.entries(this.#node)) {
      if (!this.#read.has(key) && !SILENT.has(key) && !isEmpty(value)) throw this.unsupported(clause(key));
    }
    return result;
  }

  unsupported(what: string, hint?: string): SqlError {
    return this.context.unsupported(what, this.span, hint);
  }
}

function clause(key: string): string {
  return CLAUSES[key] ?? key.replaceAll("_", " ").trim().toUpperCase();
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** NULL, false, '' and what holds nothing else. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  if (Array.isArray(value)) return value.every(isEmpty);
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

function spanOf(location: unknown, context: Context): Span | undefined {
  const { start, end } = (location ?? {}) as {
    readonly start?: { readonly offset?: number };
    readonly end?: { readonly offset?: number };
  };
  if (start?.offset === undefined || end?.offset === undefined) return undefined;
  return { start: context.offset + start.offset, end: context.offset + end.offset };
}
