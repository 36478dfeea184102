import { storageOf, withNullable, type DataType, type Value } from "../../types/data-type.ts";
import { compareOf, type Compare } from "../../types/value-compare.ts";
import { aggregate, type AccumulatorAccess, type AggregateFunction, type AggregateTypes } from "../define.ts";
import { appendValue, concatLists, removeFirst, valuesOf, type ValueList } from "./value-list.ts";

/** One value with the sequence number of its row. */
type Arrival = readonly [value: Value, order: number];

const argument = (types: AggregateTypes): DataType => types.args[0]!;

function removeArrival(list: ValueList | null, value: Value, compare: Compare): ValueList {
  return removeFirst(list, (each) => compare((each as Arrival)[0], value) === 0);
}

function mergeArrivals(into: ValueList | null, from: ValueList): ValueList {
  const all = valuesOf(concatLists(into, from)) as unknown as Arrival[];
  return all.sort((a, b) => a[1] - b[1]).reduce<ValueList>((list, arrival) => appendValue(list, arrival), []);
}

function firstValue(list: ValueList): Value {
  return (list[0]![0] as Arrival)[0];
}

function lastValue(list: ValueList): Value {
  const chunk = list[list.length - 1]!;
  return (chunk[chunk.length - 1] as Arrival)[0];
}

function listOf(acc: AccumulatorAccess): string {
  return `(${acc.isNull(0)} ? null : ${acc.get(0)})`;
}

/** Append-only: the value and the sequence number of its row. Retracting: all values, ordered. */
function endValue(name: "FIRST_VALUE" | "LAST_VALUE", example: string): AggregateFunction {
  const first = name === "FIRST_VALUE";
  return aggregate({
    name,
    signature: `${name}(<ANY>)`,
    resolve: (args) => (args.length === 1 ? { type: withNullable(args[0]!.type, true) } : undefined),
    nulls: "skip",
    state: (types, retracting) =>
      retracting
        ? [
            { storage: "any", initial: null },
            { storage: "f64", initial: 0, name: "order" },
          ]
        : [
            { storage: storageOf(argument(types)), initial: null, type: argument(types) },
            { storage: "f64", initial: 0, name: "order" },
          ],
    accumulate: (args, acc, _types, context) => {
      const value = args[0]!;
      const row = context.row;
      if (context.retracting) return acc.set(0, `${context.constant(appendValue)}(${listOf(acc)}, [${value}, ${row}])`);
      const store = `${acc.set(0, value)} ${acc.set(1, row)}`;
      return first ? `if (${acc.isNull(0)}) { ${store} }` : store;
    },
    retract: ([value], acc, types, context) =>
      acc.set(
        0,
        `${context.constant(removeArrival)}(${listOf(acc)}, ${value}, ${context.constant(compareOf(argument(types)))})`,
      ),
    merge: (into, from, _types, context) => {
      if (context.retracting) {
        return `if (!(${from.isNull(0)})) { ${into.set(0, `${context.constant(mergeArrivals)}(${listOf(into)}, ${from.get(0)})`)} }`;
      }
      const better = `${from.get(1)} ${first ? "<" : ">"} ${into.get(1)}`;
      return `if (!(${from.isNull(0)}) && (${into.isNull(0)} || ${better})) { ${into.set(0, from.get(0))} ${into.set(1, from.get(1))} }`;
    },
    resultIsNull: (acc, _types, context) =>
      context.retracting ? `${acc.isNull(0)} || ${acc.get(0)}.length === 0` : acc.isNull(0),
    result: (acc, _types, context) =>
      context.retracting ? `${context.constant(first ? firstValue : lastValue)}(${acc.get(0)})` : acc.get(0),
    doc: {
      summary: `${first ? "First" : "Last"} value that is not NULL, in order of arrival.`,
      examples: [[`SELECT ${name}(x) FROM (VALUES (1), (2)) AS t(x)`, example]],
    },
  });
}

/** FIRST_VALUE and LAST_VALUE. */
export const FIRST_LAST: readonly AggregateFunction[] = [endValue("FIRST_VALUE", "1"), endValue("LAST_VALUE", "2")];
