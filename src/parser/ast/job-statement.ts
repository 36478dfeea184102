import type { Expression } from "./expression.ts";
import type { Node, ObjectName } from "./node.ts";
import type { Query } from "./query.ts";
import type { CreateTable, Insert, OptionNode, PartitionSpecNode, StatementSet } from "./statement.ts";

/** Statements that make jobs and are none of the usual ones: compiled plans and materialized tables. */
export type JobStatement = CompilePlan | ExecutePlan | CreateMaterializedTable | AlterMaterializedTable;

/** `COMPILE [AND EXECUTE] PLAN 'file' [IF NOT EXISTS] FOR INSERT … | STATEMENT SET BEGIN … END` */
export interface CompilePlan extends Node<"CompilePlan"> {
  readonly file: string;
  readonly ifNotExists: boolean;
  readonly execute: boolean;
  readonly statement: Insert | StatementSet;
}

/** `EXECUTE PLAN 'file'` */
export interface ExecutePlan extends Node<"ExecutePlan"> {
  readonly file: string;
}

/** `CREATE [OR ALTER] MATERIALIZED TABLE t … [FRESHNESS = INTERVAL …] [REFRESH_MODE = …] AS query` */
export interface CreateMaterializedTable extends Node<"CreateMaterializedTable"> {
  readonly orAlter: boolean;
  /** Name, columns, options and query, as CREATE TABLE … AS has them. */
  readonly table: CreateTable;
  readonly freshness: Expression | undefined;
  readonly refreshMode: "CONTINUOUS" | "FULL" | undefined;
}

export interface AlterMaterializedTable extends Node<"AlterMaterializedTable"> {
  readonly name: ObjectName;
  readonly change:
    | { readonly action: "SUSPEND" }
    | { readonly action: "RESUME"; readonly options: readonly OptionNode[] }
    | { readonly action: "REFRESH"; readonly partition: PartitionSpecNode | undefined }
    | { readonly action: "AS"; readonly query: Query }
    | { readonly action: "RENAME TO"; readonly to: ObjectName };
}
