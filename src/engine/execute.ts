import type { Overwriting } from "../connectors/api.ts";
import { SqlError } from "../base/errors.ts";
import type { CatalogObject, ObjectPath } from "../catalog/table.ts";
import { printStatement } from "../parser/index.ts";
import type { CompilePlan, CreateTable, Drop, Insert, Statement } from "../parser/index.ts";
import {
  alterTable,
  alterView,
  bindCreateTable,
  bindCreateView,
  bindInsert,
  bindQuery,
  bindTableAs,
  describeRows,
  shownValue,
} from "../planner/bind/index.ts";
import type { LogicalPlan, SortKey } from "../planner/logical/algebra.ts";
import { planJob } from "../planner/plan.ts";
import { finalOrder } from "../planner/traits/final-order.ts";
import type { Collector } from "../runtime/sink-task.ts";
import type { JobGraph } from "../runtime/spec.ts";
import type { Field, Value } from "../types/data-type.ts";
import { T } from "../types/data-type.ts";
import {
  alterCatalog,
  alterFunction,
  createCatalog,
  createFunction,
  describeCatalog,
  describeFunction,
} from "./catalog-statements.ts";
import { planExists, planFile, readPlan, writePlan } from "./compiled-plan.ts";
import { explainJob } from "./explain.ts";
import { ExtensionNeeded } from "./extensions.ts";
import type { JobHandle, JobLauncher } from "./job-request.ts";
import { startJob } from "./jobs.ts";
import { checkpointJob, describeJob, explainRunningJob, stopJob } from "./job-statements.ts";
import { alterMaterializedTable, createMaterializedTable, dropMaterializedTable } from "./materialized-tables.ts";
import { overwriting } from "./overwrite.ts";
import { partsOf, textRows } from "./result-rows.ts";
import { analyzeTable, changeRows, noProcedure } from "./row-statements.ts";
import type { Session } from "./session.ts";
import { show } from "./show.ts";

/** What a statement gave. */
export type StatementResult =
  /** Nothing to show (DDL, SET). */
  | { readonly kind: "done" }
  /** A finished table: DESCRIBE, SHOW, EXPLAIN. */
  | { readonly kind: "rows"; readonly fields: readonly Field[]; readonly rows: readonly (readonly Value[])[] }
  /** A running job: of an INSERT, a statement set, or (with its rows going to `onQuery`) a SELECT. */
  | { readonly kind: "job"; readonly query: boolean; readonly job: JobHandle };

/** Where the rows of a SELECT go; called before its job starts. `order`: its outer ORDER BY. */
export interface QueryConsumer {
  onQuery(fields: readonly Field[], order: readonly SortKey[]): Collector;
}

/** Statements in which functions may be called; the others go also where a function's file is gone. */
const USES_FUNCTIONS: ReadonlySet<Statement["kind"]> = new Set([
  "CreateTable",
  "CreateView",
  "AlterTable",
  "AlterView",
  "Insert",
  "StatementSet",
  "QueryStatement",
  "Explain",
  "CompilePlan",
  "ExecutePlan",
  "CreateMaterializedTable",
  "AlterMaterializedTable",
]);

/** Executes one statement. Jobs are started, not awaited. Throws SqlError, at least with the statement's place, for what is rejected. */
export async function execute(
  statement: Statement,
  session: Session,
  launcher: JobLauncher,
  consumer: QueryConsumer,
): Promise<StatementResult> {
  try {
    if (USES_FUNCTIONS.has(statement.kind)) await session.loadFunctions();
    if (statement.kind === "CreateTable") await loadNamed(statement, session);
    return await withExtensions(session, async () => await executeStatement(statement, session, launcher, consumer));
  } catch (error) {
    throw error instanceof SqlError ? error.at(statement.span) : error;
  }
}

/** Planning changes nothing: where it meets a connector or format that is not loaded, it begins again with it. */
async function withExtensions<T>(session: Session, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ExtensionNeeded)) throw error;
      await session.extensions.load(error.extension);
    }
  }
}

