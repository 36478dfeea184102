import type { Span } from "../base/span.ts";
import type { CatalogTable } from "../catalog/table.ts";
import { printQuery } from "../parser/index.ts";
import { bindMaterialized, type PartitionText } from "../planner/bind/index.ts";
import { planJob } from "../planner/plan.ts";
import type { JobGraph } from "../runtime/spec.ts";
import type { JobHandle, JobLauncher } from "./job-request.ts";
import { startJob } from "./jobs.ts";
import { overwritingTable } from "./overwrite.ts";
import type { Session } from "./session.ts";

/** What is computed once is computed in batch mode, whatever the session says. */
const BATCH = ["execution.runtime-mode", "batch"] as const;

/** The job that computes a materialized table, or one partition of it, anew. Throws what keeps it from being planned. */
export function planRefresh(table: CatalogTable, partition: readonly PartitionText[], session: Session): JobGraph {
  const batch = (options: ReadonlyMap<string, string>): ReadonlyMap<string, string> => new Map([...options, BATCH]);
  const bindContext = session.bindContext();
  const insert = bindMaterialized(
    table,
    table.options,
    { ...bindContext, options: batch(bindContext.options) },
    partition,
  );
  const planContext = session.planContext();
  return planJob([insert], { ...planContext, options: batch(planContext.options) });
}

/** ALTER MATERIALIZED TABLE … REFRESH [PARTITION (…)]: its query as it stands now takes the place of what was there. */
export async function refreshMaterializedTable(
  table: CatalogTable,
  partition: readonly PartitionText[],
  span: Span,
  session: Session,
  launcher: JobLauncher,
): Promise<JobHandle> {
  return await startJob({
    session,
    launcher,
    graph: planRefresh(table, partition, session),
    targets: [table.path.object],
    statement: `INSERT OVERWRITE ${table.path.object} ${printQuery(table.materialized!.query)}`,
    onFinished: await overwritingTable(table, session, launcher, span),
  });
}
