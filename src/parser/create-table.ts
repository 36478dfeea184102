import type { Expression } from "./ast/expression.ts";
import type { Identifier } from "./ast/node.ts";
import type { Query } from "./ast/query.ts";
import type {
  ColumnNode,
  CreateTable,
  DistributionNode,
  LikeNode,
  LikeOption,
  MetadataColumn,
  OptionNode,
  PrimaryKeyNode,
  WatermarkNode,
} from "./ast/statement.ts";
import type { TypeNode } from "./ast/type.ts";
import type { Cursor } from "./cursor.ts";

/** `CREATE [OR REPLACE] [TEMPORARY] TABLE` or `REPLACE TABLE` has been taken. */
export function parseCreateTable(
  c: Cursor,
  start: number,
  temporary: boolean,
  replace: CreateTable["replace"],
): CreateTable {
  const head = parseTableHead(c, { start, temporary, replace });
  const likeStart = c.start;
  const like = c.accept("LIKE") ? parseLike(c, likeStart) : undefined;
  let as: Query | undefined;
  if (like === undefined && c.accept("AS")) as = c.grammar.query(c);
  if (head.columnNames.length > 0 && as === undefined) {
    throw c.error(
      "SYNTAX",
      "a column needs a type; only CREATE TABLE … AS can name columns alone",
      head.columnNames[0]!.span,
    );
  }
  checkTableAs(c, { start, ...head, as });
  return { ...head, span: c.span(start), like, as };
}

/** A table's statement up to its WITH, of every kind of table. */
export function parseTableHead(
  c: Cursor,
  { start, temporary, replace }: Pick<CreateTable, "temporary" | "replace"> & { readonly start: number },
): Omit<CreateTable, "like" | "as"> {
  const ifNotExists = c.accept("IF", "NOT", "EXISTS");
  const name = c.objectName("a table name");
  const elements = c.isSymbol("(") ? parseElements(c) : NO_ELEMENTS;
  const comment = c.accept("COMMENT") ? c.string() : undefined;
  const distributionStart = c.start;
  const distribution = c.accept("DISTRIBUTED") ? parseDistribution(c, distributionStart) : undefined;
  let partitionedBy: readonly Identifier[] = [];
  if (c.accept("PARTITIONED", "BY")) partitionedBy = c.parenthesized(() => c.identifier("a column name"));
  if (c.isWord("USING") && c.isWordAhead(1, "CONNECTION")) throw c.unsupported("USING CONNECTION", c.start);
  const options = c.accept("WITH") ? parseOptions(c) : [];
  return {
    kind: "CreateTable",
    span: c.span(start),
    replace,
    temporary,
    ifNotExists,
    name,
    ...elements,
    comment,
    distribution,
    partitionedBy,
    options,
  };
}

/** What goes with AS, in Flink's words. */
function checkTableAs(
  c: Cursor,
  statement: Pick<CreateTable, "temporary" | "ifNotExists" | "replace" | "as"> & { readonly start: number },
): void {
  const { start, temporary, ifNotExists, replace, as } = statement;
  if (as === undefined) {
    if (replace === "REPLACE") throw c.failExpected();
    return;
  }
  const name = replace === undefined ? "CREATE TABLE" : `${replace} TABLE`;
  if (temporary) {
    const what = replace === undefined ? "to create temporary table" : "temporary table";
    throw c.error("SYNTAX", `${name} AS SELECT syntax does not support ${what} yet.`, c.span(start));
  }
  if (ifNotExists && replace !== undefined) {
    throw c.error("SYNTAX", `${name} AS SELECT syntax does not support IF NOT EXISTS statements yet.`, c.span(start));
  }
}

