import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { didYouMean } from "../../base/suggest.ts";
import type {
  CatalogColumn,
  CatalogDistribution,
  CatalogMaterialization,
  CatalogPartition,
  CatalogTable,
  ObjectPath,
} from "../../catalog/table.ts";
import { literal, type Expr } from "../../expressions/expr.ts";
import type { ColumnNode, DistributionNode, Expression, PrimaryKeyNode, WatermarkNode } from "../../parser/index.ts";
import { withNullable, withoutTimeAttribute, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { Binding } from "./context.ts";
import { bindType } from "./data-types.ts";
import { asRowtime, repeatedAt, values } from "./nodes.ts";
import { tableScope, type Scope } from "./scope.ts";
import { bindColumnExpression, checkRowtimeType, isSourceWatermark } from "./table-source.ts";

/** A column before its type is known to be right; computed columns get theirs at the end. */
export type DraftColumn = (
  | Exclude<CatalogColumn, { kind: "computed" }>
  | {
      readonly kind: "computed";
      readonly name: string;
      readonly expression: Expression;
      readonly comment?: string | undefined;
    }
) & { readonly span?: Span | undefined };

/** A table in the making: what CREATE TABLE, LIKE and ALTER TABLE work on. */
export interface TableDraft {
  readonly columns: readonly DraftColumn[];
  readonly watermark:
    | { readonly column: string; readonly expression: Expression; readonly span?: Span | undefined }
    | undefined;
  readonly primaryKey:
    | { readonly name: string; readonly columns: readonly string[]; readonly span?: Span | undefined }
    | undefined;
  readonly partitionKeys: readonly { readonly name: string; readonly span?: Span | undefined }[];
  readonly comment: string | undefined;
  readonly options: ReadonlyMap<string, string>;
  readonly distribution?: (CatalogDistribution & { readonly span?: Span | undefined }) | undefined;
  readonly partitions?: readonly CatalogPartition[] | undefined;
  readonly materialized?: CatalogMaterialization | undefined;
}

/** The draft of a table as it is. */
export function draftOf(table: CatalogTable): TableDraft {
  return { ...table, partitionKeys: table.partitionKeys.map((name) => ({ name })) };
}

export function draftColumn(node: ColumnNode): DraftColumn {
  const { span, comment } = node;
  const { name } = node.name;
  switch (node.kind) {
    case "PhysicalColumn":
      return { kind: "physical", name, type: bindType(node.type), comment, span: node.name.span };
    case "MetadataColumn":
      return {
        kind: "metadata",
        name,
        type: bindType(node.type),
        key: node.key,
        virtual: node.virtual,
        comment,
        span: node.name.span,
      };
    case "ComputedColumn":
      return { kind: "computed", name, expression: node.expression, comment, span };
  }
}

export function draftWatermark(node: WatermarkNode): NonNullable<TableDraft["watermark"]> {
  if (node.column.length > 1) {
    throw new SqlError("UNSUPPORTED", "A watermark on a nested field is not supported", {
      span: node.span,
      hint: "make it a computed column: ts AS a.b",
    });
  }
  return { column: node.column[0]!.name, expression: node.expression, span: node.column[0]!.span };
}

/** The key that is written at a column. */
export function keyOfColumn(node: ColumnNode): readonly PrimaryKeyNode[] {
  return node.kind === "PhysicalColumn" && node.primaryKey !== undefined ? [node.primaryKey] : [];
}

export function draftPrimaryKey(node: PrimaryKeyNode): NonNullable<TableDraft["primaryKey"]> {
  const columns = node.columns.map((c) => c.name);
  return { name: node.name?.name ?? `PK_${columns.join("_")}`, columns, span: node.span };
}

/** Checks a draft and gives its computed columns their types. Throws for names and types that do not fit. */
export function finishTable(draft: TableDraft, path: ObjectPath, temporary: boolean, binding: Binding): CatalogTable {
  const names = draft.columns.map((c) => c.name);
  const twice = draft.columns[repeatedAt(names)];
  if (twice !== undefined)
    throw new SqlError("DUPLICATE_COLUMN", `A column named '${twice.name}' already exists in the table.`, {
      span: twice.span,
    });
  const keys = checkPrimaryKey(draft);
  const stored = draft.columns.flatMap((c): readonly { name: string; type: DataType }[] =>
    c.kind === "computed" ? [] : [{ name: c.name, type: keys.has(c.name) ? withNullable(c.type, false) : c.type }],
  );
  const scope = scopeOf(stored, path);
  const columns = draft.columns.map((c): CatalogColumn => {
    const comment = c.comment;
    switch (c.kind) {
      case "computed":
        return {
          kind: "computed",
          name: c.name,
          type: columnExpressionType(c.expression, scope, binding, c.span),
          expression: c.expression,
          comment,
        };
      case "metadata":
        return { kind: "metadata", name: c.name, type: c.type, key: c.key, virtual: c.virtual, comment };
      case "physical":
        return {
          kind: "physical",
          name: c.name,
          type: keys.has(c.name) ? withNullable(c.type, false) : c.type,
          comment,
        };
    }
  });
  const watermark = draft.watermark === undefined ? undefined : checkWatermark(draft.watermark, columns, path, binding);
  for (const { name, span } of draft.partitionKeys) {
    if (!columns.some((c) => c.name === name && c.kind === "physical")) {
      throw new SqlError("COLUMN_NOT_FOUND", `Partition column '${name}' not defined in the table schema.`, {
        span,
        hint: didYouMean(name, names),
      });
    }
  }
  return {
    kind: "table",
    path,
    temporary,
    columns,
    watermark,
    primaryKey:
      draft.primaryKey === undefined ? undefined : { name: draft.primaryKey.name, columns: draft.primaryKey.columns },
    partitionKeys: draft.partitionKeys.map((p) => p.name),
    comment: draft.comment,
    options: draft.options,
    ...(draft.distribution === undefined ? {} : { distribution: checkDistribution(draft.distribution, columns) }),
    ...(draft.partitions === undefined ? {} : { partitions: draft.partitions }),
    ...(draft.materialized === undefined ? {} : { materialized: draft.materialized }),
  };
}

/** The distribution of a DISTRIBUTED clause. */
export function draftDistribution(node: DistributionNode): NonNullable<TableDraft["distribution"]> {
  const { strategy, buckets, span } = node;
  return { strategy, columns: node.columns.map((c) => c.name), buckets, span };
}

function checkDistribution(
  { strategy, columns: keys, buckets, span }: NonNullable<TableDraft["distribution"]>,
  columns: readonly CatalogColumn[],
): CatalogDistribution {
  const physical = columns.filter((c) => c.kind === "physical").map((c) => c.name);
  const unknown = keys.find((key) => !physical.includes(key));
  if (unknown !== undefined) {
    throw new SqlError(
      "COLUMN_NOT_FOUND",
      `Invalid bucket key '${unknown}'. A bucket key for a distribution must reference a physical column in the schema. Available columns are: [${physical.join(", ")}]`,
      { span, hint: didYouMean(unknown, physical) },
    );
  }
  if (buckets !== undefined && buckets < 1) {
    throw new SqlError(
      "INVALID_QUERY",
      `Invalid bucket count '${buckets}'. The number of buckets for a distributed table must be at least 1.`,
      { span },
    );
  }
  return { strategy, columns: keys, buckets };
}

function scopeOf(fields: readonly { readonly name: string; readonly type: DataType }[], path: ObjectPath): Scope {
  const plan = values([fields.map((f): Expr => literal(null, f.type))], fields);
  return tableScope({ plan, names: fields.map((f) => f.name) }, [path.object], undefined);
}

function columnExpressionType(
  expression: Expression,
  scope: Scope,
  binding: Binding,
  span: Span | undefined,
): DataType {
  const { type } = bindColumnExpression(expression, scope, binding);
  if (type.kind !== "NULL") return type;
  throw new SqlError("INVALID_QUERY", "Illegal use of 'NULL'", { span, hint: "give it a type: CAST(NULL AS INT)" });
}

function checkPrimaryKey(draft: TableDraft): ReadonlySet<string> {
  const key = draft.primaryKey;
  if (key === undefined) return new Set();
  for (const [i, name] of key.columns.entries()) {
    const found = draft.columns.find((c) => c.name === name);
    if (found === undefined) {
      throw new SqlError("COLUMN_NOT_FOUND", `Primary key column '${name}' is not defined in the schema`, {
        span: key.span,
        hint: didYouMean(
          name,
          draft.columns.map((c) => c.name),
        ),
      });
    }
    if (found.kind !== "physical") {
      throw new SqlError(
        "INVALID_QUERY",
        `Could not create a PRIMARY KEY with column '${name}': it is not a physical column`,
        { span: key.span },
      );
    }
    if (key.columns.indexOf(name) < i)
      throw new SqlError("DUPLICATE_COLUMN", `Column '${name}' is twice in the primary key`, { span: key.span });
  }
  return new Set(key.columns);
}

function checkWatermark(
  watermark: NonNullable<TableDraft["watermark"]>,
  columns: readonly CatalogColumn[],
  path: ObjectPath,
  binding: Binding,
): CatalogTable["watermark"] {
  const { column, expression, span } = watermark;
  const found = columns.find((c) => c.name === column);
  if (found === undefined) {
    throw new SqlError(
      "COLUMN_NOT_FOUND",
      `The rowtime attribute field '${column}' is not defined in the table schema`,
      {
        span,
        hint: didYouMean(
          column,
          columns.map((c) => c.name),
        ),
      },
    );
  }
  checkRowtimeType(found.type, span);
  if ("timeAttribute" in found.type && found.type.timeAttribute === "proctime")
    throw new SqlError("INVALID_QUERY", "A watermark cannot be defined for a processing-time attribute.", { span });
  if (isSourceWatermark(expression)) return { column, expression };
  const bound = bindColumnExpression(expression, scopeOf(columns, path), binding);
  checkRowtimeType(bound.type, expression.span);
  if (bound.type.kind !== found.type.kind) {
    throw new SqlError(
      "TYPE_MISMATCH",
      `The watermark is ${typeText(withoutTimeAttribute(bound.type))}, but its column '${column}' is ${typeText(withoutTimeAttribute(found.type))}`,
      { span: expression.span },
    );
  }
  return { column, expression };
}

/** The declared type of a column as queries see it: the watermark's column is an event-time attribute. */
export function visibleType(table: CatalogTable, column: CatalogColumn): DataType {
  return table.watermark?.column === column.name ? asRowtime(column.type) : column.type;
}