/** The modules that a new table names are loaded before it is there: what they lack is said at once. */
async function loadNamed(statement: CreateTable, session: Session): Promise<void> {
  await withExtensions(session, async () => {
    for (const { key, value } of statement.options) {
      if (key === "connector") session.extensions.connector(value);
      else if (key === "format" || key.endsWith(".format")) session.extensions.format(value);
    }
  });
}

async function executeStatement(
  statement: Statement,
  session: Session,
  launcher: JobLauncher,
  consumer: QueryConsumer,
): Promise<StatementResult> {
  const context = session.bindContext();
  const { catalog } = session;
  switch (statement.kind) {
    case "CreateTable":
      return await createTable(statement, session, launcher);
    case "CreateView":
      catalog.create(bindCreateView(statement, context), {
        ifNotExists: statement.ifNotExists,
        span: statement.name.span,
      });
      return { kind: "done" };
    case "CreateDatabase":
      catalog.createDatabase(
        partsOf(statement.name),
        { comment: statement.comment, options: new Map(statement.options.map((o) => [o.key, o.value])) },
        { ifNotExists: statement.ifNotExists, span: statement.name.span },
      );
      return { kind: "done" };
    case "CreateFunction":
      await createFunction(statement, session);
      return { kind: "done" };
    case "AlterTable":
      alterTable(statement, context);
      return { kind: "done" };
    case "AlterView":
      alterView(statement, context);
      return { kind: "done" };
    case "AlterDatabase":
      catalog.alterDatabase(
        partsOf(statement.name),
        new Map(statement.options.map((o) => [o.key, o.value])),
        statement.name.span,
      );
      return { kind: "done" };
    case "Drop":
      if (statement.object === "MATERIALIZED TABLE") await dropMaterializedTable(statement, session);
      else drop(statement, session);
      return { kind: "done" };
    case "Use":
      if (statement.object === "CATALOG") catalog.useCatalog(partsOf(statement.name)[0] ?? "", statement.name.span);
      else catalog.useDatabase(partsOf(statement.name), statement.name.span);
      return { kind: "done" };
    case "Show":
      return show(statement, session);
    case "Describe":
      return {
        kind: "rows",
        ...describeRows(catalog.get(catalog.resolvePath(partsOf(statement.name)), statement.name.span)),
      };
    case "ExplainJob":
      return { kind: "rows", ...(await explainRunningJob(statement, session)) };
    case "DescribeJob":
      return { kind: "rows", ...describeJob(statement, session) };
    case "StopJob": {
      const rows = await stopJob(statement, session);
      return rows === undefined ? { kind: "done" } : { kind: "rows", ...rows };
    }
    case "CheckpointJob":
      return { kind: "rows", ...(await checkpointJob(statement, session)) };
    case "Set":
      return set(statement.key, statement.value, session);
    case "Reset":
      session.config.reset(statement.key);
      return { kind: "done" };
    case "Insert":
      return await insertJob(
        [bindInsert(statement, context)],
        statement,
        session,
        launcher,
        await overwriting([statement], session, launcher),
      );
    case "StatementSet":
      if (statement.inserts.length === 0) return { kind: "done" };
      return await insertJob(
        statement.inserts.map((i) => bindInsert(i, context)),
        statement,
        session,
        launcher,
        await overwriting(statement.inserts, session, launcher),
      );
    case "QueryStatement": {
      const plan = bindQuery(statement.query, context);
      const graph = planJob([plan], session.planContext());
      const collector = consumer.onQuery(plan.schema.fields, finalOrder(plan));
      const text = printStatement(statement);
      const request = { session, launcher, graph, targets: [], collector, statement: text };
      return { kind: "job", query: true, job: await startJob(request) };
    }
    case "Explain":
      return textRows("result", [explainJob(rootsOf(statement.statement, session), statement.details, session)]);
    case "CreateCatalog":
      createCatalog(statement, session);
      return { kind: "done" };
    case "AlterCatalog":
      alterCatalog(statement, session);
      return { kind: "done" };
    case "DescribeCatalog":
      return describeCatalog(statement, session);
    case "DescribeFunction":
      return describeFunction(statement, session);
    case "AlterFunction":
      await alterFunction(statement, session);
      return { kind: "done" };
    case "LoadModule":
      session.modules.load(statement.name.name, statement.name.span);
      return { kind: "done" };
    case "UnloadModule":
      session.modules.unload(statement.name.name, statement.name.span);
      return { kind: "done" };
    case "UseModules":
      session.modules.use(statement.names);
      return { kind: "done" };
    case "RowChange":
      return changeRows(statement, session);
    case "AnalyzeTable":
      return analyzeTable(statement, session);
    case "Call":
      throw noProcedure(statement, session);
    case "CompilePlan":
      return await compilePlan(statement, session, launcher);
    case "ExecutePlan":
      return await executePlan(planFile(statement.file, session), statement, session, launcher);
    case "CreateMaterializedTable":
      return { kind: "job", query: false, job: await createMaterializedTable(statement, session, launcher) };
    case "AlterMaterializedTable": {
      const job = await alterMaterializedTable(statement, session, launcher);
      return job === undefined ? { kind: "done" } : { kind: "job", query: false, job };
    }
  }
}

