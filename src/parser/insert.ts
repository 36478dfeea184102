import type { CreateTable, Explain, Insert, PartitionValue, QueryStatement, StatementSet } from "./ast/statement.ts";
import { parseCreateTable } from "./create-table.ts";
import type { Cursor } from "./cursor.ts";
import { parseHints } from "./hint.ts";
import { refuseUnsupported } from "./unsupported.ts";

/** `INSERT INTO | OVERWRITE t …` */
export function parseInsert(c: Cursor): Insert {
  const { start } = c;
  c.expect("INSERT");
  const overwrite = c.expectOne(["INTO", "OVERWRITE"]) === "OVERWRITE";
  const target = c.objectName("a table name");
  const hints = parseHints(c);
  const partition = c.accept("PARTITION") ? c.parenthesized(() => parsePartitionValue(c)) : [];
  const columns =
    c.isSymbol("(") && !startsQueryAfterParentheses(c)
      ? c.parenthesized(() => c.identifier("a column name"))
      : undefined;
  const query = c.grammar.query(c);
  const onConflict = parseOnConflict(c);
  const insert: Insert = { kind: "Insert", span: c.span(start), overwrite, target, hints, partition, columns, query };
  return onConflict === undefined ? insert : { ...insert, onConflict };
}

function parseOnConflict(c: Cursor): Insert["onConflict"] {
  if (!c.isWords("ON", "CONFLICT")) return undefined;
  c.expect("ON", "CONFLICT", "DO");
  const action = c.expectOne(["NOTHING", "ERROR", "DEDUPLICATE"]);
  return action;
}

/** At `(`: is it a query in parentheses, and not a list of columns? */
function startsQueryAfterParentheses(c: Cursor): boolean {
  let n = 1;
  while (c.isSymbolAhead(n, "(")) n++;
  return ["SELECT", "WITH", "VALUES", "TABLE"].some((word) => c.isWordAhead(n, word));
}

function parsePartitionValue(c: Cursor): PartitionValue {
  const { start } = c;
  const column = c.identifier("a column name");
  if (!c.isSymbol("="))
    throw c.fail("'='", "a partition column without a value is left out of PARTITION and selected by the query");
  c.take();
  const value = c.grammar.expression(c);
  return { kind: "PartitionValue", span: c.span(start), column, value };
}

/** `[EXECUTE] STATEMENT SET BEGIN … END`, `BEGIN STATEMENT SET; … END` */
export function parseStatementSet(c: Cursor): StatementSet {
  const { start } = c;
  if (c.accept("EXECUTE") || c.isWord("STATEMENT")) {
    c.expect("STATEMENT", "SET", "BEGIN");
  } else {
    c.expect("BEGIN", "STATEMENT", "SET");
    c.expectSymbol(";");
    // In this form Flink takes a set that holds nothing.
    if (c.accept("END")) return { kind: "StatementSet", span: c.span(start), inserts: [] };
  }
  return parseSetBody(c, start);
}

/** The statements up to END. */
function parseSetBody(c: Cursor, start: number): StatementSet {
  const inserts: Insert[] = [];
  while (inserts.length === 0 || !c.isWord("END")) {
    if (!c.isWord("INSERT")) throw c.fail(inserts.length === 0 ? "INSERT" : "INSERT or END");
    inserts.push(parseInsert(c));
    c.expectSymbol(";");
  }
  c.expect("END");
  return { kind: "StatementSet", span: c.span(start), inserts };
}

/** `EXECUTE INSERT …` and `EXECUTE SELECT …` are the statement itself. */
export function parseQueryStatement(c: Cursor): QueryStatement {
  const { start } = c;
  const query = c.grammar.query(c);
  return { kind: "QueryStatement", span: c.span(start), query };
}

const DETAILS = ["ESTIMATED_COST", "CHANGELOG_MODE", "JSON_EXECUTION_PLAN", "PLAN_ADVICE"] as const;

/** `EXPLAIN [PLAN FOR | detail, …] statement` */
export function parseExplain(c: Cursor): Explain {
  const { start } = c;
  c.expect("EXPLAIN");
  const details: Explain["details"][number][] = [];
  if (!c.accept("PLAN", "FOR")) {
    const first = c.acceptOne(DETAILS);
    if (first !== undefined) {
      details.push(first);
      while (c.acceptSymbol(",")) {
        const { start: at } = c;
        const detail = c.expectOne(DETAILS);
        if (details.includes(detail)) throw c.error("SYNTAX", "Duplicate EXPLAIN DETAIL is not allowed.", c.span(at));
        details.push(detail);
      }
    }
  }
  const statement = parseExplained(c);
  return { kind: "Explain", span: c.span(start), details, statement };
}

function parseExplained(c: Cursor): Explain["statement"] {
  refuseUnsupported(c);
  if (c.isWords("EXECUTE", "INSERT") || c.isWords("EXECUTE", "SELECT")) c.expect("EXECUTE");
  if (c.isWord("INSERT")) return parseInsert(c);
  if (c.isWord("STATEMENT") || c.isWord("EXECUTE") || c.isWord("BEGIN")) return parseStatementSet(c);
  if (c.isWord("CREATE") || c.isWord("REPLACE")) return parseExplainedTable(c);
  if (c.isWord("ALTER")) throw c.unsupported(`EXPLAIN ${c.token.text}`, c.start, "explain the query itself");
  return parseQueryStatement(c);
}

/** CREATE TABLE … AS and its relatives. */
function parseExplainedTable(c: Cursor): CreateTable {
  const { start } = c;
  const replaces = c.isWord("REPLACE") || c.isWords("CREATE", "OR", "REPLACE");
  const replace = !replaces ? undefined : c.isWord("REPLACE") ? "REPLACE" : "CREATE OR REPLACE";
  if (c.accept("CREATE")) c.accept("OR", "REPLACE");
  else c.expect("REPLACE");
  const temporary = c.accept("TEMPORARY");
  c.expect("TABLE");
  const table = parseCreateTable(c, start, temporary, replace);
  if (table.as !== undefined) return table;
  throw c.error(
    "SYNTAX",
    "Unsupported CREATE OR REPLACE statement for EXPLAIN. The statement must define a query using the AS clause (i.e. CTAS/RTAS statements).",
    table.span,
  );
}
