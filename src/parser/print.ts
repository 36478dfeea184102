import type { Expression } from "./ast/expression.ts";
import type { Query } from "./ast/query.ts";
import type { Statement } from "./ast/statement.ts";
import type { PrintContext, PrintOptions } from "./print-context.ts";
import { printExpressionIn } from "./print-expression.ts";
import { printQueryIn } from "./print-query.ts";
import { printStatementIn } from "./print-statement.ts";

function contextOf(options: PrintOptions): PrintContext {
  const ctx: PrintContext = {
    exact: options.exact ?? false,
    separator: options.lines === true ? "\n" : " ",
    expression: (expression) => printExpressionIn(expression, ctx),
    query: (query) => printQueryIn(query, ctx),
  };
  return ctx;
}

/** An expression as SQL: ``CAST(`amount` / `qty` AS DECIMAL(10, 3))``. */
export function printExpression(expression: Expression, options: PrintOptions = {}): string {
  return contextOf(options).expression(expression);
}

/** A query as SQL. */
export function printQuery(query: Query, options: PrintOptions = {}): string {
  return contextOf(options).query(query);
}

/** A statement as SQL, without `;`. */
export function printStatement(statement: Statement, options: PrintOptions = {}): string {
  return printStatementIn(statement, contextOf(options));
}
