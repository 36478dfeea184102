import type { Identifier, Node, ObjectName } from "./node.ts";
import type { OrderItem, Query, WindowSpecNode } from "./query.ts";
import type { TypeNode } from "./type.ts";

export type Expression =
  | Literal
  | IntervalLiteral
  | ColumnRef
  | Star
  | Unary
  | Binary
  | Is
  | Between
  | InList
  | InQuery
  | Quantified
  | Exists
  | Like
  | Case
  | Cast
  | FunctionCall
  | SubQuery
  | ArrayConstructor
  | MapConstructor
  | RowConstructor
  | ElementAccess
  | FieldAccess
  | Descriptor
  | TableArgument
  | NamedArgument
  | IntervalCast
  | Adapted;

/**
 * `number`: digits as written (`1`, `1.50`, `.5`, `1E3`): INT/BIGINT, DECIMAL or DOUBLE is decided by the binder.
 * `string`: the text with quotes and escapes resolved (`'it''s'`, `E'\n'`, `U&'\00e9'`, adjacent literals joined).
 * `binary`: hex digits of `x'00ff'`. `date`, `time`, `timestamp`: the text after DATE, TIME, TIMESTAMP.
 */
export interface Literal extends Node<"Literal"> {
  readonly type: "number" | "string" | "binary" | "boolean" | "null" | "date" | "time" | "timestamp";
  readonly text: string;
}

export type IntervalUnit = "YEAR" | "QUARTER" | "MONTH" | "WEEK" | "DAY" | "HOUR" | "MINUTE" | "SECOND";

/** `INTERVAL -'90' MINUTE`, `INTERVAL '2 03:04:05.678' DAY TO SECOND`. Plural units are folded to singular. */
export interface IntervalLiteral extends Node<"IntervalLiteral"> {
  readonly text: string;
  readonly negative: boolean;
  readonly from: IntervalUnit;
  readonly to: IntervalUnit | undefined;
}

/** `(a - b) DAY`, `(a - b) MONTH`: a difference of times as an interval. */
export interface IntervalCast extends Node<"IntervalCast"> {
  readonly operand: Expression;
  readonly from: IntervalUnit;
  readonly to: IntervalUnit | undefined;
}

/** `a`, `t.a`, `db.t.a`, `t.row_col.field`: resolved by the binder. */
export interface ColumnRef extends Node<"ColumnRef"> {
  readonly parts: readonly Identifier[];
}

/** `*`, `t.*`; only in select lists and COUNT(*). */
export interface Star extends Node<"Star"> {
  readonly qualifier: readonly Identifier[];
}

export interface Unary extends Node<"Unary"> {
  readonly operator: "-" | "+" | "NOT";
  readonly operand: Expression;
}

export interface Binary extends Node<"Binary"> {
  /** `!=` is folded to `<>`. */
  readonly operator:
    | "+"
    | "-"
    | "*"
    | "/"
    | "%"
    | "||"
    | "="
    | "<>"
    | "<"
    | "<="
    | ">"
    | ">="
    | "AND"
    | "OR"
    | "OVERLAPS";
  readonly left: Expression;
  readonly right: Expression;
}

/** `x IS [NOT] NULL | TRUE | FALSE | UNKNOWN | JSON …`, `x IS [NOT] DISTINCT FROM y`. */
export interface Is extends Node<"Is"> {
  readonly test:
    | "NULL"
    | "TRUE"
    | "FALSE"
    | "UNKNOWN"
    | "DISTINCT FROM"
    | "JSON"
    | "JSON VALUE"
    | "JSON SCALAR"
    | "JSON ARRAY"
    | "JSON OBJECT";
  readonly not: boolean;
  readonly operand: Expression;
  readonly other: Expression | undefined;
}

export interface Between extends Node<"Between"> {
  readonly not: boolean;
  readonly symmetric: boolean;
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
}

export interface InList extends Node<"InList"> {
  readonly not: boolean;
  readonly operand: Expression;
  readonly items: readonly Expression[];
}

export interface InQuery extends Node<"InQuery"> {
  readonly not: boolean;
  readonly operand: Expression;
  readonly query: Query;
}

/** `x > ANY (query)`, `x <= ALL (query)`; `= ANY` is IN and `<> ALL` is NOT IN. */
export interface Quantified extends Node<"Quantified"> {
  readonly operand: Expression;
  readonly operator: "=" | "<>" | "<" | "<=" | ">" | ">=";
  readonly quantifier: "ANY" | "ALL";
  readonly query: Query;
}

export interface Exists extends Node<"Exists"> {
  readonly query: Query;
}

export interface Like extends Node<"Like"> {
  readonly operator: "LIKE" | "SIMILAR TO";
  readonly not: boolean;
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly escape: Expression | undefined;
}

