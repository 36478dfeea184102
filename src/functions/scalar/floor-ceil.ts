import { scalar, type ScalarFunction } from "../define.ts";
import { emitWhole, evaluateWhole, wholeNumberType } from "./rounding.ts";
import { typesOf } from "./shared.ts";

function whole(name: "FLOOR" | "CEIL", summary: string, example: readonly [string, string]): ScalarFunction {
  return scalar({
    name,
    ...(name === "CEIL" ? { aliases: ["CEILING"] } : {}),
    signature: `${name}(<NUMERIC>)`,
    resolve: (args) => {
      const [type] = typesOf(args);
      const result = type === undefined || args.length !== 1 ? undefined : wholeNumberType(type);
      return result === undefined ? undefined : { type: result };
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => evaluateWhole(name, types),
    emit: ([value], types) => emitWhole(name, value!, types),
    doc: { summary, examples: [example] },
  });
}

/** FLOOR and CEIL of numbers. */
export const floorCeilFunctions: readonly ScalarFunction[] = [
  whole("FLOOR", "The greatest whole number that is not above.", ["FLOOR(-1.5)", "-2"]),
  whole("CEIL", "The least whole number that is not below.", ["CEIL(1.2)", "2"]),
];
