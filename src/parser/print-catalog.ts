import type { CatalogStatement } from "./ast/catalog-statement.ts";
import type { AlterMaterializedTable, JobStatement } from "./ast/job-statement.ts";
import type { DistributionNode, OptionNode, PartitionSpecNode } from "./ast/statement.ts";
import { printIdentifier, printName, printNames, quoteString } from "./print-context.ts";
import type { PrintContext } from "./print-context.ts";

/** Statements about catalogs, modules and functions as SQL. */
export function printCatalogStatement(s: CatalogStatement, ctx: PrintContext): string {
  switch (s.kind) {
    case "CreateCatalog":
      return `CREATE CATALOG ${s.ifNotExists ? "IF NOT EXISTS " : ""}${printIdentifier(s.name)}${printComment(s.comment)}${printWith(s.options)}`;
    case "AlterCatalog":
      return `ALTER CATALOG ${printIdentifier(s.name)} ${printCatalogChange(s.change)}`;
    case "AlterFunction": {
      const language = s.language === undefined ? "" : ` LANGUAGE ${s.language}`;
      const scope = s.temporary ? (s.system ? "TEMPORARY SYSTEM " : "TEMPORARY ") : "";
      return `ALTER ${scope}FUNCTION ${s.ifExists ? "IF EXISTS " : ""}${printName(s.name)} AS ${quoteString(s.identifier)}${language}`;
    }
    case "LoadModule":
      return `LOAD MODULE ${printIdentifier(s.name)}${printWith(s.options)}`;
    case "UnloadModule":
      return `UNLOAD MODULE ${printIdentifier(s.name)}`;
    case "UseModules":
      return `USE MODULES ${printNames(s.names)}`;
    case "DescribeCatalog":
      return `DESCRIBE CATALOG ${s.extended ? "EXTENDED " : ""}${printIdentifier(s.name)}`;
    case "DescribeFunction":
      return `DESCRIBE FUNCTION ${s.extended ? "EXTENDED " : ""}${printName(s.name)}`;
    case "RowChange": {
      const { change } = s;
      if (change.action === "TRUNCATE") return `TRUNCATE TABLE ${printName(s.table)}`;
      const where = change.where === undefined ? "" : ` WHERE ${ctx.expression(change.where)}`;
      if (change.action === "DELETE") return `DELETE FROM ${printName(s.table)}${where}`;
      const set = change.assignments.map((a) => `${printIdentifier(a.column)} = ${ctx.expression(a.value)}`);
      return `UPDATE ${printName(s.table)} SET ${set.join(", ")}${where}`;
    }
    case "AnalyzeTable": {
      const values = s.partition.map(
        (p) => `${printIdentifier(p.column)}${p.value === undefined ? "" : ` = ${quoteString(p.value)}`}`,
      );
      const partition = values.length === 0 ? "" : ` PARTITION (${values.join(", ")})`;
      const columns =
        s.columns === undefined
          ? ""
          : s.columns === "ALL"
            ? " FOR ALL COLUMNS"
            : ` FOR COLUMNS ${printNames(s.columns)}`;
      return `ANALYZE TABLE ${printName(s.table)}${partition} COMPUTE STATISTICS${columns}`;
    }
    case "Call": {
      const args = s.arguments.map(
        (a) => `${a.name === undefined ? "" : `${printIdentifier(a.name)} => `}${ctx.expression(a.value)}`,
      );
      return `CALL ${printName(s.name)}(${args.join(", ")})`;
    }
  }
}

/** Compiled plans and materialized tables as SQL; `table` and `insert` print what they hold. */
export function printJobStatement(
  s: JobStatement,
  ctx: PrintContext,
  statement: (s: Extract<JobStatement, { kind: "CompilePlan" }>["statement"]) => string,
  head: (s: Extract<JobStatement, { kind: "CreateMaterializedTable" }>["table"], words: string) => string,
): string {
  switch (s.kind) {
    case "CompilePlan": {
      const inner = statement(s.statement).replace(/^EXECUTE STATEMENT SET/, "STATEMENT SET");
      return `COMPILE ${s.execute ? "AND EXECUTE " : ""}PLAN ${quoteString(s.file)} ${s.ifNotExists ? "IF NOT EXISTS " : ""}FOR ${inner}`;
    }
    case "ExecutePlan":
      return `EXECUTE PLAN ${quoteString(s.file)}`;
    case "CreateMaterializedTable": {
      const lines = [
        head({ ...s.table, as: undefined }, `CREATE ${s.orAlter ? "OR ALTER " : ""}MATERIALIZED TABLE`),
        ...(s.freshness === undefined ? [] : [`FRESHNESS = ${ctx.expression(s.freshness)}`]),
        ...(s.refreshMode === undefined ? [] : [`REFRESH_MODE = ${s.refreshMode}`]),
        `AS ${s.table.as === undefined ? "" : ctx.query(s.table.as)}`,
      ];
      return lines.join("\n");
    }
    case "AlterMaterializedTable":
      return `ALTER MATERIALIZED TABLE ${printName(s.name)} ${printMaterializedChange(s.change, ctx)}`;
  }
}

function printMaterializedChange(change: AlterMaterializedTable["change"], ctx: PrintContext): string {
  switch (change.action) {
    case "SUSPEND":
      return change.action;
    case "RESUME":
      return `RESUME${printWith(change.options)}`;
    case "REFRESH":
      return `REFRESH${change.partition === undefined ? "" : ` ${printPartitionSpec(change.partition)}`}`;
    case "AS":
      return `AS ${ctx.query(change.query)}`;
    case "RENAME TO":
      return `RENAME TO ${printName(change.to)}`;
  }
}

function printCatalogChange(change: Extract<CatalogStatement, { kind: "AlterCatalog" }>["change"]): string {
  switch (change.action) {
    case "SET":
      return `SET ${printOptions(change.options)}`;
    case "RESET":
      return `RESET (${change.keys.map(quoteString).join(", ")})`;
    case "COMMENT":
      return `COMMENT ${quoteString(change.comment)}`;
  }
}

/** `PARTITION (a = 'x')` */
export function printPartitionSpec(spec: PartitionSpecNode): string {
  return `PARTITION (${spec.values.map((v) => `${printIdentifier(v.column)} = ${quoteString(v.value)}`).join(", ")})`;
}

/** `BY HASH(a) INTO 3 BUCKETS`, after DISTRIBUTED or DISTRIBUTION. */
export function printDistribution({ strategy, columns, buckets }: DistributionNode): string {
  const keys = `(${printNames(columns)})`;
  const by = columns.length === 0 ? [] : [`BY ${strategy === undefined ? keys : strategy + keys}`];
  return [...by, ...(buckets === undefined ? [] : [`INTO ${buckets} BUCKETS`])].join(" ");
}

export function printComment(comment: string | undefined): string {
  return comment === undefined ? "" : ` COMMENT ${quoteString(comment)}`;
}

export function printOption(option: OptionNode): string {
  return `${quoteString(option.key)} = ${quoteString(option.value)}`;
}

export function printOptions(options: readonly OptionNode[]): string {
  return `(${options.map(printOption).join(", ")})`;
}

export function printWith(options: readonly OptionNode[]): string {
  return options.length === 0 ? "" : ` WITH ${printOptions(options)}`;
}