/** `DISTRIBUTED` or `DISTRIBUTION` has been taken. */
export function parseDistribution(c: Cursor, start: number): DistributionNode {
  let strategy: DistributionNode["strategy"];
  let columns: readonly Identifier[] = [];
  if (c.accept("BY")) {
    strategy = c.acceptOne(["HASH", "RANGE"]);
    columns = c.parenthesized(() => c.identifier("a column name"));
  }
  let buckets: number | undefined;
  if (c.accept("INTO")) {
    buckets = c.integer("a number of buckets");
    c.expect("BUCKETS");
  } else if (columns.length === 0) throw c.failExpected();
  return { kind: "Distribution", span: c.span(start), strategy, columns, buckets };
}

/** What stands in the parentheses of CREATE TABLE. */
type Elements = Pick<CreateTable, "columns" | "columnNames" | "watermarks" | "primaryKey">;

const NO_ELEMENTS: Elements = { columns: [], columnNames: [], watermarks: [], primaryKey: undefined };

function parseElements(c: Cursor): Elements {
  const columns: ColumnNode[] = [];
  const columnNames: Identifier[] = [];
  const watermarks: WatermarkNode[] = [];
  let primaryKey: PrimaryKeyNode | undefined;
  c.parenthesized(() => {
    if (isWatermark(c)) {
      const watermark = parseWatermark(c);
      if (watermarks.length > 0) throw c.error("SYNTAX", "a table has one watermark", watermark.span);
      watermarks.push(watermark);
      return;
    }
    if (isConstraint(c)) {
      const { start } = c;
      const key = parsePrimaryKey(c);
      if (primaryKey !== undefined) throw c.error("SYNTAX", "a table has one primary key", c.span(start));
      primaryKey = key;
      return;
    }
    if (c.isIdentifier() && (c.isSymbolAhead(1, ",") || c.isSymbolAhead(1, ")"))) {
      columnNames.push(c.identifier());
      return;
    }
    const column = parseColumn(c);
    if (
      column.kind === "PhysicalColumn" &&
      column.primaryKey !== undefined &&
      (primaryKey !== undefined ||
        columns.some((other) => other.kind === "PhysicalColumn" && other.primaryKey !== undefined))
    ) {
      throw c.error("SYNTAX", "a table has one primary key", column.span);
    }
    columns.push(column);
  });
  if (columnNames.length > 0 && columns.some((column) => column.kind !== "ComputedColumn")) {
    throw c.error("SYNTAX", "columns are either all named alone or all have a type", columnNames[0]!.span);
  }
  return { columns, columnNames, watermarks, primaryKey };
}

export function isWatermark(c: Cursor): boolean {
  return c.isWord("WATERMARK") && c.isWordAhead(1, "FOR");
}

export function isConstraint(c: Cursor): boolean {
  const at = c.isWord("CONSTRAINT") && c.isIdentifierAhead(1) ? 2 : 0;
  return (
    (c.isWordAhead(at, "PRIMARY") && c.isWordAhead(at + 1, "KEY")) ||
    (c.isWordAhead(at, "UNIQUE") && (at > 0 || c.isSymbolAhead(1, "(")))
  );
}

/** `name type …`, `name AS expression`, `name type METADATA …` */
export function parseColumn(c: Cursor): ColumnNode {
  const { start } = c;
  const name = c.identifier("a column name");
  if (c.accept("AS")) {
    const expression: Expression = c.grammar.expression(c);
    const comment = parseComment(c);
    return { kind: "ComputedColumn", span: c.span(start), name, expression, comment };
  }
  const type = c.grammar.type(c);
  if (c.accept("METADATA")) return parseMetadata(c, start, name, type);
  const primaryKey = parseColumnKey(c, name);
  const comment = parseComment(c);
  return { kind: "PhysicalColumn", span: c.span(start), name, type, comment, primaryKey };
}

function parseMetadata(c: Cursor, start: number, name: Identifier, type: TypeNode): MetadataColumn {
  const key = c.accept("FROM") ? c.string("the metadata key in single quotes") : undefined;
  const virtual = c.accept("VIRTUAL");
  const comment = parseComment(c);
  return { kind: "MetadataColumn", span: c.span(start), name, type, key, virtual, comment };
}

