import type { KeyedTable, OperatorState, StateField } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";
import type { AggregateLayout } from "../aggregate-layout.ts";
import type { GroupAggregateSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";

/** Rows of the group; a key with none does not exist for the outside. */
const ROW_COUNT: StateField = {
  name: "rows",
  type: T.double(false),
  initial: 0,
  missing: "the input takes rows back now, and the rows of each key were not counted before",
};
/** The same of an append-only input: 0 or 1. */
const PRESENT: StateField = {
  name: "present",
  type: T.double(false),
  initial: 0,
  missing: "the input only inserts now, and took rows back before",
};

/** The column that counts the rows of a key. */
export function rowsField(retracting: boolean): StateField {
  return retracting ? ROW_COUNT : PRESENT;
}

/** The state of a GROUP BY, whether it works row by row or in mini-batches: accumulators by key, then the rows of the key. */
export function groupTable(
  spec: GroupAggregateSpec,
  layout: AggregateLayout,
  state: OperatorState,
): { readonly table: KeyedTable; readonly fields: readonly StateField[] } {
  const fields = [...layout.fields, rowsField(spec.retracting)];
  const keys = stateKeys(spec.keys, spec.input, spec.inputNames);
  return { table: state.table({ name: "groups", keys, fields, ttlMillis: spec.ttlMillis }), fields };
}
