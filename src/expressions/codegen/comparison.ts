import { compareBytes, equalBytes } from "../../batch/bytes.ts";
import { isInteger, isText, storageOf, type DataType, type Value } from "../../types/data-type.ts";
import type { CallExpr, Expr } from "../expr.ts";
import type { Generator } from "./generator.ts";
import type { BytesRef, Ref, ValueRef } from "./source.ts";
import type { Template } from "./templates.ts";

type Operator = "=" | "<>" | "<" | "<=" | ">" | ">=";

const JAVASCRIPT: Readonly<Record<Operator, string>> = {
  "=": "===",
  "<>": "!==",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

/** `=` … `>=`, IS [NOT] DISTINCT FROM, [NOT] IN. */
export const COMPARISON_TEMPLATES: readonly (readonly [string, Template])[] = [
  ...(Object.keys(JAVASCRIPT) as Operator[]).map(
    (operator) =>
      [operator, (g: Generator, call: CallExpr) => comparison(g, operator, call.args[0]!, call.args[1]!)] as const,
  ),
  ["IS DISTINCT FROM", (g, call) => distinct(g, call, true)],
  ["IS NOT DISTINCT FROM", (g, call) => distinct(g, call, false)],
  ["IN", (g, call) => inList(g, call, false)],
  ["NOT IN", (g, call) => inList(g, call, true)],
];

/** A comparison in the values' own order, or undefined when only the function knows how to compare them. */
export function comparison(g: Generator, operator: Operator, a: Expr, b: Expr): ValueRef | undefined {
  if (storageOf(a.type) === "bytes" && isText(a.type) === isText(b.type) && storageOf(b.type) === "bytes")
    return bytesComparison(g, operator, a, b);
  if (!areComparable(a.type, b.type)) return scaledComparison(g, operator, a, b);
  const left = g.value(a);
  const right = g.value(b);
  const nul = g.source.anyNull([left.nul, right.nul]);
  if (nul === "1") return { form: "value", expr: "false", nul };
  return { form: "value", expr: g.source.define(`${left.expr} ${JAVASCRIPT[operator]} ${right.expr}`), nul };
}

/** DECIMALs of different scale, when the one with fewer digits is a literal: that is scaled up now and not for each row. */
function scaledComparison(g: Generator, operator: Operator, a: Expr, b: Expr): ValueRef | undefined {
  if (a.type.kind !== "DECIMAL" || b.type.kind !== "DECIMAL") return undefined;
  const scale = Math.max(a.type.scale, b.type.scale);
  const [left, right] = [rescaled(a, scale), rescaled(b, scale)];
  return left === undefined || right === undefined ? undefined : comparison(g, operator, left, right);
}

function rescaled(expr: Expr, scale: number): Expr | undefined {
  if (expr.type.kind !== "DECIMAL" || expr.type.scale === scale) return expr;
  if (expr.kind !== "literal" || expr.value === null) return undefined;
  return {
    ...expr,
    value: (expr.value as bigint) * 10n ** BigInt(scale - expr.type.scale),
    type: { ...expr.type, precision: 38, scale },
  };
}

/** True when the JavaScript operators on the two Value forms are the SQL comparison. */
function areComparable(a: DataType, b: DataType): boolean {
  if (isInteger(a) && isInteger(b)) return (a.kind === "BIGINT") === (b.kind === "BIGINT");
  if (a.kind !== b.kind) return false;
  if (a.kind === "DECIMAL" && b.kind === "DECIMAL") return a.scale === b.scale;
  const storage = storageOf(a);
  return storage !== "any" && storage !== "bytes" && storage === storageOf(b);
}

function bytesComparison(g: Generator, operator: Operator, a: Expr, b: Expr): ValueRef {
  const left = g.ref(a);
  const right = g.ref(b);
  const nul = g.source.anyNull([left.nul, right.nul]);
  if (nul === "1") return { form: "value", expr: "false", nul };
  let test: string;
  if (isText(a.type) && (left.form === "value" || right.form === "value")) {
    const args = [g.asValue(a, left).expr, g.asValue(b, right).expr] as const;
    test = isEquality(operator)
      ? `${args[0]} === ${args[1]}`
      : `${g.source.constant(compareCodePoints)}(${args.join(", ")}) ${operator} 0`;
  } else {
    const ranges = [bytesOf(g, left), bytesOf(g, right)] as const;
    test = isEquality(operator)
      ? equality(g, ...ranges)
      : `${g.source.constant(compareBytes)}(${ranges.map(range).join(", ")}) ${operator} 0`;
  }
  const asked = operator === "<>" ? `!(${test})` : test;
  return { form: "value", expr: g.source.define(nul === "0" ? asked : `${nul} === 0 && ${asked}`), nul };
}

function isEquality(operator: Operator): boolean {
  return operator === "=" || operator === "<>";
}

/** A Uint8Array value as bytes. */
function bytesOf(g: Generator, ref: Ref): BytesRef {
  if (ref.form === "bytes") return ref;
  const length = g.source.define(ref.nul === "0" ? `${ref.expr}.length` : `${ref.nul} !== 0 ? 0 : ${ref.expr}.length`);
  return { form: "bytes", data: ref.expr, start: "0", length, nul: ref.nul, source: undefined };
}

/** Order by code point, which is the order of the UTF-8 bytes. */
function compareCodePoints(a: string, b: string): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above all other UTF-16 units.
    const xs = (x & 0xf800) === 0xd800;
    return xs === ((y & 0xf800) === 0xd800) ? x - y : xs ? 1 : -1;
  }
  return a.length - b.length;
}

