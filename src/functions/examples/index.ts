import type { FunctionDoc } from "../define.ts";
import { COLLECTION_AND_TEXT_EXAMPLES } from "./collections-text.ts";
import { OPERATOR_EXAMPLES } from "./operators.ts";
import { TIME_AND_JSON_EXAMPLES } from "./time-json.ts";

/** By the name of the function. */
export type FurtherExamples = Readonly<Record<string, FunctionDoc["examples"]>>;

const FURTHER: FurtherExamples = {
  ...OPERATOR_EXAMPLES,
  ...COLLECTION_AND_TEXT_EXAMPLES,
  ...TIME_AND_JSON_EXAMPLES,
};

/**
 * All examples of a function: those of its definition, then what it makes of NULL and of arguments at the edge, as Flink
 * answers. The latter stand apart, because only the documentation and the tests load them.
 */
export function examplesOf(definition: { readonly name: string; readonly doc: FunctionDoc }): FunctionDoc["examples"] {
  return [...definition.doc.examples, ...(FURTHER[definition.name] ?? [])];
}

/** The names that have further examples; each must be a function. */
export const NAMES_WITH_FURTHER_EXAMPLES: readonly string[] = Object.keys(FURTHER);
