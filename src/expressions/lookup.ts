import type { Argument, CallTypes, EmitContext, Evaluator, Resolution, SessionFacts } from "./function-types.ts";

/** What expressions need to know of a scalar function; `ScalarFunction` of the registry fits. */
export interface ScalarLike {
  readonly name: string;
  readonly resolve: (args: readonly Argument[]) => Resolution | undefined;
  readonly nulls: "propagate" | "handled";
  readonly stability: "pure" | "statement" | "row";
  readonly evaluator: (types: CallTypes, session: SessionFacts) => Evaluator;
  readonly emit?: ((args: readonly string[], types: CallTypes, context: EmitContext) => string | undefined) | undefined;
}

/** Finds functions by canonical name; `FunctionRegistry` fits. */
export interface FunctionLookup {
  scalar(name: string): ScalarLike | undefined;
}
