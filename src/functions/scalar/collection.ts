import { SqlError } from "../../base/errors.ts";
import { commonType } from "../../types/coerce.ts";
import {
  isInteger,
  T,
  withNullable,
  type DataType,
  type Field,
  type SqlMap,
  type Value,
} from "../../types/data-type.ts";
import { equalOf } from "../../types/value-compare.ts";
import { scalar, type ScalarFunction } from "../define.ts";
import { keepNullability, typesOf } from "./shared.ts";

const arrayConstructor = scalar({
  name: "ARRAY",
  signature: "ARRAY[<ANY>, …]",
  resolve: (args) => {
    const types = typesOf(args);
    const element = commonType(types);
    if (element === undefined || element.kind === "NULL") return undefined;
    return { type: T.array(element, false), args: keepNullability(element, types) };
  },
  nulls: "handled",
  stability: "pure",
  evaluator:
    () =>
    (...values) =>
      values,
  emit: (args) => `[${args.join(", ")}]`,
  callable: false,
  doc: { summary: "An array of values, as their common type.", examples: [["ARRAY[1, 2.5]", "[1.0, 2.5]"]] },
});

const mapConstructor = scalar({
  name: "MAP",
  signature: "MAP[<ANY> key, <ANY> value, …]",
  resolve: (args) => {
    const types = typesOf(args);
    if (types.length === 0 || types.length % 2 === 1) return undefined;
    const key = commonType(types.filter((_, i) => i % 2 === 0));
    const value = commonType(types.filter((_, i) => i % 2 === 1));
    if (key === undefined || value === undefined || key.kind === "NULL" || value.kind === "NULL") return undefined;
    return {
      type: T.map(key, value, false),
      args: types.map((type, i) => withNullable(i % 2 === 0 ? key : value, type.nullable)),
    };
  },
  nulls: "handled",
  stability: "pure",
  evaluator: (types) => {
    const put = mapWriter((types.result as Extract<DataType, { kind: "MAP" }>).key);
    return (...items) => {
      const entries: [Value, Value][] = [];
      for (let i = 0; i < items.length; i += 2) put(entries, items[i]!, items[i + 1]!);
      return entries;
    };
  },
  callable: false,
  doc: { summary: "A map; the last value of a key wins.", examples: [["MAP['d', 1, 'd', 2]", "{d=2}"]] },
});

/** Adds an entry to a list of entries; an equal key gets the new value. */
export function mapWriter(keyType: DataType): (entries: [Value, Value][], key: Value, value: Value) => void {
  const equal = equalOf(keyType);
  return (entries, key, value) => {
    const known = entries.find(([k]) => k === key || (k !== null && key !== null && equal(k, key)));
    if (known === undefined) entries.push([key, value]);
    else known[1] = value;
  };
}

const rowConstructor = scalar({
  name: "ROW",
  signature: "ROW(<ANY>, …)",
  resolve: (args) => {
    const fields: Field[] = typesOf(args).map((type, i) => ({ name: `EXPR$${i}`, type }));
    return fields.length === 0 ? undefined : { type: T.row(fields, false) };
  },
  nulls: "handled",
  stability: "pure",
  evaluator:
    () =>
    (...values) =>
      values,
  emit: (args) => `[${args.join(", ")}]`,
  callable: false,
  doc: { summary: "A row of values.", examples: [["ROW(1, 'x')", "(1, x)"]] },
});

/** The entry of a key in a map, or `undefined`. */
function findEntry(
  map: SqlMap,
  key: Value,
  equal: (a: Value, b: Value) => boolean,
): readonly [Value, Value] | undefined {
  for (const entry of map) if (entry[0] === key || (entry[0] !== null && equal(entry[0], key))) return entry;
  return undefined;
}

