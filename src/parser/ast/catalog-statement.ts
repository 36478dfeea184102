import type { Expression } from "./expression.ts";
import type { Identifier, Node, ObjectName } from "./node.ts";
import type { OptionNode } from "./statement.ts";

/** Statements about catalogs, modules and functions, and those that change rows in place. */
export type CatalogStatement =
  | CreateCatalog
  | AlterCatalog
  | AlterFunction
  | LoadModule
  | UnloadModule
  | UseModules
  | DescribeCatalog
  | DescribeFunction
  | RowChange
  | AnalyzeTable
  | Call;

export interface CreateCatalog extends Node<"CreateCatalog"> {
  readonly ifNotExists: boolean;
  readonly name: Identifier;
  readonly comment: string | undefined;
  readonly options: readonly OptionNode[];
}

export interface AlterCatalog extends Node<"AlterCatalog"> {
  readonly name: Identifier;
  readonly change:
    | { readonly action: "SET"; readonly options: readonly OptionNode[] }
    | { readonly action: "RESET"; readonly keys: readonly string[] }
    | { readonly action: "COMMENT"; readonly comment: string };
}

/** `ALTER FUNCTION f AS 'identifier' [LANGUAGE l]`; temporary ones parse and are refused, as in Flink. */
export interface AlterFunction extends Node<"AlterFunction"> {
  readonly temporary: boolean;
  readonly system: boolean;
  readonly ifExists: boolean;
  readonly name: ObjectName;
  readonly identifier: string;
  readonly language: string | undefined;
}

/** `LOAD MODULE m [WITH (…)]` */
export interface LoadModule extends Node<"LoadModule"> {
  readonly name: Identifier;
  readonly options: readonly OptionNode[];
}

/** `UNLOAD MODULE m` */
export interface UnloadModule extends Node<"UnloadModule"> {
  readonly name: Identifier;
}

/** `USE MODULES a, b` */
export interface UseModules extends Node<"UseModules"> {
  readonly names: readonly Identifier[];
}

/** `DESCRIBE CATALOG [EXTENDED] c` */
export interface DescribeCatalog extends Node<"DescribeCatalog"> {
  readonly extended: boolean;
  readonly name: Identifier;
}

/** `DESCRIBE FUNCTION [EXTENDED] f` */
export interface DescribeFunction extends Node<"DescribeFunction"> {
  readonly extended: boolean;
  readonly name: ObjectName;
}

/** UPDATE, DELETE, TRUNCATE TABLE: they parse so that each answers as Flink does for the table and mode. */
export interface RowChange extends Node<"RowChange"> {
  readonly change:
    | {
        readonly action: "UPDATE";
        readonly assignments: readonly { readonly column: Identifier; readonly value: Expression }[];
        readonly where: Expression | undefined;
      }
    | { readonly action: "DELETE"; readonly where: Expression | undefined }
    | { readonly action: "TRUNCATE" };
  readonly table: ObjectName;
}

/** `ANALYZE TABLE t [PARTITION (a, b = 'x')] COMPUTE STATISTICS [FOR COLUMNS a, b | FOR ALL COLUMNS]` */
export interface AnalyzeTable extends Node<"AnalyzeTable"> {
  readonly table: ObjectName;
  readonly partition: readonly { readonly column: Identifier; readonly value: string | undefined }[];
  readonly columns: readonly Identifier[] | "ALL" | undefined;
}

/** `CALL [c.][d.]procedure(argument, name => argument)` */
export interface Call extends Node<"Call"> {
  readonly name: ObjectName;
  readonly arguments: readonly { readonly name: Identifier | undefined; readonly value: Expression }[];
}
