/** The parser's public face: text → AST, AST → canonical SQL. */
export type * from "./ast/catalog-statement.ts";
export type * from "./ast/expression.ts";
export type * from "./ast/job-statement.ts";
export type * from "./ast/node.ts";
export type * from "./ast/query.ts";
export type * from "./ast/statement.ts";
export type * from "./ast/type.ts";
export { parseExpression, parseScript, parseStatementsTolerant, parseType } from "./script.ts";
export { printExpression, printQuery, printStatement } from "./print.ts";
export { quote, quoteString } from "./print-context.ts";
export { printType } from "./print-type.ts";
export { oneLine, splitStatements } from "./split.ts";
export { DIALECT_NAMES } from "./dialects/dialect.ts";
export { DialectInForce } from "./dialects/in-force.ts";
export { childrenOf, walk } from "./walk.ts";
export type { AnyNode } from "./walk.ts";
