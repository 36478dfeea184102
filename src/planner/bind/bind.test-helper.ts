import { SqlError } from "../../base/errors.ts";
import { positionOf } from "../../base/span.ts";
import { createCatalogManager } from "../../catalog/catalog-manager.ts";
import { createRegistry } from "../../functions/registry.ts";
import { AGGREGATES, SCALAR_FUNCTIONS } from "../../functions/index.ts";
import { parseScript } from "../../parser/index.ts";
import type { Value } from "../../types/data-type.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import {
  alterTable,
  alterView,
  bindCreateTable,
  bindCreateView,
  bindInsert,
  bindQuery,
  describeRows,
  showColumns,
  showCreateTable,
  showCreateView,
  type BindContext,
} from "./index.ts";

/** What the statements of a script give: plans of queries and INSERTs, rows of DESCRIBE and SHOW. */
export type Bound = { readonly plan: LogicalPlan } | { readonly rows: readonly string[] };

export function testContext(): BindContext {
  return {
    catalog: createCatalogManager(),
    functions: createRegistry(SCALAR_FUNCTIONS, AGGREGATES),
    session: { timeZone: "UTC", legacyCast: false, nowMillis: () => 0, random: () => 0 },
    options: new Map(),
  };
}

/** Binds a script, DDL carried out in its own catalog. */
export function bindScript(text: string, context: BindContext = testContext()): readonly Bound[] {
  const { catalog } = context;
  const results: Bound[] = [];
  const shown = (rows: readonly (readonly Value[])[]): void => {
    const text = (v: Value): string =>
      v === null ? "NULL" : typeof v === "string" ? v : JSON.stringify(v).toUpperCase();
    results.push({ rows: rows.map((r) => `[${r.map(text).join(", ")}]`) });
  };
  for (const statement of parseScript(text)) {
    switch (statement.kind) {
      case "CreateTable": {
        const { table, insert } = bindCreateTable(statement, context);
        if (
          catalog.create(table, { ifNotExists: statement.ifNotExists, span: statement.name.span }) &&
          insert !== undefined
        )
          results.push({ plan: insert });
        break;
      }
      case "CreateView":
        catalog.create(bindCreateView(statement, context), {
          ifNotExists: statement.ifNotExists,
          span: statement.name.span,
        });
        break;
      case "CreateDatabase":
        catalog.createDatabase(
          statement.name.parts.map((p) => p.name),
          { comment: statement.comment, options: new Map() },
          { ifNotExists: statement.ifNotExists },
        );
        break;
      case "Use":
        catalog.useDatabase(statement.name.parts.map((p) => p.name));
        break;
      case "AlterTable":
        alterTable(statement, context);
        break;
      case "AlterView":
        alterView(statement, context);
        break;
      case "Drop":
        catalog.drop(
          statement.object === "VIEW" ? "view" : "table",
          catalog.resolvePath(statement.name.parts.map((p) => p.name)),
          {
            ifExists: statement.ifExists,
            temporary: statement.temporary,
            span: statement.name.span,
          },
        );
        break;
      case "Describe":
      case "Show": {
        const parts = statement.name?.parts.map((p) => p.name) ?? [];
        if (statement.kind === "Show" && !/^(COLUMNS|CREATE)/.test(statement.what)) break;
        const object = catalog.get(catalog.resolvePath(parts), statement.name?.span);
        if (statement.kind === "Describe") shown(describeRows(object).rows);
        else if (statement.what === "COLUMNS") shown(showColumns(object, statement.like).rows);
        else if (statement.what === "CREATE VIEW") shown([[showCreateView(object, statement.span)]]);
        else shown([[showCreateTable(object, "CREATE TABLE", statement.span, context)]]);
        break;
      }
      case "QueryStatement":
        results.push({ plan: bindQuery(statement.query, context) });
        break;
      case "Insert":
        results.push({ plan: bindInsert(statement, context) });
        break;
      case "StatementSet":
        for (const insert of statement.inserts) results.push({ plan: bindInsert(insert, context) });
        break;
      default:
        break;
    }
  }
  return results;
}

/** `CODE at line:column message` of the error that a script raises. */
export function bindError(text: string): string {
  try {
    bindScript(text);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const at =
      error.span === undefined
        ? ""
        : ` ${positionOf(text, error.span.start).line}:${positionOf(text, error.span.start).column}`;
    return `${error.code}${at} ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}`;
  }
  return "no error";
}
