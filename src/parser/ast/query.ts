import type { Expression } from "./expression.ts";
import type { Identifier, Node, ObjectName } from "./node.ts";

/** A complete query expression: `[WITH …] body [ORDER BY …] [LIMIT …] [OFFSET …] [FETCH …]`. */
export interface Query extends Node<"Query"> {
  readonly with: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expression | undefined;
  readonly offset: Expression | undefined;
}

export type QueryBody = Select | SetOperation | Values | Query;

export interface CommonTable extends Node<"CommonTable"> {
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  readonly query: Query;
}

export interface SetOperation extends Node<"SetOperation"> {
  readonly operator: "UNION" | "INTERSECT" | "EXCEPT";
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
}

/** `VALUES (1, 'a'), (2, 'b')`: each row a list of expressions. */
export interface Values extends Node<"Values"> {
  readonly rows: readonly (readonly Expression[])[];
}

export interface Select extends Node<"Select"> {
  readonly distinct: boolean;
  readonly hints: readonly Hint[];
  readonly items: readonly SelectItem[];
  /** Undefined: `SELECT 1` without FROM. */
  readonly from: FromItem | undefined;
  readonly where: Expression | undefined;
  readonly groupBy: readonly GroupItem[] | undefined;
  /** GROUP BY DISTINCT: a set that comes twice counts once. */
  readonly groupByDistinct: boolean;
  readonly having: Expression | undefined;
  readonly windows: readonly NamedWindow[];
  readonly qualify: Expression | undefined;
}

/** `expression [AS] alias`; `*` and `t.*` are Star expressions. */
export interface SelectItem extends Node<"SelectItem"> {
  readonly expression: Expression;
  readonly alias: Identifier | undefined;
}

export type GroupItem = GroupExpression | GroupingSets;

export interface GroupExpression extends Node<"GroupExpression"> {
  readonly expression: Expression;
}

/**
 * GROUPING SETS (…), ROLLUP (…), CUBE (…); each set a list of expressions, and in GROUPING SETS others may stand for all
 * of their sets. For ROLLUP and CUBE: one list per element.
 */
export interface GroupingSets extends Node<"GroupingSets"> {
  readonly type: "GROUPING SETS" | "ROLLUP" | "CUBE";
  readonly sets: readonly (readonly Expression[] | GroupingSets)[];
}

export interface OrderItem extends Node<"OrderItem"> {
  readonly expression: Expression;
  readonly descending: boolean;
  /** Undefined: Flink's default (nulls first ascending, last descending). */
  readonly nullsFirst: boolean | undefined;
}

export interface NamedWindow extends Node<"NamedWindow"> {
  readonly name: Identifier;
  readonly spec: WindowSpecNode;
}

/** `(PARTITION BY … ORDER BY … ROWS|RANGE BETWEEN … AND …)`. */
export interface WindowSpecNode extends Node<"WindowSpec"> {
  /** `(w ORDER BY …)`: the named window that this one goes on from. */
  readonly base: Identifier | undefined;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame: WindowFrame | undefined;
}

export interface WindowFrame extends Node<"WindowFrame"> {
  readonly units: "ROWS" | "RANGE";
  readonly start: FrameBound;
  readonly end: FrameBound;
}

export interface FrameBound extends Node<"FrameBound"> {
  readonly bound: "UNBOUNDED PRECEDING" | "PRECEDING" | "CURRENT ROW" | "FOLLOWING" | "UNBOUNDED FOLLOWING";
  readonly offset: Expression | undefined;
}

/** `OPTIONS('k'='v')`, `STATE_TTL('alias'='1d')`, other hints by name. */
export interface Hint extends Node<"Hint"> {
  readonly name: string;
  /** `'k'='v'` pairs; a bare word has no value. */
  readonly pairs: readonly { readonly key: string; readonly value: string | undefined }[];
}

export type FromItem = TableRef | DerivedTable | TableFunction | Unnest | MatchRecognize | Join;

export interface TableRef extends Node<"TableRef"> {
  readonly name: ObjectName;
  readonly hints: readonly Hint[];
  /** `FOR SYSTEM_TIME AS OF expr`. */
  readonly asOf: Expression | undefined;
  readonly alias: TableAlias | undefined;
}

