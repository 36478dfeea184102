import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { CatalogTable } from "../../catalog/table.ts";
import { column, type Expr } from "../../expressions/expr.ts";
import type { Expression, Hint } from "../../parser/index.ts";
import { typeText } from "../../types/type-text.ts";
import { withoutTimeAttribute, type DataType, type Field } from "../../types/data-type.ts";
import { functionName } from "./call.ts";
import type { Binding } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { checkHint } from "./join-hints.ts";
import { project, scan, watermark } from "./nodes.ts";
import { tableScope, type Relation, type Scope } from "./scope.ts";

/** The plan that reads a table: Scan, a Project for computed columns, a Watermark. */
export function bindTable(
  table: CatalogTable,
  hints: readonly Hint[],
  binding: Binding,
  span: Span | undefined,
): Relation {
  const names = table.columns.map((c) => c.name);
  const stored = [
    ...table.columns.filter((c) => c.kind === "physical"),
    ...table.columns.filter((c) => c.kind === "metadata"),
  ];
  const fields: readonly Field[] = stored.map((c) => ({ name: c.name, type: c.type }));
  const source = scan(table, fields, withHints(table.options, hints, binding), span);
  const scope = tableScope({ plan: source, names: fields.map((f) => f.name) }, [table.path.object], undefined);
  const expressions = table.columns.map((c): Expr => {
    if (c.kind === "computed") return bindColumnExpression(c.expression, scope, binding);
    const index = stored.indexOf(c);
    return column(index, c.type);
  });
  const declared = project(source, expressions, names);
  if (table.watermark === undefined) return { plan: declared, names };
  if (isSourceWatermark(table.watermark.expression)) throw noSourceWatermarks(table, span);
  const rowtime = names.indexOf(table.watermark.column);
  const all = tableScope({ plan: declared, names }, [table.path.object], undefined);
  const expression = bindColumnExpression(table.watermark.expression, all, binding);
  return { plan: watermark(declared, rowtime, expression, table.options), names };
}

/** `WATERMARK FOR ts AS SOURCE_WATERMARK()`: the connector gives the watermarks. */
export function isSourceWatermark(node: Expression): boolean {
  return node.kind === "FunctionCall" && functionName(node) === "SOURCE_WATERMARK" && node.args.length === 0;
}

function noSourceWatermarks(table: CatalogTable, span: Span | undefined): SqlError {
  return new SqlError(
    "UNSUPPORTED",
    `Table '${table.path.object}' takes its watermarks from its source by SOURCE_WATERMARK(), but connector '${table.options.get("connector") ?? ""}' gives none`,
    {
      span,
      hint: `declare them by the column: WATERMARK FOR ${table.watermark?.column} AS ${table.watermark?.column} - INTERVAL '5' SECOND`,
    },
  );
}

/** A computed column or a watermark: no aggregates, windows or subqueries. */
export function bindColumnExpression(expression: Expression, scope: Scope, binding: Binding): Expr {
  return bindExpression(expression, { binding, scope, clause: "a column definition" });
}

/** The type is one that a watermark can be on: TIMESTAMP or TIMESTAMP_LTZ of at most 3 digits. Throws TYPE_MISMATCH. */
export function checkRowtimeType(type: DataType, span: Span | undefined): void {
  if ((type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ") && type.precision <= 3) return;
  throw new SqlError(
    "TYPE_MISMATCH",
    `Invalid data type of time field for watermark definition: it must be TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p from 0 to 3, but is ${typeText(withoutTimeAttribute(type))}`,
    { span, hint: "CAST it to TIMESTAMP(3) in a computed column and put the watermark on that" },
  );
}

/** The options with OPTIONS(…) hints merged in. */
export function withHints(
  options: ReadonlyMap<string, string>,
  hints: readonly Hint[],
  binding: Pick<Binding, "options">,
): ReadonlyMap<string, string> {
  const merged = new Map(options);
  for (const hint of hints) {
    checkHint(hint);
    // The others belong behind SELECT and mean nothing here.
    if (hint.name.toUpperCase() !== "OPTIONS") continue;
    if (binding.options.get("table.dynamic-table-options.enabled") === "false") {
      throw new SqlError(
        "INVALID_QUERY",
        "The OPTIONS hint is allowed only when 'table.dynamic-table-options.enabled' is true",
        {
          span: hint.span,
        },
      );
    }
    for (const { key, value } of hint.pairs) merged.set(key, value ?? "");
  }
  return merged;
}
