import { SqlError } from "../../base/errors.ts";
import type { Value } from "../../types/data-type.ts";
import type { MatchSpec } from "../spec.ts";
import { MatchMoves } from "./match-moves.ts";
import { LAST_TIME, type MatchListener, type PartitionSearch } from "./match-partition.ts";
import type { MatchCondition } from "./match-conditions.ts";
import { MatchQueue, type PartialMatch } from "./match-queue.ts";
import { countOf, positionOf } from "./match-rows.ts";
import type { PatternAutomaton } from "./pattern-automaton.ts";
import { dropUnneeded, QueuedPartition } from "./queued-partition.ts";

/**
 * Moves the matches of a partition on, row by row, as Flink's automaton does: every row may start a match; a match comes
 * out when no earlier one is under way; then the others go on or end as AFTER MATCH SKIP says.
 */
export class MatchSearch implements PartitionSearch {
  readonly #spec: MatchSpec;
  readonly #automaton: PatternAutomaton;
  readonly #moves: MatchMoves;
  readonly #listener: MatchListener;

  constructor(
    spec: MatchSpec,
    automaton: PatternAutomaton,
    conditions: readonly (MatchCondition | undefined)[],
    listener: MatchListener,
  ) {
    this.#spec = spec;
    this.#automaton = automaton;
    this.#moves = new MatchMoves(automaton, conditions, spec.subsets);
    this.#listener = listener;
  }

  /** A partition of which no row has been seen. */
  createPartition(): QueuedPartition {
    const partition = new QueuedPartition(this.#spec.numbered);
    partition.partials.add(this.#unstarted());
    return partition;
  }

  #unstarted(): PartialMatch {
    return {
      state: this.#automaton.start,
      start: Infinity,
      startTime: 0,
      counts: this.#spec.variables.map(() => 0),
      running: [],
    };
  }

  /**
   * No row before this time will come: matches under way that have taken too long end, and let go out what waited for
   * them.
   */
  advance(partition: QueuedPartition, timeMillis: number): void {
    const { withinMillis } = this.#spec;
    if (withinMillis === 0 || partition.partials.items.length === 1) return;
    const isOver = (match: PartialMatch): boolean =>
      match.start !== Infinity && timeMillis - match.startTime >= withinMillis;
    if (!partition.partials.items.some(isOver)) return;
    const left = new MatchQueue();
    for (const match of partition.partials.items) if (!isOver(match)) left.add(match);
    partition.partials = left;
    this.#moves.setRow(partition, -1, Math.min(timeMillis, LAST_TIME));
    this.#release(partition);
  }

  /** The next row of the partition. */
  step(partition: QueuedPartition, slot: number, timeMillis: number): void {
    this.#moves.setRow(partition, slot, timeMillis);
    if (partition.needed === Infinity) {
      this.#moves.ask(partition.partials.first!);
      if (this.#moves.taken.length === 0) {
        this.#listener.drop(slot);
        return;
      }
    }
    const number = partition.base + partition.slots.length;
    const partials = new MatchQueue();
    const matches = new MatchQueue();
    for (const match of partition.partials.items) this.#move(match, number, partials, matches);
    partition.slots.push(slot);
    partition.partials = partials;
    if (matches.items.length > 0 || partition.completed.items.length > 0) {
      for (const match of matches.items) partition.completed.add(match);
      this.#release(partition);
    }
    if (partition.needed <= number) this.#listener.keep(slot, number);
    this.dropUnneeded(partition);
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

  /** Where the match goes with the present row. */
  #move(match: PartialMatch, number: number, partials: MatchQueue, matches: MatchQueue): void {
    const moves = this.#moves;
    moves.ask(match);
    const isStart = match.start === Infinity;
    const taken = moves.taken.length;
    for (let i = 0; i < taken; i++) {
      const target = moves.taken[i]!;
      const counts = taken === 1 && !isStart ? match.counts : match.counts.slice();
      const next: PartialMatch =
        taken === 1 && !isStart
          ? match
          : {
              state: target,
              start: isStart ? number : match.start,
              startTime: isStart ? moves.view.timeMillis : match.startTime,
              counts,
              running: [],
            };
      const ends = target !== this.#automaton.end && moves.reachesEnd(target);
      counts[moves.takenFor[i]!]! += 1;
      next.state = target;
      if (target === this.#automaton.end) matches.add(next);
      else partials.add(next);
      if (ends) matches.add({ ...next, state: this.#automaton.end, counts: counts.slice(), running: [] });
    }
    if (isStart) partials.add(match);
  }

  /** Lets matches out that no earlier one can overtake. */
  #release(partition: QueuedPartition): void {
    const { partials, completed } = partition;
    for (;;) {
      const { first } = completed;
      if (first === undefined || first.start > (partials.first?.start ?? Infinity)) return;
      completed.poll();
      const skip = skipOf(first, this.#spec);
      partials.removeIf((match) => match.start < skip);
      completed.removeIf((match) => match.start < skip);
      const { view } = this.#moves;
      view.match = first;
      view.current = -1;
      view.number = ++partition.matches;
      this.#listener.match(view);
    }
  }
}

/** Matches that start before this row end. */
export function skipOf(match: PartialMatch, { skip, variables, subsets = [] }: MatchSpec): number {
  if (skip.to === "past-last") return match.start + countOf(match, -1);
  if (skip.to === "next") return match.start + 1;
  const count = countOf(match, skip.variable, subsets);
  const name = variables[skip.variable]?.name ?? "the subset";
  if (count === 0) {
    throw new SqlError("INVALID_ARGUMENT", `Could not skip to ${name}. No such element in the found match`, {
      hint: "skip to a variable that every match has a row of",
    });
  }
  const at = skip.to === "first" ? 0 : count - 1;
  const row = match.start + positionOf(match, skip.variable, at, count, subsets);
  if (row === match.start) {
    throw new SqlError("INVALID_ARGUMENT", "Could not skip to first element of a match.", {
      hint: `the search would find the same match for ever: ${name} must not be its first row`,
    });
  }
  return row;
}
