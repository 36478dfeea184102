import type { Value } from "../../types/data-type.ts";
import type { MatchSpec } from "../spec.ts";
import type { MatchCondition } from "./match-conditions.ts";
import { MatchMoves } from "./match-moves.ts";
import { LAST_TIME, type MatchListener, type PartitionSearch } from "./match-partition.ts";
import type { PartialMatch } from "./match-queue.ts";
import { countOf } from "./match-rows.ts";
import type { PatternAutomaton, PatternMove } from "./pattern-automaton.ts";
import { dropUnneeded, QueuedPartition } from "./queued-partition.ts";

/**
 * The search for SKIP PAST LAST ROW and patterns with one way at most from each row on. A match ends all that start in it,
 * so later ones need not be looked at while an earlier one is under way; when it fails, they are made up for from the rows
 * that were kept. What comes out, and when, is the same as where all are followed at once.
 */
export class FirstMatchSearch implements PartitionSearch {
  readonly #spec: MatchSpec;
  readonly #automaton: PatternAutomaton;
  readonly #moves: MatchMoves;
  readonly #listener: MatchListener;
  /** Time of a stored row. */
  readonly #timeOf: (slot: number) => number;
  readonly #unstarted: PartialMatch;

  constructor(
    spec: MatchSpec,
    automaton: PatternAutomaton,
    conditions: readonly (MatchCondition | undefined)[],
    listener: MatchListener,
    timeOf: (slot: number) => number,
  ) {
    this.#spec = spec;
    this.#automaton = automaton;
    this.#moves = new MatchMoves(automaton, conditions, spec.subsets);
    this.#listener = listener;
    this.#timeOf = timeOf;
    this.#unstarted = this.#create(Infinity, 0);
  }

  createPartition(): QueuedPartition {
    return new QueuedPartition(this.#spec.numbered);
  }

  #create(start: number, startTime: number): PartialMatch {
    const counts = this.#spec.variables.map(() => 0);
    return { state: this.#automaton.start, start, startTime, counts, running: [] };
  }

  advance(partition: QueuedPartition, timeMillis: number): void {
    const { first } = partition.partials;
    if (first !== undefined && this.#isOver(first, timeMillis))
      this.#search(partition, first.start + 1, Math.min(timeMillis, LAST_TIME));
  }

  #isOver(match: PartialMatch, timeMillis: number): boolean {
    const { withinMillis } = this.#spec;
    return withinMillis > 0 && timeMillis - match.startTime >= withinMillis;
  }

  step(partition: QueuedPartition, slot: number, timeMillis: number): void {
    const { items } = partition.partials;
    const [match] = items;
    const number = partition.base + partition.slots.length;
    if (match === undefined && !this.#starts(partition, slot, timeMillis)) {
      this.#listener.drop(slot);
      return;
    }
    partition.slots.push(slot);
    if (match === undefined) this.#search(partition, number, timeMillis);
    else if (!this.#goOn(partition, match, number)) this.#search(partition, match.start + 1, timeMillis);
    else if (match.state === this.#automaton.end) this.#end(partition, match, timeMillis);
    if (partition.needed <= number) this.#listener.keep(slot, number);
    dropUnneeded(partition, this.#listener);
  }

  dropUnneeded(partition: QueuedPartition): void {
    dropUnneeded(partition, this.#listener);
  }

  /** Matches under way do not come out: Flink waits for rows to say how they end. */
  finish(): void {}

  encode(partition: QueuedPartition): Value {
    return partition.encode();
  }

  decode(value: Value, partition: QueuedPartition): void {
    partition.decode(value);
  }

  #starts(partition: QueuedPartition, slot: number, timeMillis: number): boolean {
    this.#moves.setRow(partition, slot, timeMillis);
    this.#moves.ask(this.#unstarted);
    return this.#moves.taken.length > 0;
  }

  /** A match has failed: the next one that starts at row `start` or later and is under way, or done, with the rows there are. */
  #search(partition: QueuedPartition, start: number, timeMillis: number): void {
    const { items } = partition.partials;
    const end = partition.base + partition.slots.length;
    items.length = 0;
    for (let from = start; from < end;) {
      const match = this.#try(partition, from, end);
      from += 1;
      if (match === undefined) continue;
      if (match.state === this.#automaton.end) {
        this.#end(partition, match, timeMillis);
        from = match.start + countOf(match, -1);
      } else if (!this.#isOver(match, timeMillis)) {
        items.push(match);
        return;
      }
    }
  }

  /** A match that starts at the row, as far as it comes with the rows there are; undefined: it fails. */
  #try(partition: QueuedPartition, start: number, end: number): PartialMatch | undefined {
    const slot = partition.slots[start - partition.base]!;
    const time = this.#timeOf(slot);
    if (!this.#starts(partition, slot, time)) return undefined;
    const match = this.#create(start, time);
    for (let number = start; number < end; number++) {
      if (!this.#goOn(partition, match, number)) return undefined;
      if (match.state === this.#automaton.end) return match;
    }
    return match;
  }

  /** Takes row `number` into the match; false: it cannot. */
  #goOn(partition: QueuedPartition, match: PartialMatch, number: number): boolean {
    const slot = partition.slots[number - partition.base]!;
    const time = this.#timeOf(slot);
    if (number > match.start && this.#isOver(match, time)) return false;
    const moves = this.#moves;
    moves.setRow(partition, slot, time);
    moves.ask(match);
    if (moves.taken.length === 0) return false;
    match.counts[moves.takenFor[0]!]! += 1;
    match.state = moves.taken[0]!;
    return true;
  }

  #end(partition: QueuedPartition, match: PartialMatch, timeMillis: number): void {
    const { items } = partition.partials;
    items.length = 0;
    const { view } = this.#moves;
    view.rows = partition;
    view.match = match;
    view.current = -1;
    view.number = ++partition.matches;
    view.timeMillis = timeMillis;
    this.#listener.match(view);
  }
}

/**
 * Whether from each row at most one way leads on: of the moves that take a row, each forbids what the others need, and
 * where the pattern may end it cannot go on.
 */
export function hasOneWay({ states, start, end }: PatternAutomaton): boolean {
  const seen = new Set<number>();
  const open = [start];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (seen.has(state) || state === end) continue;
    seen.add(state);
    if (leadsTo(states, state, end)) return false;
    const ways = waysFrom(states, state, []);
    if (ways.some((a, i) => ways.some((b, j) => i < j && !excludes(a, b) && !excludes(b, a)))) return false;
    open.push(...ways.map((way) => way.target));
  }
  return true;
}

/** The state leads to the other one without a row. */
function leadsTo(states: PatternAutomaton["states"], from: number, to: number): boolean {
  return states[from]!.moves.some(({ take, target }) => !take && (target === to || leadsTo(states, target, to)));
}

function excludes(a: PatternMove, b: PatternMove): boolean {
  return b.meets >= 0 && a.fails.includes(b.meets);
}

/** The moves that take a row, from the state and those that it leads to without one, with all that they forbid. */
function waysFrom(states: PatternAutomaton["states"], state: number, fails: readonly number[]): readonly PatternMove[] {
  return states[state]!.moves.flatMap((move) => {
    const all = [...fails, ...move.fails];
    return move.take ? [{ ...move, fails: all }] : waysFrom(states, move.target, all);
  });
}
