import type { Statement } from "./ast/statement.ts";
import { parseAlter } from "./alter.ts";
import {
  isDescribeNamed,
  parseAnalyze,
  parseCall,
  parseDelete,
  parseDescribeCatalog,
  parseDescribeFunction,
  parseLoadModule,
  parseTruncate,
  parseUnloadModule,
  parseUpdate,
  parseUseModules,
} from "./catalog.ts";
import { parseCompilePlan, parseExecutePlan } from "./compile-plan.ts";
import { parseCreate, parseDrop, parseReplace } from "./create.ts";
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
  ["USE", use],
  ["SET", parseSet],
  ["RESET", parseReset],
  ["EXPLAIN", explain],
  ["EXECUTE", parseExecute],
  ["BEGIN", parseStatementSet],
  ["REPLACE", parseReplace],
  ["LOAD", parseLoadModule],
  ["UNLOAD", parseUnloadModule],
  ["UPDATE", parseUpdate],
  ["DELETE", parseDelete],
  ["TRUNCATE", parseTruncate],
  ["ANALYZE", parseAnalyze],
  ["CALL", parseCall],
  ["COMPILE", parseCompilePlan],
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
  if (isJobNamed(c)) return parseDescribeJob(c);
  if (isDescribeNamed(c, "CATALOG")) return parseDescribeCatalog(c);
  return isDescribeNamed(c, "FUNCTION") ? parseDescribeFunction(c) : parseDescribe(c);
}

function explain(c: Cursor): Statement {
  return isJobNamed(c) ? parseExplainJob(c) : parseExplain(c);
}

function use(c: Cursor): Statement {
  return c.isWordAhead(1, "MODULES") && c.isIdentifierAhead(2) ? parseUseModules(c) : parseUse(c);
}

/** `EXECUTE STATEMENT SET …`; `EXECUTE INSERT …` and `EXECUTE SELECT …` are the statement itself. */
function parseExecute(c: Cursor): Statement {
  if (c.isWordAhead(1, "STATEMENT")) return parseStatementSet(c);
  if (c.isWordAhead(1, "PLAN")) return parseExecutePlan(c);
  c.expect("EXECUTE");
  if (c.isWord("INSERT")) return parseInsert(c);
  if (c.isWord("SELECT") || c.isWord("WITH") || c.isWord("VALUES")) return parseQueryStatement(c);
  throw c.fail("STATEMENT SET, INSERT or a query");
}
