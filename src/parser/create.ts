import type { CreateDatabase, CreateFunction, CreateView, Drop, Statement } from "./ast/statement.ts";
import { parseCreateCatalog } from "./catalog.ts";
import { parseComment, parseCreateTable, parseOptions } from "./create-table.ts";
import type { Cursor } from "./cursor.ts";
import { parseCreateMaterializedTable } from "./materialized-table.ts";

/** A statement that starts with CREATE. OR REPLACE has a meaning for CREATE TABLE … AS alone, as in Flink. */
export function parseCreate(c: Cursor): Statement {
  const { start } = c;
  c.expect("CREATE");
  if (c.accept("OR", "ALTER", "MATERIALIZED", "TABLE")) return parseCreateMaterializedTable(c, start, true);
  if (c.accept("MATERIALIZED", "TABLE")) return parseCreateMaterializedTable(c, start, false);
  const replace = c.accept("OR", "REPLACE");
  const temporary = c.accept("TEMPORARY");
  if (c.accept("TABLE")) return parseCreateTable(c, start, temporary, replace ? "CREATE OR REPLACE" : undefined);
  if (!temporary && c.accept("CATALOG")) return parseCreateCatalog(c, start);
  if (c.accept("VIEW")) return parseCreateView(c, start, temporary);
  if (temporary && c.accept("SYSTEM", "FUNCTION")) return parseCreateFunction(c, start, true, true);
  if (c.accept("FUNCTION")) return parseCreateFunction(c, start, temporary, false);
  if (!temporary && c.accept("DATABASE")) return parseCreateDatabase(c, start);
  throw c.failExpected();
}

function parseCreateView(c: Cursor, start: number, temporary: boolean): CreateView {
  const ifNotExists = c.accept("IF", "NOT", "EXISTS");
  const name = c.objectName("a view name");
  const columns = c.isSymbol("(") ? c.parenthesized(() => c.identifier("a column name")) : [];
  const comment = parseComment(c);
  if (c.isWord("WITH")) throw c.unsupported("a view with options", c.start);
  c.expect("AS");
  const query = c.grammar.query(c);
  return { kind: "CreateView", span: c.span(start), temporary, ifNotExists, name, columns, comment, query };
}

function parseCreateDatabase(c: Cursor, start: number): CreateDatabase {
  const ifNotExists = c.accept("IF", "NOT", "EXISTS");
  const name = c.objectName("a database name");
  const comment = parseComment(c);
  const options = c.accept("WITH") ? parseOptions(c) : [];
  return { kind: "CreateDatabase", span: c.span(start), ifNotExists, name, comment, options };
}

function parseCreateFunction(c: Cursor, start: number, temporary: boolean, system: boolean): CreateFunction {
  const ifNotExists = c.accept("IF", "NOT", "EXISTS");
  const name = c.objectName("a function name");
  c.expect("AS");
  const identifier = c.string("the place of the function in single quotes: './file.js#name'");
  const language = c.accept("LANGUAGE") ? c.identifier("JAVASCRIPT").name.toUpperCase() : undefined;
  if (c.isWord("USING"))
    throw c.unsupported("CREATE FUNCTION … USING", c.start, "name the file in AS './file.js#name'");
  if (c.isWord("WITH")) throw c.unsupported("a function with options", c.start);
  return { kind: "CreateFunction", span: c.span(start), temporary, system, ifNotExists, name, identifier, language };
}

/** `REPLACE TABLE t … AS query` */
export function parseReplace(c: Cursor): Statement {
  const { start } = c;
  c.expect("REPLACE", "TABLE");
  return parseCreateTable(c, start, false, "REPLACE");
}

/** A statement that starts with DROP. */
export function parseDrop(c: Cursor): Drop {
  const { start } = c;
  c.expect("DROP");
  const temporary = c.accept("TEMPORARY");
  const system = temporary && c.accept("SYSTEM");
  if (!temporary && c.accept("MATERIALIZED", "TABLE")) {
    const ifExists = c.accept("IF", "EXISTS");
    const name = c.objectName("a table name");
    const object = "MATERIALIZED TABLE";
    return { kind: "Drop", span: c.span(start), object, temporary, system, ifExists, name, cascade: false };
  }
  const object = c.expectOne(
    system
      ? (["FUNCTION"] as const)
      : temporary
        ? (["TABLE", "VIEW", "FUNCTION"] as const)
        : (["TABLE", "VIEW", "DATABASE", "FUNCTION", "CATALOG"] as const),
  );
  const ifExists = c.accept("IF", "EXISTS");
  const name = c.objectName(`a ${object.toLowerCase()} name`);
  const cascade = object === "DATABASE" && c.acceptOne(["CASCADE", "RESTRICT"]) === "CASCADE";
  return { kind: "Drop", span: c.span(start), object, temporary, system, ifExists, name, cascade };
}
