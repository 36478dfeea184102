import { SqlError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import type { CatalogTable } from "../catalog/table.ts";
import type { AnalyzeTable, Call, ObjectName, RowChange } from "../parser/index.ts";
import { tableRequest } from "../planner/physical/context.ts";
import { partsOf } from "./result-rows.ts";
import type { Session } from "./session.ts";

/** UPDATE, DELETE and TRUNCATE: no connector changes rows in place; each answers as Flink does. */
export function changeRows(statement: RowChange, session: Session): never {
  const { action } = statement.change;
  const name = action === "TRUNCATE" ? "TRUNCATE TABLE" : action;
  const table = tableOf(statement.table, session);
  const { span } = statement;
  if (action === "DELETE" || session.isBatch) checkSink(table, statement.table, session);
  if (!session.isBatch) {
    throw new SqlError("PLANNING", `${name} statement is not supported in streaming mode.`, {
      span,
      hint: "write changes into the table with INSERT INTO: with a primary key it upserts",
    });
  }
  throw new SqlError(
    "PLANNING",
    `${name} is not supported for the table ${table.path.object}: the connector '${table.options.get("connector") ?? ""}' cannot change rows that are written`,
    { span },
  );
}

function checkSink(table: CatalogTable, name: ObjectName, session: Session): void {
  const connector = session.connectorOf(tableRequest(table, table.options, session.facts().timeZone));
  if (connector.sink !== undefined && connector.sinkMode !== "none") return;
  throw new SqlError(
    "INVALID_QUERY",
    `Connector '${connector.name}' can only be used as a source. It cannot be used as a sink.`,
    { span: name.span },
  );
}

/** ANALYZE TABLE: in batch mode it is checked; there are no statistics to keep, since plans do not depend on any. */
export function analyzeTable(statement: AnalyzeTable, session: Session): { readonly kind: "done" } {
  const { span } = statement;
  const table = tableOf(statement.table, session);
  if (statement.partition.length > 0 && table.partitionKeys.length === 0) {
    throw new SqlError(
      "INVALID_QUERY",
      `Invalid ANALYZE TABLE statement. Table: '${table.path.object}' is not a partition table, while partition values are given.`,
      { span },
    );
  }
  if (!session.isBatch)
    throw new SqlError("PLANNING", "ANALYZE TABLE is not supported for streaming mode now", { span });
  const names = table.columns.map((c) => c.name);
  for (const column of Array.isArray(statement.columns) ? statement.columns : []) {
    if (!names.includes(column.name)) {
      throw new SqlError(
        "COLUMN_NOT_FOUND",
        `Column: ${column.name} does not exist in the table: '${table.path.object}'.`,
        {
          span: column.span,
          hint: didYouMean(column.name, names),
        },
      );
    }
  }
  return { kind: "done" };
}

/** CALL: no catalog has procedures. */
export function noProcedure({ name }: Call, session: Session): SqlError {
  const parts = partsOf(name);
  const { catalog } = session.catalog.resolvePath(parts, undefined, name.span);
  return new SqlError(
    "INVALID_QUERY",
    `there is no procedure '${parts.join(".")}': the catalog '${catalog}' has none`,
    {
      span: name.span,
    },
  );
}

function tableOf(name: ObjectName, session: Session): CatalogTable {
  const { catalog } = session;
  const object = catalog.get(catalog.resolvePath(partsOf(name), undefined, name.span), name.span);
  if (object.kind === "table") return object;
  throw new SqlError("INVALID_QUERY", `'${object.path.object}' is a view: its rows cannot be changed`, {
    span: name.span,
  });
}
