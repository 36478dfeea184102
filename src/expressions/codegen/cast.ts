import { isInteger } from "../../types/data-type.ts";
import type { CallExpr } from "../expr.ts";
import { castsToBytes, keepsValues } from "./cast-types.ts";
import type { Generator } from "./generator.ts";
import { parseBigInteger, parseInteger, writeBigInteger, writeInteger } from "./number-kernels.ts";
import type { Ref } from "./source.ts";
import type { Template } from "./templates.ts";
import { range, textOperand, unlessNull } from "./text.ts";

/** Casts that change nothing, and those between integers and text. */
export const CAST_TEMPLATES: readonly (readonly [string, Template])[] = [
  ["CAST", cast],
  ["TRY_CAST", cast],
];

function cast(g: Generator, call: CallExpr): Ref | undefined {
  const operand = call.args[0]!;
  if (call.args.length !== 1) return undefined;
  if (keepsValues(operand.type, call.type)) return g.ref(operand);
  if (castsToBytes(call)) return integerToText(g, call);
  return call.type.kind === "INT" || call.type.kind === "BIGINT" ? textToInteger(g, call) : undefined;
}

function integerToText(g: Generator, call: CallExpr): Ref | undefined {
  const operand = call.args[0]!;
  const { expr, nul } = g.value(operand);
  if (nul === "1" || !isInteger(operand.type)) return undefined;
  const write = g.source.constant(operand.type.kind === "BIGINT" ? writeBigInteger : writeInteger);
  return g.arenaBytes(unlessNull(nul, `${write}(${expr}, ${g.arena})`, "0"), nul);
}

/** Plain digits are read from the bytes; the function itself reads everything else, and fails where it has to. */
function textToInteger(g: Generator, call: CallExpr): Ref | undefined {
  const ref = textOperand(g, call);
  const evaluate = g.evaluatorOf(call);
  if (ref === undefined || evaluate === undefined) return undefined;
  const parse = g.source.constant(call.type.kind === "BIGINT" ? parseBigInteger : parseInteger);
  g.canThrow = true;
  return g.result(`${parse}(${range(ref)}, ${g.source.constant(evaluate)})`, call.type, ref.nul, false);
}