export interface CaseBranch extends Node<"CaseBranch"> {
  readonly when: Expression;
  readonly result: Expression;
}

export interface Case extends Node<"Case"> {
  /** `CASE operand WHEN …`; undefined for the searched form. */
  readonly operand: Expression | undefined;
  readonly branches: readonly CaseBranch[];
  readonly otherwise: Expression | undefined;
}

export interface Cast extends Node<"Cast"> {
  readonly tolerant: boolean;
  readonly operand: Expression;
  readonly type: TypeNode;
}

/**
 * Any call by name. Special syntaxes are folded into plain calls: `EXTRACT(YEAR FROM x)` → EXTRACT(symbol YEAR, x),
 * `FLOOR(x TO DAY)` → FLOOR(x, symbol DAY), `POSITION(a IN b)` → POSITION(a, b), `SUBSTRING(a FROM b FOR c)` →
 * SUBSTRING(a, b, c), `TRIM(BOTH a FROM b)` → TRIM(symbol BOTH, a, b), `OVERLAY(a PLACING b FROM c FOR d)` →
 * OVERLAY(a, b, c, d), `TIMESTAMPADD(DAY, …)` → first argument a symbol, `CURRENT_DATE` without parentheses → no
 * arguments, `JSON_VALUE(a, 'p' RETURNING INT …)`, `JSON_OBJECTAGG(KEY k VALUE v)` → `clauses` holds the extra words.
 * A symbol is a ColumnRef with one unquoted upper-case part inside `symbols` (positions of arguments).
 */
export interface FunctionCall extends Node<"FunctionCall"> {
  readonly name: ObjectName;
  readonly args: readonly Expression[];
  /** Indices of arguments that are symbols (units, BOTH, LEADING …), not columns. */
  readonly symbols: readonly number[];
  readonly distinct: boolean;
  readonly filter: Expression | undefined;
  readonly withinGroup: readonly OrderItem[] | undefined;
  readonly nulls: "IGNORE" | "RESPECT" | undefined;
  readonly over: WindowSpecNode | Identifier | undefined;
  /** JSON functions: RETURNING type, ON EMPTY / ON ERROR / NULL / ABSENT / WRAPPER words, normalised to upper case. */
  readonly clauses: readonly {
    readonly name: string;
    readonly type?: TypeNode | undefined;
    readonly value?: Expression | undefined;
  }[];
}

export interface SubQuery extends Node<"SubQuery"> {
  readonly query: Query;
}

export interface ArrayConstructor extends Node<"ArrayConstructor"> {
  readonly items: readonly Expression[];
}

/** Keys and values alternate. */
export interface MapConstructor extends Node<"MapConstructor"> {
  readonly items: readonly Expression[];
}

/** `ROW(a, b)` and `(a, b)`. */
export interface RowConstructor extends Node<"RowConstructor"> {
  readonly items: readonly Expression[];
}

/** `x[i]` for arrays (from 1), maps, variants. */
export interface ElementAccess extends Node<"ElementAccess"> {
  readonly operand: Expression;
  readonly index: Expression;
}

/** `(expr).field`, `f(x).field`, `a[1].field`; plain `a.b` is a ColumnRef. */
export interface FieldAccess extends Node<"FieldAccess"> {
  readonly operand: Expression;
  readonly field: Identifier | Star;
}

/** `DESCRIPTOR(ts)`. */
export interface Descriptor extends Node<"Descriptor"> {
  readonly columns: readonly Identifier[];
}

/** `TABLE t [PARTITION BY a, b] [ORDER BY …]`, `TABLE (query)` as an argument of a table function. */
export interface TableArgument extends Node<"TableArgument"> {
  readonly table: ObjectName | Query;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
}

/**
 * A number of a query in another dialect, where Flink would do something else with it without a word; the binder, which knows its type,
 * makes it what the dialect makes of it. `average`: whole numbers have a fraction in AVG. `sum`: they do not overflow in SUM. `dividend`: they
 * have a fraction in a division. `rounded`: a fraction is rounded and not cut off; `rounded-exact`: only that of a DECIMAL is, and that of a DOUBLE
 * is refused, because it would be rounded half to even; `exact`: the same refusal where the number is rounded by a function.
 */
export interface Adapted extends Node<"Adapted"> {
  readonly rule: "average" | "sum" | "dividend" | "rounded" | "rounded-exact" | "exact";
  readonly operand: Expression;
  /** Its name, for messages. */
  readonly dialect: string;
}

/** `SIZE => INTERVAL '1' DAY`. */
export interface NamedArgument extends Node<"NamedArgument"> {
  readonly name: Identifier;
  readonly value: Expression;
}
