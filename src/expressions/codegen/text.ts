import { countCodePoints } from "../../batch/utf8.ts";
import { isText, storageOf, type DataType } from "../../types/data-type.ts";
import type { CallExpr } from "../expr.ts";
import type { Generator } from "./generator.ts";
import { likeTest } from "./like.ts";
import type { Ref } from "./source.ts";
import type { Template } from "./templates.ts";

/** Functions of text that work on bytes, and casts that change nothing. */
export const TEXT_TEMPLATES: readonly (readonly [string, Template])[] = [
  ["LIKE", (g, call) => like(g, call, false)],
  ["NOT LIKE", (g, call) => like(g, call, true)],
  ["CHAR_LENGTH", charLength],
  ["CHARACTER_LENGTH", charLength],
  ["CAST", cast],
  ["TRY_CAST", cast],
];

function like(g: Generator, call: CallExpr, negated: boolean): Ref | undefined {
  const [operand, pattern] = call.args;
  if (call.args.length !== 2 || pattern?.kind !== "literal" || pattern.value === null || !isText(operand!.type)) return undefined;
  const ref = g.ref(operand!);
  if (ref.form !== "bytes" || ref.nul === "1") return undefined;
  const test = `${g.source.constant(likeTest(pattern.value as string))}(${ref.data}, ${ref.start}, ${ref.length})`;
  const asked = negated ? `!${test}` : test;
  return { form: "value", expr: g.source.define(ref.nul === "0" ? asked : `${ref.nul} === 0 && ${asked}`), nul: ref.nul };
}

function charLength(g: Generator, call: CallExpr): Ref | undefined {
  const [operand] = call.args;
  if (operand === undefined || !isText(operand.type)) return undefined;
  const ref = g.ref(operand);
  if (ref.form !== "bytes" || ref.nul === "1") return undefined;
  const count = `${g.source.constant(countCodePoints)}(${ref.data}, ${ref.start}, ${ref.length})`;
  return { form: "value", expr: g.source.define(ref.nul === "0" ? count : `${ref.nul} !== 0 ? 0 : ${count}`), nul: ref.nul };
}

function cast(g: Generator, call: CallExpr): Ref | undefined {
  const operand = call.args[0]!;
  return call.args.length === 1 && keepsValues(operand.type, call.type) ? g.ref(operand) : undefined;
}

/** True when every value of `from` has the same Value form in `to`. */
export function keepsValues(from: DataType, to: DataType): boolean {
  switch (to.kind) {
    case "SMALLINT":
      return from.kind === "TINYINT" || from.kind === "SMALLINT";
    case "INT":
      return from.kind === "TINYINT" || from.kind === "SMALLINT" || from.kind === "INT";
    case "DOUBLE":
      return from.kind === "FLOAT" || from.kind === "DOUBLE";
    case "DECIMAL":
      if (from.kind === "BIGINT") return to.scale === 0 && to.precision >= 19;
      return from.kind === "DECIMAL" && from.scale === to.scale && from.precision <= to.precision;
    case "CHAR":
    case "BINARY":
      return from.kind === to.kind && from.length === to.length;
    case "VARCHAR":
      return (from.kind === "CHAR" || from.kind === "VARCHAR") && from.length <= to.length;
    case "VARBINARY":
      return (from.kind === "BINARY" || from.kind === "VARBINARY") && from.length <= to.length;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return from.kind === to.kind && from.precision <= to.precision && storageOf(from) === storageOf(to);
    case "TIME":
    case "ARRAY":
    case "MAP":
    case "MULTISET":
    case "ROW":
    case "NULL":
      return false;
    default:
      return from.kind === to.kind;
  }
}
