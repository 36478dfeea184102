import type {
  AlterCatalog,
  AlterFunction,
  AnalyzeTable,
  Call,
  CreateCatalog,
  DescribeCatalog,
  DescribeFunction,
  LoadModule,
  RowChange,
  UnloadModule,
  UseModules,
} from "./ast/catalog-statement.ts";
import type { PartitionSpecNode } from "./ast/statement.ts";
import { parseComment, parseOptions } from "./create-table.ts";
import type { Cursor } from "./cursor.ts";

/** `CREATE CATALOG` has been taken. */
export function parseCreateCatalog(c: Cursor, start: number): CreateCatalog {
  const ifNotExists = c.accept("IF", "NOT", "EXISTS");
  const name = c.identifier("a catalog name");
  const comment = parseComment(c);
  const options = c.accept("WITH") ? parseOptions(c) : [];
  return { kind: "CreateCatalog", span: c.span(start), ifNotExists, name, comment, options };
}

/** `ALTER CATALOG` has been taken. */
export function parseAlterCatalog(c: Cursor, start: number): AlterCatalog {
  const name = c.identifier("a catalog name");
  const change = parseCatalogChange(c);
  return { kind: "AlterCatalog", span: c.span(start), name, change };
}

function parseCatalogChange(c: Cursor): AlterCatalog["change"] {
  if (c.accept("SET")) return { action: "SET", options: parseOptions(c) };
  if (c.accept("RESET")) return { action: "RESET", keys: parseKeys(c) };
  if (c.accept("COMMENT")) return { action: "COMMENT", comment: c.string("the comment in single quotes") };
  throw c.failExpected();
}

/** `('key', …)`, which may be empty. */
export function parseKeys(c: Cursor): readonly string[] {
  if (c.isSymbol("(") && c.isSymbolAhead(1, ")")) {
    c.expectSymbol("(");
    c.expectSymbol(")");
    return [];
  }
  return c.parenthesized(() => c.string("an option name in single quotes"));
}

/** `ALTER [TEMPORARY [SYSTEM]] FUNCTION` has been taken. */
export function parseAlterFunction(
  c: Cursor,
  start: number,
  scope: "" | "TEMPORARY" | "TEMPORARY SYSTEM",
): AlterFunction {
  const ifExists = c.accept("IF", "EXISTS");
  const name = c.objectName("a function name");
  c.expect("AS");
  const identifier = c.string("the place of the function in single quotes: './file.js#name'");
  const language = c.accept("LANGUAGE") ? c.identifier("JAVASCRIPT").name.toUpperCase() : undefined;
  const temporary = scope !== "";
  const system = scope === "TEMPORARY SYSTEM";
  return { kind: "AlterFunction", span: c.span(start), temporary, system, ifExists, name, identifier, language };
}

/** `LOAD MODULE m [WITH (…)]` */
export function parseLoadModule(c: Cursor): LoadModule {
  const { start } = c;
  c.expect("LOAD", "MODULE");
  const name = c.identifier("a module name");
  const options = c.accept("WITH") ? parseOptions(c) : [];
  return { kind: "LoadModule", span: c.span(start), name, options };
}

/** `UNLOAD MODULE m` */
export function parseUnloadModule(c: Cursor): UnloadModule {
  const { start } = c;
  c.expect("UNLOAD", "MODULE");
  const name = c.identifier("a module name");
  return { kind: "UnloadModule", span: c.span(start), name };
}

/** `USE MODULES a, b` */
export function parseUseModules(c: Cursor): UseModules {
  const { start } = c;
  c.expect("USE", "MODULES");
  const names = c.commaList(() => c.identifier("a module name"));
  return { kind: "UseModules", span: c.span(start), names };
}

/** Does `DESCRIBE CATALOG c` or `DESCRIBE FUNCTION f` stand here, and not a table of that name? */
export function isDescribeNamed(c: Cursor, word: "CATALOG" | "FUNCTION"): boolean {
  return c.isWordAhead(1, word) && c.isIdentifierAhead(2);
}

/** `DESCRIBE CATALOG [EXTENDED] c` */
export function parseDescribeCatalog(c: Cursor): DescribeCatalog {
  const { start } = c;
  c.expectOne(["DESCRIBE", "DESC"]);
  c.expect("CATALOG");
  const extended = c.isIdentifierAhead(1) && c.accept("EXTENDED");
  const name = c.identifier("a catalog name");
  return { kind: "DescribeCatalog", span: c.span(start), extended, name };
}

