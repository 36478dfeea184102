import type { CatalogTable } from "../../catalog/table.ts";
import type { Connector, ConnectorContext, ScanColumn, TableRequest } from "../../connectors/api.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { FunctionRegistry } from "../../functions/registry.ts";
import type { SessionFacts } from "../../functions/define.ts";

/** What planning needs to know of the world. */
export interface PlanContext {
  readonly functions: FunctionRegistry;
  readonly session: SessionFacts;
  /** Resolved configuration (SET, -D, config file), defaults not filled in. */
  readonly options: ReadonlyMap<string, string>;
  /** The connector of a table, its options checked; throws SqlError OPTION_*, CONNECTOR_UNKNOWN. */
  connectorOf(request: TableRequest): Connector;
  /** For what a connector says of a table. */
  readonly connectors: ConnectorContext;
  /** A table by its name as written in an option (`errors.table`). */
  tableNamed(name: string): CatalogTable | undefined;
  /** Constant folding of pure calls. */
  fold(expr: Expr): Expr;
}

/** The connector's view of a table; `options` has hints merged in. */
export function tableRequest(
  table: CatalogTable,
  options: ReadonlyMap<string, string>,
  timeZone: string,
): TableRequest {
  return {
    table: `${table.path.catalog}.${table.path.database}.${table.path.object}`,
    physical: table.columns.flatMap((c) => (c.kind === "physical" ? [{ name: c.name, type: c.type }] : [])),
    ...writtenColumns(table),
    primaryKey: table.primaryKey?.columns ?? [],
    partitionKeys: table.partitionKeys,
    options: Object.fromEntries(options),
    hinted: [...options].filter(([key, value]) => table.options.get(key) !== value).map(([key]) => key),
    timeZone,
  };
}

/** What INSERT writes, where that is more than the physical columns. */
function writtenColumns({ columns }: CatalogTable): { readonly written?: readonly ScanColumn[] } {
  if (!columns.some((c) => c.kind === "metadata" && !c.virtual)) return {};
  return {
    written: columns.flatMap((c): ScanColumn[] => {
      if (c.kind === "physical") return [{ kind: "physical", path: [c.name], type: c.type }];
      if (c.kind === "metadata" && !c.virtual) return [{ kind: "metadata", key: c.key ?? c.name, type: c.type }];
      return [];
    }),
  };
}

/** True when every function of the expression may be evaluated anywhere and any number of times. */
export function isPure(expr: Expr, functions: FunctionRegistry): boolean {
  if (expr.kind !== "call") return true;
  const definition = functions.scalar(expr.function);
  if (definition !== undefined && definition.stability !== "pure") return false;
  return expr.args.every((arg) => isPure(arg, functions));
}