/** `(query) AS a (x, y)`; also `LATERAL (query)`. */
export interface DerivedTable extends Node<"DerivedTable"> {
  readonly query: Query;
  readonly lateral: boolean;
  readonly alias: TableAlias | undefined;
}

/** `TABLE(TUMBLE(…))`, `TUMBLE(…)`, `LATERAL TABLE(f(x))`. */
export interface TableFunction extends Node<"TableFunction"> {
  readonly name: ObjectName;
  readonly args: readonly Expression[];
  readonly lateral: boolean;
  readonly alias: TableAlias | undefined;
}

export interface Unnest extends Node<"Unnest"> {
  readonly operand: Expression;
  readonly withOrdinality: boolean;
  readonly alias: TableAlias | undefined;
}

/** `input MATCH_RECOGNIZE ( … )`. */
export interface MatchRecognize extends Node<"MatchRecognize"> {
  readonly input: FromItem;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly measures: readonly MatchMeasure[];
  /** Of ALL ROWS PER MATCH; undefined: ONE ROW PER MATCH. */
  readonly allRows: "SHOW EMPTY MATCHES" | "OMIT EMPTY MATCHES" | "WITH UNMATCHED ROWS" | undefined;
  /** Undefined: there is no AFTER MATCH. */
  readonly skip: MatchSkip | undefined;
  readonly pattern: RowPattern;
  readonly within: Expression | undefined;
  readonly subsets: readonly MatchSubset[];
  readonly define: readonly MatchDefinition[];
  readonly alias: TableAlias | undefined;
}

export interface MatchMeasure extends Node<"MatchMeasure"> {
  readonly expression: Expression;
  readonly name: Identifier;
}

export interface MatchDefinition extends Node<"MatchDefinition"> {
  readonly variable: Identifier;
  readonly condition: Expression;
}

/** `AFTER MATCH SKIP …`; `TO v` is `TO LAST v`. */
export interface MatchSkip extends Node<"MatchSkip"> {
  readonly to: "PAST LAST ROW" | "NEXT ROW" | "FIRST" | "LAST";
  /** Of FIRST and LAST. */
  readonly variable: Identifier | undefined;
}

/** `SUBSET name = (variable, …)`. */
export interface MatchSubset extends Node<"MatchSubset"> {
  readonly name: Identifier;
  readonly variables: readonly Identifier[];
}

/** What stands in PATTERN ( … ), or in a part of it. */
export type RowPattern =
  | PatternVariable
  | PatternGroup
  | PatternSequence
  | PatternAlternation
  | PatternPermutation
  | PatternExclusion;

/** How often something comes; without a quantifier 1 to 1. */
interface Quantified {
  readonly minimum: number;
  /** Undefined: no end. */
  readonly maximum: number | undefined;
  readonly reluctant: boolean;
}

/** A variable with its quantifier. */
export interface PatternVariable extends Node<"PatternVariable">, Quantified {
  readonly variable: Identifier;
}

/** `( … )+`: any pattern but a plain variable with a quantifier. */
export interface PatternGroup extends Node<"PatternGroup">, Quantified {
  readonly pattern: RowPattern;
}

/** One after another; none: the empty pattern `()`. */
export interface PatternSequence extends Node<"PatternSequence"> {
  readonly items: readonly RowPattern[];
}

/** `a | b`; the first one is preferred. */
export interface PatternAlternation extends Node<"PatternAlternation"> {
  readonly branches: readonly RowPattern[];
}

/** `PERMUTE(a, b)`: all, in any order. */
export interface PatternPermutation extends Node<"PatternPermutation"> {
  readonly items: readonly RowPattern[];
}

/** `{- … -}`: its rows do not come out. */
export interface PatternExclusion extends Node<"PatternExclusion"> {
  readonly pattern: RowPattern;
}

/** `a, b` is a CROSS join. */
export interface Join extends Node<"Join"> {
  readonly type: "INNER" | "LEFT" | "RIGHT" | "FULL" | "CROSS" | "SEMI" | "ANTI";
  readonly natural: boolean;
  readonly left: FromItem;
  readonly right: FromItem;
  readonly on: Expression | undefined;
  readonly using: readonly Identifier[] | undefined;
  /** A CROSS join that is written as a comma. */
  readonly comma?: true | undefined;
}

export interface TableAlias extends Node<"TableAlias"> {
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
}
