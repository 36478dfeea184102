import type { MatchCondition } from "./match-conditions.ts";
import type { PartialMatch } from "./match-queue.ts";
import { createView, type MutableView, type PartitionRows, type Subsets } from "./match-rows.ts";
import { MatchTruths } from "./match-truths.ts";
import type { PatternAutomaton, PatternMove } from "./pattern-automaton.ts";

/** Finds where a match can go with the present row; asks each condition once. */
export class MatchMoves {
  /** The match, row and time that are asked about. */
  readonly view: MutableView;
  /** States that the match goes to with the row. */
  readonly taken: number[] = [];
  /** The variable that the row is taken for, by move. */
  readonly takenFor: number[] = [];
  readonly #automaton: PatternAutomaton;
  readonly #truths: MatchTruths;
  readonly #states: number[] = [];

  constructor(automaton: PatternAutomaton, conditions: readonly (MatchCondition | undefined)[], subsets: Subsets = []) {
    this.view = createView(subsets);
    this.#automaton = automaton;
    this.#truths = new MatchTruths(conditions, this.view);
  }

  /** The row that is asked about from now on. */
  setRow(rows: PartitionRows, slot: number, timeMillis: number): void {
    const { view } = this;
    view.rows = rows;
    view.currentSlot = slot;
    view.timeMillis = timeMillis;
    this.#truths.nextRow();
  }

  /** Finds the moves of the match that take the row, from its state and those that it leads to without it. */
  ask(match: PartialMatch): void {
    this.view.match = match;
    this.#truths.nextMatch();
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
    if (meets >= 0 && !this.#truths.meets(meets)) return false;
    for (const variable of fails) if (this.#truths.meets(variable)) return false;
    return true;
  }
}
