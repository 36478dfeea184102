import type { DataType, SqlMap, Value } from "./data-type.ts";

/** Negative, 0 or positive. The values are of one type and not NULL. */
export type Compare = (a: Value, b: Value) => number;

/** The values are of one type and not NULL. */
export type Equal = (a: Value, b: Value) => boolean;

/**
 * The total order of a type, for ORDER BY, MIN and MAX: texts by their UTF-8 bytes, NaN above all numbers and equal to
 * itself; rows, arrays and maps by their items, where NULL comes first.
 */
export function compareOf(type: DataType): Compare {
  switch (type.kind) {
    case "CHAR":
    case "VARCHAR":
      return (a, b) => compareText(a as string, b as string);
    case "BINARY":
    case "VARBINARY":
      return (a, b) => compareBytes(a as Uint8Array, b as Uint8Array);
    case "FLOAT":
    case "DOUBLE":
      return (a, b) => compareDouble(a as number, b as number);
    case "ARRAY": {
      const element = nullsFirst(compareOf(type.element));
      return (a, b) => compareLists(a as readonly Value[], b as readonly Value[], () => element);
    }
    case "ROW": {
      const fields = type.fields.map((field) => nullsFirst(compareOf(field.type)));
      return (a, b) => compareLists(a as readonly Value[], b as readonly Value[], (i) => fields[i]!);
    }
    case "MAP":
    case "MULTISET": {
      const parts = [
        nullsFirst(compareOf(type.kind === "MAP" ? type.key : type.element)),
        nullsFirst(type.kind === "MAP" ? compareOf(type.value) : comparePlain),
      ];
      const entry: Compare = (a, b) => compareLists(a as readonly Value[], b as readonly Value[], (i) => parts[i]!);
      const sorted = (map: Value): readonly Value[] => [...(map as SqlMap)].sort(entry);
      return (a, b) => compareLists(sorted(a), sorted(b), () => entry);
    }
    default:
      return comparePlain;
  }
}

/**
 * SQL's `=`: NaN equals nothing, -0.0 equals 0.0; maps are equal whatever the order of their entries; inside of arrays,
 * maps and rows NULL equals NULL.
 */
export function equalOf(type: DataType): Equal {
  switch (type.kind) {
    case "BINARY":
    case "VARBINARY":
      return (a, b) => compareBytes(a as Uint8Array, b as Uint8Array) === 0;
    case "ARRAY": {
      const element = nullSafe(equalOf(type.element));
      return (a, b) => equalLists(a as readonly Value[], b as readonly Value[], () => element);
    }
    case "ROW": {
      const fields = type.fields.map((field) => nullSafe(equalOf(field.type)));
      return (a, b) => equalLists(a as readonly Value[], b as readonly Value[], (i) => fields[i]!);
    }
    case "MAP":
    case "MULTISET": {
      const key = nullSafe(equalOf(type.kind === "MAP" ? type.key : type.element));
      const item = nullSafe(type.kind === "MAP" ? equalOf(type.value) : Object.is);
      return (a, b) =>
        (a as SqlMap).length === (b as SqlMap).length &&
        (a as SqlMap).every(([k, v]) => (b as SqlMap).some(([otherKey, other]) => key(k, otherKey) && item(v, other)));
    }
    default:
      return (a, b) => a === b;
  }
}

/** NULL equals NULL and nothing else. */
export function nullSafe(equal: Equal): Equal {
  return (a, b) => (a === null || b === null ? a === b : equal(a, b));
}

/** NULL is below everything. */
export function nullsFirst(compare: Compare): Compare {
  return (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
    return compare(a, b);
  };
}

/**
 * Order of the UTF-8 bytes, that is of the code points. UTF-16 units differ from it only where a surrogate meets a
 * unit from U+E000 on.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) return surrogatesLast(x) - surrogatesLast(y);
    return x - y;
  }
  return a.length - b.length;
}

function surrogatesLast(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Order of unsigned bytes; a prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** NaN is above all numbers and equal to itself. */
export function compareDouble(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0);
}

/** Booleans, numbers and bigints. */
function comparePlain(a: Value, b: Value): number {
  if (a === b) return 0;
  return (a as number) < (b as number) ? -1 : 1;
}

function compareLists(a: readonly Value[], b: readonly Value[], compareAt: (index: number) => Compare): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareAt(i)(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function equalLists(a: readonly Value[], b: readonly Value[], equalAt: (index: number) => Equal): boolean {
  return a.length === b.length && a.every((value, i) => equalAt(i)(value, b[i]!));
}