function range(ref: BytesRef): string {
  return `${ref.data}, ${ref.start}, ${ref.length}`;
}

/** Lengths first: they differ most often. */
function equality(g: Generator, a: BytesRef, b: BytesRef): string {
  return `${a.length} === ${b.length} && ${g.source.constant(equalBytes)}(${range(a)}, ${range(b)})`;
}

function distinct(g: Generator, call: CallExpr, wanted: boolean): Ref | undefined {
  const [a, b] = call.args;
  const equal = comparison(g, "=", a!, b!);
  if (equal === undefined) return undefined;
  const left = g.ref(a!).nul;
  const right = g.ref(b!).nul;
  const same =
    equal.nul === "0"
      ? equal.expr
      : equal.nul === "1"
        ? `${left} === ${right}`
        : `(${equal.nul} !== 0 ? ${left} === ${right} : ${equal.expr})`;
  return { form: "value", expr: g.source.define(wanted ? `!(${same})` : same), nul: "0" };
}

/** Lists up to this length are compared one by one. */
const SHORT_LIST = 12;

/** `a IN (…)`: arguments are the operand and the items. Only literals; other lists are the function's work. */
function inList(g: Generator, call: CallExpr, negated: boolean): Ref | undefined {
  const [operand, ...items] = call.args;
  if (operand === undefined || items.length === 0 || storageOf(operand.type) === "any") return undefined;
  const values: Value[] = [];
  let hasNull = false;
  for (const item of items) {
    if (item.kind !== "literal" || (item.value !== null && !areListable(operand.type, item.type))) return undefined;
    if (item.value === null) hasNull = true;
    else values.push(item.value);
  }
  const ref = g.ref(operand);
  if (ref.nul === "1") return { form: "value", expr: "false", nul: "1" };
  const test = membership(g, operand, ref, items, values);
  if (test === undefined) return undefined;
  const found = g.source.define(ref.nul === "0" ? test : `${ref.nul} === 0 && (${test})`);
  const nul = hasNull ? g.source.define(`${found} ? 0 : 1`, "n") : ref.nul;
  return { form: "value", expr: negated ? g.source.define(`!${found}`) : found, nul };
}

function areListable(operand: DataType, item: DataType): boolean {
  return areComparable(operand, item) || (isText(operand) && isText(item));
}

function membership(
  g: Generator,
  operand: Expr,
  ref: Ref,
  items: readonly Expr[],
  values: readonly Value[],
): string | undefined {
  if (values.length === 0) return "false";
  if (values.length > SHORT_LIST) {
    // NaN equals nothing, but a Set would find it.
    const set = new Set(values.filter((value) => !Number.isNaN(value)));
    return `${g.source.constant(set)}.has(${g.asValue(operand, ref).expr})`;
  }
  if (ref.form === "value")
    return values
      .map((value) => `${ref.expr} === ${typeof value === "boolean" ? value : g.source.constant(value)}`)
      .join(" || ");
  const literals = items.filter((item) => item.kind === "literal" && item.value !== null).map((item) => g.ref(item));
  if (!literals.every((item) => item.form === "bytes")) return undefined;
  return literals.map((item) => `(${equality(g, ref, item)})`).join(" || ");
}