/** `DESCRIBE FUNCTION [EXTENDED] f` */
export function parseDescribeFunction(c: Cursor): DescribeFunction {
  const { start } = c;
  c.expectOne(["DESCRIBE", "DESC"]);
  c.expect("FUNCTION");
  const extended = c.isIdentifierAhead(1) && c.accept("EXTENDED");
  const name = c.objectName("a function name");
  return { kind: "DescribeFunction", span: c.span(start), extended, name };
}

/** `PARTITION (a = 'x', b = 3)` */
export function parsePartitionSpec(c: Cursor): PartitionSpecNode {
  const { start } = c;
  c.expect("PARTITION");
  const values = c.parenthesized(() => {
    const column = c.identifier("a column name");
    c.expectSymbol("=");
    return { column, value: parseValue(c) };
  });
  return { kind: "PartitionSpec", span: c.span(start), values };
}

/** A partition value as text. */
function parseValue(c: Cursor): string {
  if (c.token.kind === "number") return c.take().text;
  return c.isString() ? c.string() : c.identifier("a value").name;
}

/** `UPDATE t SET a = 1, b = 2 [WHERE condition]` */
export function parseUpdate(c: Cursor): RowChange {
  const { start } = c;
  c.expect("UPDATE");
  const table = c.objectName("a table name");
  c.expect("SET");
  const assignments = c.commaList(() => {
    const column = c.identifier("a column name");
    c.expectSymbol("=");
    return { column, value: c.grammar.expression(c) };
  });
  const where = c.accept("WHERE") ? c.grammar.expression(c) : undefined;
  return { kind: "RowChange", span: c.span(start), change: { action: "UPDATE", assignments, where }, table };
}

/** `DELETE FROM t [WHERE condition]` */
export function parseDelete(c: Cursor): RowChange {
  const { start } = c;
  c.expect("DELETE", "FROM");
  const table = c.objectName("a table name");
  const where = c.accept("WHERE") ? c.grammar.expression(c) : undefined;
  return { kind: "RowChange", span: c.span(start), change: { action: "DELETE", where }, table };
}

/** `TRUNCATE TABLE t` */
export function parseTruncate(c: Cursor): RowChange {
  const { start } = c;
  c.expect("TRUNCATE", "TABLE");
  const table = c.objectName("a table name");
  return { kind: "RowChange", span: c.span(start), change: { action: "TRUNCATE" }, table };
}

/** `ANALYZE TABLE t [PARTITION (…)] COMPUTE STATISTICS [FOR …]` */
export function parseAnalyze(c: Cursor): AnalyzeTable {
  const { start } = c;
  c.expect("ANALYZE", "TABLE");
  const table = c.objectName("a table name");
  const partition = c.accept("PARTITION")
    ? c.parenthesized(() => {
        const column = c.identifier("a column name");
        return { column, value: c.acceptSymbol("=") ? parseValue(c) : undefined };
      })
    : [];
  c.expect("COMPUTE", "STATISTICS");
  let columns: AnalyzeTable["columns"];
  if (c.accept("FOR")) {
    if (c.accept("ALL", "COLUMNS")) columns = "ALL";
    else {
      c.expect("COLUMNS");
      columns = c.commaList(() => c.identifier("a column name"));
    }
  }
  return { kind: "AnalyzeTable", span: c.span(start), table, partition, columns };
}

/** `CALL procedure(argument, name => argument)` */
export function parseCall(c: Cursor): Call {
  const { start } = c;
  c.expect("CALL");
  const name = c.objectName("a procedure name");
  c.expectSymbol("(");
  const args = c.isSymbol(")") ? [] : c.commaList(() => parseArgument(c));
  c.expectSymbol(")");
  return { kind: "Call", span: c.span(start), name, arguments: args };
}

function parseArgument(c: Cursor): Call["arguments"][number] {
  const named = c.isIdentifier() && c.isSymbolAhead(1, "=>");
  if (!named) return { name: undefined, value: c.grammar.expression(c) };
  const name = c.identifier("an argument name");
  c.expectSymbol("=>");
  return { name, value: c.grammar.expression(c) };
}
