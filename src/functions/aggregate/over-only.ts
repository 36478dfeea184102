import { SqlError } from "../../base/errors.ts";
import { storageOf, T, type DataType, type Value } from "../../types/data-type.ts";
import {
  aggregate,
  type AccumulatorAccess,
  type AccumulatorColumn,
  type AggregateFunction,
  type AggregateTypes,
} from "../define.ts";

/** Up to here the values that LAG looks back on have a column each; more of them share a list. */
const MOST_COLUMNS = 8;

/** Numbers rows in the order of the window. As in Flink, RANK and DENSE_RANK count the rows of the frame too: peers get the number of the last of them. */
function counter(name: "ROW_NUMBER" | "RANK" | "DENSE_RANK", summary: string): AggregateFunction {
  return aggregate({
    name,
    signature: `${name}()`,
    onlyOver: true,
    resolve: (args) => (args.length === 0 ? { type: T.bigint(false) } : undefined),
    nulls: "skip",
    state: () => [{ storage: "i64", initial: 0n }],
    accumulate: (_args, acc) => acc.set(0, `BigInt.asIntN(64, ${acc.get(0)} + 1n)`),
    resultIsNull: () => "false",
    result: (acc) => acc.get(0),
    doc: { summary, examples: [[`SELECT ${name}() OVER (ORDER BY x) FROM (VALUES (7)) AS t(x)`, "1"]] },
  });
}

/** How many rows LAG looks back. */
function offsetOf(types: AggregateTypes): number {
  const offset = types.literals[1];
  return offset === undefined || offset === null ? 1 : Number(offset);
}

const valueType = (types: AggregateTypes): DataType => types.args[0]!;

/** Columns: the values of the newest rows (newest first) or a list of them, the number of rows, and the default where it is no constant. */
function lagState(types: AggregateTypes): readonly AccumulatorColumn[] {
  const type = valueType(types);
  const offset = offsetOf(types);
  const values: AccumulatorColumn[] =
    offset > MOST_COLUMNS
      ? [{ storage: "any", initial: null }]
      : Array.from({ length: Math.max(0, offset) + 1 }, (_, i) => ({
          storage: storageOf(type),
          initial: null,
          type,
          name: `back ${i}`,
        }));
  const fallback: AccumulatorColumn[] = storesDefault(types)
    ? [{ storage: storageOf(types.args[2]!), initial: null, type: types.args[2], name: "default" }]
    : [];
  return [...values, { storage: "f64", initial: 0, name: "rows" }, ...fallback];
}

function storesDefault(types: AggregateTypes): boolean {
  return types.args.length > 2 && types.literals[2] === undefined;
}

function store(acc: AccumulatorAccess, column: number, value: string, isNull: string): string {
  return `if (${isNull}) { ${acc.setNull(column)} } else { ${acc.set(column, value)} }`;
}

function newest(list: Value | null, value: Value | null, count: number): Value {
  const values = list as readonly Value[] | null;
  if (values === null) return [value] as unknown as Value;
  const kept = values.length < count ? values : values.slice(1);
  return [...kept, value] as unknown as Value;
}

function oldest(list: Value): Value {
  return (list as readonly Value[])[0]!;
}

function refuseNegative(offset: number): never {
  throw new SqlError("INVALID_ARGUMENT", `LAG: Offset(${offset}) should be positive.`);
}

const LAG: AggregateFunction = aggregate({
  name: "LAG",
  signature: "LAG(<ANY>[, <INTEGER>[, <ANY>]])",
  onlyOver: true,
  // The binder types it: the value and the default meet in one type.
  resolve: (args) => (args.length > 0 && args.length <= 3 ? { type: args[0]!.type } : undefined),
  nulls: "handled",
  state: lagState,
  accumulate: ([value, , fallback], acc, types, context) => {
    const offset = offsetOf(types);
    if (offset < 0) return `${context.constant(refuseNegative)}(${offset});`;
    const inList = offset > MOST_COLUMNS;
    const rows = inList ? 1 : offset + 1;
    const statements: string[] = [];
    if (inList) {
      const list = `(${acc.isNull(0)} ? null : ${acc.get(0)})`;
      statements.push(acc.set(0, `${context.constant(newest)}(${list}, ${value}, ${offset + 1})`));
    } else {
      for (let i = offset; i > 0; i--) statements.push(store(acc, i, acc.get(i - 1), acc.isNull(i - 1)));
      statements.push(store(acc, 0, value!, `${value} === null`));
    }
    statements.push(`if (${acc.get(rows)} <= ${offset}) { ${acc.set(rows, `${acc.get(rows)} + 1`)} }`);
    if (storesDefault(types)) statements.push(store(acc, rows + 1, fallback!, `${fallback} === null`));
    return statements.join(" ");
  },
  result: (acc, types, context) => {
    const offset = Math.max(0, offsetOf(types));
    const inList = offset > MOST_COLUMNS;
    const rows = inList ? 1 : offset + 1;
    const found = inList
      ? `${context.constant(oldest)}(${acc.get(0)})`
      : `(${acc.isNull(offset)} ? null : ${acc.get(offset)})`;
    const constant = types.literals[2];
    const fallback = storesDefault(types)
      ? `(${acc.isNull(rows + 1)} ? null : ${acc.get(rows + 1)})`
      : constant === undefined || constant === null
        ? "null"
        : context.constant(constant);
    return `(${acc.get(rows)} > ${offset} ? ${found} : ${fallback})`;
  },
  doc: {
    summary: "The value so many rows before (1 when it is not said), or the default (NULL) where there is none.",
    examples: [["SELECT LAG(x, 1, 5) OVER (ORDER BY x) FROM (VALUES (7)) AS t(x)", "5"]],
  },
});

/** Aggregates that only exist with OVER. */
export const OVER_ONLY: readonly AggregateFunction[] = [
  counter("ROW_NUMBER", "Number of the row in its partition."),
  counter("RANK", "Rank of the row in its partition; rows of equal order get the number of the last of them."),
  counter("DENSE_RANK", "As RANK."),
  LAG,
];
