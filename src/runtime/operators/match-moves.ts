import type { MatchCondition } from "./match-conditions.ts";
import type { PartialMatch } from "./match-queue.ts";
import { createView, type MutableView, type PartitionRows, type Subsets } from "./match-rows.ts";
import type { PatternAutomaton, PatternMove } from "./pattern-automaton.ts";

const UNKNOWN = 0;
const YES = 1;
const NO = 2;

/** Finds where a match can go with the present row; asks each condition once. */
export class MatchMoves {
  /** The match, row and time that are asked about. */
  readonly view: MutableView;
  /** States that the match goes to with the row. */
  readonly taken: number[] = [];
  /** The variable that the row is taken for, by move. */
  readonly takenFor: number[] = [];
  readonly #automaton: PatternAutomaton;
  readonly #conditions: readonly (MatchCondition | undefined)[];
  /** Answers for the present row and match, by variable. */
  readonly #truths: Uint8Array;
  /** Answers for the present row that hold for all matches. */
  readonly #rowTruths: Uint8Array;
  readonly #states: number[] = [];

  constructor(automaton: PatternAutomaton, conditions: readonly (MatchCondition | undefined)[], subsets: Subsets = []) {
    this.view = createView(subsets);
    this.#automaton = automaton;
    this.#conditions = conditions;
    this.#truths = new Uint8Array(conditions.length);
    this.#rowTruths = new Uint8Array(conditions.length);
  }

  /** The row that is asked about from now on. */
  setRow(rows: PartitionRows, slot: number, timeMillis: number): void {
    const { view } = this;
    view.rows = rows;
    view.currentSlot = slot;
    view.timeMillis = timeMillis;
    this.#rowTruths.fill(UNKNOWN);
  }

  /** Finds the moves of the match that take the row, from its state and those that it leads to without it. */
  ask(match: PartialMatch): void {
    this.view.match = match;
    this.#truths.fill(UNKNOWN);
    this.taken.length = 0;
    this.takenFor.length = 0;
    const open = this.#states;
    open.length = 0;
    open.push(match.state);
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      const { moves, variable } = this.#automaton.states[state]!;
      for (const move of moves) {
        if (!this.#allows(move)) continue;
        if (move.take) {
          this.taken.push(move.target);
          this.takenFor.push(variable);
        } else {
          open.push(move.target);
        }
      }
    }
  }

  /** Whether the pattern may end in the state without another row. */
  reachesEnd(from: number): boolean {
    const open = this.#states;
    open.length = 0;
    open.push(from);
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      for (const move of this.#automaton.states[state]!.moves) {
        if (move.take || !this.#allows(move)) continue;
        if (move.target === this.#automaton.end) return true;
        open.push(move.target);
      }
    }
    return false;
  }

  #allows({ meets, fails }: PatternMove): boolean {
    if (meets >= 0 && !this.#meets(meets)) return false;
    for (const variable of fails) if (this.#meets(variable)) return false;
    return true;
  }

  #meets(variable: number): boolean {
    const condition = this.#conditions[variable];
    if (condition === undefined) return true;
    const truths = condition.ofRowAlone ? this.#rowTruths : this.#truths;
    if (truths[variable] === UNKNOWN) {
      this.view.current = variable;
      truths[variable] = condition.test(this.view) ? YES : NO;
    }
    return truths[variable] === YES;
  }
}
