import type { MatchVariable } from "../spec.ts";

/** A way on from a state: with the present row (`take`) or without it. */
export interface PatternMove {
  readonly take: boolean;
  readonly target: number;
  /** The variable whose condition the present row must meet; −1: none. */
  readonly meets: number;
  /** Variables whose conditions it must not meet: of greedy loops in front, which keep every row that they can. */
  readonly fails: readonly number[];
}

export interface PatternState {
  /** The variable that a row taken here belongs to; −1: the end of the pattern. */
  readonly variable: number;
  readonly moves: readonly PatternMove[];
}

/** The states of a pattern; rows must follow one another without a gap. */
export interface PatternAutomaton {
  readonly states: readonly PatternState[];
  readonly start: number;
  /** The state behind the last variable. */
  readonly end: number;
}

interface OpenMove {
  readonly take: boolean;
  readonly target: number;
  readonly meets: number;
  fails: number[];
}

interface OpenState {
  readonly variable: number;
  readonly moves: OpenMove[];
}

/**
 * Builds the automaton from the end, as Flink does: a loop is a state with a move to itself, a counted variable a state
 * for each time. A greedy loop forbids every move out of the state behind it for rows that the loop could take.
 */
export function compilePattern(variables: readonly Omit<MatchVariable, "condition">[]): PatternAutomaton {
  const states: OpenState[] = [];
  const make = (variable: number): number => states.push({ variable, moves: [] }) - 1;
  const move = (from: number, target: number, take: boolean): void => {
    const state = states[from]!;
    state.moves.push({ take, target, meets: take ? state.variable : -1, fails: [] });
  };
  /** One row, or none when there is a state to go on to without. */
  const once = (variable: number, next: number, without: number | undefined): number => {
    const state = make(variable);
    move(state, next, true);
    if (without !== undefined) move(state, without, false);
    return state;
  };
  const keepFrom = (state: number, variable: number): void => {
    for (const each of states[state]!.moves) each.fails.push(variable);
  };

  const end = make(-1);
  let next = end;
  for (let variable = variables.length - 1; variable >= 0; variable--) {
    const { minimum, maximum, reluctant } = variables[variable]!;
    const least = Math.max(1, minimum);
    const behind = next;
    const without = minimum === 0 ? behind : undefined;
    if (maximum < 0) {
      const loop = make(variable);
      move(loop, behind, false);
      if (!reluctant) keepFrom(behind, variable);
      move(loop, loop, true);
      next = loop;
    } else {
      const isGreedy = !reluctant && least !== maximum && !(minimum === 0 && maximum === 1);
      if (isGreedy) keepFrom(behind, variable);
      for (let i = least; i < maximum; i++) next = once(variable, next, behind);
    }
    for (let i = 1; i < least; i++) next = once(variable, next, undefined);
    next = once(variable, next, without);
  }
  return { states, start: next, end };
}
