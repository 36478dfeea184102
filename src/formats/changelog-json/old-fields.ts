import type { Column } from "../../batch/column.ts";
import { T } from "../../types/data-type.ts";
import type { ProjectedField } from "../api.ts";
import type { PlannedField } from "../planned-fields.ts";
import type { ChangeList } from "./changes.ts";
import { pickColumn } from "./pick-column.ts";

/** Former values of the fields that changed, below `root`: first all values, then for each field whether it is there. */
export function changedFields(physical: readonly ProjectedField[], root: readonly string[]): PlannedField[] {
  return [
    ...physical.map(({ path, type }) => ({ path: [...root, ...path], type })),
    ...physical.map(({ path }): PlannedField => ({ path: [...root, path[0]!], type: T.boolean(), take: "member" })),
  ];
}

/** The changes' images: an old one has the values of `data` in all fields that are not in `changed` (`changedFields`). */
export function oldImages(data: readonly Column[], changed: readonly Column[], changes: ChangeList): readonly Column[] {
  const { count, rows, old } = changes;
  const fromOld = new Uint8Array(count);
  return data.map((column, i) => {
    const seen = changed[data.length + i]!.nulls;
    for (let k = 0; k < count; k++) fromOld[k] = old[k] === 1 && (seen === undefined || seen[rows[k]!] === 0) ? 1 : 0;
    return pickColumn(changed[i]!, column, fromOld, rows, count);
  });
}
