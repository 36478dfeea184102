import type {
  PhysicalColumn,
  AlteredColumn,
  AlterTableAction,
  ColumnNode,
  CreateTable,
  Insert,
  PrimaryKeyNode,
  Show,
  Statement,
  WatermarkNode,
} from "./ast/statement.ts";
import {
  printCatalogStatement,
  printComment,
  printDistribution,
  printJobStatement,
  printOption,
  printOptions,
  printPartitionSpec,
  printWith,
} from "./print-catalog.ts";
import { printIdentifier, printName, printNames, quoteString } from "./print-context.ts";
import type { PrintContext } from "./print-context.ts";
import { printHints } from "./print-query.ts";
import { printType } from "./print-type.ts";

/** A statement as SQL, without `;`. */
export function printStatementIn(s: Statement, ctx: PrintContext): string {
  switch (s.kind) {
    case "CreateTable":
      return printCreateTable(s, ctx);
    case "CreateView": {
      const columns =
        s.columns.length === 0 ? "" : ` (\n${s.columns.map((column) => `  ${printIdentifier(column)}`).join(",\n")}\n)`;
      const comment = s.comment === undefined ? "" : `\nCOMMENT ${quoteString(s.comment)}`;
      return `CREATE ${s.temporary ? "TEMPORARY " : ""}VIEW ${ifNotExists(s)}${printName(s.name)}${columns}${comment}\nAS ${ctx.query(s.query)}`;
    }
    case "CreateDatabase":
      return `CREATE DATABASE ${ifNotExists(s)}${printName(s.name)}${printComment(s.comment)}${printWith(s.options)}`;
    case "CreateFunction": {
      const scope = s.temporary ? (s.system ? "TEMPORARY SYSTEM " : "TEMPORARY ") : "";
      const language = s.language === undefined ? "" : ` LANGUAGE ${s.language}`;
      return `CREATE ${scope}FUNCTION ${ifNotExists(s)}${printName(s.name)} AS ${quoteString(s.identifier)}${language}`;
    }
    case "AlterTable":
      return `ALTER TABLE ${ifExists(s)}${printName(s.name)} ${printAction(s.change, ctx)}`;
    case "AlterView":
      return `ALTER VIEW ${printName(s.name)} ${s.change.action === "AS" ? `AS ${ctx.query(s.change.query)}` : `RENAME TO ${printName(s.change.to)}`}`;
    case "AlterDatabase":
      return `ALTER DATABASE ${printName(s.name)} SET ${printOptions(s.options)}`;
    case "Drop": {
      const scope = s.temporary ? (s.system ? "TEMPORARY SYSTEM " : "TEMPORARY ") : "";
      return `DROP ${scope}${s.object} ${ifExists(s)}${printName(s.name)}${s.cascade ? " CASCADE" : ""}`;
    }
    case "Use":
      return `USE ${s.object === "CATALOG" ? "CATALOG " : ""}${printName(s.name)}`;
    case "Show":
      return printShow(s);
    case "Describe":
      return `DESCRIBE ${s.extended ? "EXTENDED " : ""}${printName(s.name)}`;
    case "ExplainJob":
      return `EXPLAIN JOB ${quoteString(s.job.text)}`;
    case "DescribeJob":
      return `DESCRIBE JOB ${quoteString(s.job.text)}`;
    case "StopJob":
      return `STOP JOB ${quoteString(s.job.text)}${s.savepoint ? " WITH SAVEPOINT" : ""}${s.drain ? " WITH DRAIN" : ""}`;
    case "CheckpointJob":
      return `CHECKPOINT JOB ${quoteString(s.job.text)}`;
    case "Set":
      return s.key === undefined ? "SET" : `SET ${quoteString(s.key)} = ${quoteString(s.value ?? "")}`;
    case "Reset":
      return s.key === undefined ? "RESET" : `RESET ${quoteString(s.key)}`;
    case "Insert":
      return printInsert(s, ctx);
    case "StatementSet":
      if (s.inserts.length === 0) return "BEGIN STATEMENT SET;\nEND";
      return `EXECUTE STATEMENT SET BEGIN\n${s.inserts.map((insert) => `${printInsert(insert, ctx)};\n`).join("")}END`;
    case "QueryStatement":
      return ctx.query(s.query);
    case "CompilePlan":
    case "ExecutePlan":
    case "CreateMaterializedTable":
    case "AlterMaterializedTable":
      return printJobStatement(
        s,
        ctx,
        (inner) => printStatementIn(inner, ctx),
        (table, words) => printTable(table, words, ctx),
      );
    case "CreateCatalog":
    case "AlterCatalog":
    case "AlterFunction":
    case "LoadModule":
    case "UnloadModule":
    case "UseModules":
    case "DescribeCatalog":
    case "DescribeFunction":
    case "RowChange":
    case "AnalyzeTable":
    case "Call":
      return printCatalogStatement(s, ctx);
    case "Explain":
      return `EXPLAIN ${s.details.length === 0 ? "PLAN FOR" : s.details.join(", ")} ${printStatementIn(s.statement, ctx)}`;
  }
}

