import { SqlError } from "../../base/errors.ts";
import type { Statement } from "../ast/statement.ts";
import type { Cursor, Grammar } from "../cursor.ts";
import { GRAMMAR } from "../grammar.ts";
import type { Dialect } from "./dialect.ts";
import { dialectNamed } from "./dialect.ts";
import { grammarOf } from "./grammar.ts";
import { foreignParser } from "./package.ts";

const OPTION = "table.sql-dialect";

/** First words of statements that are queries or write one; all others are Flink's in every dialect. */
const QUERY_STATEMENTS = ["SELECT", "WITH", "VALUES", "INSERT", "EXPLAIN", "EXECUTE", "BEGIN"];

/** Which dialect the next statement of a script is in: SET takes effect on what follows it in the text. */
export class DialectInForce {
  readonly #initial: Dialect | undefined;
  #current: Dialect | undefined;
  #grammar: Grammar = GRAMMAR;

  /** Both are values of `table.sql-dialect`: that of now, and the one that RESET returns to. */
  constructor(current: string | undefined, initial: string | undefined = current) {
    this.#initial = dialectNamed(initial);
    this.#use(dialectNamed(current));
  }

  #use(dialect: Dialect | undefined): void {
    this.#current = dialect;
    this.#grammar = dialect === undefined ? GRAMMAR : grammarOf(dialect);
  }

  /** The grammar of the statement that starts at the current token. */
  grammarFor(c: Cursor): Grammar {
    if (this.#current === undefined) return GRAMMAR;
    return c.isSymbol("(") || QUERY_STATEMENTS.some((word) => c.isWord(word)) ? this.#grammar : GRAMMAR;
  }

  /** After a statement. Throws UNSUPPORTED when it asks for a dialect whose package is not there. */
  follow(statement: Statement): void {
    const isReset = statement.kind === "Reset" && (statement.key === undefined || statement.key === OPTION);
    if (isReset) this.#use(this.#initial);
    if (statement.kind !== "Set" || statement.key !== OPTION) return;
    const dialect = dialectNamed(statement.value);
    try {
      if (dialect !== undefined) foreignParser(dialect.name);
    } catch (error) {
      throw error instanceof SqlError ? error.at(statement.span) : error;
    }
    this.#use(dialect);
  }
}
