import { SqlError } from "../../base/errors.ts";
import type { Scan } from "../logical/algebra.ts";
import { tableRequest, type PlanContext } from "../physical/context.ts";

/**
 * Marks scans whose changes have to be brought in order by primary key: those of sources that send no -U, and with
 * `table.exec.source.cdc-events-duplicate` those that may send an event twice. Their key columns are always read.
 */
export function markNormalized(plan: Scan, context: PlanContext): Scan {
  const request = tableRequest(plan.table, plan.options, context.session.timeZone);
  const mode = context.connectorOf(request).sourceMode?.(request, context.connectors) ?? "insert-only";
  const mayRepeat = context.options.get("table.exec.source.cdc-events-duplicate")?.toLowerCase() === "true";
  if (mode === "insert-only" || (mode === "full" && !mayRepeat)) return plan;
  if (plan.table.primaryKey === undefined) {
    const { span } = plan;
    if (mode === "full") {
      throw new SqlError(
        "PLANNING",
        `Configuration 'table.exec.source.cdc-events-duplicate' is enabled which requires the changelog sources to define a PRIMARY KEY. However, table '${request.table}' doesn't have a primary key.`,
        { span },
      );
    }
    throw new SqlError(
      "PLANNING",
      `Table '${request.table}' produces a changelog stream that contains UPDATE_AFTER but no UPDATE_BEFORE. This requires defining a primary key constraint on the table.`,
      { span },
    );
  }
  return { ...plan, normalized: true };
}
