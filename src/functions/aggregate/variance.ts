import { isNumeric, withNullable, type DataType } from "../../types/data-type.ts";
import { aggregate, type AggregateEmitContext, type AggregateFunction, type AggregateTypes } from "../define.ts";
import { averageType } from "./avg.ts";
import { DECIMAL_LIMIT, wrap } from "./numeric.ts";

const argument = (types: AggregateTypes): DataType => types.args[0]!;

/** The sums are exact integers of any length for integers and DECIMAL, doubles else. */
function isExact(type: DataType): boolean {
  return type.kind !== "FLOAT" && type.kind !== "DOUBLE";
}

function scaleOf(type: DataType): number {
  return type.kind === "DECIMAL" ? type.scale : 0;
}

/** Bits of an integer type's arithmetic. */
function bitsOf(type: DataType): number {
  switch (type.kind) {
    case "TINYINT":
      return 8;
    case "SMALLINT":
      return 16;
    case "INT":
      return 32;
    case "BIGINT":
      return 64;
    default:
      return 0;
  }
}

/** Variance of integers, each step in the arithmetic of their type: division cuts, and what is too large wraps. */
function integerVariance(count: bigint, sum: bigint, squares: bigint, sample: boolean, bits: number): bigint {
  const wrapped = (value: bigint): bigint => BigInt.asIntN(bits, value);
  const spread = wrapped(wrapped(squares) - wrapped(wrapped(wrapped(sum) * wrapped(sum)) / count));
  return spread / (sample ? count - 1n : count);
}

/** Scale of the quotients of DECIMAL sums. */
const QUOTIENT_SCALE = 6;

/**
 * Variance of DECIMAL with QUOTIENT_SCALE digits behind the point, of which squares and quotients are rounded to the scales
 * that SQL gives them.
 */
function decimalVariance(count: bigint, sum: bigint, squares: bigint, sample: boolean, scale: number): bigint {
  const square = sum * sum;
  const productScale = Math.min(2 * scale, QUOTIENT_SCALE);
  const product = rescaled(square, 2 * scale, productScale);
  const mean = divided(rescaled(product, productScale, QUOTIENT_SCALE), count);
  const spread = rescaled(squares, 2 * scale, QUOTIENT_SCALE) - mean;
  return divided(spread, sample ? count - 1n : count);
}

/** The unscaled value at another scale, rounded half up. */
function rescaled(value: bigint, from: number, to: number): bigint {
  return to >= from ? value * 10n ** BigInt(to - from) : divided(value, 10n ** BigInt(from - to));
}

/** The quotient, rounded half away from zero; the divisor is positive. */
function divided(value: bigint, by: bigint): bigint {
  const size = value < 0n ? -value : value;
  const quotient = (2n * size + by) / (2n * by);
  return value < 0n ? -quotient : quotient;
}

/** Of a variance of DECIMAL: itself, or its root, as DECIMAL of a scale; NULL where it does not fit. */
function decimalResult(variance: bigint, root: boolean, type: DataType): bigint | null {
  const scale = scaleOf(type);
  if (!root) return fitting(rescaled(variance, QUOTIENT_SCALE, scale));
  const scaled = Math.pow(Number(variance) / 10 ** QUOTIENT_SCALE, 0.5) * 10 ** Math.min(scale, 15);
  return Number.isFinite(scaled) ? fitting(BigInt(Math.round(scaled)) * 10n ** BigInt(Math.max(0, scale - 15))) : null;
}

function fitting(unscaled: bigint): bigint | null {
  return unscaled >= DECIMAL_LIMIT || unscaled <= -DECIMAL_LIMIT ? null : unscaled;
}

/** A double in the Value form of the integer type; a root of what has wrapped below 0 is 0. */
function toInteger(value: number | bigint, type: DataType): number | bigint {
  if (Number.isNaN(value)) return type.kind === "BIGINT" ? 0n : 0;
  switch (type.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT":
      return Math.trunc(Number(value));
    case "BIGINT":
      return BigInt.asIntN(64, typeof value === "bigint" ? value : BigInt(Math.trunc(value)));
    default:
      return Number(value);
  }
}

function asBigint(type: DataType, value: string): string {
  return type.kind === "BIGINT" || type.kind === "DECIMAL" ? value : `BigInt(${value})`;
}

