import { must } from "../../base/assert.ts";
import { encodeUtf8 } from "../../batch/utf8.ts";
import type { DataType, Field } from "../../types/data-type.ts";
import type { ProjectedField } from "../api.ts";
import { BatchColumns, type ColumnSlot } from "../columns.ts";

/** What is wanted of one JSON object: a tree over all projected paths. */
export interface ObjectPlan {
  readonly members: readonly MemberPlan[];
  /** All columns that are filled from inside this object. */
  readonly slots: readonly ColumnSlot[];
}

/** A wanted member: the value itself (`slot`), or columns inside of it (`object`). */
export interface MemberPlan {
  readonly name: string;
  /** The name in UTF-8. */
  readonly key: Uint8Array;
  readonly slot: ColumnSlot | undefined;
  readonly object: ObjectPlan | undefined;
  /** Columns that are taken out of the value of `slot` when both are asked for: path of field positions. */
  readonly extracts: readonly Extract[];
  /** Every column that this member fills. */
  readonly slots: readonly ColumnSlot[];
}

/** A column that is a field of an already decoded ROW. */
interface Extract {
  readonly slot: ColumnSlot;
  readonly path: readonly number[];
}

export interface JsonPlan {
  readonly root: ObjectPlan;
  readonly columns: BatchColumns;
  /** For each projected field its slot. */
  readonly outputs: readonly number[];
}

/** Makes the plan; fields that are asked twice share a slot. */
export function planProjection(projection: readonly ProjectedField[]): JsonPlan {
  const distinct: ProjectedField[] = [];
  const indexes = new Map<string, number>();
  const outputs = projection.map((field) => {
    const key = JSON.stringify(field.path);
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, distinct.length);
    return distinct.push(field) - 1;
  });
  const columns = new BatchColumns(distinct.map((field) => field.type));
  const wanted = distinct.map((field, i) => ({ path: field.path, slot: columns.slots[i]! }));
  return { root: planObject(wanted), columns, outputs };
}

interface Wanted {
  readonly path: readonly string[];
  readonly slot: ColumnSlot;
}

function planObject(wanted: readonly Wanted[]): ObjectPlan {
  const byName = new Map<string, Wanted[]>();
  for (const { path, slot } of wanted) {
    const name = must(path[0], "path of a projected field");
    const list = byName.get(name) ?? [];
    list.push({ path: path.slice(1), slot });
    byName.set(name, list);
  }
  const members = [...byName].map(([name, list]) => planMember(name, list));
  return { members, slots: wanted.map((one) => one.slot) };
}

function planMember(name: string, wanted: readonly Wanted[]): MemberPlan {
  const key = encodeUtf8(name);
  const slots = wanted.map((one) => one.slot);
  const whole = wanted.find((one) => one.path.length === 0);
  if (whole === undefined) return { name, key, slot: undefined, object: planObject(wanted), extracts: [], slots };
  const extracts = wanted
    .filter((one) => one !== whole)
    .map((one) => ({ slot: one.slot, path: fieldPositions(whole.slot.type, one.path) }));
  return { name, key, slot: whole.slot, object: undefined, extracts, slots };
}

function fieldPositions(type: DataType, path: readonly string[]): number[] {
  let fields: readonly Field[] = type.kind === "ROW" ? type.fields : [];
  return path.map((name) => {
    const position = fields.findIndex((field) => field.name === name);
    const inner = must(fields[position], `field ${name} of a projected row`).type;
    fields = inner.kind === "ROW" ? inner.fields : [];
    return position;
  });
}
