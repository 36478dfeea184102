import type { AggregateFunction, ScalarFunction, TableFunction } from "./define.ts";
import { TABLE_FUNCTIONS } from "./table/index.ts";

/** Functions by upper-case name and alias. Passed in; there is no global registry. */
export interface FunctionRegistry {
  scalar(name: string): ScalarFunction | undefined;
  /** Aggregates of groups. */
  aggregate(name: string): AggregateFunction | undefined;
  /** Aggregates of OVER windows: those of groups, and some that exist only there. */
  overFunction(name: string): AggregateFunction | undefined;
  table(name: string): TableFunction | undefined;
  /** All callable names, sorted, for SHOW FUNCTIONS and "did you mean". */
  names(): readonly string[];
}

export function createRegistry(
  scalars: readonly ScalarFunction[],
  aggregates: readonly AggregateFunction[],
  tables: readonly TableFunction[] = TABLE_FUNCTIONS,
): FunctionRegistry {
  const scalarByName = new Map<string, ScalarFunction>();
  const aggregateByName = new Map<string, AggregateFunction>();
  const overByName = new Map<string, AggregateFunction>();
  const tableByName = new Map(tables.map((f) => [f.name, f]));
  for (const f of scalars) for (const name of [f.name, ...(f.aliases ?? [])]) scalarByName.set(name, f);
  for (const f of aggregates) {
    for (const name of [f.name, ...(f.aliases ?? [])]) {
      overByName.set(name, f);
      if (f.onlyOver !== true) aggregateByName.set(name, f);
    }
  }
  return {
    scalar: (name) => scalarByName.get(name),
    aggregate: (name) => aggregateByName.get(name),
    overFunction: (name) => overByName.get(name),
    table: (name) => tableByName.get(name),
    names: () =>
      [...scalarByName]
        .filter(([, f]) => f.callable !== false)
        .map(([name]) => name)
        .concat([...aggregateByName.keys()])
        .sort(),
  };
}
