import { SqlError } from "../base/errors.ts";
import { printStatement } from "../parser/index.ts";
import type { CreateFunction, Insert, Show, Statement } from "../parser/index.ts";
import {
  alterTable,
  alterView,
  bindCreateTable,
  bindCreateView,
  bindInsert,
  bindQuery,
  describeRows,
  matchesLike,
  showColumns,
  showCreateTable,
  showCreateView,
} from "../planner/bind/index.ts";
import type { LogicalPlan, SortKey } from "../planner/logical/algebra.ts";
import { planJob } from "../planner/plan.ts";
import { finalOrder } from "../planner/traits/final-order.ts";
import type { Collector } from "../runtime/sink-task.ts";
import type { JobGraph } from "../runtime/spec.ts";
import type { Field, Value } from "../types/data-type.ts";
import { T } from "../types/data-type.ts";
import { explainJob } from "./explain.ts";
import type { JobHandle, JobLauncher } from "./job-request.ts";
import { startJob } from "./jobs.ts";
import { checkpointJob, describeJob, explainRunningJob, showJobs, stopJob } from "./job-statements.ts";
import type { Session } from "./session.ts";
import { loadUserFunction } from "./user-functions.ts";

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

/** Executes one statement. Jobs are started, not awaited. Throws SqlError, at least with the statement's place, for what is rejected. */
export async function execute(
  statement: Statement,
  session: Session,
  launcher: JobLauncher,
  consumer: QueryConsumer,
): Promise<StatementResult> {
  try {
    return await executeStatement(statement, session, launcher, consumer);
  } catch (error) {
    throw error instanceof SqlError ? error.at(statement.span) : error;
  }
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
    case "CreateTable": {
      const { table, insert } = bindCreateTable(statement, context);
      const created = catalog.create(table, { ifNotExists: statement.ifNotExists, span: statement.name.span });
      if (!created || insert === undefined) return { kind: "done" };
      return await insertJob([insert], statement, session, launcher);
    }
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
      return await createFunction(statement, session);
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
      drop(statement, session);
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
      return await insertJob([bindInsert(statement, context)], statement, session, launcher);
    case "StatementSet":
      return await insertJob(
        statement.inserts.map((i) => bindInsert(i, context)),
        statement,
        session,
        launcher,
      );
    case "QueryStatement": {
      const plan = bindQuery(statement.query, context);
      const graph = planJob([plan], session.planContext());
      const collector = consumer.onQuery(plan.schema.fields, finalOrder(plan));
      const text = printStatement(statement);
      const request = { session, launcher, graph, targets: [], collector, statement: text };
      return { kind: "job", query: true, job: await startJob(request) };
    }
    case "Explain": {
      const roots = rootsOf(statement.statement, session);
      return { kind: "rows", fields: [{ name: "result", type: T.string() }], rows: [[explainJob(roots, session)]] };
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
  statement: Extract<Statement, { kind: "QueryStatement" | "Insert" | "StatementSet" }>,
  session: Session,
): readonly LogicalPlan[] {
  const context = session.bindContext();
  if (statement.kind === "QueryStatement") return [bindQuery(statement.query, context)];
  const inserts: readonly Insert[] = statement.kind === "Insert" ? [statement] : statement.inserts;
  return inserts.map((i) => bindInsert(i, context));
}

async function insertJob(
  roots: readonly LogicalPlan[],
  statement: Statement,
  session: Session,
  launcher: JobLauncher,
): Promise<StatementResult> {
  const targets = roots.flatMap((r) => (r.kind === "Sink" ? [r.table.path.object] : []));
  const graph = planJob(roots, session.planContext());
  const request = { session, launcher, graph, targets, statement: printStatement(statement) };
  return { kind: "job", query: false, job: await startJob(request) };
}

function partsOf(name: { readonly parts: readonly { readonly name: string }[] }): string[] {
  return name.parts.map((p) => p.name);
}

async function createFunction(statement: CreateFunction, session: Session): Promise<StatementResult> {
  const language = statement.language ?? "JAVA";
  if (language !== "JAVASCRIPT") {
    throw new SqlError("UNSUPPORTED", `functions in ${language} cannot run here`, {
      span: statement.span,
      hint: "CREATE FUNCTION f AS './file.js#name' LANGUAGE JAVASCRIPT",
    });
  }
  const parts = partsOf(statement.name);
  const name = parts.at(-1) ?? "";
  const definition = await loadUserFunction(name, statement.identifier, session.options.baseDirectory, statement.span);
  const { catalog, database } = session.catalog.resolvePath(parts);
  const { system, temporary, identifier } = statement;
  session.createFunction(
    { name, location: system ? undefined : { catalog, database }, temporary, identifier, language },
    definition,
    { ifNotExists: statement.ifNotExists, span: statement.name.span },
  );
  return { kind: "done" };
}

function drop(statement: Extract<Statement, { kind: "Drop" }>, session: Session): void {
  const { catalog } = session;
  const parts = partsOf(statement.name);
  const options = { ifExists: statement.ifExists, span: statement.name.span };
  switch (statement.object) {
    case "DATABASE":
      catalog.dropDatabase(parts, { ...options, cascade: statement.cascade });
      return;
    case "FUNCTION":
      catalog.dropFunction(parts, { ...options, temporary: statement.temporary, system: statement.system });
      return;
    case "TABLE":
    case "VIEW":
      catalog.drop(statement.object === "TABLE" ? "table" : "view", catalog.resolvePath(parts), {
        ...options,
        temporary: statement.temporary,
      });
  }
}

function set(key: string | undefined, value: string | undefined, session: Session): StatementResult {
  if (key === undefined || value === undefined) {
    const rows = [...session.config.values()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, v]);
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

function show(statement: Show, session: Session): StatementResult {
  const { catalog } = session;
  const current = catalog.current();
  const parts = statement.name === undefined ? undefined : partsOf(statement.name);
  const list = (column: string, names: readonly string[]): StatementResult => ({
    kind: "rows",
    fields: [{ name: column, type: T.string() }],
    rows: names.filter((n) => matchesLike(n, statement.like)).map((n) => [n]),
  });
  const searchPath = parts === undefined ? current : databasePath(parts, current.catalog);
  const span = statement.name?.span;
  switch (statement.what) {
    case "CATALOGS":
      return list("catalog name", catalog.catalogNames());
    case "CURRENT CATALOG":
      return list("current catalog name", [current.catalog]);
    case "DATABASES":
      return list("database name", catalog.databaseNames(parts?.[0], span));
    case "CURRENT DATABASE":
      return list("current database name", [current.database]);
    case "TABLES":
      return list("table name", catalog.tableNames(searchPath, span));
    case "VIEWS":
      return list("view name", catalog.viewNames(searchPath, span));
    case "FUNCTIONS":
      return list(
        "function name",
        [
          ...new Set(
            [...session.functions.names(), ...catalog.functions(searchPath).map((f) => f.name)].map((n) =>
              n.toLowerCase(),
            ),
          ),
        ].sort(),
      );
    case "USER FUNCTIONS":
      return list(
        "function name",
        catalog.functions(searchPath).map((f) => f.name),
      );
    case "MODULES":
      return list("module name", ["core"]);
    case "FULL MODULES":
      return {
        kind: "rows",
        fields: [
          { name: "module name", type: T.string() },
          { name: "used", type: T.boolean() },
        ],
        rows: [["core", true]],
      };
    case "COLUMNS":
      return { kind: "rows", ...showColumns(catalog.get(catalog.resolvePath(parts ?? []), span), statement.like) };
    case "CREATE TABLE":
      return list("result", [showCreateTable(catalog.get(catalog.resolvePath(parts ?? []), span), span)]);
    case "CREATE VIEW":
      return list("result", [
        showCreateView(catalog.get(catalog.resolvePath(parts ?? []), span), span, session.bindContext()),
      ]);
    case "JOBS":
      return { kind: "rows", ...showJobs(session) };
  }
}

function databasePath(
  parts: readonly string[],
  catalog: string,
): { readonly catalog: string; readonly database: string } {
  const [first = "", second] = parts;
  return second === undefined ? { catalog, database: first } : { catalog: first, database: second };
}
