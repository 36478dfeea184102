import { BatchColumns, type ColumnSlot } from "../columns.ts";
import { distinctFields, fieldPositions, type PlannedField } from "../planned-fields.ts";

/** What is wanted of a value: all of it in a column, or columns from inside of a record. */
export interface Wanted {
  readonly slot: ColumnSlot | undefined;
  /** Marks that the value is not NULL. */
  readonly presence: ColumnSlot | undefined;
  readonly members: ReadonlyMap<string, Wanted>;
  /** Columns that are taken out of the value of `slot`, a row: path of field positions. */
  readonly extracts: readonly { readonly slot: ColumnSlot; readonly path: readonly number[] }[];
  /** Every column that is NULL when this value is. */
  readonly slots: readonly ColumnSlot[];
}

/** The columns of a projection, and where in a record each stands. */
export interface WantedColumns {
  readonly root: Wanted;
  readonly columns: BatchColumns;
  /** For each field of the projection its slot. */
  readonly outputs: readonly number[];
}

/** Plans a projection (values, and `take: "object"`); fields that are asked twice share a slot. */
export function planWanted(projection: readonly PlannedField[]): WantedColumns {
  const { distinct, outputs } = distinctFields(projection);
  const columns = new BatchColumns(distinct.map((field) => field.type));
  const asked = distinct.map((field, i) => ({
    path: field.path,
    presence: field.take === "object",
    slot: columns.slots[i]!,
  }));
  return { root: wanted(asked), columns, outputs };
}

interface Asked {
  readonly path: readonly string[];
  readonly presence: boolean;
  readonly slot: ColumnSlot;
}

function wanted(asked: readonly Asked[]): Wanted {
  const here = asked.filter((one) => one.path.length === 0);
  const inner = asked.filter((one) => one.path.length > 0);
  const slot = here.find((one) => !one.presence)?.slot;
  const base = {
    slot,
    presence: here.find((one) => one.presence)?.slot,
    slots: asked.map((one) => one.slot),
  };
  if (slot !== undefined) {
    const extracts = inner.map((one) => ({ slot: one.slot, path: fieldPositions(slot.type, one.path) }));
    return { ...base, members: new Map(), extracts };
  }
  const byName = new Map<string, Asked[]>();
  for (const one of inner) {
    const list = byName.get(one.path[0]!) ?? [];
    list.push({ ...one, path: one.path.slice(1) });
    byName.set(one.path[0]!, list);
  }
  return { ...base, members: new Map([...byName].map(([name, list]) => [name, wanted(list)])), extracts: [] };
}
