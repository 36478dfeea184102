import type { Value } from "../../types/data-type.ts";
import type { Compare } from "../../types/value-compare.ts";

/**
 * Values in order of arrival as they stand in an `any` accumulator, in short chunks. Values of state are never changed
 * in place, so an update copies one chunk and the list of chunks.
 */
export type ValueList = readonly (readonly Value[])[];

const CHUNK_VALUES = 64;

/** The list with the value at its end. */
export function appendValue(list: ValueList | null, value: Value): ValueList {
  if (list === null || list.length === 0) return [[value]];
  const last = list[list.length - 1]!;
  if (last.length >= CHUNK_VALUES) return [...list, [value]];
  const out = list.slice();
  out[out.length - 1] = [...last, value];
  return out;
}

/** The list without the first value that `matches`. */
export function removeFirst(list: ValueList | null, matches: (value: Value) => boolean): ValueList {
  if (list === null) return [];
  for (let c = 0; c < list.length; c++) {
    const at = list[c]!.findIndex(matches);
    if (at < 0) continue;
    const out = list.slice();
    const chunk = list[c]!.slice();
    chunk.splice(at, 1);
    if (chunk.length === 0) out.splice(c, 1);
    else out[c] = chunk;
    return out;
  }
  return list;
}

/** The list without the first occurrence of the value. */
export function removeValue(list: ValueList | null, value: Value, compare: Compare): ValueList {
  return removeFirst(list, (each) => compare(each, value) === 0);
}

/** Both lists, one after the other. */
export function concatLists(into: ValueList | null, from: ValueList): ValueList {
  return into === null ? from : into.concat(from);
}

/** All values. */
export function valuesOf(list: ValueList): Value[] {
  return list.flat(1) as Value[];
}
