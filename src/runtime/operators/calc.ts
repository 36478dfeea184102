import { compileCalc } from "../../expressions/calc.ts";
import type { OperatorDefinition } from "../operator.ts";
import type { CalcSpec } from "../spec.ts";
import { emitSteps } from "./emit.ts";
import { watermarkColumn } from "./watermark-column.ts";

/** Filter and projection in one loop. */
export const CALC: OperatorDefinition<CalcSpec> = {
  kind: "calc",
  create(spec, context) {
    const watermark = watermarkColumn(spec);
    const program = compileCalc(watermark?.spec ?? spec, context.functions, context.session, {
      compile: context.compileExpressions,
      onFallback: () => context.count("interpretedExpressions", 1),
    });
    return {
      restore: (watermarkMillis) => watermark?.restore(watermarkMillis),
      process(_input, batch, out) {
        const whole = watermark?.extend(batch) ?? batch;
        if (batch.rowCount === 0) {
          emitSteps(out, batch.steps);
          return;
        }
        const result = program.run(whole);
        if (result !== undefined) out.batch(result);
      },
    };
  },
};
