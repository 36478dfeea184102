import { SqlError } from "../base/errors.ts";
import { asSqlError } from "./failures.ts";
import type { CatalogTable, ObjectPath } from "../catalog/table.ts";
import type { AlterMaterializedTable, CreateMaterializedTable, Drop, ObjectName, Query } from "../parser/index.ts";
import { printQuery } from "../parser/index.ts";
import { bindCreateTable, bindInterval, bindMaterialized, widenedColumns } from "../planner/bind/index.ts";
import type { Sink } from "../planner/logical/algebra.ts";
import { planJob } from "../planner/plan.ts";
import type { JobHandle, JobLauncher } from "./job-request.ts";
import { startJob } from "./jobs.ts";
import { refreshMaterializedTable } from "./materialized-refresh.ts";
import { partsOf } from "./result-rows.ts";
import type { Session } from "./session.ts";

/** From this freshness on Flink refreshes by scheduled jobs (FULL) unless CONTINUOUS is said. */
const FULL_FROM_MILLIS = 30 * 60_000;
const DEFAULT_FRESHNESS_MILLIS = 3 * 60_000;

/** CREATE [OR ALTER] MATERIALIZED TABLE: the table, and the job that keeps it filled. */
export async function createMaterializedTable(
  statement: CreateMaterializedTable,
  session: Session,
  launcher: JobLauncher,
): Promise<JobHandle> {
  const { name } = statement.table;
  const freshnessMillis = freshnessOf(statement, session);
  const { table, insert } = bindCreateTable(statement.table, session.bindContext());
  if (insert === undefined || statement.table.as === undefined)
    throw new SqlError("BUG", "a materialized table without a query");
  if (statement.orAlter && session.catalog.findPermanent(table.path) !== undefined) {
    throw new SqlError("UNSUPPORTED", "CREATE OR ALTER of a materialized table that is there is not supported yet", {
      span: statement.span,
      hint: "ALTER MATERIALIZED TABLE … AS",
    });
  }
  const searchPath = session.catalog.current();
  const materialized: CatalogTable = {
    ...table,
    materialized: { query: statement.table.as, searchPath, freshnessMillis },
  };
  // Planned first: what cannot be planned leaves no table behind.
  planJob([insert], session.planContext());
  session.catalog.create(materialized, { ifNotExists: false, span: name.span });
  try {
    return await fill(materialized, { ...insert, table: materialized }, session, launcher);
  } catch (error) {
    session.catalog.drop("table", table.path);
    throw error;
  }
}

function freshnessOf(statement: CreateMaterializedTable, session: Session): number {
  const { freshness, refreshMode, span } = statement;
  const millis = freshness === undefined ? DEFAULT_FRESHNESS_MILLIS : bindInterval(freshness, session.bindContext());
  if (millis === undefined || millis <= 0) {
    throw new SqlError("INVALID_QUERY", "FRESHNESS is a positive INTERVAL of seconds, minutes, hours or days", {
      span: freshness?.span ?? span,
      hint: "FRESHNESS = INTERVAL '30' SECOND",
    });
  }
  if (refreshMode === "FULL" || (refreshMode === undefined && millis >= FULL_FROM_MILLIS)) {
    throw new SqlError("UNSUPPORTED", "materialized tables with REFRESH_MODE = FULL are not supported yet", {
      span,
      hint: "write REFRESH_MODE = CONTINUOUS; ALTER MATERIALIZED TABLE … REFRESH, started by a scheduler, computes a suspended table anew",
    });
  }
  return millis;
}

/** Starts the job of a materialized table; its checkpoints come as often as the table is to be fresh. */
async function fill(table: CatalogTable, insert: Sink, session: Session, launcher: JobLauncher): Promise<JobHandle> {
  const { query, freshnessMillis } = table.materialized!;
  const job = await startJob({
    session,
    launcher,
    graph: planJob([insert], session.planContext()),
    targets: [table.path.object],
    statement: `INSERT INTO ${table.path.object} ${printQuery(query)}`,
    defaults: new Map([["execution.checkpointing.interval", `${freshnessMillis ?? DEFAULT_FRESHNESS_MILLIS} ms`]]),
  });
  session.materializing.set(keyOf(table.path), job);
  return job;
}

