import { SqlError } from "../base/errors.ts";
import { compareBytes } from "../batch/bytes.ts";
import { encodeUtf8 } from "../batch/utf8.ts";
import { T, type DataType, type Value } from "../types/data-type.ts";
import type { CallTypes, Evaluator, SessionFacts } from "./function-types.ts";
import type { FunctionLookup, ScalarLike } from "./lookup.ts";

/** A handful of functions for the tests of this folder, which may not import the real ones. */
export const testLookup: FunctionLookup = { scalar: (name) => FUNCTIONS.get(name) };

/** A session whose random numbers are a counter. */
export function testSession(): SessionFacts {
  let count = 0;
  return { timeZone: "UTC", legacyCast: false, nowMillis: () => 1_700_000_000_000, random: () => (count++ % 10) / 10 };
}

type Emit = (args: readonly string[], types: CallTypes) => string | undefined;

function define(
  name: string,
  evaluator: (types: CallTypes, session: SessionFacts) => Evaluator,
  emit?: Emit,
  more: Partial<ScalarLike> = {},
): ScalarLike {
  return {
    name,
    resolve: (args) => ({ type: args[0]?.type ?? T.int() }),
    nulls: "propagate",
    stability: "pure",
    evaluator,
    emit,
    ...more,
  };
}

function isBig(type: DataType | undefined): boolean {
  return type?.kind === "BIGINT" || type?.kind === "DECIMAL";
}

function arithmetic(symbol: "+" | "-" | "*", int: (a: number, b: number) => number): ScalarLike {
  const big = {
    "+": (a: bigint, b: bigint) => a + b,
    "-": (a: bigint, b: bigint) => a - b,
    "*": (a: bigint, b: bigint) => a * b,
  }[symbol];
  return define(
    symbol,
    ({ args, result }) => {
      if (result.kind === "BIGINT") return (a, b) => BigInt.asIntN(64, big(a as bigint, b as bigint));
      if (isBig(args[0])) return (a, b) => big(a as bigint, b as bigint);
      return (a, b) =>
        args[0]?.kind === "DOUBLE" ? plain(symbol, a as number, b as number) : int(a as number, b as number);
    },
    ([a, b], { args, result }) => {
      if (result.kind === "BIGINT") return `BigInt.asIntN(64, ${a} ${symbol} ${b})`;
      if (isBig(args[0]) || args[0]?.kind === "DOUBLE") return `(${a} ${symbol} ${b})`;
      return symbol === "*" ? `Math.imul(${a}, ${b})` : `((${a} ${symbol} ${b}) | 0)`;
    },
  );
}

function plain(symbol: "+" | "-" | "*", a: number, b: number): number {
  return symbol === "+" ? a + b : symbol === "-" ? a - b : a * b;
}

function compareValues(a: Value, b: Value): number {
  if (typeof a === "string") return compareText(a, b as string);
  if (a instanceof Uint8Array) return compareBytes(a, 0, a.length, b as Uint8Array, 0, (b as Uint8Array).length);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  return a! < b! ? -1 : a! > b! ? 1 : 0;
}

/** A DECIMAL times the other's unit, so that unequal scales compare. */
function scaled(value: Value, other: DataType | undefined): Value {
  return typeof value === "bigint" && other?.kind === "DECIMAL" ? value * 10n ** BigInt(other.scale) : value;
}

function compareText(a: string, b: string): number {
  const [x, y] = [encodeUtf8(a), encodeUtf8(b)];
  return compareBytes(x, 0, x.length, y, 0, y.length);
}

function comparison(symbol: string, test: (order: number) => boolean): ScalarLike {
  return define(
    symbol,
    ({ args }) =>
      (a, b) =>
        test(compareValues(scaled(a, args[1]), scaled(b, args[0]))),
    undefined,
    { resolve: () => ({ type: T.boolean(false) }) },
  );
}

const handled = { nulls: "handled" } as const;

function likeToRegExp(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("%", ".*")
    .replaceAll("_", "[^\\n\\r\\u0085\\u2028\\u2029]");
  return new RegExp(`^${escaped}$`, "su");
}

