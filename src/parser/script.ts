import { SqlError, SqlErrors } from "../base/errors.ts";
import type { Expression } from "./ast/expression.ts";
import type { Statement } from "./ast/statement.ts";
import type { TypeNode } from "./ast/type.ts";
import { Cursor } from "./cursor.ts";
import { DialectInForce } from "./dialects/in-force.ts";
import { GRAMMAR } from "./grammar.ts";
import { tokenize } from "./lexer.ts";
import { parseStatement } from "./statement.ts";

/** A statement of a script, or the error in its place. */
export type ParsedStatement = { readonly statement: Statement } | { readonly error: SqlError };

/**
 * The statements of a script, which end with `;` (the last may go without). Spans are offsets in the whole text. Throws SqlError (SYNTAX,
 * TOO_DEEP, UNSUPPORTED), or SqlErrors when there are several, in text order. `dialects`: the dialect to begin with; it follows the SETs of the script.
 */
export function parseScript(text: string, dialects?: DialectInForce): Statement[] {
  const statements: Statement[] = [];
  const errors: SqlError[] = [];
  for (const parsed of parseStatementsTolerant(text, dialects).statements) {
    if ("error" in parsed) errors.push(parsed.error);
    else statements.push(parsed.statement);
  }
  if (errors.length === 1) throw errors[0]!;
  if (errors.length > 1) throw new SqlErrors(errors);
  return statements;
}

/** As `parseScript`, with each error at the place of its statement: for a runner that executes what comes before. */
export function parseStatementsTolerant(
  text: string,
  dialects: DialectInForce = new DialectInForce(undefined),
): { readonly statements: readonly ParsedStatement[] } {
  const c = new Cursor(text, tokenize(text), GRAMMAR);
  const statements: ParsedStatement[] = [];
  for (;;) {
    while (c.isSymbol(";")) c.take();
    if (c.isEnd()) return { statements };
    c.beginStatement();
    try {
      c.grammar = dialects.grammarFor(c);
      const statement = parseStatement(c);
      if (!c.isSymbol(";") && !c.isEnd()) {
        c.acceptSymbol(";");
        throw c.failExpected();
      }
      dialects.follow(statement);
      statements.push({ statement });
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      statements.push({ error });
      c.skipStatement();
    }
  }
}

/** One expression. Throws SYNTAX, TOO_DEEP, UNSUPPORTED. */
export function parseExpression(text: string): Expression {
  return parseWhole(text, GRAMMAR.expression);
}

/** One type with its NOT NULL. Throws SYNTAX, TOO_DEEP, UNSUPPORTED. */
export function parseType(text: string): TypeNode {
  return parseWhole(text, GRAMMAR.type);
}

function parseWhole<T>(text: string, parse: (c: Cursor) => T): T {
  const c = new Cursor(text, tokenize(text), GRAMMAR);
  const result = parse(c);
  if (!c.isEnd()) throw c.failExpected(["the end"]);
  return result;
}
