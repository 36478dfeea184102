import { SqlError } from "../../base/errors.ts";
import { isText, T, type Value } from "../../types/data-type.ts";
import { compareText } from "../../types/value-compare.ts";
import {
  aggregate,
  type AccumulatorAccess,
  type AggregateFunction,
  type AggregateTypes,
  type Argument,
} from "../define.ts";
import { addToMultiset, mergeMultisets, type Multiset } from "./multiset.ts";
import { appendValue, concatLists, removeValue, valuesOf, type ValueList } from "./value-list.ts";

/** A member of the object: its name and its value as JSON. */
type Member = readonly [name: string, json: string];

const byText = (a: Value, b: Value): number => compareText(a as string, b as string);
const byName = (a: Value, b: Value): number => compareText((a as Member)[0], (b as Member)[0]);

/** True for the words that stand behind the arguments: `NULL ON NULL` or `ABSENT ON NULL`. */
function isNullClause(argument: Argument | undefined): boolean {
  return argument === undefined || argument.literal === "NULL ON NULL" || argument.literal === "ABSENT ON NULL";
}

/** Whether NULL values are left out; `position`: where the words stand when they are given. */
function leavesOutNulls(types: AggregateTypes, position: number, byDefault: boolean): boolean {
  const words = types.literals[position];
  return words === undefined ? byDefault : words === "ABSENT ON NULL";
}

function stored(acc: AccumulatorAccess): string {
  return `(${acc.isNull(0)} ? null : ${acc.get(0)})`;
}

/** The binder hands values over as JSON texts (`withJsonValues`). */
function textOf(value: string): string {
  return `(${value} ?? "null")`;
}

function arrayText(list: ValueList | null): string {
  return `[${list === null ? "" : valuesOf(list).join(",")}]`;
}

/** JSON texts of the values in order of arrival. */
const JSON_ARRAYAGG: AggregateFunction = aggregate({
  name: "JSON_ARRAYAGG",
  signature: "JSON_ARRAYAGG(<ANY> [{NULL | ABSENT} ON NULL])",
  resolve: (args) =>
    args.length >= 1 && args.length <= 2 && isText(args[0]!.type) && isNullClause(args[1])
      ? { type: T.varchar(2000, false) }
      : undefined,
  nulls: "handled",
  state: () => [{ storage: "any", initial: null }],
  accumulate: ([value], acc, types, context) => {
    const add = acc.set(0, `${context.constant(appendValue)}(${stored(acc)}, ${textOf(value!)})`);
    return leavesOutNulls(types, 1, true) ? `if (${value} !== null) { ${add} }` : add;
  },
  retract: ([value], acc, types, context) => {
    const remove = acc.set(
      0,
      `${context.constant(removeValue)}(${stored(acc)}, ${textOf(value!)}, ${context.constant(byText)})`,
    );
    return leavesOutNulls(types, 1, true) ? `if (${value} !== null) { ${remove} }` : remove;
  },
  merge: (into, from, _types, context) =>
    `if (!(${from.isNull(0)})) { ${into.set(0, `${context.constant(concatLists)}(${stored(into)}, ${from.get(0)})`)} }`,
  resultIsNull: () => "false",
  result: (acc, _types, context) => `${context.constant(arrayText)}(${stored(acc)})`,
  doc: {
    summary: "JSON array of the values in order of arrival; NULL values are left out unless NULL ON NULL is given.",
    examples: [["SELECT JSON_ARRAYAGG(x) FROM (VALUES (1), (2)) AS t(x)", "[1,2]"]],
  },
});

function addMember(members: Multiset | null, name: Value, json: string): Multiset {
  if (name === null) throw new SqlError("INVALID_ARGUMENT", "a key of JSON_OBJECTAGG is NULL");
  const before = members === null ? 0 : members.reduce((sum, [values]) => sum + values.length, 0);
  const after = addToMultiset(members, [name, json], 1, byName);
  if (after.reduce((sum, [values]) => sum + values.length, 0) === before) {
    throw new SqlError("INVALID_ARGUMENT", `the key '${String(name)}' comes twice in JSON_OBJECTAGG`);
  }
  return after;
}

function removeMember(members: Multiset | null, name: Value): Multiset {
  return addToMultiset(members, [name, ""], -1, byName);
}

function mergeMembers(into: Multiset | null, from: Multiset): Multiset {
  return mergeMultisets(into, from, byName);
}

function objectText(members: Multiset | null): string {
  const texts = (members ?? []).flatMap(([values]) =>
    values.map((member) => `${JSON.stringify((member as Member)[0])}:${(member as Member)[1]}`),
  );
  return `{${texts.join(",")}}`;
}

/** Names and JSON texts of the values, ordered by name. */
const JSON_OBJECTAGG: AggregateFunction = aggregate({
  name: "JSON_OBJECTAGG",
  signature: "JSON_OBJECTAGG([KEY] <CHARACTER> VALUE <ANY> [{NULL | ABSENT} ON NULL])",
  resolve: (args) =>
    (args.length === 2 || args.length === 3) && isText(args[0]!.type) && isNullClause(args[2])
      ? { type: T.varchar(2000, false) }
      : undefined,
  nulls: "handled",
  state: () => [{ storage: "any", initial: null }],
  accumulate: ([name, value], acc, types, context) => {
    const add = acc.set(0, `${context.constant(addMember)}(${stored(acc)}, ${name}, ${textOf(value!)})`);
    return leavesOutNulls(types, 2, false) ? `if (${value} !== null) { ${add} }` : add;
  },
  retract: ([name, value], acc, types, context) => {
    const remove = acc.set(0, `${context.constant(removeMember)}(${stored(acc)}, ${name})`);
    return leavesOutNulls(types, 2, false) ? `if (${value} !== null) { ${remove} }` : remove;
  },
  merge: (into, from, _types, context) =>
    `if (!(${from.isNull(0)})) { ${into.set(0, `${context.constant(mergeMembers)}(${stored(into)}, ${from.get(0)})`)} }`,
  resultIsNull: () => "false",
  result: (acc, _types, context) => `${context.constant(objectText)}(${stored(acc)})`,
  doc: {
    summary:
      "JSON object of keys and values, ordered by key; a key that comes twice is an error; NULL values are kept unless ABSENT ON NULL is given.",
    examples: [["SELECT JSON_OBJECTAGG(KEY k VALUE x) FROM (VALUES ('b', 1), ('a', 2)) AS t(k, x)", '{"a":2,"b":1}']],
  },
});

/** Aggregates that make JSON. */
export const JSON_AGGREGATES: readonly AggregateFunction[] = [JSON_ARRAYAGG, JSON_OBJECTAGG];
