import { compileCalc } from "../../expressions/calc.ts";
import type { OperatorDefinition } from "../operator.ts";
import type { CalcSpec } from "../spec.ts";
import { emitSteps } from "./emit.ts";

/** Filter and projection in one loop. */
export const CALC: OperatorDefinition<CalcSpec> = {
  kind: "calc",
  create(spec, context) {
    const program = compileCalc(spec, context.functions, context.session, {
      compile: context.compileExpressions,
      onFallback: () => context.count("interpretedExpressions", 1),
    });
    return {
      process(_input, batch, out) {
        if (batch.rowCount === 0) {
          emitSteps(out, batch.steps);
          return;
        }
        const result = program.run(batch);
        if (result !== undefined) out.batch(result);
      },
    };
  },
};
