import type { MatchPattern } from "../spec.ts";

/** A step of a pattern: one row, or a choice of ways in the order in which they are preferred. */
export type PatternStep =
  /** The row of a variable; `label` is twice the variable, plus one where the row does not come out. */
  | { readonly kind: "row"; readonly variable: number; readonly label: number; readonly next: number }
  | { readonly kind: "choice"; readonly ways: readonly number[] }
  /** Once more, or on; `bit` is another one than those of the loops around it. */
  | {
      readonly kind: "loop";
      readonly bit: number;
      readonly again: number;
      readonly next: number;
      readonly reluctant: boolean;
    }
  | { readonly kind: "end" };

/** A pattern as steps by number. */
export interface PatternProgram {
  readonly steps: readonly PatternStep[];
  readonly start: number;
}

/** Builds the steps from the end; what is repeated up to a number of times has its steps so many times. */
export function compileProgram(pattern: MatchPattern): PatternProgram {
  const steps: PatternStep[] = [{ kind: "end" }];
  const add = (step: PatternStep): number => steps.push(step) - 1;

  /** The first step of the pattern, behind which step `next` follows. */
  const compile = (node: MatchPattern, next: number, hidden: boolean, bit: number): number => {
    switch (node.kind) {
      case "variable":
        return add({ kind: "row", variable: node.variable, label: 2 * node.variable + (hidden ? 1 : 0), next });
      case "sequence":
        return node.items.reduceRight((behind, item) => compile(item, behind, hidden, bit), next);
      case "alternation":
        return add({ kind: "choice", ways: node.branches.map((branch) => compile(branch, next, hidden, bit)) });
      case "exclusion":
        return compile(node.pattern, next, true, bit);
      case "repetition":
        return repeat(node, next, hidden, bit);
    }
  };

  const repeat = (
    { pattern, minimum, maximum, reluctant }: Extract<MatchPattern, { kind: "repetition" }>,
    next: number,
    hidden: boolean,
    bit: number,
  ): number => {
    let at = next;
    if (maximum < 0) {
      at = add({ kind: "end" });
      steps[at] = { kind: "loop", bit, again: compile(pattern, at, hidden, bit * 2), next, reluctant };
    }
    for (let i = minimum; i < maximum; i++) {
      const once = compile(pattern, at, hidden, bit);
      at = add({ kind: "choice", ways: reluctant ? [next, once] : [once, next] });
    }
    for (let i = 0; i < minimum; i++) at = compile(pattern, at, hidden, bit);
    return at;
  };

  return { start: compile(pattern, 0, false, 1), steps };
}
