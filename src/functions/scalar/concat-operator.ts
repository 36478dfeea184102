import { isText, MAX_LENGTH, withNullable, type DataType } from "../../types/data-type.ts";
import { scalar, type ScalarFunction } from "../define.ts";
import { anyNullable, typesOf } from "./shared.ts";

function lengthOf(type: DataType): number {
  return "length" in type ? type.length : 0;
}

const concatOperator = scalar({
  name: "||",
  signature: "<CHARACTER> || <CHARACTER>",
  resolve: (args) => {
    const types = typesOf(args);
    const [a, b] = types;
    if (a === undefined || b === undefined || types.length !== 2 || !isText(a) || !isText(b)) return undefined;
    const length = Math.min(MAX_LENGTH, lengthOf(a) + lengthOf(b));
    const kind = a.kind === "CHAR" && b.kind === "CHAR" ? "CHAR" : "VARCHAR";
    return { type: withNullable({ kind, length, nullable: true }, anyNullable([a, b])) };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (a, b) => `${a as string}${b as string}`,
  emit: ([a, b]) => `(${a} + ${b})`,
  callable: false,
  doc: { summary: "Both texts in a row; NULL when one is NULL.", examples: [["'a' || 'b'", "ab"]] },
});

/** The operator `||`. */
export const concatOperators: readonly ScalarFunction[] = [concatOperator];
