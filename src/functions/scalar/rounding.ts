import { isInteger, isNumeric, T, withNullable, type DataType } from "../../types/data-type.ts";
import {
  decimalText,
  divideRounded,
  parseDecimal,
  powerOfTen,
  rescale,
  roundSize,
  type DecimalSize,
} from "../../types/decimal.ts";
import { scalar, type CallTypes, type Evaluator, type Resolution, type ScalarFunction } from "../define.ts";
import { anyNullable, typesOf } from "./shared.ts";

/** Divides an unscaled value by a power of ten in some way. */
type Divide = (value: bigint, unit: bigint) => bigint;

const cut: Divide = (value, unit) => value / unit;

/** The value with all digits behind `digits` (negative: before the point) rounded away, at the scale it had. */
function roundAt(unscaled: bigint, scale: number, digits: number, divide: Divide): bigint {
  if (digits >= scale) return unscaled;
  const dropped = scale - digits;
  if (dropped > 400) return 0n;
  const unit = powerOfTen(dropped);
  return divide(unscaled, unit) * unit;
}

/** As Java does it: on the decimal text of the double. */
function roundDouble(value: number, digits: number, divide: Divide): number {
  if (!Number.isFinite(value) || value === 0) return value + 0;
  const parsed = parseDecimal(String(value))!;
  if (digits >= parsed.scale) return value;
  const scale = Math.max(parsed.scale, 0);
  const unscaled = parsed.scale < 0 ? parsed.unscaled * powerOfTen(-parsed.scale) : parsed.unscaled;
  return Number(decimalText(roundAt(unscaled, scale, digits, divide), scale));
}

function digitsOf(types: CallTypes): number | undefined {
  if (types.args.length === 1) return 0;
  const digits = types.literals[1];
  return typeof digits === "number" ? digits : undefined;
}

function resolveRounding(
  type: DataType,
  digitsType: DataType | undefined,
  digits: number | undefined,
): Resolution | undefined {
  if (!isNumeric(type) || (digitsType !== undefined && !isInteger(digitsType))) return undefined;
  const nullable = anyNullable(digitsType === undefined ? [type] : [type, digitsType]);
  const args = digitsType === undefined ? [type] : [type, T.int(digitsType.nullable)];
  if (type.kind !== "DECIMAL" || digits === undefined) return { type: withNullable(type, nullable), args };
  const size = roundSize(type, digits);
  return { type: T.decimal(size.precision, size.scale, nullable), args };
}

function evaluateRounding(types: CallTypes, divide: Divide): Evaluator {
  const type = types.args[0]!;
  const fixed = digitsOf(types);
  const of = (digits: unknown): number => fixed ?? (digits as number);
  switch (type.kind) {
    case "DECIMAL": {
      const result = types.result as DecimalSize & DataType;
      return (value, digits) =>
        rescale(roundAt(value as bigint, type.scale, of(digits), divide), type.scale, result.scale, result.precision);
    }
    case "BIGINT":
      return (value, digits) => BigInt.asIntN(64, roundAt(value as bigint, 0, of(digits), divide));
    case "DOUBLE":
      return (value, digits) => roundDouble(value as number, of(digits), divide);
    case "FLOAT":
      return (value, digits) => Math.fround(roundDouble(value as number, of(digits), divide));
    default: {
      const shift = type.kind === "TINYINT" ? 24 : type.kind === "SMALLINT" ? 16 : 0;
      return (value, digits) => {
        if (of(digits) >= 0) return value;
        return (Number(roundAt(BigInt(value as number), 0, of(digits), divide)) << shift) >> shift;
      };
    }
  }
}

function rounding(
  name: "ROUND" | "TRUNCATE",
  summary: string,
  divide: Divide,
  examples: readonly (readonly [string, string])[],
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<NUMERIC>[, <INTEGER> digits])`,
    resolve: (args) => {
      const [first, second] = typesOf(args);
      if (first === undefined || args.length > 2) return undefined;
      const digits = args.length === 1 ? 0 : args[1]!.literal;
      return resolveRounding(first, second, typeof digits === "number" ? digits : undefined);
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => evaluateRounding(types, divide),
    doc: { summary, examples },
  });
}

const floorDivide: Divide = (value, unit) => {
  const quotient = value / unit;
  return value < 0n && quotient * unit !== value ? quotient - 1n : quotient;
};

const ceilDivide: Divide = (value, unit) => -floorDivide(-value, unit);

/** The type of FLOOR and CEIL of a number; `undefined` when it is no number. */
export function wholeNumberType(type: DataType): DataType | undefined {
  if (type.kind === "DECIMAL") return T.decimal(type.precision, 0, type.nullable);
  return isNumeric(type) ? type : undefined;
}

/** FLOOR and CEIL of numbers, for the definitions that also take points in time. */
export function evaluateWhole(name: "FLOOR" | "CEIL", types: CallTypes): Evaluator {
  const type = types.args[0]!;
  if (type.kind === "DECIMAL") {
    const unit = powerOfTen(type.scale);
    const divide = name === "FLOOR" ? floorDivide : ceilDivide;
    return (value) => divide(value as bigint, unit);
  }
  if (type.kind === "DOUBLE" || type.kind === "FLOAT") return (name === "FLOOR" ? Math.floor : Math.ceil) as Evaluator;
  return (value) => value;
}

/** The spelling of FLOOR and CEIL of a DOUBLE. */
export function emitWhole(name: "FLOOR" | "CEIL", value: string, types: CallTypes): string | undefined {
  const kind = types.args[0]!.kind;
  if (kind === "DOUBLE" || kind === "FLOAT") return `Math.${name.toLowerCase()}(${value})`;
  return isInteger(types.args[0]!) ? value : undefined;
}

/** ROUND and TRUNCATE. */
export const roundingFunctions: readonly ScalarFunction[] = [
  rounding(
    "ROUND",
    "Rounds half away from zero to so many digits behind the point (negative: before it).",
    divideRounded,
    [
      ["ROUND(2.345, 1)", "2.3"],
      ["ROUND(-2.5)", "-3"],
      ["ROUND(1234, -2)", "1200"],
    ],
  ),
  rounding("TRUNCATE", "Cuts to so many digits behind the point (negative: before it).", cut, [
    ["TRUNCATE(-2.345, 2)", "-2.34"],
  ]),
];
