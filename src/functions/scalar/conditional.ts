import { commonType } from "../../types/coerce.ts";
import {
  isBinary,
  isText,
  T,
  withNullable,
  withoutTimeAttribute,
  type DataType,
  type Value,
} from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import { compareOf, equalOf } from "../../types/value-compare.ts";
import {
  scalar,
  type CallTypes,
  type Evaluator,
  type Resolution,
  type ScalarFunction,
  type SessionFacts,
} from "../define.ts";
import { castConverter } from "./cast.ts";
import { comparableTypes } from "./comparison.ts";
import { anyNullable, resolveCommon, typesOf } from "./shared.ts";

/** Results of branches become their common type, or what `typeOf` makes of them; conditions become BOOLEAN. */
function resolveBranches(
  types: readonly DataType[],
  typeOf: (results: readonly DataType[]) => DataType | undefined = commonType,
): Resolution | undefined {
  const isResult = (i: number): boolean => i % 2 === 1 || i === types.length - 1;
  if (types.length < 3 || types.length % 2 === 0) return undefined;
  if (types.some((type, i) => !isResult(i) && type.kind !== "BOOLEAN" && type.kind !== "NULL")) return undefined;
  const results = types.filter((_, i) => isResult(i));
  const common = typeOf(results);
  if (common === undefined) return undefined;
  return {
    type: withNullable(common, anyNullable(results)),
    args: types.map((type, i) => (isResult(i) ? withNullable(common, type.nullable) : T.boolean(type.nullable))),
  };
}

function evaluateBranches(): Evaluator {
  return (...args) => {
    let i = 0;
    while (i + 1 < args.length && args[i] !== true) i += 2;
    return args[i + 1 < args.length ? i + 1 : i] ?? null;
  };
}

const caseWhen = scalar({
  name: "CASE",
  signature: "CASE WHEN <BOOLEAN> THEN <ANY> … ELSE <ANY> END",
  resolve: (args) => resolveBranches(typesOf(args)),
  nulls: "handled",
  stability: "pure",
  evaluator: evaluateBranches,
  callable: false,
  doc: {
    summary: "The result of the first condition that is TRUE; arguments: condition, result, …, otherwise.",
    examples: [
      ["CASE WHEN TRUE THEN 1 ELSE 2.50 END", "1.00"],
      ["CASE 'b' WHEN 'a' THEN 1 WHEN 'b' THEN 2 END", "2"],
    ],
  },
});

