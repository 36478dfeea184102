import type { Identifier, Node } from "./node.ts";

/** A type as written, with synonyms already folded: INTEGER → INT, STRING → VARCHAR(2147483647), DEC → DECIMAL … */
export type TypeNode = SimpleType | CollectionType | MapType | RowType;

export interface SimpleType extends Node<"SimpleType"> {
  readonly name:
    | "BOOLEAN"
    | "TINYINT"
    | "SMALLINT"
    | "INT"
    | "BIGINT"
    | "FLOAT"
    | "DOUBLE"
    | "DECIMAL"
    | "CHAR"
    | "VARCHAR"
    | "BINARY"
    | "VARBINARY"
    | "DATE"
    | "TIME"
    | "TIMESTAMP"
    | "TIMESTAMP_LTZ"
    | "VARIANT"
    | "INTERVAL_YEAR_MONTH"
    | "INTERVAL_DAY_TIME";
  /** Length or precision, then scale; STRING has 2147483647; empty: the type's default. */
  readonly args: readonly number[];
  readonly notNull: boolean;
}

export interface CollectionType extends Node<"CollectionType"> {
  readonly collection: "ARRAY" | "MULTISET";
  readonly element: TypeNode;
  readonly notNull: boolean;
}

export interface MapType extends Node<"MapType"> {
  readonly key: TypeNode;
  readonly value: TypeNode;
  readonly notNull: boolean;
}

export interface RowFieldNode extends Node<"RowField"> {
  readonly name: Identifier;
  readonly type: TypeNode;
  readonly comment: string | undefined;
}

export interface RowType extends Node<"RowType"> {
  readonly fields: readonly RowFieldNode[];
  readonly notNull: boolean;
}
