import { must } from "../../base/assert.ts";
import { encodeUtf8 } from "../../batch/utf8.ts";
import { distinctFields, fieldPositions, type PlannedField } from "../planned-fields.ts";
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
  /** Every column that is NULL when this member is null. */
  readonly slots: readonly ColumnSlot[];
  /** Marks that the member is there. */
  readonly seen: ColumnSlot | undefined;
  /** `slot` takes the JSON text of the value as it stands there. */
  readonly asText: boolean;
}

/** A column that is a field of an already decoded ROW. */
interface Extract {
  readonly slot: ColumnSlot;
  readonly path: readonly number[];
}

/** Where the line of each row of a batch starts in the input. */
export interface LineStarts {
  of: Int32Array;
}

export interface JsonPlan {
  readonly root: ObjectPlan;
  readonly columns: BatchColumns;
  /** For each projected field its slot. */
  readonly outputs: readonly number[];
}

/** Makes the plan; fields that are asked twice share a slot. */
export function planProjection(projection: readonly PlannedField[]): JsonPlan {
  const { distinct, outputs } = distinctFields(projection);
  const columns = new BatchColumns(distinct.map((field) => field.type));
  const wanted = distinct.map((field, i) => ({
    path: field.path,
    take: field.take ?? "value",
    slot: columns.slots[i]!,
  }));
  return { root: planObject(wanted), columns, outputs };
}

interface Wanted {
  readonly path: readonly string[];
  readonly take: NonNullable<PlannedField["take"]>;
  readonly slot: ColumnSlot;
}

function planObject(wanted: readonly Wanted[]): ObjectPlan {
  const byName = new Map<string, Wanted[]>();
  for (const { path, take, slot } of wanted) {
    const name = must(path[0], "path of a projected field");
    const list = byName.get(name) ?? [];
    list.push({ path: path.slice(1), take, slot });
    byName.set(name, list);
  }
  const members = [...byName].map(([name, list]) => planMember(name, list));
  return { members, slots: wanted.map((one) => one.slot) };
}

function planMember(name: string, wanted: readonly Wanted[]): MemberPlan {
  const own = wanted.filter((one) => one.path.length === 0);
  const seen = own.find((one) => one.take === "member")?.slot;
  const whole = own.find((one) => one.take === "value" || one.take === "text");
  const inner = wanted.filter((one) => one.path.length > 0);
  const slots = wanted.flatMap((one) => (one.slot === seen ? [] : [one.slot]));
  const base = { name, key: encodeUtf8(name), slots, seen, asText: whole?.take === "text" };
  if (whole === undefined) return { ...base, slot: undefined, object: planObject(inner), extracts: [] };
  const extracts = inner.map((one) => ({ slot: one.slot, path: fieldPositions(whole.slot.type, one.path) }));
  return { ...base, slot: whole.slot, object: undefined, extracts };
}
