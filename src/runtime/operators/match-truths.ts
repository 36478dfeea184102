import type { MatchCondition } from "./match-conditions.ts";
import type { MutableView } from "./match-rows.ts";

const UNKNOWN = 0;
const YES = 1;
const NO = 2;

/** Answers of the conditions of a pattern's variables, each asked once for a row and match. */
export class MatchTruths {
  readonly #conditions: readonly (MatchCondition | undefined)[];
  readonly #view: MutableView;
  /** For the present row and match, by variable. */
  readonly #truths: Uint8Array;
  /** For the present row, where they hold for all matches. */
  readonly #rowTruths: Uint8Array;

  /** `view`: the match, row and time that are asked about. */
  constructor(conditions: readonly (MatchCondition | undefined)[], view: MutableView) {
    this.#conditions = conditions;
    this.#view = view;
    this.#truths = new Uint8Array(conditions.length);
    this.#rowTruths = new Uint8Array(conditions.length);
  }

  /** The view has another row. */
  nextRow(): void {
    this.#rowTruths.fill(UNKNOWN);
  }

  /** The view has another match. */
  nextMatch(): void {
    this.#truths.fill(UNKNOWN);
  }

  /** Whether the row may be taken for the variable. */
  meets(variable: number): boolean {
    const condition = this.#conditions[variable];
    if (condition === undefined) return true;
    const truths = condition.ofRowAlone ? this.#rowTruths : this.#truths;
    if (truths[variable] === UNKNOWN) {
      this.#view.current = variable;
      truths[variable] = condition.test(this.#view) ? YES : NO;
    }
    return truths[variable] === YES;
  }
}
