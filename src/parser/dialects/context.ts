import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { Adapted, Expression, FunctionCall } from "../ast/expression.ts";
import type { Identifier } from "../ast/node.ts";
import type { Query } from "../ast/query.ts";
import { makeName, makeSymbol } from "../make.ts";
import type { Dialect } from "./dialect.ts";
import type { Piece } from "./scan.ts";
import type { TreeReader } from "./tree-reader.ts";

/** What the converters of one query share; it carries them, so that their files need not import in a circle. */
export class Context {
  readonly dialect: Dialect;
  /** Where the query starts in the script. */
  readonly offset: number;
  readonly #pieces: readonly Piece[];
  readonly expression: (node: TreeReader) => Expression;
  readonly query: (node: TreeReader) => Query;

  constructor(
    dialect: Dialect,
    offset: number,
    pieces: readonly Piece[],
    converters: {
      readonly expression: (node: TreeReader) => Expression;
      readonly query: (node: TreeReader) => Query;
    },
  ) {
    this.dialect = dialect;
    this.offset = offset;
    this.#pieces = pieces;
    this.expression = converters.expression;
    this.query = converters.query;
  }

  /** The place of a name or text inside `outer`, if it stands there just once: the foreign tree has few places. */
  locate(value: string, outer: Span): Span {
    const found = this.#pieces.filter(
      (piece) =>
        piece.start >= outer.start && piece.end <= outer.end && piece.value === value && piece.kind !== "symbol",
    );
    return found.length === 1 ? { start: found[0]!.start, end: found[0]!.end } : outer;
  }

  identifier(name: string, outer: Span): Identifier {
    return { kind: "Identifier", span: this.locate(name, outer), name, quoted: true };
  }

  unsupported(what: string, span: Span, hint?: string): SqlError {
    return new SqlError("UNSUPPORTED", `${what} is not supported in the dialect ${this.dialect.title}`, { span, hint });
  }
}

/** A call of one of Flink's functions. */
export function callOf(
  name: string,
  args: readonly Expression[],
  span: Span,
  rest: Partial<FunctionCall> = {},
): FunctionCall {
  return {
    kind: "FunctionCall",
    span,
    name: makeName(name, span),
    args,
    symbols: [],
    distinct: false,
    filter: undefined,
    withinGroup: undefined,
    nulls: undefined,
    over: undefined,
    clauses: [],
    ...rest,
  };
}

/** `EXTRACT(unit FROM value)` */
export function extractOf(unit: string, value: Expression, span: Span): FunctionCall {
  return callOf("EXTRACT", [makeSymbol(unit, span), value], span, { symbols: [0] });
}

export function textOf(text: string, span: Span): Expression {
  return { kind: "Literal", span, type: "string", text };
}

export function numberOf(text: string, span: Span): Expression {
  return { kind: "Literal", span, type: "number", text };
}

/** A number with the meaning that the dialect gives it; what that is depends on its type, which the binder knows. */
export function adapted(rule: Adapted["rule"], operand: Expression, context: Context): Expression {
  return { kind: "Adapted", span: operand.span, rule, operand, dialect: context.dialect.title };
}
