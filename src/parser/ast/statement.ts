import type { CatalogStatement } from "./catalog-statement.ts";
import type { Expression } from "./expression.ts";
import type { JobStatement } from "./job-statement.ts";
import type { Identifier, Node, ObjectName } from "./node.ts";
import type { Hint, Query } from "./query.ts";
import type { TypeNode } from "./type.ts";

export type Statement =
  | CreateTable
  | CreateView
  | CreateDatabase
  | CreateFunction
  | AlterTable
  | AlterView
  | AlterDatabase
  | Drop
  | Use
  | Show
  | Describe
  | DescribeJob
  | ExplainJob
  | StopJob
  | CheckpointJob
  | SetOption
  | ResetOption
  | Insert
  | StatementSet
  | QueryStatement
  | Explain
  | CatalogStatement
  | JobStatement;

/** `'key' = 'value'` with the spans of both, so that an unknown option can be pointed at. */
export interface OptionNode extends Node<"Option"> {
  readonly key: string;
  readonly value: string;
}

export type ColumnNode = PhysicalColumn | ComputedColumn | MetadataColumn;

export interface PhysicalColumn extends Node<"PhysicalColumn"> {
  readonly name: Identifier;
  readonly type: TypeNode;
  readonly comment: string | undefined;
  /** `[CONSTRAINT name] PRIMARY KEY NOT ENFORCED` written at the column: a key of this column. */
  readonly primaryKey: PrimaryKeyNode | undefined;
}

export interface ComputedColumn extends Node<"ComputedColumn"> {
  readonly name: Identifier;
  readonly expression: Expression;
  readonly comment: string | undefined;
}

/** `name type METADATA [FROM 'key'] [VIRTUAL]`. */
export interface MetadataColumn extends Node<"MetadataColumn"> {
  readonly name: Identifier;
  readonly type: TypeNode;
  readonly key: string | undefined;
  readonly virtual: boolean;
  readonly comment: string | undefined;
}

/** `WATERMARK FOR rowtime AS expression`; the column may be nested (`a.b`). */
export interface WatermarkNode extends Node<"Watermark"> {
  readonly column: readonly Identifier[];
  readonly expression: Expression;
}

export interface PrimaryKeyNode extends Node<"PrimaryKey"> {
  readonly name: Identifier | undefined;
  readonly columns: readonly Identifier[];
}

export interface LikeOption extends Node<"LikeOption"> {
  readonly merge: "INCLUDING" | "EXCLUDING" | "OVERWRITING";
  readonly feature:
    | "ALL"
    | "CONSTRAINTS"
    | "DISTRIBUTION"
    | "GENERATED"
    | "METADATA"
    | "OPTIONS"
    | "PARTITIONS"
    | "WATERMARKS";
}

export interface LikeNode extends Node<"Like"> {
  readonly source: ObjectName;
  readonly options: readonly LikeOption[];
}

/** `DISTRIBUTED BY [HASH | RANGE] (a) [INTO n BUCKETS]`, `DISTRIBUTED INTO n BUCKETS` */
export interface DistributionNode extends Node<"Distribution"> {
  readonly strategy: "HASH" | "RANGE" | undefined;
  readonly columns: readonly Identifier[];
  readonly buckets: number | undefined;
}

/** `(a = 'x', b = 'y')` of PARTITION: values as text. */
export interface PartitionSpecNode extends Node<"PartitionSpec"> {
  readonly values: readonly { readonly column: Identifier; readonly value: string }[];
}

