import type { Expression } from "./ast/expression.ts";
import type { AlterMaterializedTable, CreateMaterializedTable } from "./ast/job-statement.ts";
import { parsePartitionSpec } from "./catalog.ts";
import { parseOptions, parseTableHead } from "./create-table.ts";
import type { Cursor } from "./cursor.ts";

/** `CREATE [OR ALTER] MATERIALIZED TABLE` has been taken. */
export function parseCreateMaterializedTable(c: Cursor, start: number, orAlter: boolean): CreateMaterializedTable {
  const head = parseTableHead(c, { start, temporary: false, replace: undefined });
  let freshness: Expression | undefined;
  if (c.accept("FRESHNESS")) {
    c.expectSymbol("=");
    freshness = c.grammar.expression(c);
  }
  let refreshMode: CreateMaterializedTable["refreshMode"];
  if (c.accept("REFRESH_MODE")) {
    c.expectSymbol("=");
    refreshMode = c.expectOne(["CONTINUOUS", "FULL"] as const);
  }
  if (c.isWord("START_MODE")) throw c.unsupported("START_MODE", c.start);
  c.expect("AS");
  const as = c.grammar.query(c);
  const table = { ...head, span: c.span(start), like: undefined, as };
  return { kind: "CreateMaterializedTable", span: c.span(start), orAlter, table, freshness, refreshMode };
}

/** `ALTER MATERIALIZED TABLE` has been taken. */
export function parseAlterMaterializedTable(c: Cursor, start: number): AlterMaterializedTable {
  const name = c.objectName("a table name");
  const change = parseChange(c);
  return { kind: "AlterMaterializedTable", span: c.span(start), name, change };
}

function parseChange(c: Cursor): AlterMaterializedTable["change"] {
  if (c.accept("SUSPEND")) return { action: "SUSPEND" };
  if (c.accept("RESUME")) return { action: "RESUME", options: c.accept("WITH") ? parseOptions(c) : [] };
  if (c.accept("REFRESH"))
    return { action: "REFRESH", partition: c.isWord("PARTITION") ? parsePartitionSpec(c) : undefined };
  if (c.accept("AS")) return { action: "AS", query: c.grammar.query(c) };
  if (c.accept("RENAME", "TO")) return { action: "RENAME TO", to: c.objectName("a table name") };
  if (["ADD", "MODIFY", "DROP", "RENAME", "SET", "RESET"].some((word) => c.isWord(word)))
    throw c.unsupported(`ALTER MATERIALIZED TABLE … ${c.token.text}`, c.start);
  throw c.failExpected();
}