function ifNotExists(s: { readonly ifNotExists: boolean }): string {
  return s.ifNotExists ? "IF NOT EXISTS " : "";
}

function ifExists(s: { readonly ifExists: boolean }): string {
  return s.ifExists ? "IF EXISTS " : "";
}

function printCreateTable(s: CreateTable, ctx: PrintContext): string {
  const verb = s.replace ?? "CREATE";
  return printTable(s, `${verb} ${s.temporary ? "TEMPORARY " : ""}TABLE`, ctx);
}

function printTable(s: CreateTable, words: string, ctx: PrintContext): string {
  const elements = [
    ...s.columnNames.map(printIdentifier),
    ...s.columns.map((column) => printColumn(column, ctx)),
    ...s.watermarks.map((watermark) => printWatermark(watermark, ctx)),
    ...(s.primaryKey === undefined ? [] : [printPrimaryKey(s.primaryKey)]),
  ];
  const lines = [`${words} ${ifNotExists(s)}${printName(s.name)}${elements.length === 0 ? "" : " ("}`];
  if (elements.length > 0) lines.push(`${elements.map((element) => `  ${element}`).join(",\n")}\n)`);
  if (s.comment !== undefined) lines.push(`COMMENT ${quoteString(s.comment)}`);
  if (s.distribution !== undefined) lines.push(`DISTRIBUTED ${printDistribution(s.distribution)}`);
  if (s.partitionedBy.length > 0) lines.push(`PARTITIONED BY (${printNames(s.partitionedBy)})`);
  if (s.options.length > 0)
    lines.push(`WITH (\n${s.options.map((option) => `  ${printOption(option)}`).join(",\n")}\n)`);
  if (s.like !== undefined) {
    const options = s.like.options.map(({ merge, feature }) => `\n  ${merge} ${feature}`).join("");
    lines.push(`LIKE ${printName(s.like.source)}${options === "" ? "" : ` (${options}\n)`}`);
  }
  if (s.as !== undefined) lines.push(`AS ${ctx.query(s.as)}`);
  return lines.join("\n");
}

function printColumnKey({ primaryKey }: PhysicalColumn): string {
  if (primaryKey === undefined) return "";
  const name = primaryKey.name === undefined ? "" : ` CONSTRAINT ${printIdentifier(primaryKey.name)}`;
  return `${name} PRIMARY KEY NOT ENFORCED`;
}

/** A column as SHOW CREATE TABLE writes it. */
function printColumn(column: ColumnNode, ctx: PrintContext): string {
  const name = printIdentifier(column.name);
  switch (column.kind) {
    case "PhysicalColumn":
      return `${name} ${printType(column.type)}${printColumnKey(column)}${printComment(column.comment)}`;
    case "ComputedColumn":
      return `${name} AS ${ctx.expression(column.expression)}${printComment(column.comment)}`;
    case "MetadataColumn": {
      const from = column.key === undefined ? "" : ` FROM ${quoteString(column.key)}`;
      return `${name} ${printType(column.type)} METADATA${from}${column.virtual ? " VIRTUAL" : ""}${printComment(column.comment)}`;
    }
  }
}

