import { SqlError } from "../base/errors.ts";
import { asSqlError } from "./failures.ts";
import type { Span } from "../base/span.ts";
import type { CatalogMaterialization, CatalogTable, ObjectPath } from "../catalog/table.ts";
import { finishedHandle } from "./checkpointed-job.ts";
import type { AlterMaterializedTable, CreateMaterializedTable, Drop, ObjectName, Query } from "../parser/index.ts";
import { printQuery } from "../parser/index.ts";
import { bindCreateTable, bindInterval, bindMaterialized, widenedColumns } from "../planner/bind/index.ts";
import type { Sink } from "../planner/logical/algebra.ts";
import { planJob } from "../planner/plan.ts";
import type { JobHandle, JobLauncher } from "./job-request.ts";
import { startJob } from "./jobs.ts";
import { planRefresh, refreshMaterializedTable } from "./materialized-refresh.ts";
import { overwritingTable } from "./overwrite.ts";
import { RefreshSchedule } from "./refresh-schedule.ts";
import { checkFreshness } from "./refresh-times.ts";
import { partsOf } from "./result-rows.ts";
import type { Session } from "./session.ts";

/** From this freshness on Flink refreshes by scheduled jobs (FULL) unless CONTINUOUS is said. */
const FULL_FROM_MILLIS = 30 * 60_000;
const DEFAULT_FRESHNESS_MILLIS = 3 * 60_000;
const DEFAULT_FULL_FRESHNESS_MILLIS = 60 * 60_000;

/** CREATE [OR ALTER] MATERIALIZED TABLE: the table, and the job that keeps it filled. */
export async function createMaterializedTable(
  statement: CreateMaterializedTable,
  session: Session,
  launcher: JobLauncher,
): Promise<JobHandle> {
  const { name } = statement.table;
  const { freshnessMillis, refreshMode } = freshnessOf(statement, session);
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
    materialized: { query: statement.table.as, searchPath, freshnessMillis, refreshMode },
  };
  if (refreshMode === "FULL") return await createRefreshed(materialized, statement, session, launcher);
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

/** REFRESH_MODE = FULL: the table is empty until its first time comes, or ALTER MATERIALIZED TABLE … REFRESH. */
async function createRefreshed(
  table: CatalogTable,
  { span, table: { name } }: CreateMaterializedTable,
  session: Session,
  launcher: JobLauncher,
): Promise<JobHandle> {
  // What cannot be computed as a whole, or not be written anew, leaves no table behind.
  planRefresh(table, [], session);
  await overwritingTable(table, session, launcher, span);
  session.catalog.create(table, { ifNotExists: false, span: name.span });
  return schedule(table, span, session, launcher);
}

function freshnessOf(
  statement: CreateMaterializedTable,
  session: Session,
): Pick<CatalogMaterialization, "freshnessMillis" | "refreshMode"> & { readonly freshnessMillis: number } {
  const { freshness, refreshMode, span } = statement;
  const unsaid = refreshMode === "FULL" ? DEFAULT_FULL_FRESHNESS_MILLIS : DEFAULT_FRESHNESS_MILLIS;
  const millis = freshness === undefined ? unsaid : bindInterval(freshness, session.bindContext());
  if (millis === undefined || millis <= 0) {
    throw new SqlError("INVALID_QUERY", "FRESHNESS is a positive INTERVAL of seconds, minutes, hours or days", {
      span: freshness?.span ?? span,
      hint: "FRESHNESS = INTERVAL '30' SECOND",
    });
  }
  const isFull = refreshMode === "FULL" || (refreshMode === undefined && millis >= FULL_FROM_MILLIS);
  if (!isFull) return { freshnessMillis: millis };
  checkFreshness(millis, freshness?.span ?? span);
  return { freshnessMillis: millis, refreshMode: "FULL" };
}

/** Starts to refresh a table at its times. What it reads from the catalog is read at each time anew. */
function schedule(table: CatalogTable, span: Span, session: Session, launcher: JobLauncher): JobHandle {
  const { path } = table;
  if (launcher.onPlan !== undefined) return finishedHandle(path.object, undefined);
  const refreshes = new RefreshSchedule({
    name: path.object,
    freshnessMillis: table.materialized!.freshnessMillis ?? DEFAULT_FULL_FRESHNESS_MILLIS,
    zone: session.facts().timeZone,
    refresh: async () => {
      const now = session.catalog.findPermanent(path);
      if (now?.kind !== "table" || now.materialized === undefined)
        throw new SqlError("TABLE_NOT_FOUND", `the materialized table '${path.object}' is gone`);
      return await refreshMaterializedTable(now, [], span, session, { ...launcher, from: undefined });
    },
    note: (text) => launcher.note(text),
  });
  const job = refreshes.handle();
  session.jobs.add(job);
  session.materializing.set(keyOf(path), job);
  return job;
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
      const savepoint = running === undefined ? undefined : await stopped(running);
      if (running !== undefined) await running.done;
      session.catalog.replace({ ...table, materialized: { ...table.materialized!, suspended: { savepoint } } });
      session.materializing.delete(keyOf(table.path));
      return undefined;
    }
    case "RESUME": {
      if (running !== undefined) {
        throw new SqlError("INVALID_QUERY", `the materialized table '${table.path.object}' is not suspended`, { span });
      }
      if (table.materialized!.refreshMode === "FULL")
        return resumeRefreshes(table, change.options, span, session, launcher);
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
      return await refreshAlone(running, table, span, () =>
        refreshMaterializedTable(table, change.partition?.values ?? [], span, session, launcher),
      );
    case "AS":
      return await changeQuery(table, change.query, session, launcher);
    case "RENAME TO":
      throw new SqlError("UNSUPPORTED", `ALTER MATERIALIZED TABLE … ${change.action} is not supported yet`, { span });
  }
}

/** Refreshes a table that no job fills, between two refreshes of its schedule where it has one. */
async function refreshAlone(
  running: JobHandle | undefined,
  table: CatalogTable,
  span: Span,
  start: () => Promise<JobHandle>,
): Promise<JobHandle> {
  if (running === undefined) return await start();
  if (running.schedule === undefined) throw stillRunning(table, span);
  return await running.schedule.alone(start);
}

/** Stops the job that fills a table; where its savepoint is. */
async function stopped(job: JobHandle): Promise<string | undefined> {
  if (job.schedule === undefined) return (await job.savepoint()).location;
  job.stop();
  await job.done;
  return undefined;
}

/** RESUME of a table that is refreshed as a whole. */
function resumeRefreshes(
  table: CatalogTable,
  options: readonly { readonly key: string }[],
  span: Span,
  session: Session,
  launcher: JobLauncher,
): JobHandle {
  const [option] = options;
  if (option !== undefined) {
    throw new SqlError(
      "UNSUPPORTED",
      `RESUME WITH ('${option.key}' = …) of a table of REFRESH_MODE = FULL is not supported`,
      {
        span,
      },
    );
  }
  const resumed: CatalogTable = { ...table, materialized: { ...table.materialized!, suspended: undefined } };
  session.catalog.replace(resumed);
  return schedule(resumed, span, session, launcher);
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
  if (old.refreshMode === "FULL") {
    // The next refresh goes by it.
    planRefresh(changed, [], session);
    session.catalog.replace(changed);
    return undefined;
  }
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