function divide(a: Value, b: Value): Value {
  if (b === 0n) throw new SqlError("DIVISION_BY_ZERO", "/ by zero");
  return BigInt.asIntN(64, (a as bigint) / (b as bigint));
}

const LIST: readonly ScalarLike[] = [
  arithmetic("+", (a, b) => (a + b) | 0),
  arithmetic("-", (a, b) => (a - b) | 0),
  arithmetic("*", (a, b) => Math.imul(a, b)),
  define("/", () => divide, undefined, { resolve: () => ({ type: T.bigint(false) }) }),
  comparison("=", (order) => order === 0),
  comparison("<>", (order) => order !== 0),
  comparison("<", (order) => order < 0),
  comparison("<=", (order) => order <= 0),
  comparison(">", (order) => order > 0),
  comparison(">=", (order) => order >= 0),
  define("NOT", () => (a) => !(a as boolean)),
  define("IS NULL", () => (a) => a === null, undefined, handled),
  define("IS NOT NULL", () => (a) => a !== null, undefined, handled),
  define("IS TRUE", () => (a) => a === true, undefined, handled),
  define("IS NOT FALSE", () => (a) => a !== false, undefined, handled),
  define(
    "IS DISTINCT FROM",
    () => (a, b) => (a === null || b === null ? a !== b : compareValues(a, b) !== 0),
    undefined,
    handled,
  ),
  define(
    "IS NOT DISTINCT FROM",
    () => (a, b) => (a === null || b === null ? a === b : compareValues(a, b) === 0),
    undefined,
    handled,
  ),
  define(
    "NULLIF",
    () => (a, b) => (a !== null && b !== null && compareValues(a, b) === 0 ? null : a),
    undefined,
    handled,
  ),
  define(
    "IN",
    () =>
      (a, ...items) =>
        inValues(a, items),
    undefined,
    handled,
  ),
  define("LIKE", () => (a, pattern) => likeToRegExp(pattern as string).test(a as string)),
  define("CHAR_LENGTH", () => (a) => Array.from(a as string).length),
  define(
    "UPPER",
    () => (a) => (a as string).toUpperCase(),
    ([a]) => `${a}.toUpperCase()`,
  ),
  define(
    "LOWER",
    () => (a) => (a as string).toLowerCase(),
    ([a]) => `${a}.toLowerCase()`,
  ),
  define(
    "||",
    () => (a, b) => `${a as string}${b as string}`,
    ([a, b]) => `(${a} + ${b})`,
  ),
  define(
    "SUBSTRING",
    () => (a, from, count) =>
      Array.from(a as string)
        .slice((from as number) - 1, count === undefined ? undefined : (from as number) - 1 + (count as number))
        .join(""),
  ),
  define(
    "SPLIT_INDEX",
    () => (a, separator, index) =>
      a === "" ? null : ((a as string).split(separator as string)[index as number] ?? null),
  ),
  define("BLANK_TO_NULL", () => (a) => (a === "" ? null : a)),
  define("CAST", ({ args, result }) => castFor(args[0]!, result)),
  define("RAND", (_, session) => () => Math.floor(session.random() * 10), undefined, {
    stability: "row",
    resolve: () => ({ type: T.int(false) }),
  }),
  define("NOW", (_, session) => () => session.nowMillis(), undefined, { stability: "statement" }),
];

function inValues(a: Value, items: readonly Value[]): Value {
  if (a === null) return null;
  if (items.some((item) => item !== null && compareValues(a, item) === 0)) return true;
  return items.includes(null) ? null : false;
}

function castFor(from: DataType, to: DataType): Evaluator {
  if (to.kind === "VARCHAR" && from.kind !== "VARCHAR") return (a) => String(a);
  if (to.kind === "BIGINT")
    return from.kind === "VARCHAR" ? (a) => parseBigInt(a as string) : (a) => BigInt(a as number);
  return (a) => a;
}

function parseBigInt(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw new SqlError("INVALID_CAST", `'${text}' is no BIGINT`);
  return BigInt.asIntN(64, BigInt(text));
}

const FUNCTIONS: ReadonlyMap<string, ScalarLike> = new Map(LIST.map((each) => [each.name, each]));
