import { SqlError } from "../../base/errors.ts";
import { commonType } from "../../types/coerce.ts";
import { T, withNullable, type DataType, type SqlMap, type Value } from "../../types/data-type.ts";
import { scalar, type ScalarFunction } from "../define.ts";
import { mapWriter } from "./collection.ts";
import { anyNullable, typesOf } from "./shared.ts";

type MapType = Extract<DataType, { kind: "MAP" }>;

/** A function of one map that gives an array. */
function ofMap(
  name: string,
  summary: string,
  element: (map: MapType) => DataType,
  apply: (map: SqlMap) => readonly Value[],
  example: readonly [string, string],
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<MAP>)`,
    resolve: (args) => {
      const [map] = typesOf(args);
      if (map?.kind !== "MAP" || args.length !== 1) return undefined;
      return { type: T.array(element(map), map.nullable) };
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: () => (map) => apply(map as SqlMap),
    doc: { summary, examples: [example] },
  });
}

function entryType(map: MapType): DataType {
  return T.row([
    { name: "key", type: map.key },
    { name: "value", type: map.value },
  ]);
}

const mapFromArrays = scalar({
  name: "MAP_FROM_ARRAYS",
  signature: "MAP_FROM_ARRAYS(<ARRAY> keys, <ARRAY> values)",
  resolve: (args) => {
    const types = typesOf(args);
    const [keys, values] = types;
    if (keys?.kind !== "ARRAY" || values?.kind !== "ARRAY" || types.length !== 2) return undefined;
    return { type: T.map(keys.element, values.element, anyNullable(types)) };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const put = mapWriter((types.result as MapType).key);
    return (keys, values) => {
      const [left, right] = [keys as readonly Value[], values as readonly Value[]];
      if (left.length !== right.length) {
        throw new SqlError(
          "INVALID_ARGUMENT",
          `MAP_FROM_ARRAYS needs as many keys as values, but there are ${left.length} keys and ${right.length} values.`,
        );
      }
      const entries: [Value, Value][] = [];
      for (const [i, key] of left.entries()) put(entries, key, right[i]!);
      return entries;
    };
  },
  doc: {
    summary: "A map of an array of keys and an array of values.",
    examples: [["MAP_FROM_ARRAYS(ARRAY['p', 'q'], ARRAY[1, 2])", "{p=1, q=2}"]],
  },
});

const mapUnion = scalar({
  name: "MAP_UNION",
  signature: "MAP_UNION(<MAP>, …)",
  resolve: (args) => {
    const types = typesOf(args);
    const common = commonType(types);
    if (common?.kind !== "MAP") return undefined;
    return {
      type: withNullable(common, anyNullable(types)),
      args: types.map((type) => withNullable(common, type.nullable)),
    };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const put = mapWriter((types.result as MapType).key);
    return (...maps) => {
      const entries: [Value, Value][] = [];
      for (const map of maps) for (const [key, value] of map as SqlMap) put(entries, key, value);
      return entries;
    };
  },
  doc: {
    summary: "The entries of all maps; the last value of a key wins.",
    examples: [["MAP_UNION(MAP['a', 1], MAP['a', 2])", "{a=2}"]],
  },
});

/** Functions of maps. */
export const mapFunctions: readonly ScalarFunction[] = [
  ofMap(
    "MAP_KEYS",
    "The keys of a map.",
    (map) => map.key,
    (map) => map.map(([key]) => key),
    ["MAP_KEYS(MAP['k', 1])", "[k]"],
  ),
  ofMap(
    "MAP_VALUES",
    "The values of a map.",
    (map) => map.value,
    (map) => map.map(([, value]) => value),
    ["MAP_VALUES(MAP['k', 1])", "[1]"],
  ),
  ofMap("MAP_ENTRIES", "The entries of a map as rows.", entryType, (map) => map.map(([key, value]) => [key, value]), [
    "MAP_ENTRIES(MAP['k', 1])",
    "[(k, 1)]",
  ]),
  mapFromArrays,
  mapUnion,
];