/** The results of IF: as in Flink, of two timestamps the first one's type counts, also where its precision cuts the other. */
function typeOfIf(results: readonly DataType[]): DataType | undefined {
  const timestamps = results.every((type) => type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ");
  return timestamps ? results[0] : commonType(results);
}

const ifElse = scalar({
  name: "IF",
  signature: "IF(<BOOLEAN>, <ANY>, <ANY>)",
  resolve: (args) => {
    const types = typesOf(args);
    // Unlike in CASE, a bare NULL is refused.
    const bare = types.some((type) => type.kind === "NULL");
    const resolution = types.length === 3 && !bare ? resolveBranches(types, typeOfIf) : undefined;
    // Unlike CASE, a condition that may be NULL makes the result nullable.
    return resolution && { ...resolution, type: withNullable(resolution.type, anyNullable(types)) };
  },
  nulls: "handled",
  stability: "pure",
  evaluator: evaluateBranches,
  doc: {
    summary: "The second argument when the first is TRUE, else the third.",
    examples: [
      ["IF(1 > 2, 'a', 'b')", "b"],
      ["IF(CAST(NULL AS BOOLEAN), 1, 2.5)", "2.5"],
      ["IF(TRUE, CAST(NULL AS INT), 1)", "NULL"],
    ],
  },
});

/** The common type, nullable only when every argument is. */
function resolveFirst(types: readonly DataType[]): Resolution | undefined {
  const resolution = resolveCommon(types);
  if (resolution === undefined) return undefined;
  return {
    ...resolution,
    type: withNullable(
      resolution.type,
      types.every((type) => type.nullable),
    ),
  };
}

const firstNotNull: Evaluator = (...args) => args.find((arg) => arg !== null) ?? null;

const coalesce = scalar({
  name: "COALESCE",
  signature: "COALESCE(<ANY>, <ANY>, …)",
  resolve: (args) => resolveFirst(typesOf(args)),
  nulls: "handled",
  stability: "pure",
  evaluator: () => firstNotNull,
  doc: {
    summary: "The first argument that is not NULL.",
    examples: [["COALESCE(CAST(NULL AS INT), 3000000000)", "3000000000"]],
  },
});

const ifNull = scalar({
  name: "IFNULL",
  signature: "IFNULL(<ANY>, <ANY>)",
  resolve: (args) => {
    const types = typesOf(args);
    const [first] = types;
    const resolution = types.length === 2 ? resolveFirst(types) : undefined;
    // A text that is never NULL keeps its own length.
    const own = first !== undefined && isText(first) && !first.nullable;
    return resolution && own ? { type: first } : resolution;
  },
  nulls: "handled",
  stability: "pure",
  evaluator: () => firstNotNull,
  doc: {
    summary: "The first argument, or the second where it is NULL.",
    examples: [
      ["IFNULL(NULLIF('a', 'a'), 'b')", "b"],
      ["IFNULL(1, 2.5)", "1.0"],
      ["IFNULL(CAST(NULL AS INT), CAST(NULL AS INT))", "NULL"],
    ],
  },
});

const nullIf = scalar({
  name: "NULLIF",
  signature: "NULLIF(<COMPARABLE>, <COMPARABLE>)",
  resolve: (args) => {
    const [a, b] = typesOf(args);
    if (a === undefined || b === undefined || args.length !== 2) return undefined;
    if (b.kind === "NULL") return { type: withNullable(a, true), args: [a, withNullable(a, true)] };
    return comparableTypes(a, b, "equality") === undefined ? undefined : { type: withNullable(a, true) };
  },
  nulls: "handled",
  stability: "pure",
  evaluator: (types, session) => {
    const [a, b] = types.args as [DataType, DataType];
    const [left, right] = comparableTypes(a, b, "equality")!;
    const compared = commonType([left!, right!]) ?? left!;
    const toLeft = castConverter(a, compared, session);
    const toRight = castConverter(b, compared, session);
    const equal = equalOf(compared);
    return (x, y) => {
      if (x === null || y === null) return x;
      const [p, q] = [toLeft(x), toRight(y)];
      return p !== undefined && p !== null && q !== undefined && q !== null && equal(p, q) ? null : x;
    };
  },
  doc: {
    summary: "NULL when both are equal, else the first; it has the type of the first.",
    examples: [
      ["NULLIF(1, 1.0)", "NULL"],
      ["NULLIF('a', 'b')", "a"],
      ["NULLIF('a', NULL)", "a"],
      ["NULLIF(CAST(NULL AS INT), 1)", "NULL"],
    ],
  },
});

function extreme(name: "GREATEST" | "LEAST", sign: 1 | -1, example: readonly [string, string]): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<COMPARABLE>, <COMPARABLE>, …)`,
    resolve: (args) => {
      const types = typesOf(args);
      if (
        types.some(
          ({ kind }) =>
            kind === "MAP" || kind === "MULTISET" || kind === "ARRAY" || kind === "ROW" || kind === "VARIANT",
        )
      ) {
        return undefined;
      }
      return resolveCommon(types);
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => {
      const compare = compareOf(types.result);
      return (...values) => values.reduce((best, value) => (compare(value, best) * sign > 0 ? value : best));
    },
    emit: (args, types) => {
      if (args.length !== 2 || !isPlainOrder(types)) return undefined;
      return `(${args[1]} ${sign > 0 ? ">" : "<"} ${args[0]} ? ${args[1]} : ${args[0]})`;
    },
    doc: { summary: `The ${sign > 0 ? "greatest" : "least"} argument; NULL when one is NULL.`, examples: [example] },
  });
}

/** JavaScript's `<` orders these values as SQL does. */
function isPlainOrder(types: CallTypes): boolean {
  const type = types.result;
  return !isText(type) && !isBinary(type) && type.kind !== "DOUBLE" && type.kind !== "FLOAT";
}

const typeOf = scalar({
  name: "TYPEOF",
  signature: "TYPEOF(<ANY>[, <BOOLEAN>])",
  resolve: (args) => (args.length === 1 || args.length === 2 ? { type: T.string() } : undefined),
  nulls: "handled",
  stability: "pure",
  evaluator: (types: CallTypes, _session: SessionFacts) => {
    const text: Value = typeText(withoutTimeAttribute(types.args[0]!), { withNullability: true });
    return () => text;
  },
  doc: {
    summary: "The type of the argument as text.",
    examples: [["TYPEOF(1.50)", "DECIMAL(3, 2) NOT NULL"]],
  },
});

/** CASE, IF, COALESCE, IFNULL, NULLIF, GREATEST, LEAST, TYPEOF. */
export const conditionalFunctions: readonly ScalarFunction[] = [
  caseWhen,
  ifElse,
  coalesce,
  ifNull,
  nullIf,
  extreme("GREATEST", 1, ["GREATEST(1, 2.5)", "2.5"]),
  extreme("LEAST", -1, ["LEAST('b', 'a', 'c')", "a"]),
  typeOf,
];
