import { countCodePoints } from "../../batch/utf8.ts";
import { isText, storageOf, type Value } from "../../types/data-type.ts";
import type { CallExpr, Expr } from "../expr.ts";
import { resultsOf } from "../walk.ts";
import { castsToBytes, keepsValues } from "./cast-types.ts";
import type { Generator } from "./generator.ts";
import { likeTest } from "./like.ts";
import { writeLower, writeUpper, ByteRange, splitField, substringRange } from "./text-kernels.ts";
import type { BytesRef, Ref } from "./source.ts";
import type { Template } from "./templates.ts";

/** Functions of text that work on bytes. */
export const TEXT_TEMPLATES: readonly (readonly [string, Template])[] = [
  ["LIKE", (g, call) => like(g, call, false)],
  ["NOT LIKE", (g, call) => like(g, call, true)],
  ["CHAR_LENGTH", charLength],
  ["CHARACTER_LENGTH", charLength],
  ["UPPER", (g, call) => caseChange(g, call, writeUpper)],
  ["LOWER", (g, call) => caseChange(g, call, writeLower)],
  ["||", concatenation],
  ["SPLIT_INDEX", splitIndex],
  ["SUBSTRING", substring],
  ["SUBSTR", substring],
];

/** True when the expression is had as bytes without encoding text. */
export function hasBytes(expr: Expr): boolean {
  if (storageOf(expr.type) !== "bytes") return false;
  if (expr.kind !== "call") return true;
  switch (expr.function) {
    case "CASE":
    case "IF":
      return resultsOf(expr.args).some(hasBytes);
    case "COALESCE":
    case "IFNULL":
    case "||":
      return expr.args.some(hasBytes);
    case "CAST":
    case "TRY_CAST":
      return castsToBytes(expr) || (keepsValues(expr.args[0]!.type, expr.type) && hasBytes(expr.args[0]!));
    case "UPPER":
    case "LOWER":
    case "SPLIT_INDEX":
    case "SUBSTRING":
    case "SUBSTR":
      return hasBytes(expr.args[0]!);
    default:
      return false;
  }
}

/** The first argument as bytes, when it is text that is had so and may be there. */
export function textOperand(g: Generator, call: CallExpr): BytesRef | undefined {
  const operand = call.args[0];
  if (operand === undefined || !isText(operand.type) || !hasBytes(operand)) return undefined;
  const ref = g.ref(operand);
  return ref.form === "bytes" && ref.nul !== "1" ? ref : undefined;
}

export function range(ref: BytesRef): string {
  return `${ref.data}, ${ref.start}, ${ref.length}`;
}

/** `text`, but `otherwise` where the flag says NULL. */
export function unlessNull(nul: string, text: string, otherwise: string): string {
  return nul === "0" ? text : `${nul} !== 0 ? ${otherwise} : ${text}`;
}

function like(g: Generator, call: CallExpr, negated: boolean): Ref | undefined {
  const pattern = call.args[1];
  if (call.args.length !== 2 || pattern?.kind !== "literal" || pattern.value === null) return undefined;
  const ref = textOperand(g, call);
  if (ref === undefined) return undefined;
  const test = `${negated ? "!" : ""}${g.source.constant(likeTest(pattern.value as string))}(${range(ref)})`;
  return { form: "value", expr: g.source.define(unlessNull(ref.nul, test, "false")), nul: ref.nul };
}

function charLength(g: Generator, call: CallExpr): Ref | undefined {
  const ref = textOperand(g, call);
  if (ref === undefined) return undefined;
  const count = `${g.source.constant(countCodePoints)}(${range(ref)})`;
  return { form: "value", expr: g.source.define(unlessNull(ref.nul, count, "0")), nul: ref.nul };
}

function caseChange(g: Generator, call: CallExpr, write: typeof writeUpper): Ref | undefined {
  const ref = textOperand(g, call);
  const evaluate = g.evaluatorOf(call);
  if (ref === undefined || evaluate === undefined || call.args.length !== 1) return undefined;
  const length = `${g.source.constant(write)}(${range(ref)}, ${g.arena}, ${g.source.constant(evaluate)})`;
  return g.arenaBytes(unlessNull(ref.nul, length, "0"), ref.nul);
}

function concatenation(g: Generator, call: CallExpr): Ref | undefined {
  if (!call.args.every((arg) => isText(arg.type)) || !hasBytes(call)) return undefined;
  const parts = call.args.map((arg) => g.asBytes(arg, g.ref(arg)));
  const nul = g.source.anyNull(parts.map((part) => part.nul));
  if (nul === "1") return parts.find((part) => part.nul === "1");
  const start = g.source.define(`${g.arena}.length`, "s");
  const copies = parts.map((part) => `${g.arena}.copy(${range(part)});`).join(" ");
  g.source.line(nul === "0" ? copies : `if (${nul} === 0) { ${copies} }`);
  const length = g.source.define(`${g.arena}.length - ${start}`, "l");
  return { form: "bytes", data: g.source.define(`${g.arena}.bytes`, "d"), start, length, nul, source: undefined };
}

/** The part of the operand that `find`, a JavaScript test, leaves in the range constant; NULL when it is false. */
function part(g: Generator, operand: BytesRef, out: string, find: string): Ref {
  const nul = g.source.define(unlessNull(operand.nul, `${find} ? 0 : 1`, "1"), "n");
  const start = g.source.define(`${out}.start`, "s");
  return {
    form: "bytes",
    data: operand.data,
    start,
    length: g.source.define(`${out}.length`, "l"),
    nul,
    source: operand.source,
  };
}

function literalValue(expr: Expr | undefined): Value | undefined {
  return expr?.kind === "literal" ? expr.value : undefined;
}

/** `SPLIT_INDEX(text, 'separator', index)`. */
function splitIndex(g: Generator, call: CallExpr): Ref | undefined {
  const [, separator, index] = call.args.map(literalValue);
  if (typeof separator !== "string" || separator === "" || typeof index !== "number" || index < 0) return undefined;
  const ref = textOperand(g, call);
  if (ref === undefined) return undefined;
  const out = g.source.constant(new ByteRange());
  const bytes = g.source.constant(Uint8Array.from(Buffer.from(separator)));
  return part(
    g,
    ref,
    out,
    `${g.source.constant(splitField)}(${range(ref)}, ${bytes}, ${g.source.constant(index)}, ${out})`,
  );
}

/** `SUBSTRING(text, from[, length])` with numbers known and from ≥ 1. */
function substring(g: Generator, call: CallExpr): Ref | undefined {
  const [, from, count] = call.args.map(literalValue);
  if (typeof from !== "number" || from < 1) return undefined;
  if (call.args.length === 3 && (typeof count !== "number" || count < 0)) return undefined;
  const ref = textOperand(g, call);
  if (ref === undefined) return undefined;
  const out = g.source.constant(new ByteRange());
  const characters = g.source.constant(typeof count === "number" ? count : Infinity);
  const find = `${g.source.constant(substringRange)}(${range(ref)}, ${g.source.constant(from)}, ${characters}, ${out})`;
  const result = part(g, ref, out, find);
  return { ...result, nul: ref.nul };
}
