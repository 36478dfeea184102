import type { Statement } from "./ast/statement.ts";
import { parseAlter } from "./alter.ts";
import { parseCreate, parseDrop } from "./create.ts";
import type { Cursor } from "./cursor.ts";
import { parseExplain, parseInsert, parseQueryStatement, parseStatementSet } from "./insert.ts";
import { STATEMENT_WORDS } from "./keywords.ts";
import { misspelt } from "./misspelt.ts";
import { isJobNamed, parseCheckpointJob, parseDescribeJob, parseExplainJob, parseStopJob } from "./job.ts";
import { parseReset, parseSet } from "./set-option.ts";
import { parseDescribe, parseShow, parseUse } from "./show.ts";
import { refuseUnsupported } from "./unsupported.ts";

const STATEMENTS: ReadonlyMap<string, (c: Cursor) => Statement> = new Map<string, (c: Cursor) => Statement>([
  ["SELECT", parseQueryStatement],
  ["WITH", parseQueryStatement],
  ["VALUES", parseQueryStatement],
  ["TABLE", parseQueryStatement],
  ["INSERT", parseInsert],
  ["CREATE", parseCreate],
  ["DROP", parseDrop],
  ["ALTER", parseAlter],
  ["SHOW", parseShow],
  ["DESCRIBE", describe],
  ["DESC", describe],
  ["STOP", parseStopJob],
  ["CHECKPOINT", parseCheckpointJob],
  ["USE", parseUse],
  ["SET", parseSet],
  ["RESET", parseReset],
  ["EXPLAIN", explain],
  ["EXECUTE", parseExecute],
  ["BEGIN", parseStatementSet],
]);

/** One statement, without the `;` after it. Throws SYNTAX, TOO_DEEP, UNSUPPORTED. */
export function parseStatement(c: Cursor): Statement {
  const { token } = c;
  if (token.kind === "symbol" && token.text === "(") return parseQueryStatement(c);
  if (token.kind === "word") {
    refuseUnsupported(c);
    const parse = STATEMENTS.get(token.text);
    if (parse !== undefined) return parse(c);
  }
  throw c.fail(
    "a statement such as SELECT, INSERT or CREATE",
    token.kind === "word" ? misspelt(token.text, STATEMENT_WORDS) : undefined,
  );
}

function describe(c: Cursor): Statement {
  return isJobNamed(c) ? parseDescribeJob(c) : parseDescribe(c);
}

function explain(c: Cursor): Statement {
  return isJobNamed(c) ? parseExplainJob(c) : parseExplain(c);
}

/** `EXECUTE STATEMENT SET …`; `EXECUTE INSERT …` and `EXECUTE SELECT …` are the statement itself. */
function parseExecute(c: Cursor): Statement {
  if (c.isWordAhead(1, "STATEMENT")) return parseStatementSet(c);
  c.expect("EXECUTE");
  if (c.isWord("INSERT")) return parseInsert(c);
  if (c.isWord("SELECT") || c.isWord("WITH") || c.isWord("VALUES")) return parseQueryStatement(c);
  throw c.fail("STATEMENT SET, INSERT or a query");
}
