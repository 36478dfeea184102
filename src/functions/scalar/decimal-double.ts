import { isFloating, type DataType, type Value } from "../../types/data-type.ts";
import { decimalToDouble } from "../../types/decimal.ts";
import type { CallTypes, EmitContext } from "../define.ts";

/*
 * A DECIMAL and a FLOAT or DOUBLE in `<` and the like and in IS DISTINCT FROM, as in Flink: the DECIMAL becomes a DOUBLE,
 * and both meet in the order of Java's Double.compare, where NaN is above all numbers and -0.0 below 0.0. (Two DOUBLEs
 * meet as numbers do, NaN neither below nor above.)
 */

export function isDecimalWithDouble(a: DataType, b: DataType): boolean {
  return (a.kind === "DECIMAL" && isFloating(b)) || (isFloating(a) && b.kind === "DECIMAL");
}

/** Java's Double.compare. */
export function compareDoubleBits(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a !== 0 ? 0 : (Object.is(a, -0) ? 0 : 1) - (Object.is(b, -0) ? 0 : 1);
  return (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0);
}

/** The order of a pair for which `isDecimalWithDouble` holds. */
export function compareDecimalWithDouble(a: DataType, b: DataType): (x: Value, y: Value) => number {
  const left = doubleOf(a);
  const right = doubleOf(b);
  return (x, y) => compareDoubleBits(left(x), right(y));
}

function doubleOf(type: DataType): (value: Value) => number {
  if (type.kind !== "DECIMAL") return (value) => value as number;
  const { scale } = type;
  return (value) => decimalToDouble(value as bigint, scale);
}

type Order = "<" | "<=" | ">" | ">=";

/** What is left of an order when a number but 0 stands on the right: NaN on the left is above it. */
const WITH_CONSTANT: Readonly<Record<Order, (x: string, constant: string) => string>> = {
  "<": (x, constant) => `(${x} < ${constant})`,
  "<=": (x, constant) => `(${x} <= ${constant})`,
  ">": (x, constant) => `!(${x} <= ${constant})`,
  ">=": (x, constant) => `!(${x} < ${constant})`,
};

/** The same with 0.0, which -0.0 is below. */
const WITH_ZERO: Readonly<Record<Order, (x: string) => string>> = {
  "<": (x) => `(${x} < 0 || Object.is(${x}, -0))`,
  "<=": (x) => `(${x} <= 0)`,
  ">": (x) => `!(${x} <= 0)`,
  ">=": (x) => `!(${x} < 0 || Object.is(${x}, -0))`,
};

const MIRRORED: Readonly<Record<Order, Order>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** The comparison of two operands as JavaScript; with a constant (`x > 0.5`) it is one of plain numbers. */
export function emitDecimalWithDouble(
  order: Order,
  args: readonly [string, string],
  types: CallTypes,
  context: EmitContext,
): string {
  const decimal = types.args[0]!.kind === "DECIMAL" ? 0 : 1;
  const { scale } = types.args[decimal] as Extract<DataType, { kind: "DECIMAL" }>;
  const literal = types.literals[decimal];
  const other = args[1 - decimal]!;
  if (typeof literal === "bigint") {
    const from = decimal === 1 ? order : MIRRORED[order];
    if (literal === 0n) return WITH_ZERO[from](other);
    return WITH_CONSTANT[from](other, context.constant(decimalToDouble(literal, scale)));
  }
  const number = `${context.constant(decimalToDouble)}(${args[decimal]}, ${scale})`;
  const pair = decimal === 0 ? `${number}, ${other}` : `${other}, ${number}`;
  return `(${context.constant(compareDoubleBits)}(${pair}) ${order} 0)`;
}