/** `[CONSTRAINT name] PRIMARY KEY NOT ENFORCED` at a column */
function parseColumnKey(c: Cursor, column: Identifier): PrimaryKeyNode | undefined {
  const { start } = c;
  const name = c.accept("CONSTRAINT") ? c.identifier("a name for the constraint") : undefined;
  if (c.isWord("UNIQUE"))
    throw c.fail("PRIMARY KEY", "there are no UNIQUE constraints: use PRIMARY KEY … NOT ENFORCED");
  if (!c.accept("PRIMARY", "KEY")) return undefined;
  expectNotEnforced(c, start);
  return { kind: "PrimaryKey", span: c.span(start), name, columns: [column] };
}

export function parseComment(c: Cursor): string | undefined {
  return c.accept("COMMENT") ? c.string("the comment in single quotes") : undefined;
}

/** `[CONSTRAINT name] PRIMARY KEY (a, b) NOT ENFORCED` */
export function parsePrimaryKey(c: Cursor): PrimaryKeyNode {
  const { start } = c;
  const name = c.accept("CONSTRAINT") ? c.identifier("a name for the constraint") : undefined;
  if (c.isWord("UNIQUE"))
    throw c.fail("PRIMARY KEY", "there are no UNIQUE constraints: use PRIMARY KEY … NOT ENFORCED");
  c.expect("PRIMARY", "KEY");
  const columns = c.parenthesized(() => c.identifier("a column name"));
  expectNotEnforced(c, start);
  return { kind: "PrimaryKey", span: c.span(start), name, columns };
}

function expectNotEnforced(c: Cursor, start: number): void {
  if (c.accept("NOT", "ENFORCED")) return;
  c.accept("ENFORCED");
  throw c.error(
    "SYNTAX",
    "a primary key must be NOT ENFORCED: the engine does not own the data and cannot check it",
    c.span(start),
    "write PRIMARY KEY (…) NOT ENFORCED",
  );
}

/** `WATERMARK FOR rowtime AS expression` */
export function parseWatermark(c: Cursor): WatermarkNode {
  const { start } = c;
  c.expect("WATERMARK", "FOR");
  const column = [c.identifier("a column name")];
  while (c.acceptSymbol(".")) column.push(c.identifier("a field name"));
  c.expect("AS");
  const expression = c.grammar.expression(c);
  return { kind: "Watermark", span: c.span(start), column, expression };
}

/** `('key' = 'value', …)` */
export function parseOptions(c: Cursor): OptionNode[] {
  c.expectSymbol("(");
  if (c.acceptSymbol(")")) return [];
  const options = c.commaList(() => parseOption(c));
  c.expectSymbol(")");
  return options;
}

function parseOption(c: Cursor): OptionNode {
  const { start } = c;
  const key = c.string("an option name in single quotes");
  c.expectSymbol("=");
  const value = c.string("the value in single quotes");
  return { kind: "Option", span: c.span(start), key, value };
}

const ALL_FEATURES = [
  "ALL",
  "CONSTRAINTS",
  "DISTRIBUTION",
  "PARTITIONS",
  "GENERATED",
  "METADATA",
  "OPTIONS",
  "WATERMARKS",
] as const;
const OVERWRITABLE = ["GENERATED", "METADATA", "OPTIONS", "WATERMARKS"] as const;

/** LIKE has been taken. */
function parseLike(c: Cursor, start: number): LikeNode {
  const source = c.objectName("a table name");
  const options: LikeOption[] = [];
  if (c.acceptSymbol("(")) {
    do {
      const optionStart = c.start;
      const merge = c.expectOne(["INCLUDING", "EXCLUDING", "OVERWRITING"]);
      const feature = merge === "OVERWRITING" ? c.expectOne(OVERWRITABLE) : c.expectOne(ALL_FEATURES);
      options.push({ kind: "LikeOption", span: c.span(optionStart), merge, feature });
    } while (!c.acceptSymbol(")"));
  }
  return { kind: "Like", span: c.span(start), source, options };
}
