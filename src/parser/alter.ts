import type {
  AlterDatabase,
  AlteredColumn,
  AlterTable,
  AlterTableAction,
  AlterView,
  Statement,
} from "./ast/statement.ts";
import type {
  DistributionNode,
  OptionNode,
  PartitionSpecNode,
  PrimaryKeyNode,
  WatermarkNode,
} from "./ast/statement.ts";
import { parseAlterCatalog, parseAlterFunction, parseKeys, parsePartitionSpec } from "./catalog.ts";
import {
  isConstraint,
  isWatermark,
  parseColumn,
  parseDistribution,
  parseOptions,
  parsePrimaryKey,
  parseWatermark,
} from "./create-table.ts";
import type { Cursor } from "./cursor.ts";
import { parseAlterMaterializedTable } from "./materialized-table.ts";

/** A statement that starts with ALTER. */
export function parseAlter(c: Cursor): Statement {
  const { start } = c;
  c.expect("ALTER");
  if (c.accept("TABLE")) return parseAlterTable(c, start);
  if (c.accept("VIEW")) return parseAlterView(c, start);
  if (c.accept("DATABASE")) return parseAlterDatabase(c, start);
  if (c.accept("MATERIALIZED", "TABLE")) return parseAlterMaterializedTable(c, start);
  if (c.accept("CATALOG")) return parseAlterCatalog(c, start);
  if (c.accept("FUNCTION")) return parseAlterFunction(c, start, "");
  if (c.accept("TEMPORARY", "SYSTEM", "FUNCTION")) return parseAlterFunction(c, start, "TEMPORARY SYSTEM");
  if (c.accept("TEMPORARY", "FUNCTION")) return parseAlterFunction(c, start, "TEMPORARY");
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
  if (c.isWords("ADD", "PARTITION") || c.isWords("ADD", "IF")) return parseAddPartitions(c);
  if (c.accept("ADD")) return parseSchemaChange(c, "ADD");
  if (c.accept("MODIFY")) return parseSchemaChange(c, "MODIFY");
  if (c.accept("DROP")) return parseDropAction(c);
  if (c.accept("SET")) return { action: "SET", options: parseOptions(c) };
  if (c.accept("RESET")) return { action: "RESET", keys: parseKeys(c) };
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
  let distribution: DistributionNode | undefined;
  const parseElement = (): void => {
    if (c.isWord("DISTRIBUTION") && (c.isWordAhead(1, "BY") || c.isWordAhead(1, "INTO"))) {
      const { start } = c;
      if (distribution !== undefined) throw c.error("SYNTAX", "a table has one distribution", c.token);
      c.take();
      distribution = parseDistribution(c, start);
    } else if (isWatermark(c)) {
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
  return { action, columns, watermark, primaryKey, distribution };
}

/** `ADD [IF NOT EXISTS] PARTITION (…) [WITH (…)] PARTITION (…) …` */
function parseAddPartitions(c: Cursor): AlterTableAction {
  c.expect("ADD");
  const ifNotExists = c.accept("IF", "NOT", "EXISTS");
  const partitions: { readonly spec: PartitionSpecNode; readonly options: readonly OptionNode[] }[] = [];
  do {
    const spec = parsePartitionSpec(c);
    partitions.push({ spec, options: c.accept("WITH") ? parseOptions(c) : [] });
  } while (c.isWord("PARTITION"));
  return { action: "ADD PARTITION", ifNotExists, partitions };
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
  if (c.accept("DISTRIBUTION")) return { action: "DROP DISTRIBUTION" };
  if (c.isWord("PARTITION") || c.isWords("IF", "EXISTS", "PARTITION")) {
    const ifExists = c.accept("IF", "EXISTS");
    return { action: "DROP PARTITION", ifExists, partitions: c.commaList(() => parsePartitionSpec(c)) };
  }
  refuseColumnWord(c);
  if (c.isSymbol("(")) return { action: "DROP COLUMNS", columns: c.parenthesized(() => c.identifier("a column name")) };
  return { action: "DROP COLUMNS", columns: [c.identifier("a column name")] };
}
