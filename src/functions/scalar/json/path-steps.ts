/** One step of a JSON path. */
export type Step =
  | { readonly kind: "fields"; readonly names: readonly string[] }
  | { readonly kind: "items"; readonly indexes: readonly number[] }
  | { readonly kind: "slice"; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: "all" }
  | { readonly kind: "scan" }
  | { readonly kind: "filter"; readonly condition: Condition }
  | { readonly kind: "function"; readonly name: string };

/** `[?(…)]` */
export type Condition =
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly operand: Condition }
  | { readonly kind: "exists"; readonly path: OperandPath }
  | { readonly kind: "compare"; readonly operator: string; readonly left: Operand; readonly right: Operand };

/** `@.a` or `$.a` within a condition. */
export interface OperandPath {
  readonly fromRoot: boolean;
  readonly steps: readonly Step[];
}

/** What a condition compares. */
export type Operand =
  | { readonly kind: "path"; readonly path: OperandPath }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "constant"; readonly value: boolean | null }
  | { readonly kind: "list"; readonly values: readonly Operand[] };

/** True when the steps lead to one value at most. */
export function isDefinite(steps: readonly Step[]): boolean {
  return steps.every((step, i) => isDefiniteStep(step, i === steps.length - 1));
}

/** True when the step leads to one value at most. Several fields at the end become one object. */
export function isDefiniteStep(step: Step, last: boolean): boolean {
  switch (step.kind) {
    case "fields":
      return step.names.length === 1 || last;
    case "items":
      return step.indexes.length === 1;
    case "function":
      return true;
    default:
      return false;
  }
}
