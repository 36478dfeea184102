import type {
  AlterDatabase,
  AlteredColumn,
  AlterTable,
  AlterTableAction,
  AlterView,
  Statement,
} from "./ast/statement.ts";
import type { PrimaryKeyNode, WatermarkNode } from "./ast/statement.ts";
import {
  isConstraint,
  isWatermark,
  parseColumn,
  parseOptions,
  parsePrimaryKey,
  parseWatermark,
} from "./create-table.ts";
import type { Cursor } from "./cursor.ts";

/** A statement that starts with ALTER. */
export function parseAlter(c: Cursor): Statement {
  const { start } = c;
  c.expect("ALTER");
  if (c.accept("TABLE")) return parseAlterTable(c, start);
  if (c.accept("VIEW")) return parseAlterView(c, start);
  if (c.accept("DATABASE")) return parseAlterDatabase(c, start);
  throw c.failExpected();
}

function parseAlterView(c: Cursor, start: number): AlterView {
  const name = c.objectName("a view name");
  if (c.accept("RENAME", "TO")) {
    const to = c.objectName("a view name");
    return { kind: "AlterView", span: c.span(start), name, change: { action: "RENAME TO", to } };
  }
  if (!c.accept("AS")) throw c.failExpected();
  const query = c.grammar.query(c);
  return { kind: "AlterView", span: c.span(start), name, change: { action: "AS", query } };
}

function parseAlterDatabase(c: Cursor, start: number): AlterDatabase {
  const name = c.objectName("a database name");
  c.expect("SET");
  const options = parseOptions(c);
  return { kind: "AlterDatabase", span: c.span(start), name, options };
}

function parseAlterTable(c: Cursor, start: number): AlterTable {
  const ifExists = c.accept("IF", "EXISTS");
  const name = c.objectName("a table name");
  const change = parseAction(c);
  return { kind: "AlterTable", span: c.span(start), ifExists, name, change };
}

function parseAction(c: Cursor): AlterTableAction {
  if (c.accept("RENAME")) return parseRename(c);
  if (c.isWord("PARTITION")) throw c.unsupported("ALTER TABLE … PARTITION", c.start);
  if (c.isWords("ADD", "PARTITION") || c.isWords("ADD", "IF"))
    throw c.unsupported("ALTER TABLE … ADD PARTITION", c.start);
  if (c.accept("ADD")) return parseSchemaChange(c, "ADD");
  if (c.accept("MODIFY")) return parseSchemaChange(c, "MODIFY");
  if (c.accept("DROP")) return parseDropAction(c);
  if (c.accept("SET")) return { action: "SET", options: parseOptions(c) };
  if (c.accept("RESET"))
    return { action: "RESET", keys: c.parenthesized(() => c.string("an option name in single quotes")) };
  throw c.failExpected();
}

/** Throws SYNTAX at `COLUMN`, which stands in the statements of other dialects. */
function refuseColumnWord(c: Cursor): void {
  if (c.isWord("COLUMN") && c.isIdentifierAhead(1)) throw c.fail("the name of the column", "leave COLUMN out");
}

function parseRename(c: Cursor): AlterTableAction {
  if (c.accept("TO")) return { action: "RENAME TO", to: c.objectName("a table name") };
  refuseColumnWord(c);
  const from = c.identifier("TO or a column name");
  c.expect("TO");
  return { action: "RENAME COLUMN", from, to: c.identifier("a column name") };
}

/** One column, watermark or key, or several in parentheses. */
function parseSchemaChange(c: Cursor, action: "ADD" | "MODIFY"): AlterTableAction {
  const columns: AlteredColumn[] = [];
  let watermark: WatermarkNode | undefined;
  let primaryKey: PrimaryKeyNode | undefined;
  const parseElement = (): void => {
    if (c.isWord("DISTRIBUTION")) throw c.unsupported("DISTRIBUTION", c.start);
    if (isWatermark(c)) {
      if (watermark !== undefined) throw c.error("SYNTAX", "a table has one watermark", c.token);
      watermark = parseWatermark(c);
    } else if (isConstraint(c)) {
      if (primaryKey !== undefined) throw c.error("SYNTAX", "a table has one primary key", c.token);
      primaryKey = parsePrimaryKey(c);
    } else {
      columns.push(parseAlteredColumn(c));
    }
  };
  if (c.isSymbol("(")) c.parenthesized(parseElement);
  else parseElement();
  return { action, columns, watermark, primaryKey };
}

function parseAlteredColumn(c: Cursor): AlteredColumn {
  const { start } = c;
  refuseColumnWord(c);
  const column = parseColumn(c);
  let position: AlteredColumn["position"];
  if (c.accept("FIRST")) position = { first: true };
  else if (c.accept("AFTER")) position = { after: c.identifier("a column name") };
  return { kind: "AlteredColumn", span: c.span(start), column, position };
}

function parseDropAction(c: Cursor): AlterTableAction {
  if (c.accept("PRIMARY", "KEY")) return { action: "DROP PRIMARY KEY" };
  if (c.accept("CONSTRAINT")) return { action: "DROP CONSTRAINT", name: c.identifier("the name of the constraint") };
  if (c.accept("WATERMARK")) return { action: "DROP WATERMARK" };
  if (c.isWord("DISTRIBUTION")) throw c.unsupported("DISTRIBUTION", c.start);
  if (c.isWord("PARTITION") || c.isWords("IF", "EXISTS", "PARTITION"))
    throw c.unsupported("ALTER TABLE … DROP PARTITION", c.start);
  refuseColumnWord(c);
  if (c.isSymbol("(")) return { action: "DROP COLUMNS", columns: c.parenthesized(() => c.identifier("a column name")) };
  return { action: "DROP COLUMNS", columns: [c.identifier("a column name")] };
}
