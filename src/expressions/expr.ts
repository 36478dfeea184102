import type { Span } from "../base/span.ts";
import type { DataType, Value } from "../types/data-type.ts";

/**
 * Bound, typed, plain data: it can be printed, compared, stored in a plan and sent to a worker. Coercions are explicit
 * (`CAST` calls inserted by the binder), so that the argument types of a call are exactly what its function resolved to.
 */
export type Expr = ColumnExpr | LiteralExpr | CallExpr;

export interface ColumnExpr {
  readonly kind: "column";
  /** Position in the input's columns. */
  readonly index: number;
  readonly type: DataType;
  readonly span?: Span | undefined;
}

export interface LiteralExpr {
  readonly kind: "literal";
  readonly value: Value;
  readonly type: DataType;
  readonly span?: Span | undefined;
}

export interface CallExpr {
  readonly kind: "call";
  /** Canonical upper-case name in the function registry, `CAST`, `AND`, `=` … included. */
  readonly function: string;
  readonly args: readonly Expr[];
  readonly type: DataType;
  readonly span?: Span | undefined;
}

export function column(index: number, type: DataType, span?: Span): ColumnExpr {
  return { kind: "column", index, type, span };
}

export function literal(value: Value, type: DataType, span?: Span): LiteralExpr {
  return { kind: "literal", value, type, span };
}

export function call(name: string, args: readonly Expr[], type: DataType, span?: Span): CallExpr {
  return { kind: "call", function: name, args, type, span };
}