/** The plans of a query, INSERT or statement set, nothing started. */
export function planStatement(
  statement: Statement,
  session: Session,
): { readonly roots: readonly LogicalPlan[]; readonly graph: JobGraph } | undefined {
  if (statement.kind !== "QueryStatement" && statement.kind !== "Insert" && statement.kind !== "StatementSet")
    return undefined;
  const roots = rootsOf(statement, session);
  return { roots, graph: planJob(roots, session.planContext()) };
}

function rootsOf(
  statement: Extract<Statement, { kind: "QueryStatement" | "Insert" | "StatementSet" | "CreateTable" }>,
  session: Session,
): readonly LogicalPlan[] {
  const context = session.bindContext();
  if (statement.kind === "QueryStatement") return [bindQuery(statement.query, context)];
  if (statement.kind === "CreateTable") {
    const { insert } = bindCreateTable(statement, context);
    return insert === undefined ? [] : [insert];
  }
  const inserts: readonly Insert[] = statement.kind === "Insert" ? [statement] : statement.inserts;
  return inserts.map((i) => bindInsert(i, context));
}

/** CREATE TABLE, with AS its job too. Nothing is created when the job cannot be planned. */
async function createTable(statement: CreateTable, session: Session, launcher: JobLauncher): Promise<StatementResult> {
  const { catalog } = session;
  const { table, insert } = bindCreateTable(statement, session.bindContext());
  const { span } = statement.name;
  if (insert === undefined) {
    catalog.create(table, { ifNotExists: statement.ifNotExists, span });
    return { kind: "done" };
  }
  const before = catalog.findPermanent(table.path);
  if (statement.replace === undefined && before !== undefined) {
    if (!statement.ifNotExists) catalog.create(table, { span });
    // As in Flink the job runs all the same, into the table that is there.
    return await insertJob([bindTableAs(before, statement, session.bindContext())], statement, session, launcher);
  }
  checkReplace(statement, before, table.path);
  planJob([insert], session.planContext());
  if (before === undefined) catalog.create(table, { span });
  else catalog.replace(table);
  try {
    return await insertJob([insert], statement, session, launcher);
  } catch (error) {
    if (before === undefined) catalog.drop("table", table.path);
    else catalog.replace(before);
    throw error;
  }
}

