import { must } from "../base/assert.ts";
import type { DataType, Field } from "../types/data-type.ts";
import type { ProjectedField } from "./api.ts";

/** A field to read, and what of it. */
export interface PlannedField extends ProjectedField {
  /**
   * Default: the value. `"object"`: whether there is an object, `"member"`: whether there is a member, if only a null one
   * (BOOLEAN; TRUE or NULL). `"text"`: the value's JSON as it stands there (STRING; NULL for null).
   */
  readonly take?: "value" | "object" | "member" | "text" | undefined;
}

/** The fields without those that are asked twice, and for each field of the projection its place among them. */
export function distinctFields(projection: readonly PlannedField[]): {
  readonly distinct: readonly PlannedField[];
  readonly outputs: readonly number[];
} {
  const distinct: PlannedField[] = [];
  const indexes = new Map<string, number>();
  const outputs = projection.map((field) => {
    const key = JSON.stringify([field.path, field.take ?? "value"]);
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, distinct.length);
    return distinct.push(field) - 1;
  });
  return { distinct, outputs };
}

/** A path into a row as positions of fields. */
export function fieldPositions(type: DataType, path: readonly string[]): number[] {
  let fields: readonly Field[] = type.kind === "ROW" ? type.fields : [];
  return path.map((name) => {
    const position = fields.findIndex((field) => field.name === name);
    const inner = must(fields[position], `field ${name} of a projected row`).type;
    fields = inner.kind === "ROW" ? inner.fields : [];
    return position;
  });
}
