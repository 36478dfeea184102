import type { ScanRequest } from "../connectors/api.ts";
import { interpretTruth } from "../expressions/interpreter.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { SessionFacts } from "../functions/define.ts";
import type { ScanSpec } from "./spec.ts";

/** Which partitions of a table have to be read; undefined: all. */
export function partitionFilterOf(
  spec: ScanSpec,
  functions: FunctionRegistry,
  session: SessionFacts,
): ScanRequest["partitionFilter"] {
  if (spec.partitionPredicate === undefined) return undefined;
  const passes = interpretTruth(spec.partitionPredicate, functions, session);
  const { partitionKeys } = spec.table;
  return (partition) => passes((column) => partition[partitionKeys[column]!] ?? null);
}
