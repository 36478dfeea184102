import type { Value } from "../../types/data-type.ts";
import type { Compare } from "../../types/value-compare.ts";

/**
 * A sorted bag as it stands in an `any` accumulator: distinct values ascending with their counts, in short chunks.
 * Values of state are never changed in place, so an update copies one chunk and the list of chunks.
 */
export type Multiset = readonly Chunk[];
type Chunk = readonly [values: readonly Value[], counts: readonly number[]];

const CHUNK_VALUES = 128;

/** The bag with `times` more occurrences of the value (negative: fewer; more than there are are forgotten). */
export function addToMultiset(bag: Multiset | null, value: Value, times: number, compare: Compare): Multiset {
  if (bag === null || bag.length === 0) return times > 0 ? [[[value], [times]]] : [];
  const c = chunkOf(bag, value, compare);
  const [values, counts] = bag[c]!;
  const at = lowerBound(values, value, compare);
  const found = at < values.length && compare(values[at]!, value) === 0;
  if (!found && times <= 0) return bag;
  const count = (found ? counts[at]! : 0) + times;
  const newCounts = counts.slice();
  const out = bag.slice();
  if (found && count > 0) {
    newCounts[at] = count;
    out[c] = [values, newCounts];
    return out;
  }
  const newValues = values.slice();
  if (found) {
    newValues.splice(at, 1);
    newCounts.splice(at, 1);
  } else {
    newValues.splice(at, 0, value);
    newCounts.splice(at, 0, count);
  }
  if (newValues.length === 0) out.splice(c, 1);
  else if (newValues.length <= CHUNK_VALUES) out[c] = [newValues, newCounts];
  else {
    const half = newValues.length >> 1;
    out.splice(
      c,
      1,
      [newValues.slice(0, half), newCounts.slice(0, half)],
      [newValues.slice(half), newCounts.slice(half)],
    );
  }
  return out;
}

/** The last chunk that does not begin after the value. */
function chunkOf(bag: Multiset, value: Value, compare: Compare): number {
  let low = 0;
  let high = bag.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (compare(bag[middle]![0][0]!, value) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

function lowerBound(values: readonly Value[], value: Value, compare: Compare): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(values[middle]!, value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Both bags together. */
export function mergeMultisets(into: Multiset | null, from: Multiset, compare: Compare): Multiset {
  let bag = into;
  for (const [values, counts] of from)
    for (let i = 0; i < values.length; i++) bag = addToMultiset(bag, values[i]!, counts[i]!, compare);
  return bag ?? [];
}

/** The least value of a bag that is not empty. */
export function firstOfMultiset(bag: Multiset): Value {
  return bag[0]![0][0]!;
}

/** The greatest value of a bag that is not empty. */
export function lastOfMultiset(bag: Multiset): Value {
  const values = bag[bag.length - 1]![0];
  return values[values.length - 1]!;
}

/** The bag as the value of a MULTISET: pairs of value and count. */
export function multisetPairs(bag: Multiset): Value {
  return bag.flatMap(([values, counts]) => values.map((value, i) => [value, counts[i]!]));
}