const item = scalar({
  name: "ITEM",
  signature: "<ARRAY>[<INTEGER>], <MAP>[<KEY>]",
  resolve: (args) => {
    const [collection, index] = typesOf(args);
    if (collection === undefined || index === undefined || args.length !== 2) return undefined;
    if (collection.kind === "ARRAY") {
      if (!isInteger(index)) return undefined;
      const literal = args[1]!.literal;
      if (literal !== null && literal !== undefined && Number(literal) <= 0) {
        throw new SqlError(
          "INVALID_QUERY",
          `Array element access needs an index starting at 1 but was ${String(literal)}.`,
        );
      }
      return { type: withNullable(collection.element, true), args: [collection, T.int(index.nullable)] };
    }
    if (collection.kind !== "MAP" || commonType([collection.key, index]) === undefined) return undefined;
    const key = withNullable(collection.key, index.nullable || index.kind === "NULL");
    return { type: withNullable(collection.value, true), args: [collection, key] };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const collection = types.args[0]!;
    if (collection.kind === "ARRAY")
      return (array, index) => (array as readonly Value[])[(index as number) - 1] ?? null;
    const equal = equalOf((collection as Extract<DataType, { kind: "MAP" }>).key);
    return (map, key) => findEntry(map as SqlMap, key, equal)?.[1] ?? null;
  },
  emit: ([array, index], types) => (types.args[0]!.kind === "ARRAY" ? `(${array}[${index} - 1] ?? null)` : undefined),
  callable: false,
  doc: {
    summary: "The element at an index (from 1) or the value of a key; NULL when there is none.",
    examples: [
      ["ARRAY['a', 'b'][2]", "b"],
      ["MAP['x', 1]['y']", "NULL"],
    ],
  },
});

const field = scalar({
  name: "FIELD",
  signature: "<ROW>.<FIELD>",
  resolve: (args) => {
    const [row] = typesOf(args);
    const index = args[1]?.literal;
    if (row?.kind !== "ROW" || typeof index !== "number") return undefined;
    const type = row.fields[index]?.type;
    return type === undefined ? undefined : { type: withNullable(type, type.nullable || row.nullable) };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (row, index) => (row as readonly Value[])[index as number] ?? null,
  emit: ([row, index]) => `(${row}[${index}] ?? null)`,
  callable: false,
  doc: {
    summary: "A field of a row, by position from 0.",
    examples: [["(CAST(ROW(7, 'x') AS ROW<a INT, b STRING>)).b", "x"]],
  },
});

const cardinality = scalar({
  name: "CARDINALITY",
  signature: "CARDINALITY(<ARRAY>), CARDINALITY(<MAP>), CARDINALITY(<MULTISET>)",
  resolve: (args) => {
    const [type] = typesOf(args);
    if (args.length !== 1 || (type?.kind !== "ARRAY" && type?.kind !== "MAP" && type?.kind !== "MULTISET"))
      return undefined;
    return { type: T.int(type.nullable) };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    if (types.args[0]!.kind !== "MULTISET") return (items) => (items as readonly Value[]).length;
    return (items) => (items as SqlMap).reduce((sum, [, count]) => sum + Number(count), 0);
  },
  emit: ([items], types) => (types.args[0]!.kind === "MULTISET" ? undefined : `${items}.length`),
  doc: { summary: "The number of elements or entries.", examples: [["CARDINALITY(ARRAY[1, NULL, 3])", "3"]] },
});

const element = scalar({
  name: "ELEMENT",
  signature: "ELEMENT(<ARRAY>)",
  resolve: (args) => {
    const [type] = typesOf(args);
    if (args.length !== 1 || (type?.kind !== "ARRAY" && type?.kind !== "MULTISET")) return undefined;
    return { type: withNullable(type.element, type.nullable || type.element.nullable) };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const multiset = types.args[0]!.kind === "MULTISET";
    return (items) => {
      const list = items as readonly Value[];
      if (list.length > 1) throw new SqlError("INVALID_ARGUMENT", "ELEMENT needs a collection of at most one element.");
      const only = list[0] ?? null;
      return multiset && only !== null ? ((only as readonly Value[])[0] ?? null) : only;
    };
  },
  doc: {
    summary: "The only element of a collection; NULL when it is empty.",
    examples: [["ELEMENT(ARRAY['solo'])", "solo"]],
  },
});

/** Constructors and access: ARRAY, MAP, ROW, ITEM, FIELD, CARDINALITY, ELEMENT. */
export const collectionFunctions: readonly ScalarFunction[] = [
  arrayConstructor,
  mapConstructor,
  rowConstructor,
  item,
  field,
  cardinality,
  element,
];
