import { withNullable, type DataType } from "../../types/data-type.ts";
import { aggregate, type AggregateEmitContext, type AggregateFunction, type AggregateTypes } from "../define.ts";
import { averageType } from "./avg.ts";
import { DECIMAL_LIMIT, isSummable, wrap } from "./numeric.ts";

const argument = (types: AggregateTypes): DataType => types.args[0]!;

/** The sums are exact integers of any length for integers and DECIMAL, doubles else. */
function isExact(type: DataType): boolean {
  return type.kind !== "FLOAT" && type.kind !== "DOUBLE";
}

function scaleOf(type: DataType): number {
  return type.kind === "DECIMAL" ? type.scale : 0;
}

/** Variance of exact sums; the unit is 10^-scale. */
function exactVariance(count: bigint, sum: bigint, squares: bigint, sample: boolean, scale: number): number {
  const n = Number(count);
  const spread = Number(count * squares - sum * sum) / 10 ** (2 * scale);
  return spread / n / (sample ? n - 1 : n);
}

/** A double in the Value form of the result type; NULL for a DECIMAL that does not fit. */
function toResult(value: number, type: DataType): number | bigint | null {
  switch (type.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT":
      return Math.trunc(value);
    case "BIGINT":
      return BigInt.asIntN(64, BigInt(Math.trunc(value)));
    case "DECIMAL": {
      const scaled = value * 10 ** Math.min(type.scale, 15);
      if (!Number.isFinite(scaled)) return null;
      const unscaled = BigInt(Math.round(scaled)) * 10n ** BigInt(Math.max(0, type.scale - 15));
      return unscaled >= DECIMAL_LIMIT ? null : unscaled;
    }
    default:
      return value;
  }
}

function asBigint(type: DataType, value: string): string {
  return type.kind === "BIGINT" || type.kind === "DECIMAL" ? value : `BigInt(${value})`;
}

/** Count, sum and sum of squares, as Flink reduces these functions: (Σx² − Σx·Σx / n) / n. */
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
      return type === undefined || !isSummable(type) ? undefined : { type: withNullable(averageType(type), true) };
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
    const power = (variance: string): string => (root ? `Math.pow(${variance}, 0.5)` : variance);
    if (isExact(type)) {
      const variance = `${context.constant(exactVariance)}(${count}, ${sum}, ${squares}, ${sample}, ${scaleOf(type)})`;
      return `${context.constant(toResult)}(${power(variance)}, ${context.constant(types.result)})`;
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