/** Count, sum and sum of squares, as Flink reduces these functions: (Σx² − Σx·Σx / n) / n, in the arithmetic of the argument. */
function deviation(
  name: string,
  aliases: readonly string[],
  sample: boolean,
  root: boolean,
  summary: string,
  example: string,
): AggregateFunction {
  const tooFew = (count: string): string => (sample ? `${count} <= 1n` : `${count} === 0n`);
  const change =
    (sign: "+" | "-"): AggregateFunction["accumulate"] =>
    ([value], acc, types, context) => {
      const type = argument(types);
      const count = acc.set(0, `BigInt.asIntN(64, ${acc.get(0)} ${sign} 1n)`);
      const x = context.temp();
      if (isExact(type)) {
        return `const ${x} = ${asBigint(type, value!)}; ${count} ${acc.set(1, `${acc.get(1)} ${sign} ${x}`)} ${acc.set(2, `${acc.get(2)} ${sign} ${x} * ${x}`)}`;
      }
      const square = wrap(type, `${x} * ${x}`);
      return `const ${x} = ${value}; ${count} ${acc.set(1, wrap(type, `${acc.get(1)} ${sign} ${x}`))} ${acc.set(2, wrap(type, `${acc.get(2)} ${sign} ${square}`))}`;
    };
  return aggregate({
    name,
    aliases,
    signature: `${name}([DISTINCT] <NUMERIC>)`,
    resolve: (args) => {
      const type = args.length === 1 ? args[0]!.type : undefined;
      return type === undefined || !isNumeric(type) ? undefined : { type: withNullable(averageType(type), true) };
    },
    nulls: "skip",
    state: (types) =>
      isExact(argument(types))
        ? [
            { storage: "i64", initial: 0n },
            { storage: "any", initial: 0n, name: "sum" },
            { storage: "any", initial: 0n, name: "squares" },
          ]
        : [
            { storage: "i64", initial: 0n },
            { storage: "f64", initial: 0, name: "sum" },
            { storage: "f64", initial: 0, name: "squares" },
          ],
    accumulate: change("+"),
    retract: change("-"),
    merge: (into, from, types) => {
      const add = (index: number): string =>
        into.set(
          index,
          isExact(argument(types)) || index === 0
            ? `${into.get(index)} + ${from.get(index)}`
            : wrap(argument(types), `${into.get(index)} + ${from.get(index)}`),
        );
      return `${add(0)} ${add(1)} ${add(2)}`;
    },
    resultIsNull: (acc, types) => (argument(types).kind === "DECIMAL" ? undefined : tooFew(acc.get(0))),
    result: (acc, types, context) => {
      const value = finish(acc.get(0), acc.get(1), acc.get(2), types, context);
      return argument(types).kind === "DECIMAL" ? `(${tooFew(acc.get(0))} ? null : ${value})` : value;
    },
    changesWith: 0,
    doc: { summary, examples: [[`SELECT ${name}(x) FROM (VALUES (CAST(1 AS DOUBLE)), (3)) AS t(x)`, example]] },
  });

  function finish(
    count: string,
    sum: string,
    squares: string,
    types: AggregateTypes,
    context: AggregateEmitContext,
  ): string {
    const type = argument(types);
    if (type.kind === "DECIMAL") {
      const variance = `${context.constant(decimalVariance)}(${count}, ${sum}, ${squares}, ${sample}, ${type.scale})`;
      return `${context.constant(decimalResult)}(${variance}, ${root}, ${context.constant(types.result)})`;
    }
    const power = (variance: string): string => (root ? `Math.pow(Number(${variance}), 0.5)` : variance);
    if (isExact(type)) {
      const variance = `${context.constant(integerVariance)}(${count}, ${sum}, ${squares}, ${sample}, ${bitsOf(type)})`;
      return `${context.constant(toInteger)}(${power(variance)}, ${context.constant(types.result)})`;
    }
    const n = `Number(${count})`;
    const spread = wrap(type, `${squares} - ${wrap(type, `${wrap(type, `${sum} * ${sum}`)} / ${n}`)}`);
    return wrap(type, power(wrap(type, `${spread} / ${sample ? `(${n} - 1)` : n}`)));
  }
}

/** Variances and standard deviations. */
export const DEVIATIONS: readonly AggregateFunction[] = [
  deviation("STDDEV_POP", [], false, true, "Population standard deviation.", "1.0"),
  deviation(
    "STDDEV_SAMP",
    ["STDDEV"],
    true,
    true,
    "Sample standard deviation; NULL for fewer than two values.",
    "1.4142135623730951",
  ),
  deviation("VAR_POP", [], false, false, "Population variance.", "1.0"),
  deviation("VAR_SAMP", ["VARIANCE"], true, false, "Sample variance; NULL for fewer than two values.", "2.0"),
];
