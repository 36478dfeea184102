import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { CatalogColumn, CatalogTable } from "../../catalog/table.ts";
import { column, literal, type Expr } from "../../expressions/expr.ts";
import type { Identifier, Insert } from "../../parser/index.ts";
import { didYouMean } from "../../base/suggest.ts";
import { canImplicitlyCast } from "../../types/coerce.ts";
import { withNullable, withoutTimeAttribute, type Field } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type * as algebra from "../logical/algebra.ts";
import { explicitCast } from "./call.ts";
import { coerce } from "./coercion.ts";
import type { Binding } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { project, sink } from "./nodes.ts";
import { EMPTY_SCOPE, type Relation } from "./scope.ts";
import { withHints } from "./table-source.ts";

const KEPT = { NOTHING: "first", DEDUPLICATE: "last", ERROR: "error" } as const;

/** The columns that INSERT writes: physical ones and writable metadata, in declared order. */
export function writableColumns(table: CatalogTable): readonly Exclude<CatalogColumn, { kind: "computed" }>[] {
  return table.columns.filter(
    (c) => c.kind === "physical" || (c.kind === "metadata" && !c.virtual),
  ) as readonly Exclude<CatalogColumn, { kind: "computed" }>[];
}

/** Binds INSERT INTO. Throws SINK_MISMATCH where the query does not fit the table. */
export function bindInsertStatement(insert: Insert, binding: Binding): algebra.Sink {
  if (insert.overwrite && binding.options.get("execution.runtime-mode")?.toLowerCase() !== "batch") {
    throw new SqlError("INVALID_QUERY", "INSERT OVERWRITE is not possible in streaming mode", {
      span: insert.span,
      hint: "SET 'execution.runtime-mode' = 'batch'",
    });
  }
  const parts = insert.target.parts.map((p) => p.name);
  const object = binding.catalog.get(
    binding.catalog.resolvePath(parts, binding.searchPath, insert.target.span),
    insert.target.span,
  );
  if (object.kind === "view")
    throw new SqlError("SINK_MISMATCH", `Cannot insert into view '${object.path.object}'`, {
      span: insert.target.span,
    });
  const query = binding.bindQuery(insert.query, binding, undefined, "root");
  const columns = writableColumns(object);
  const constants = new Map<string, Expr>();
  for (const { column: name, value } of insert.partition) {
    if (!object.partitionKeys.includes(name.name)) {
      throw new SqlError("SINK_MISMATCH", `'${name.name}' is no partition column of '${object.path.object}'`, {
        span: name.span,
        hint: didYouMean(name.name, object.partitionKeys),
      });
    }
    if (constants.has(name.name)) throw assignedTwice(name);
    constants.set(name.name, bindExpression(value, { binding, scope: EMPTY_SCOPE, clause: "PARTITION" }));
  }
  const targets =
    insert.columns === undefined
      ? columns.map((c) => c.name).filter((n) => !constants.has(n))
      : targetNames(insert.columns, object, constants);
  if (insert.onConflict !== undefined && object.primaryKey === undefined) {
    throw new SqlError(
      "INVALID_QUERY",
      `ON CONFLICT needs a PRIMARY KEY, which '${object.path.object}' does not have`,
      {
        span: insert.target.span,
      },
    );
  }
  const plan = buildSink({
    table: object,
    query,
    targets,
    constants,
    options: withHints(object.options, insert.hints, binding),
    span: insert.target.span,
    querySpan: insert.query.span,
  });
  if (insert.onConflict === undefined) return plan;
  return { ...plan, onConflict: KEPT[insert.onConflict] };
}

function targetNames(
  columns: readonly Identifier[],
  table: CatalogTable,
  constants: ReadonlyMap<string, Expr>,
): readonly string[] {
  const writable = writableColumns(table).map((c) => c.name);
  const seen = new Set<string>();
  for (const { name, span } of columns) {
    if (!writable.includes(name)) {
      const known = table.columns.some((c) => c.name === name);
      throw new SqlError(
        "COLUMN_NOT_FOUND",
        known ? `Column '${name}' cannot be written` : `Unknown target column '${name}'`,
        { span, hint: didYouMean(name, writable) },
      );
    }
    if (seen.has(name) || constants.has(name)) throw assignedTwice({ name, span });
    seen.add(name);
  }
  return columns.map((c) => c.name);
}

function assignedTwice({ name, span }: Pick<Identifier, "name" | "span">): SqlError {
  return new SqlError("DUPLICATE_COLUMN", `Target column '${name}' is assigned more than once`, { span });
}

interface SinkParts {
  readonly table: CatalogTable;
  readonly query: Relation;
  /** The table's column for each column of the query. */
  readonly targets: readonly string[];
  readonly constants: ReadonlyMap<string, Expr>;
  readonly options: ReadonlyMap<string, string>;
  readonly span: Span;
  readonly querySpan: Span;
}

/** The Sink over a query: columns brought into order, converted, missing ones NULL. */
export function buildSink({ table, query, targets, constants, options, span, querySpan }: SinkParts): algebra.Sink {
  const columns = writableColumns(table);
  const fields = query.plan.schema.fields;
  if (fields.length !== targets.length) throw mismatch(table, query, "Different number of columns.", querySpan);
  const expressions = columns.map((c, position): Expr => {
    const at = targets.indexOf(c.name);
    const field = fields[at];
    const value = field === undefined ? constants.get(c.name) : column(at, field.type);
    if (value === undefined) {
      if (!c.type.nullable)
        throw new SqlError("SINK_MISMATCH", `Column '${c.name}' has no default value and does not allow NULLs`, {
          span,
        });
      return literal(null, withNullable(c.type, true));
    }
    // A partition constant is written as text as a rule.
    if (field === undefined && value.kind === "literal" && !canImplicitlyCast(value.type, c.type)) {
      return explicitCast(value, c.type, false, value.span ?? span);
    }
    if (!canImplicitlyCast(value.type, c.type)) {
      throw mismatch(
        table,
        query,
        `Incompatible types for sink column '${c.name}' at position ${position}.`,
        querySpan,
      );
    }
    return coerce(value, c.type);
  });
  const input = project(
    query.plan,
    expressions,
    columns.map((c) => c.name),
  );
  return sink(input, table, options, span);
}

function mismatch(table: CatalogTable, query: Relation, cause: string, span: Span): SqlError {
  const text = (list: readonly Field[]): string =>
    `[${list.map((f) => `${f.name}: ${typeText(withoutTimeAttribute(f.type), { withNullability: true })}`).join(", ")}]`;
  const { catalog, database, object } = table.path;
  return new SqlError(
    "SINK_MISMATCH",
    `Column types of query result and sink for '${catalog}.${database}.${object}' do not match.\nCause: ${cause}\n\nQuery schema: ${text(query.plan.schema.fields)}\nSink schema:  ${text(writableColumns(table))}`,
    { span },
  );
}