function checkReplace(statement: CreateTable, before: CatalogObject | undefined, path: ObjectPath): void {
  const { span } = statement.name;
  if (statement.replace === "REPLACE" && before === undefined) {
    throw new SqlError("TABLE_NOT_FOUND", `The table '${path.object}' to be replaced doesn't exist.`, {
      span,
      hint: "use CREATE TABLE … AS, or CREATE OR REPLACE TABLE … AS",
    });
  }
  if (before?.kind === "view")
    throw new SqlError("INVALID_QUERY", `'${path.object}' is a view: it cannot be replaced by a table`, { span });
}

/** COMPILE PLAN writes a plan; COMPILE AND EXECUTE PLAN starts the one that is there, or the one it has written. */
async function compilePlan(statement: CompilePlan, session: Session, launcher: JobLauncher): Promise<StatementResult> {
  const file = planFile(statement.file, session);
  const exists = planExists(file);
  if (exists && statement.ifNotExists) return { kind: "done" };
  if (!exists || !statement.execute) {
    const roots = rootsOf(statement.statement, session);
    const targets = targetsOf(roots);
    const graph = planJob(roots, session.planContext());
    writePlan(file, { statement: printStatement(statement.statement), targets, graph }, session, statement.span);
  }
  return statement.execute ? await executePlan(file, statement, session, launcher) : { kind: "done" };
}

async function executePlan(
  file: string,
  { span }: Statement,
  session: Session,
  launcher: JobLauncher,
): Promise<StatementResult> {
  const { graph, targets, statement } = readPlan(file, session, span);
  return { kind: "job", query: false, job: await startJob({ session, launcher, graph, targets, statement }) };
}

function targetsOf(roots: readonly LogicalPlan[]): readonly string[] {
  return roots.flatMap((r) => (r.kind === "Sink" ? [r.table.path.object] : []));
}

function refuseMaterialized(object: CatalogObject | undefined, { name, temporary }: Drop): void {
  if (temporary || object?.kind !== "table" || object.materialized === undefined) return;
  throw new SqlError("INVALID_QUERY", `'${object.path.object}' is a materialized table`, {
    span: name.span,
    hint: "use DROP MATERIALIZED TABLE, which stops its job too",
  });
}

async function insertJob(
  roots: readonly LogicalPlan[],
  statement: Statement,
  session: Session,
  launcher: JobLauncher,
  onFinished?: Overwriting,
): Promise<StatementResult> {
  const targets = targetsOf(roots);
  const graph = planJob(roots, session.planContext());
  const request = { session, launcher, graph, targets, statement: printStatement(statement), onFinished };
  return { kind: "job", query: false, job: await startJob(request) };
}

function drop(statement: Extract<Statement, { kind: "Drop" }>, session: Session): void {
  const { catalog } = session;
  const parts = partsOf(statement.name);
  const options = { ifExists: statement.ifExists, span: statement.name.span };
  switch (statement.object) {
    case "DATABASE":
      catalog.dropDatabase(parts, { ...options, cascade: statement.cascade });
      return;
    case "CATALOG":
      catalog.dropCatalog(parts[0] ?? "", options);
      return;
    case "MATERIALIZED TABLE":
      throw new SqlError("BUG", "a materialized table is dropped with its job");
    case "FUNCTION":
      catalog.dropFunction(parts, { ...options, temporary: statement.temporary, system: statement.system });
      return;
    case "TABLE":
    case "VIEW":
      refuseMaterialized(catalog.findPermanent(catalog.resolvePath(parts)), statement);
      catalog.drop(statement.object === "TABLE" ? "table" : "view", catalog.resolvePath(parts), {
        ...options,
        temporary: statement.temporary,
      });
  }
}

function set(key: string | undefined, value: string | undefined, session: Session): StatementResult {
  if (key === undefined || value === undefined) {
    const rows = [...session.config.values()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, shownValue(k, v)]);
    return {
      kind: "rows",
      fields: [
        { name: "key", type: T.string() },
        { name: "value", type: T.string() },
      ],
      rows,
    };
  }
  session.config.set(key, value);
  return { kind: "done" };
}
