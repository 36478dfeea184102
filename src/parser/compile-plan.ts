import type { CompilePlan, ExecutePlan } from "./ast/job-statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseInsert, parseStatementSet } from "./insert.ts";

/** `COMPILE [AND EXECUTE] PLAN 'file' [IF NOT EXISTS] FOR …` */
export function parseCompilePlan(c: Cursor): CompilePlan {
  const { start } = c;
  c.expect("COMPILE");
  const execute = c.accept("AND", "EXECUTE");
  c.expect("PLAN");
  const file = c.string("the plan's file in single quotes");
  const ifNotExists = !execute && c.accept("IF", "NOT", "EXISTS");
  c.expect("FOR");
  const statement = c.isWord("STATEMENT") ? parseStatementSet(c) : parseInsertOnly(c);
  return { kind: "CompilePlan", span: c.span(start), file, ifNotExists, execute, statement };
}

function parseInsertOnly(c: Cursor): CompilePlan["statement"] {
  if (!c.isWord("INSERT")) throw c.fail("INSERT or STATEMENT SET");
  return parseInsert(c);
}

/** `EXECUTE PLAN 'file'` */
export function parseExecutePlan(c: Cursor): ExecutePlan {
  const { start } = c;
  c.expect("EXECUTE", "PLAN");
  const file = c.string("the plan's file in single quotes");
  return { kind: "ExecutePlan", span: c.span(start), file };
}