export interface CreateTable extends Node<"CreateTable"> {
  /** REPLACE TABLE … AS, CREATE OR REPLACE TABLE … AS; without AS, CREATE OR REPLACE is CREATE, as in Flink. */
  readonly replace: "REPLACE" | "CREATE OR REPLACE" | undefined;
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  readonly name: ObjectName;
  /** Columns, in order. For CTAS a bare identifier list reorders: those are in `columnNames`. */
  readonly columns: readonly ColumnNode[];
  readonly columnNames: readonly Identifier[];
  readonly watermarks: readonly WatermarkNode[];
  readonly primaryKey: PrimaryKeyNode | undefined;
  readonly comment: string | undefined;
  readonly distribution: DistributionNode | undefined;
  readonly partitionedBy: readonly Identifier[];
  readonly options: readonly OptionNode[];
  readonly like: LikeNode | undefined;
  readonly as: Query | undefined;
}

export interface CreateView extends Node<"CreateView"> {
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  readonly name: ObjectName;
  readonly columns: readonly Identifier[];
  readonly comment: string | undefined;
  readonly query: Query;
}

export interface CreateDatabase extends Node<"CreateDatabase"> {
  readonly ifNotExists: boolean;
  readonly name: ObjectName;
  readonly comment: string | undefined;
  readonly options: readonly OptionNode[];
}

export interface CreateFunction extends Node<"CreateFunction"> {
  readonly temporary: boolean;
  readonly system: boolean;
  readonly ifNotExists: boolean;
  readonly name: ObjectName;
  /** `'./file.js#name'`. */
  readonly identifier: string;
  /** JAVASCRIPT; JAVA, SCALA, PYTHON parse and are refused by the engine. Undefined: JAVA, as in Flink. */
  readonly language: string | undefined;
}

/** Columns and constraints that ALTER TABLE … ADD / MODIFY lists. */
export interface AlteredColumn extends Node<"AlteredColumn"> {
  readonly column: ColumnNode;
  readonly position: { readonly first: true } | { readonly after: Identifier } | undefined;
}

export type AlterTableAction =
  | { readonly action: "RENAME TO"; readonly to: ObjectName }
  | { readonly action: "RENAME COLUMN"; readonly from: Identifier; readonly to: Identifier }
  | {
      readonly action: "ADD" | "MODIFY";
      readonly columns: readonly AlteredColumn[];
      readonly watermark: WatermarkNode | undefined;
      readonly primaryKey: PrimaryKeyNode | undefined;
      readonly distribution: DistributionNode | undefined;
    }
  | { readonly action: "DROP COLUMNS"; readonly columns: readonly Identifier[] }
  | { readonly action: "DROP PRIMARY KEY" | "DROP WATERMARK" | "DROP DISTRIBUTION" }
  | {
      readonly action: "ADD PARTITION";
      readonly ifNotExists: boolean;
      readonly partitions: readonly { readonly spec: PartitionSpecNode; readonly options: readonly OptionNode[] }[];
    }
  | {
      readonly action: "DROP PARTITION";
      readonly ifExists: boolean;
      readonly partitions: readonly PartitionSpecNode[];
    }
  | { readonly action: "DROP CONSTRAINT"; readonly name: Identifier }
  | { readonly action: "SET"; readonly options: readonly OptionNode[] }
  | { readonly action: "RESET"; readonly keys: readonly string[] };

export interface AlterTable extends Node<"AlterTable"> {
  readonly ifExists: boolean;
  readonly name: ObjectName;
  readonly change: AlterTableAction;
}

export interface AlterView extends Node<"AlterView"> {
  readonly name: ObjectName;
  readonly change:
    | { readonly action: "RENAME TO"; readonly to: ObjectName }
    | { readonly action: "AS"; readonly query: Query };
}

export interface AlterDatabase extends Node<"AlterDatabase"> {
  readonly name: ObjectName;
  readonly options: readonly OptionNode[];
}

export interface Drop extends Node<"Drop"> {
  readonly object: "TABLE" | "VIEW" | "DATABASE" | "FUNCTION" | "CATALOG" | "MATERIALIZED TABLE";
  readonly temporary: boolean;
  readonly system: boolean;
  readonly ifExists: boolean;
  readonly name: ObjectName;
  /** Databases only; default RESTRICT. */
  readonly cascade: boolean;
}

