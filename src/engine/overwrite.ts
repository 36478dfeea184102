import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import type { Overwriting } from "../connectors/api.ts";
import type { CatalogTable } from "../catalog/table.ts";
import type { Insert } from "../parser/index.ts";
import { tableRequest } from "../planner/physical/context.ts";
import type { JobLauncher } from "./job-request.ts";
import { partsOf } from "./result-rows.ts";
import type { Session } from "./session.ts";

/** What INSERT OVERWRITE statements of a job do when it has finished: what was there before goes. Undefined: nothing. */
export async function overwriting(
  inserts: readonly Insert[],
  session: Session,
  launcher: JobLauncher,
): Promise<Overwriting | undefined> {
  const actions: Overwriting[] = [];
  for (const insert of inserts) if (insert.overwrite) actions.push(await prepare(insert, session, launcher));
  if (actions.length === 0) return undefined;
  return async () => {
    for (const action of actions) await action();
  };
}

async function prepare({ target, span }: Insert, session: Session, launcher: JobLauncher): Promise<Overwriting> {
  const { catalog } = session;
  const table = catalog.get(catalog.resolvePath(partsOf(target), undefined, target.span), target.span);
  if (table.kind === "view")
    throw new SqlError("SINK_MISMATCH", `Cannot insert into view '${table.path.object}'`, { span: target.span });
  return await overwritingTable(table, session, launcher, span);
}

/** What is to be done when a job that overwrites the table has finished: what was there before goes. */
export async function overwritingTable(
  table: CatalogTable,
  session: Session,
  launcher: JobLauncher,
  span: Span,
): Promise<Overwriting> {
  const request = tableRequest(table, table.options, session.facts().timeZone);
  const connector = session.connectorOf(request);
  if (connector.overwrite === undefined) {
    throw new SqlError(
      "INVALID_QUERY",
      `INSERT OVERWRITE is not possible for the table '${request.table}': the connector '${connector.name}' cannot take away what is written`,
      { span },
    );
  }
  // Which files were there before would not be known any more.
  if (launcher.from !== undefined) {
    throw new SqlError("UNSUPPORTED", "INSERT OVERWRITE cannot go on from a checkpoint", {
      span,
      hint: "run it again from the start",
    });
  }
  return await connector.overwrite(request, session.connectorContext());
}
