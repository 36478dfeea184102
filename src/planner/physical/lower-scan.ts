import { typeText } from "../../types/type-text.ts";
import { parseDurationMillis } from "../../base/duration.ts";
import { SqlError } from "../../base/errors.ts";
import type { ScanColumn } from "../../connectors/api.ts";
import { call, column } from "../../expressions/expr.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { OperatorSpec, ScanSpec } from "../../runtime/spec.ts";
import { T, withNullable } from "../../types/data-type.ts";
import type { Scan } from "../logical/algebra.ts";
import { columnsOf, conjunction, replaceColumns } from "../logical/rewrite.ts";
import { tableRequest } from "./context.ts";
import type { Draft } from "./draft.ts";
import { checkBounded } from "./lower-batch.ts";
import type { Lowering } from "./lower.ts";
import { declaredMetadata, nativeColumns } from "./metadata-columns.ts";
import { lowerNormalize, type Normalized } from "./lower-normalize.ts";

/**
 * The scan of a table, with only the columns that the job reads. `conditions`, over its columns, stand above it: those on
 * partition columns alone tell the connector what it need not read. Some may be done with the scan.
 */
export function lowerScan(lowering: Lowering, plan: Scan, conditions: readonly Expr[]): Normalized {
  const { context } = lowering;
  const request = tableRequest(plan.table, plan.options, context.session.timeZone);
  const connector = context.connectorOf(request);
  if (connector.source === undefined) {
    throw new SqlError(
      "INVALID_QUERY",
      `Connector '${connector.name}' can only be used as a sink. It cannot be used as a source.`,
      { span: plan.span },
    );
  }
  const bounded = connector.isBounded?.(request) ?? true;
  if (lowering.batch) checkBounded(request.table, bounded, plan.span);
  const declared: readonly ScanColumn[] = plan.columns ?? [];
  const columns = nativeColumns(connector, declared);
  const changes = connector.sourceMode?.(request, context.connectors) ?? "insert-only";
  const spec: ScanSpec = {
    kind: "scan",
    table: request,
    columns,
    ...(changes === "insert-only" ? {} : { changes }),
    bounded,
    ...rowsPerSecond(plan),
    ...maxDrift(plan),
    ...partitionPredicate(lowering, plan, conditions),
  };
  const fields = plan.schema.fields.map((field, i) => ({ ...field, type: columns[i]?.type ?? field.type }));
  const text = `TableSourceScan(table=[[${request.table.split(".").join(", ")}]], fields=[${fields.map((f) => f.name).join(", ")}])`;
  const errorsTo = sideSink(lowering, "errors.table", ERROR_COLUMNS, plan, request.options);
  const lateTo = sideSink(lowering, "late-rows.table", LATE_COLUMNS, plan, request.options);
  const read = lowering.graph.add({
    spec: spec satisfies OperatorSpec,
    inputs: [],
    description: text,
    fields,
    errorsTo,
    lateTo,
  });
  const scan = declaredMetadata(lowering, read, declared, plan.span);
  if (plan.normalized === true) return lowerNormalize(lowering, scan, spec, conditions);
  return { draft: scan, rest: conditions };
}

const ERROR_COLUMNS = "raw STRING, reason STRING, source STRING, position BIGINT";
const LATE_COLUMNS = "operator STRING, watermark TIMESTAMP(3), row STRING";

/** The sink that takes what a scan's rows lose on their way: the table that the option names, with just these columns. */
function sideSink(
  lowering: Lowering,
  option: string,
  columns: string,
  plan: Scan,
  options: Readonly<Record<string, string>>,
): Draft | undefined {
  const name = options[option];
  if (name === undefined) return undefined;
  const { context } = lowering;
  const table = context.tableNamed(name);
  if (table === undefined)
    throw new SqlError("TABLE_NOT_FOUND", `the table '${name}' of '${option}' does not exist`, { span: plan.span });
  const request = tableRequest(table, table.options, context.session.timeZone);
  const actual = request.physical.map((f) => `${f.name} ${typeText(f.type)}`).join(", ");
  if (actual !== columns) {
    throw new SqlError("SINK_MISMATCH", `the table '${name}' of '${option}' must have the columns (${columns})`, {
      span: plan.span,
    });
  }
  const connector = context.connectorOf(request);
  if (connector.sink === undefined)
    throw new SqlError("INVALID_QUERY", `the table '${name}' of '${option}' cannot be written`, { span: plan.span });
  const spec: OperatorSpec = {
    kind: "sink",
    fields: request.physical,
    target: { type: "table", table: request },
    notNull: [],
    notNullMode: "error",
    lengthMode: "ignore",
  };
  return lowering.graph.add({
    spec,
    inputs: [],
    description: `Sink(table=[${request.table}], fields=[${request.physical.map((f) => f.name).join(", ")}])`,
    fields: request.physical,
  });
}

/** The conditions on partition columns, over the partition values as text in the order of the partition keys. */
function partitionPredicate(
  lowering: Lowering,
  plan: Scan,
  conditions: readonly Expr[],
): { readonly partitionPredicate?: Expr } {
  const { partitionKeys } = plan.table;
  const keyOf = (index: number): number => {
    const field = plan.columns?.[index];
    return field?.kind === "physical" && field.path.length === 1 ? partitionKeys.indexOf(field.path[0] as string) : -1;
  };
  const onPartitions = conditions.filter((c) => {
    const used = [...columnsOf(c)];
    return used.length > 0 && used.every((i) => keyOf(i) >= 0) && lowering.pure(c);
  });
  const predicate = conjunction(onPartitions);
  if (predicate === undefined) return {};
  return {
    partitionPredicate: replaceColumns(predicate, (c) =>
      call("CAST", [column(keyOf(c.index), T.string())], withNullable(c.type, true)),
    ),
  };
}

function rowsPerSecond(plan: Scan): { readonly rowsPerSecond?: number } {
  const text = plan.options.get("scan.rows-per-second");
  if (text === undefined) return {};
  const rate = Number(text);
  if (!Number.isFinite(rate) || rate <= 0) {
    throw new SqlError("OPTION_INVALID", `'scan.rows-per-second' is a positive number, not '${text}'`, {
      span: plan.span,
    });
  }
  return { rowsPerSecond: rate };
}

/** Only a table that is in a group has its splits aligned. */
function maxDrift(plan: Scan): { readonly maxDriftMillis?: number | undefined } {
  const drift = plan.options.get("scan.watermark.alignment.max-drift");
  if (drift === undefined || plan.options.get("scan.watermark.alignment.group") === undefined) return {};
  return { maxDriftMillis: parseDurationMillis(drift) };
}
