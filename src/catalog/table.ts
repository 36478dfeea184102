import type { Query } from "../parser/index.ts";
import type { Expression } from "../parser/index.ts";
import type { DataType } from "../types/data-type.ts";

/** `catalog.database.object`. */
export interface ObjectPath {
  readonly catalog: string;
  readonly database: string;
  readonly object: string;
}

export type CatalogColumn =
  | { readonly kind: "physical"; readonly name: string; readonly type: DataType; readonly comment?: string | undefined }
  | {
      readonly kind: "metadata";
      readonly name: string;
      readonly type: DataType;
      /** Undefined: the column's own name. */
      readonly key: string | undefined;
      readonly virtual: boolean;
      readonly comment?: string | undefined;
    }
  | {
      readonly kind: "computed";
      readonly name: string;
      readonly type: DataType;
      /** Bound again where the table is used; its text is printed by DESCRIBE and SHOW CREATE. */
      readonly expression: Expression;
      readonly comment?: string | undefined;
    };

export interface CatalogTable {
  readonly kind: "table";
  readonly path: ObjectPath;
  readonly temporary: boolean;
  readonly columns: readonly CatalogColumn[];
  readonly watermark: { readonly column: string; readonly expression: Expression } | undefined;
  readonly primaryKey: { readonly name: string; readonly columns: readonly string[] } | undefined;
  readonly partitionKeys: readonly string[];
  /** DISTRIBUTED: buckets that the connector makes. */
  readonly distribution?: CatalogDistribution | undefined;
  /** Partitions that ALTER TABLE … ADD PARTITION has named, in order. */
  readonly partitions?: readonly CatalogPartition[] | undefined;
  /** A materialized table: the query that fills it. */
  readonly materialized?: CatalogMaterialization | undefined;
  readonly comment: string | undefined;
  /** As written, in order. */
  readonly options: ReadonlyMap<string, string>;
}

/** `DISTRIBUTED BY HASH(a) INTO 3 BUCKETS` */
export interface CatalogDistribution {
  readonly strategy: "HASH" | "RANGE" | undefined;
  readonly columns: readonly string[];
  readonly buckets: number | undefined;
}

export interface CatalogPartition {
  /** By partition key, in the order of the statement. */
  readonly values: ReadonlyMap<string, string>;
  readonly options: ReadonlyMap<string, string>;
}

/** What fills a materialized table. */
export interface CatalogMaterialization {
  readonly query: Query;
  /** Names inside the query resolve as when the table was made. */
  readonly searchPath: { readonly catalog: string; readonly database: string };
  readonly freshnessMillis: number | undefined;
  /** FULL: computed as a whole at each time of its freshness. Undefined: continuously. */
  readonly refreshMode?: "FULL" | undefined;
  /** Undefined: it is filled; else it was suspended, with the savepoint that it goes on from. */
  readonly suspended?: { readonly savepoint: string | undefined } | undefined;
}

export interface CatalogView {
  readonly kind: "view";
  readonly path: ObjectPath;
  readonly temporary: boolean;
  readonly columns: readonly { readonly name: string; readonly type: DataType }[];
  /** Column names were given in the statement: `CREATE VIEW v (a, b)`. */
  readonly explicitColumns: boolean;
  readonly query: Query;
  /** Names inside the query resolve as when the view was made. */
  readonly searchPath: { readonly catalog: string; readonly database: string };
  readonly comment: string | undefined;
}

export type CatalogObject = CatalogTable | CatalogView;