export interface Use extends Node<"Use"> {
  readonly object: "CATALOG" | "DATABASE";
  readonly name: ObjectName;
}

export interface Show extends Node<"Show"> {
  readonly what:
    | "CATALOGS"
    | "CURRENT CATALOG"
    | "DATABASES"
    | "CURRENT DATABASE"
    | "TABLES"
    | "VIEWS"
    | "FUNCTIONS"
    | "USER FUNCTIONS"
    | "MODULES"
    | "FULL MODULES"
    | "COLUMNS"
    | "CREATE TABLE"
    | "CREATE VIEW"
    | "CREATE CATALOG"
    | "PARTITIONS"
    | "PROCEDURES"
    | "MATERIALIZED TABLES"
    | "CREATE MATERIALIZED TABLE"
    | "MODELS"
    | "JARS"
    | "JOBS";
  /** The table of SHOW COLUMNS / CREATE, or the database of `FROM db`. */
  readonly name: ObjectName | undefined;
  /** SHOW PARTITIONS t PARTITION (…). */
  readonly partition: PartitionSpecNode | undefined;
  readonly like: { readonly not: boolean; readonly insensitive: boolean; readonly pattern: string } | undefined;
}

export interface Describe extends Node<"Describe"> {
  readonly extended: boolean;
  readonly name: ObjectName;
}

/** A job, by its id or its name. */
export interface JobReference extends Node<"JobReference"> {
  readonly text: string;
}

/** `EXPLAIN JOB 'id'`: how a running job is doing, and why nothing comes out. */
export interface ExplainJob extends Node<"ExplainJob"> {
  readonly job: JobReference;
}

/** `DESCRIBE JOB 'id'`. */
export interface DescribeJob extends Node<"DescribeJob"> {
  readonly job: JobReference;
}

/** `STOP JOB 'id' [WITH SAVEPOINT] [WITH DRAIN]`. */
export interface StopJob extends Node<"StopJob"> {
  readonly job: JobReference;
  readonly savepoint: boolean;
  /** All event-time windows are fired first; only with a savepoint. */
  readonly drain: boolean;
}

/** `CHECKPOINT JOB 'id'`. */
export interface CheckpointJob extends Node<"CheckpointJob"> {
  readonly job: JobReference;
}

/** `SET 'k' = 'v'`; without a key: list all. Old form `SET k = v` too. */
export interface SetOption extends Node<"Set"> {
  readonly key: string | undefined;
  readonly value: string | undefined;
}

export interface ResetOption extends Node<"Reset"> {
  readonly key: string | undefined;
}

export interface PartitionValue extends Node<"PartitionValue"> {
  readonly column: Identifier;
  readonly value: Expression;
}

export interface Insert extends Node<"Insert"> {
  readonly overwrite: boolean;
  readonly target: ObjectName;
  readonly hints: readonly Hint[];
  readonly partition: readonly PartitionValue[];
  readonly columns: readonly Identifier[] | undefined;
  readonly query: Query;
  /** `ON CONFLICT DO NOTHING | DEDUPLICATE | ERROR`: of several rows of one key the table keeps the first, the last, or there may be only one. */
  readonly onConflict?: "NOTHING" | "DEDUPLICATE" | "ERROR" | undefined;
}

/** `EXECUTE STATEMENT SET BEGIN … END`, `BEGIN STATEMENT SET; … END`. */
export interface StatementSet extends Node<"StatementSet"> {
  readonly inserts: readonly Insert[];
}

export interface QueryStatement extends Node<"QueryStatement"> {
  readonly query: Query;
}

export interface Explain extends Node<"Explain"> {
  readonly details: readonly ("ESTIMATED_COST" | "CHANGELOG_MODE" | "JSON_EXECUTION_PLAN" | "PLAN_ADVICE")[];
  readonly statement: QueryStatement | Insert | StatementSet | CreateTable;
}
