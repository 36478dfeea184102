import type { CatalogManager, SearchPath } from "../../catalog/manager.ts";
import type { SessionFacts } from "../../functions/define.ts";
import type { FunctionRegistry } from "../../functions/registry.ts";
import type { Expression, FunctionCall, Hint, Query } from "../../parser/index.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { Relation, Scope } from "./scope.ts";

/** What binding a statement needs from the session. */
export interface BindContext {
  readonly catalog: CatalogManager;
  readonly functions: FunctionRegistry;
  readonly session: SessionFacts;
  /** The values of SET. */
  readonly options: ReadonlyMap<string, string>;
}

/** The state of binding one query. */
export interface Binding extends BindContext {
  readonly searchPath: SearchPath;
  /** WITH, by name. */
  readonly commonTables: ReadonlyMap<string, Relation>;
  /** Views that are being expanded, so that one that contains itself is found. */
  readonly openViews: readonly string[];
  /** Binds a query inside this one; passed in, because expressions and FROM items hold queries and queries hold them. */
  readonly bindQuery: (query: Query, binding: Binding, scope: Scope | undefined, use: QueryUse) => Relation;
  /** How the query whose FROM is bound is used, and so a view that stands there alone. Undefined: nested. */
  readonly use?: QueryUse | undefined;
  /** Hints of the SELECT whose FROM is bound. */
  readonly hints?: readonly Hint[] | undefined;
  /** Told what names mean, for SHOW CREATE VIEW. */
  readonly notes?: NameNotes | undefined;
}

/** Takes down what the names of a query turned out to mean. */
export interface NameNotes {
  column(node: object, name: readonly string[]): void;
  star(node: object, columns: readonly StarColumn[]): void;
  /** QUALIFY of a SELECT, with the names of its list replaced by what they stand for. */
  qualify(node: object, replaced: object): void;
  /** `[catalog, database, table]`, or `[name]` of a table of WITH. */
  table(node: object, name: readonly string[]): void;
}

/** A column that `*` stands for. */
export interface StarColumn {
  readonly name: readonly string[];
  /** Given where the last part of the name is taken already by another column. */
  readonly alias: string | undefined;
}

/**
 * How a query is used: a nested one without LIMIT loses its ORDER BY, as in Flink. That of a view counts where it is all
 * that a root query, or such a view, reads.
 */
export type QueryUse = "root" | "nested";

/** What expressions of one clause see and may do. */
export interface Environment {
  readonly binding: Binding;
  readonly scope: Scope;
  /** For messages: `WHERE`, `SELECT` … */
  readonly clause: string;
  /** Absent: aggregates are not allowed here. */
  readonly aggregate?: ((call: FunctionCall) => Expr) | undefined;
  /** Absent: window functions are not allowed here. */
  readonly over?: ((call: FunctionCall) => Expr) | undefined;
  /** Absent: subqueries are not allowed here. */
  readonly subquery?:
    | ((node: Extract<Expression, { kind: "SubQuery" | "InQuery" | "Exists" | "Quantified" }>) => Expr)
    | undefined;
  /** GROUPING, TUMBLE_START …: calls that only the present clause knows. */
  readonly special?: ((call: FunctionCall) => Expr | undefined) | undefined;
}
