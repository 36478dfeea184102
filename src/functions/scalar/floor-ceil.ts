import { scalar, type ScalarFunction } from "../define.ts";
import { emitRoundedTime, evaluateRoundedTime, resolveRoundedTime } from "./datetime-floor.ts";
import { emitWhole, evaluateWhole, wholeNumberType } from "./rounding.ts";
import { typesOf } from "./shared.ts";

function whole(
  name: "FLOOR" | "CEIL",
  summary: string,
  examples: readonly (readonly [string, string])[],
): ScalarFunction {
  return scalar({
    name,
    ...(name === "CEIL" ? { aliases: ["CEILING"] } : {}),
    signature: `${name}(<NUMERIC>) or ${name}(<DATETIME> TO <UNIT>)`,
    resolve: (args) => {
      if (args.length === 2) return resolveRoundedTime(args);
      const [type] = typesOf(args);
      const result = type === undefined || args.length !== 1 ? undefined : wholeNumberType(type);
      return result === undefined ? undefined : { type: result };
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: (types, session) =>
      types.args.length === 2 ? evaluateRoundedTime(name, types, session) : evaluateWhole(name, types),
    emit: ([value], types) =>
      types.args.length === 2 ? emitRoundedTime(name, value!, types) : emitWhole(name, value!, types),
    doc: { summary, examples },
  });
}

/** FLOOR and CEIL of numbers and of points in time. */
export const floorCeilFunctions: readonly ScalarFunction[] = [
  whole("FLOOR", "The greatest whole number that is not above; of a time: the beginning of the unit it is in.", [
    ["FLOOR(-1.5)", "-2"],
    ["FLOOR(TIMESTAMP '2024-02-29 13:14:15' TO HOUR)", "2024-02-29 13:00:00"],
    ["FLOOR(DATE '2024-02-29' TO WEEK)", "2024-02-25"],
  ]),
  whole("CEIL", "The least whole number that is not below; of a time: the next beginning of a unit.", [
    ["CEIL(1.2)", "2"],
    ["CEIL(DATE '2024-02-29' TO QUARTER)", "2024-04-01"],
  ]),
];
