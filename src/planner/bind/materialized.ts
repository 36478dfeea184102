import { didYouMean } from "../../base/suggest.ts";
import { SqlError } from "../../base/errors.ts";
import type { CatalogColumn, CatalogTable } from "../../catalog/table.ts";
import { column, literal } from "../../expressions/expr.ts";
import type { Identifier, Query } from "../../parser/index.ts";
import { T, withNullable, withoutTimeAttribute, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { Sink } from "../logical/algebra.ts";
import { conjunction } from "../logical/rewrite.ts";
import { bindCall, explicitCast } from "./call.ts";
import type { Binding } from "./context.ts";
import { buildSink } from "./insert.ts";
import { filter } from "./nodes.ts";
import type { Relation } from "./scope.ts";

/**
 * The query of a materialized table, written into it by the names of its columns. `partition`: only the rows with these
 * values in partition columns.
 */
export function bindMaterializedInsert(
  table: CatalogTable,
  options: ReadonlyMap<string, string>,
  binding: Binding,
  partition: readonly PartitionText[],
): Sink {
  const { materialized } = table;
  if (materialized === undefined) throw new SqlError("BUG", `'${table.path.object}' is no materialized table`);
  const { query, searchPath } = materialized;
  const relation = binding.bindQuery(query, { ...binding, searchPath }, undefined, "root");
  return buildSink({
    table,
    query: ofPartition(relation, table, partition, binding),
    targets: relation.names,
    constants: new Map(),
    options,
    span: query.span,
    querySpan: query.span,
  });
}

/** A partition column and the text of its value. */
export interface PartitionText {
  readonly column: Identifier;
  readonly value: string;
}

function ofPartition(
  relation: Relation,
  table: CatalogTable,
  partition: readonly PartitionText[],
  binding: Binding,
): Relation {
  const conditions = partition.map(({ column: { name, span }, value }) => {
    if (!table.partitionKeys.includes(name)) {
      throw new SqlError("INVALID_QUERY", `'${name}' is no partition column of '${table.path.object}'`, {
        span,
        hint: didYouMean(name, table.partitionKeys),
      });
    }
    const at = relation.names.indexOf(name);
    const { type } = relation.plan.schema.fields[at]!;
    const wanted = explicitCast(literal(value, T.string(false), span), type, false, span);
    return bindCall(binding, "=", [column(at, type), wanted], span);
  });
  const condition = conjunction(conditions);
  return condition === undefined ? relation : { ...relation, plan: filter(relation.plan, condition) };
}

/** See `widenedColumns`. New columns are nullable: what is there already has no values for them. */
export function widenColumns(table: CatalogTable, query: Query, binding: Binding): readonly CatalogColumn[] {
  const { plan, names } = binding.bindQuery(query, binding, undefined, "root");
  const { columns } = table;
  if (names.length < columns.length) {
    throw new SqlError(
      "INVALID_QUERY",
      `the query has ${names.length} columns and the materialized table '${table.path.object}' ${columns.length}: columns cannot be dropped`,
      { span: query.span, hint: "select all its columns first, then new ones" },
    );
  }
  const types = plan.schema.fields.map((field) => withoutTimeAttribute(field.type));
  columns.forEach((column, i) => {
    const kept = column.kind === "computed" ? undefined : column.type;
    // A column that takes NULL may be filled with values that never are.
    const type = kept?.nullable === true ? withNullable(types[i]!, true) : types[i]!;
    const before = describe(column.name, kept);
    const now = describe(names[i]!, type);
    if (before === now) return;
    throw new SqlError(
      "INVALID_QUERY",
      `column ${i + 1} of the materialized table '${table.path.object}' is ${before}, and ${now} of the query: columns can only be added at the end`,
      { span: query.span, hint: "select all its columns first, then new ones" },
    );
  });
  const added = names.slice(columns.length).map((name, i): CatalogColumn => ({
    kind: "physical",
    name,
    type: withNullable(types[columns.length + i]!, true),
    comment: undefined,
  }));
  return [...columns, ...added];
}

function describe(name: string, type: DataType | undefined): string {
  return `\`${name}\` ${type === undefined ? "AS …" : typeText(type)}`;
}
