import { canImplicitlyCast, commonType } from "../../types/coerce.ts";
import { isBinary, isInteger, isText, T, withNullable, type DataType, type Value } from "../../types/data-type.ts";
import { compareOf, equalOf, nullSafe } from "../../types/value-compare.ts";
import { scalar, type Evaluator, type Resolution, type ScalarFunction } from "../define.ts";
import { anyNullable, typesOf } from "./shared.ts";

type ArrayType = Extract<DataType, { kind: "ARRAY" | "MULTISET" }>;
type List = readonly Value[];

/** True for types whose values Flink puts in order: no BOOLEAN, no VARIANT, nothing that is made of others. */
function isOrdered(type: DataType): boolean {
  return type.kind !== "BOOLEAN" && type.kind !== "VARIANT" && !isNested(type);
}

function isNested(type: DataType): boolean {
  return type.kind === "ARRAY" || type.kind === "MAP" || type.kind === "MULTISET" || type.kind === "ROW";
}

function elementOf(type: DataType): DataType {
  return (type as ArrayType).element;
}

/** Values that were seen already, by SQL equality where NULL equals NULL. */
interface SeenValues {
  has(value: Value): boolean;
  add(value: Value): void;
}

function seenValues(type: DataType): SeenValues {
  // JavaScript compares all others by value.
  if (!isBinary(type) && !isNested(type)) return new Set<Value>();
  const equal = nullSafe(equalOf(type));
  const values: Value[] = [];
  return { has: (value) => values.some((known) => equal(known, value)), add: (value) => void values.push(value) };
}

function distinct(type: DataType, lists: readonly List[], keep: (value: Value) => boolean): List {
  const seen = seenValues(type);
  const result: Value[] = [];
  for (const list of lists) {
    for (const value of list) {
      if (seen.has(value) || !keep(value)) continue;
      seen.add(value);
      result.push(value);
    }
  }
  return result;
}

/** An array and one value that becomes an element type; the element type is nullable where the value is. */
function resolveWithElement(types: readonly DataType[]): { array: ArrayType; value: DataType } | undefined {
  const [array, value] = types;
  if (array?.kind !== "ARRAY" || value === undefined || types.length !== 2) return undefined;
  if (!canImplicitlyCast(value, array.element)) return undefined;
  const element = withNullable(array.element, array.element.nullable || value.nullable);
  return { array: { ...array, element }, value: withNullable(element, value.nullable) };
}

interface Family {
  readonly name: string;
  readonly signature: string;
  readonly summary: string;
  readonly examples: readonly (readonly [string, string])[];
}

