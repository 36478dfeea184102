import type { CallExpr } from "../expr.ts";
import { CAST_TEMPLATES } from "./cast.ts";
import { COMPARISON_TEMPLATES } from "./comparison.ts";
import { CONDITIONAL_TEMPLATES } from "./conditional.ts";
import type { Generator } from "./generator.ts";
import type { Ref } from "./source.ts";
import { TEXT_TEMPLATES } from "./text.ts";

/**
 * Code for a call that generation knows better than the function's own `emit`: control flow, and work on bytes that
 * need not be decoded. `undefined`: not in this case, use the function.
 */
export type Template = (generator: Generator, call: CallExpr) => Ref | undefined;

/** By canonical function name. */
export const TEMPLATES: ReadonlyMap<string, Template> = new Map<string, Template>([
  ...CONDITIONAL_TEMPLATES,
  ...COMPARISON_TEMPLATES,
  ...TEXT_TEMPLATES,
  ...CAST_TEMPLATES,
]);