function printWatermark(watermark: WatermarkNode, ctx: PrintContext): string {
  return `WATERMARK FOR ${printName(watermark.column)} AS ${ctx.expression(watermark.expression)}`;
}

function printPrimaryKey(key: PrimaryKeyNode): string {
  return `${key.name === undefined ? "" : `CONSTRAINT ${printIdentifier(key.name)} `}PRIMARY KEY (${printNames(key.columns)}) NOT ENFORCED`;
}

function printAction(change: AlterTableAction, ctx: PrintContext): string {
  switch (change.action) {
    case "RENAME TO":
      return `RENAME TO ${printName(change.to)}`;
    case "RENAME COLUMN":
      return `RENAME ${printIdentifier(change.from)} TO ${printIdentifier(change.to)}`;
    case "ADD":
    case "MODIFY": {
      const elements = [
        ...change.columns.map((column) => printAlteredColumn(column, ctx)),
        ...(change.watermark === undefined ? [] : [printWatermark(change.watermark, ctx)]),
        ...(change.primaryKey === undefined ? [] : [printPrimaryKey(change.primaryKey)]),
        ...(change.distribution === undefined ? [] : [`DISTRIBUTION ${printDistribution(change.distribution)}`]),
      ];
      return `${change.action} (${elements.join(", ")})`;
    }
    case "DROP COLUMNS":
      return `DROP (${printNames(change.columns)})`;
    case "DROP PRIMARY KEY":
    case "DROP WATERMARK":
    case "DROP DISTRIBUTION":
      return change.action;
    case "ADD PARTITION": {
      const partitions = change.partitions.map((p) => `${printPartitionSpec(p.spec)}${printWith(p.options)}`);
      return `ADD ${change.ifNotExists ? "IF NOT EXISTS " : ""}${partitions.join(" ")}`;
    }
    case "DROP PARTITION":
      return `DROP ${change.ifExists ? "IF EXISTS " : ""}${change.partitions.map(printPartitionSpec).join(", ")}`;
    case "DROP CONSTRAINT":
      return `DROP CONSTRAINT ${printIdentifier(change.name)}`;
    case "SET":
      return `SET ${printOptions(change.options)}`;
    case "RESET":
      return `RESET (${change.keys.map(quoteString).join(", ")})`;
  }
}

function printAlteredColumn({ column, position }: AlteredColumn, ctx: PrintContext): string {
  const place =
    position === undefined ? "" : "first" in position ? " FIRST" : ` AFTER ${printIdentifier(position.after)}`;
  return printColumn(column, ctx) + place;
}

function printShow(s: Show): string {
  const preposition = s.what.startsWith("CREATE") || s.what === "PARTITIONS" ? " " : " FROM ";
  const name = s.name === undefined ? "" : preposition + printName(s.name);
  const like =
    s.like === undefined
      ? ""
      : ` ${s.like.not ? "NOT " : ""}${s.like.insensitive ? "ILIKE" : "LIKE"} ${quoteString(s.like.pattern)}`;
  const partition = s.partition === undefined ? "" : ` ${printPartitionSpec(s.partition)}`;
  return `SHOW ${s.what}${name}${like}${partition}`;
}

function printInsert(s: Insert, ctx: PrintContext): string {
  const hints = s.hints.length === 0 ? "" : ` ${printHints(s.hints)}`;
  const values = s.partition.map(({ column, value }) => `${printIdentifier(column)} = ${ctx.expression(value)}`);
  const partition = values.length === 0 ? "" : ` PARTITION (${values.join(", ")})`;
  const columns = s.columns === undefined ? "" : ` (${printNames(s.columns)})`;
  const onConflict = s.onConflict === undefined ? "" : ` ON CONFLICT DO ${s.onConflict}`;
  return `INSERT ${s.overwrite ? "OVERWRITE" : "INTO"} ${printName(s.target)}${hints}${partition}${columns}${ctx.separator}${ctx.query(s.query)}${onConflict}`;
}