/** A function of one array. */
function ofArray(
  family: Family,
  result: (array: ArrayType) => DataType | undefined,
  evaluator: (element: DataType) => (list: List) => Value,
): ScalarFunction {
  return scalar({
    name: family.name,
    signature: family.signature,
    resolve: (args) => {
      const [array] = typesOf(args);
      const type = array?.kind === "ARRAY" && args.length === 1 ? result(array) : undefined;
      return type === undefined ? undefined : { type };
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => evaluator(elementOf(types.args[0]!)) as Evaluator,
    doc: family,
  });
}

/** A function of an array and a value that may be NULL; a NULL array gives NULL. */
function withValue(
  family: Family,
  result: (array: ArrayType, value: DataType) => DataType,
  evaluator: (element: DataType) => (list: List, value: Value) => Value,
): ScalarFunction {
  return scalar({
    name: family.name,
    signature: family.signature,
    resolve: (args) => {
      const fit = resolveWithElement(typesOf(args));
      return fit && { type: result(fit.array, fit.value), args: [fit.array, fit.value] };
    },
    nulls: "handled",
    stability: "pure",
    evaluator: (types) => {
      const apply = evaluator(elementOf(types.args[0]!));
      return (list, value) => (list === null ? null : apply(list as List, value!));
    },
    doc: family,
  });
}

/** A function of several arrays, which become their common type. */
function ofArrays(
  family: Family,
  most: number,
  evaluator: (element: DataType) => (...lists: List[]) => Value,
): ScalarFunction {
  return scalar({
    name: family.name,
    signature: family.signature,
    resolve: (args) => {
      const types = typesOf(args);
      const common = commonType(types);
      const least = most === 2 ? 2 : 1;
      if (common?.kind !== "ARRAY" || types.length < least || types.length > most) return undefined;
      return {
        type: withNullable(common, anyNullable(types)),
        args: types.map((type) => withNullable(common, type.nullable)),
      };
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => evaluator(elementOf(types.args[0]!)) as Evaluator,
    doc: family,
  });
}

function boolean(array: ArrayType): DataType {
  return T.boolean(array.nullable);
}

function extreme(element: DataType, sign: 1 | -1): (list: List) => Value {
  const compare = compareOf(element);
  return (list) => {
    let best: Value = null;
    for (const value of list) if (value !== null && (best === null || compare(value, best) * sign > 0)) best = value;
    return best;
  };
}

const arrayPosition = scalar({
  name: "ARRAY_POSITION",
  signature: "ARRAY_POSITION(<ARRAY>, <ELEMENT>)",
  resolve: (args) => {
    const types = typesOf(args);
    const fit = resolveWithElement(types);
    return fit && { type: T.int(anyNullable(types)), args: [fit.array, fit.value] };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const equal = nullSafe(equalOf(elementOf(types.args[0]!)));
    return (list, wanted) => (list as List).findIndex((value) => equal(value, wanted)) + 1;
  },
  doc: {
    summary: "The position of the first equal element, from 1; 0 when there is none.",
    examples: [["ARRAY_POSITION(ARRAY[3, 1, 2], 2)", "3"]],
  },
});

const arrayRemove = scalar({
  name: "ARRAY_REMOVE",
  signature: "ARRAY_REMOVE(<ARRAY>, <ELEMENT>)",
  resolve: (args) => {
    const fit = resolveWithElement(typesOf(args));
    if (fit === undefined) return undefined;
    // What is taken away does not make the elements that stay nullable.
    const element = withNullable(fit.array.element, elementOf(typesOf(args)[0]!).nullable);
    return { type: { ...fit.array, element }, args: [fit.array, fit.value] };
  },
  nulls: "handled",
  stability: "pure",
  evaluator: (types) => {
    const equal = nullSafe(equalOf(elementOf(types.args[0]!)));
    return (list, unwanted) => (list === null ? null : (list as List).filter((value) => !equal(value, unwanted!)));
  },
  doc: {
    summary: "The array without all elements that are equal (NULL takes NULL away).",
    examples: [
      ["ARRAY_REMOVE(ARRAY[1, 2, 2], 2)", "[1]"],
      ["ARRAY_REMOVE(ARRAY[1, CAST(NULL AS INT)], NULL)", "[1]"],
      ["ARRAY_REMOVE(CAST(NULL AS ARRAY<INT>), 1)", "NULL"],
    ],
  },
});

const arraySlice = scalar({
  name: "ARRAY_SLICE",
  signature: "ARRAY_SLICE(<ARRAY>, <INTEGER> start[, <INTEGER> end])",
  resolve: (args) => {
    const types = typesOf(args);
    const [array, ...bounds] = types;
    if (array?.kind !== "ARRAY" || bounds.length < 1 || bounds.length > 2 || !bounds.every(isInteger)) return undefined;
    return {
      type: withNullable(array, anyNullable(types)),
      args: [array, ...bounds.map((bound) => T.int(bound.nullable))],
    };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (array, start, end) => {
    const list = array as List;
    const index = (position: number): number =>
      position > 0 ? position - 1 : position === 0 ? 0 : list.length + position;
    const from = Math.max(0, index(start as number));
    const to = end === undefined ? list.length : index(end as number) + 1;
    return to <= from ? [] : list.slice(from, to);
  },
  doc: {
    summary: "The elements from start to end (both inclusive, from 1; negative positions count from the end).",
    examples: [
      ["ARRAY_SLICE(ARRAY[3, 1, 2], 2, 3)", "[1, 2]"],
      ["ARRAY_SLICE(ARRAY[3, 1, 2], -2)", "[1, 2]"],
    ],
  },
});

const arraySort = scalar({
  name: "ARRAY_SORT",
  signature: "ARRAY_SORT(<ARRAY>[, <BOOLEAN> ascending[, <BOOLEAN> nulls first]])",
  resolve: (args) => {
    const types = typesOf(args);
    const [array, ...flags] = types;
    if (array?.kind !== "ARRAY" || flags.length > 2 || flags.some((flag) => flag.kind !== "BOOLEAN")) return undefined;
    if (!isOrdered(array.element)) return undefined;
    return { type: withNullable(array, anyNullable(types)) };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const compare = compareOf(elementOf(types.args[0]!));
    return (array, ascending = true, nullsFirst = ascending) => {
      const list = array as List;
      const sign = ascending === true ? 1 : -1;
      const sorted = list.filter((value) => value !== null).sort((a, b) => compare(a, b) * sign);
      const nulls = list.filter((value) => value === null);
      return nullsFirst === true ? [...nulls, ...sorted] : [...sorted, ...nulls];
    };
  },
  doc: {
    summary: "The elements in order; NULL comes first when ascending and last when descending, unless said otherwise.",
    examples: [["ARRAY_SORT(ARRAY[3, 1, 2], FALSE)", "[3, 2, 1]"]],
  },
});

function resolveJoin(types: readonly DataType[]): Resolution | undefined {
  const [array, ...texts] = types;
  if (array?.kind !== "ARRAY" || !isText(array.element) || texts.length < 1 || texts.length > 2) return undefined;
  return texts.every(isText) ? { type: T.string(anyNullable(types)) } : undefined;
}

const arrayJoin = scalar({
  name: "ARRAY_JOIN",
  signature: "ARRAY_JOIN(<ARRAY OF CHARACTER>, <CHARACTER> delimiter[, <CHARACTER> for NULL])",
  resolve: (args) => resolveJoin(typesOf(args)),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (array, delimiter, replacement) => {
    const list = array as List;
    const texts =
      replacement === undefined ? list.filter((value) => value !== null) : list.map((value) => value ?? replacement);
    return texts.join(delimiter as string);
  },
  doc: {
    summary: "The elements as one text; NULL elements are left out, or shown as the third argument.",
    examples: [["ARRAY_JOIN(ARRAY['x', 'y'], '+')", "x+y"]],
  },
});

const split = scalar({
  name: "SPLIT",
  signature: "SPLIT(<CHARACTER>, <CHARACTER> delimiter)",
  resolve: (args) => {
    const types = typesOf(args);
    return types.length === 2 && types.every(isText) ? { type: T.array(T.string(), anyNullable(types)) } : undefined;
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, delimiter) => {
    if (delimiter === "") return [...(text as string)];
    return (text as string).split(delimiter as string);
  },
  doc: { summary: "The parts of a text between delimiters.", examples: [["SPLIT('a,b', ',')", "[a, b]"]] },
});

/** Functions of arrays. */
export const arrayFunctions: readonly ScalarFunction[] = [
  withValue(
    {
      name: "ARRAY_CONTAINS",
      signature: "ARRAY_CONTAINS(<ARRAY>, <ELEMENT>)",
      summary: "True when an element is equal (NULL finds NULL).",
      examples: [["ARRAY_CONTAINS(ARRAY[1, 2], 2)", "TRUE"]],
    },
    boolean,
    (element) => {
      const equal = nullSafe(equalOf(element));
      return (list, wanted) => list.some((value) => equal(value, wanted));
    },
  ),
  arrayRemove,
  withValue(
    {
      name: "ARRAY_APPEND",
      signature: "ARRAY_APPEND(<ARRAY>, <ELEMENT>)",
      summary: "The array with one more element at its end.",
      examples: [["ARRAY_APPEND(ARRAY[1], 2)", "[1, 2]"]],
    },
    (array, value) => withNullable(array, array.nullable || value.nullable),
    () => (list, value) => [...list, value],
  ),
  withValue(
    {
      name: "ARRAY_PREPEND",
      signature: "ARRAY_PREPEND(<ARRAY>, <ELEMENT>)",
      summary: "The array with one more element at its beginning.",
      examples: [["ARRAY_PREPEND(ARRAY[1], 2)", "[2, 1]"]],
    },
    (array, value) => withNullable(array, array.nullable || value.nullable),
    () => (list, value) => [value, ...list],
  ),
  arrayPosition,
  arraySlice,
  arraySort,
  arrayJoin,
  ofArray(
    {
      name: "ARRAY_DISTINCT",
      signature: "ARRAY_DISTINCT(<ARRAY>)",
      summary: "The array without repetitions; the first of equal elements stays.",
      examples: [["ARRAY_DISTINCT(ARRAY[3, 1, 3])", "[3, 1]"]],
    },
    (array) => array,
    (element) => (list) => distinct(element, [list], () => true),
  ),
  ofArray(
    {
      name: "ARRAY_REVERSE",
      signature: "ARRAY_REVERSE(<ARRAY>)",
      summary: "The array from its end to its beginning.",
      examples: [["ARRAY_REVERSE(ARRAY[1, 2])", "[2, 1]"]],
    },
    (array) => array,
    () => (list) => [...list].reverse(),
  ),
  ofArray(
    {
      name: "ARRAY_MAX",
      signature: "ARRAY_MAX(<ARRAY>)",
      summary: "The greatest element; NULL when there is none.",
      examples: [["ARRAY_MAX(ARRAY[1, 3, 2])", "3"]],
    },
    (array) => (isOrdered(array.element) ? withNullable(array.element, true) : undefined),
    (element) => extreme(element, 1),
  ),
  ofArray(
    {
      name: "ARRAY_MIN",
      signature: "ARRAY_MIN(<ARRAY>)",
      summary: "The least element; NULL when there is none.",
      examples: [["ARRAY_MIN(ARRAY[1, 3, 2])", "1"]],
    },
    (array) => (isOrdered(array.element) ? withNullable(array.element, true) : undefined),
    (element) => extreme(element, -1),
  ),
  ofArrays(
    {
      name: "ARRAY_UNION",
      signature: "ARRAY_UNION(<ARRAY>, <ARRAY>)",
      summary: "The elements of both arrays without repetitions.",
      examples: [["ARRAY_UNION(ARRAY[1, 2], ARRAY[9, 1])", "[1, 2, 9]"]],
    },
    2,
    (element) => (a, b) => distinct(element, [a!, b!], () => true),
  ),
  ofArrays(
    {
      name: "ARRAY_EXCEPT",
      signature: "ARRAY_EXCEPT(<ARRAY>, <ARRAY>)",
      summary: "The elements of the first array that are not in the second, without repetitions.",
      examples: [["ARRAY_EXCEPT(ARRAY[1, 2, 2], ARRAY[1])", "[2]"]],
    },
    2,
    (element) => (a, b) => {
      const unwanted = seenValues(element);
      for (const value of b!) unwanted.add(value);
      return distinct(element, [a!], (value) => !unwanted.has(value));
    },
  ),
  ofArrays(
    {
      name: "ARRAY_INTERSECT",
      signature: "ARRAY_INTERSECT(<ARRAY>, <ARRAY>)",
      summary: "The elements of the first array that are in the second, without repetitions.",
      examples: [["ARRAY_INTERSECT(ARRAY[1, 2, 3], ARRAY[3, 1])", "[1, 3]"]],
    },
    2,
    (element) => (a, b) => {
      const wanted = seenValues(element);
      for (const value of b!) wanted.add(value);
      return distinct(element, [a!], (value) => wanted.has(value));
    },
  ),
  ofArrays(
    {
      name: "ARRAY_CONCAT",
      signature: "ARRAY_CONCAT(<ARRAY>, …)",
      summary: "The elements of all arrays.",
      examples: [["ARRAY_CONCAT(ARRAY[1], ARRAY[2, 1])", "[1, 2, 1]"]],
    },
    Infinity,
    () =>
      (...lists) =>
        lists.flat(1) as List,
  ),
  split,
];