/** ALTER MATERIALIZED TABLE … SUSPEND, RESUME. A job that is started is given back. */
export async function alterMaterializedTable(
  statement: AlterMaterializedTable,
  session: Session,
  launcher: JobLauncher,
): Promise<JobHandle | undefined> {
  const table = materializedTable(statement.name, session);
  const { change, span } = statement;
  const running = runningJob(table, session);
  switch (change.action) {
    case "SUSPEND": {
      if (table.materialized!.suspended !== undefined) throw alreadySuspended(table, span);
      const savepoint = running === undefined ? undefined : (await running.savepoint()).location;
      if (running !== undefined) await running.done;
      session.catalog.replace({ ...table, materialized: { ...table.materialized!, suspended: { savepoint } } });
      session.materializing.delete(keyOf(table.path));
      return undefined;
    }
    case "RESUME": {
      if (running !== undefined) {
        throw new SqlError("INVALID_QUERY", `the materialized table '${table.path.object}' is not suspended`, { span });
      }
      const options = new Map([...table.options, ...change.options.map((o) => [o.key, o.value] as const)]);
      const resumed: CatalogTable = { ...table, materialized: { ...table.materialized!, suspended: undefined } };
      const insert = bindMaterialized(resumed, options, session.bindContext());
      const savepoint = table.materialized!.suspended?.savepoint;
      const from: JobLauncher = savepoint === undefined ? launcher : { ...launcher, from: { path: savepoint } };
      const job = await fill(resumed, insert, session, from);
      session.catalog.replace(resumed);
      return job;
    }
    case "REFRESH":
      if (running !== undefined) throw stillRunning(table, span);
      return await refreshMaterializedTable(table, change.partition?.values ?? [], span, session, launcher);
    case "AS":
      return await changeQuery(table, change.query, session, launcher);
    case "RENAME TO":
      throw new SqlError("UNSUPPORTED", `ALTER MATERIALIZED TABLE … ${change.action} is not supported yet`, { span });
  }
}

function alreadySuspended(table: CatalogTable, span: AlterMaterializedTable["span"]): SqlError {
  return new SqlError("INVALID_QUERY", `the materialized table '${table.path.object}' is suspended already`, {
    span,
    hint: "ALTER MATERIALIZED TABLE … RESUME",
  });
}

function stillRunning(table: CatalogTable, span: AlterMaterializedTable["span"]): SqlError {
  return new SqlError(
    "INVALID_QUERY",
    `the job of the materialized table '${table.path.object}' is running, and would lose what it has written`,
    { span, hint: "ALTER MATERIALIZED TABLE … SUSPEND first" },
  );
}

/**
 * ALTER MATERIALIZED TABLE … AS: new columns stand behind those that are there. A table that is filled goes on with the new
 * query, from the start and without the state of the old one; a suspended one does so when it is resumed.
 */
async function changeQuery(
  table: CatalogTable,
  query: Query,
  session: Session,
  launcher: JobLauncher,
): Promise<JobHandle | undefined> {
  const old = table.materialized!;
  const changed: CatalogTable = {
    ...table,
    columns: widenedColumns(table, query, session.bindContext()),
    materialized: {
      ...old,
      query,
      searchPath: session.catalog.current(),
      suspended: old.suspended && { savepoint: undefined },
    },
  };
  const insert = bindMaterialized(changed, changed.options, session.bindContext());
  // What cannot be planned changes nothing.
  planJob([insert], session.planContext());
  if (old.suspended !== undefined) {
    session.catalog.replace(changed);
    return undefined;
  }
  const running = runningJob(table, session);
  const savepoint = running === undefined ? undefined : (await running.savepoint()).location;
  if (running !== undefined) await running.done;
  try {
    const job = await fill(changed, insert, session, launcher);
    session.catalog.replace(changed);
    return job;
  } catch (error) {
    session.catalog.replace({ ...table, materialized: { ...old, suspended: { savepoint } } });
    session.materializing.delete(keyOf(table.path));
    throw error;
  }
}

/** DROP MATERIALIZED TABLE: its job is stopped first. */
export async function dropMaterializedTable(statement: Drop, session: Session): Promise<void> {
  const path = session.catalog.resolvePath(partsOf(statement.name), undefined, statement.name.span);
  if (session.catalog.findPermanent(path) === undefined && statement.ifExists) return;
  const table = materializedTable(statement.name, session);
  const running = runningJob(table, session);
  if (running !== undefined) {
    running.stop();
    const outcome = await running.done;
    if (outcome.status === "failed") throw asSqlError(outcome.error);
  }
  session.materializing.delete(keyOf(table.path));
  session.catalog.drop("table", table.path, { span: statement.name.span });
}

function materializedTable(name: ObjectName, session: Session): CatalogTable {
  const { catalog } = session;
  const object = catalog.get(catalog.resolvePath(partsOf(name), undefined, name.span), name.span);
  if (object.kind === "table" && object.materialized !== undefined) return object;
  throw new SqlError("INVALID_QUERY", `'${object.path.object}' is a ${object.kind}, and no materialized table`, {
    span: name.span,
  });
}

function runningJob({ path }: CatalogTable, session: Session): JobHandle | undefined {
  const job = session.materializing.get(keyOf(path));
  return job === undefined || job.ended() ? undefined : job;
}

function keyOf(path: ObjectPath): string {
  return JSON.stringify([path.catalog, path.database, path.object]);
}
