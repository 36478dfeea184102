import { SqlError } from "../../base/errors.ts";
import type { ScanColumn } from "../../connectors/api.ts";
import type { OperatorSpec, ScanSpec } from "../../runtime/spec.ts";
import type { Scan } from "../logical/algebra.ts";
import { tableRequest } from "./context.ts";
import type { Draft } from "./draft.ts";
import type { Lowering } from "./lower.ts";

/** The scan of a table, with only the columns that the job reads. */
export function lowerScan(lowering: Lowering, plan: Scan): Draft {
  const { context } = lowering;
  const request = tableRequest(plan.table, plan.options, context.session.timeZone);
  const connector = context.connectorOf(request);
  if (connector.source === undefined) {
    throw new SqlError("INVALID_QUERY", `Connector '${connector.name}' can only be used as a sink. It cannot be used as a source.`, { span: plan.span });
  }
  const columns: readonly ScanColumn[] = plan.columns ?? [];
  const spec: ScanSpec = {
    kind: "scan",
    table: request,
    columns,
    bounded: connector.isBounded?.(request) ?? true,
    ...rowsPerSecond(plan),
    ...(request.options["errors.table"] === undefined ? {} : { errorsTo: request.options["errors.table"] }),
  };
  const fields = plan.schema.fields;
  const text = `TableSourceScan(table=[[${request.table.split(".").join(", ")}]], fields=[${fields.map((f) => f.name).join(", ")}])`;
  return lowering.node(spec satisfies OperatorSpec, [], text, fields);
}

function rowsPerSecond(plan: Scan): { readonly rowsPerSecond?: number } {
  const text = plan.options.get("scan.rows-per-second");
  if (text === undefined) return {};
  const rate = Number(text);
  if (!Number.isFinite(rate) || rate <= 0) {
    throw new SqlError("OPTION_INVALID", `'scan.rows-per-second' is a positive number, not '${text}'`, { span: plan.span });
  }
  return { rowsPerSecond: rate };
}
