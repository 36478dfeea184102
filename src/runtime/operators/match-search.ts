import { SqlError } from "../../base/errors.ts";
import type { MatchSpec } from "../spec.ts";
import type { MatchCondition } from "./match-conditions.ts";
import { MatchQueue, type PartialMatch } from "./match-queue.ts";
import { countOf, firstOf, type MatchView } from "./match-rows.ts";
import { compilePattern, type PatternAutomaton, type PatternMove } from "./pattern-automaton.ts";

/** The search in one partition: rows that matches are made of, and matches. */
export class Partition {
  /** Number of the first row that is kept. */
  base = 0;
  /** Row slots from there on. */
  readonly slots: number[] = [];
  /** Under way; one of them has no row yet. */
  partials = new MatchQueue();
  /** Done, but an earlier one may still come to its end. */
  readonly completed = new MatchQueue();
  /** When it will be looked at for matches that have taken too long; +Infinity: there is no need. */
  timeoutMillis = Infinity;

  /** Number of the first row that a match needs; +Infinity: none does. */
  get needed(): number {
    return Math.min(this.partials.first?.start ?? Infinity, this.completed.first?.start ?? Infinity);
  }

  /** Nothing is known of it but that a match may start. */
  get isIdle(): boolean {
    return this.partials.items.length === 1 && this.completed.items.length === 0;
  }
}

/** Told what comes of the rows. */
export interface MatchListener {
  /** A match, in the order in which they come out. */
  match(view: MatchView): void;
  /** The present row is kept under this number. */
  keep(slot: number, number: number): void;
  /** No match needs the row any more. */
  drop(slot: number): void;
}

/** The time at the end of all input, the largest 64-bit number. */
const LAST_TIME = 2 ** 63;

const UNKNOWN = 0;
const YES = 1;
const NO = 2;

/**
 * Moves the matches of a partition on, row by row, as Flink's automaton does: every row may start a match; a match comes
 * out when no earlier one is under way; then the others go on or end as AFTER MATCH SKIP says.
 */
export class MatchSearch {
  readonly #spec: MatchSpec;
  readonly #automaton: PatternAutomaton;
  readonly #conditions: readonly (MatchCondition | undefined)[];
  readonly #listener: MatchListener;
  /** Answers for the present row and match, by variable. */
  readonly #truths: Uint8Array;
  /** Answers for the present row that hold for all matches. */
  readonly #rowTruths: Uint8Array;
  readonly #states: number[] = [];
  readonly #taken: number[] = [];
  readonly #takenFor: number[] = [];
  readonly #view: {
    rows: Partition;
    match: PartialMatch;
    current: number;
    currentSlot: number;
    timeMillis: number;
  };

  constructor(spec: MatchSpec, conditions: readonly (MatchCondition | undefined)[], listener: MatchListener) {
    this.#spec = spec;
    this.#automaton = compilePattern(spec.variables);
    this.#conditions = conditions;
    this.#listener = listener;
    this.#truths = new Uint8Array(spec.variables.length);
    this.#rowTruths = new Uint8Array(spec.variables.length);
    const rows = new Partition();
    this.#view = { rows, match: this.#unstarted(), current: -1, currentSlot: -1, timeMillis: 0 };
  }

  /** A partition of which no row has been seen. */
  createPartition(): Partition {
    const partition = new Partition();
    partition.partials.add(this.#unstarted());
    return partition;
  }

  #unstarted(): PartialMatch {
    return {
      state: this.#automaton.start,
      start: Infinity,
      startTime: 0,
      counts: this.#spec.variables.map(() => 0),
    };
  }

  /**
   * No row before this time will come: matches under way that have taken too long end, and let go out what waited for
   * them.
   */
  advance(partition: Partition, timeMillis: number): void {
    const { withinMillis } = this.#spec;
    if (withinMillis === 0 || partition.partials.items.length === 1) return;
    const isOver = (match: PartialMatch): boolean =>
      match.start !== Infinity && timeMillis - match.startTime >= withinMillis;
    if (!partition.partials.items.some(isOver)) return;
    const left = new MatchQueue();
    for (const match of partition.partials.items) if (!isOver(match)) left.add(match);
    partition.partials = left;
    this.#view.rows = partition;
    this.#view.timeMillis = Math.min(timeMillis, LAST_TIME);
    this.#release(partition);
  }

  /** The next row of the partition. */
  step(partition: Partition, slot: number, timeMillis: number): void {
    const view = this.#view;
    view.rows = partition;
    view.currentSlot = slot;
    view.timeMillis = timeMillis;
    this.#rowTruths.fill(UNKNOWN);
    if (partition.isIdle) {
      this.#ask(partition.partials.first!);
      if (this.#taken.length === 0) {
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

  /** Rows in front of all matches go. */
  dropUnneeded(partition: Partition): void {
    const { slots } = partition;
    const count = Math.min(slots.length, partition.needed - partition.base);
    if (count <= 0) return;
    for (let i = 0; i < count; i++) this.#listener.drop(slots[i]!);
    slots.splice(0, count);
    partition.base = slots.length === 0 ? 0 : partition.base + count;
  }

  /** Where the match goes with the present row. */
  #move(match: PartialMatch, number: number, partials: MatchQueue, matches: MatchQueue): void {
    this.#ask(match);
    const isStart = match.start === Infinity;
    const taken = this.#taken.length;
    for (let i = 0; i < taken; i++) {
      const target = this.#taken[i]!;
      const counts = taken === 1 && !isStart ? match.counts : match.counts.slice();
      const next: PartialMatch =
        taken === 1 && !isStart
          ? match
          : {
              state: target,
              start: isStart ? number : match.start,
              startTime: isStart ? this.#view.timeMillis : match.startTime,
              counts,
            };
      const ends = target !== this.#automaton.end && this.#reachesEnd(target);
      counts[this.#takenFor[i]!]! += 1;
      next.state = target;
      if (target === this.#automaton.end) matches.add(next);
      else partials.add(next);
      if (ends) matches.add({ ...next, state: this.#automaton.end, counts: counts.slice() });
    }
    if (isStart) partials.add(match);
  }

  /** Finds the moves of the match that take the row, from its state and those that it leads to without it. */
  #ask(match: PartialMatch): void {
    this.#view.match = match;
    this.#truths.fill(UNKNOWN);
    this.#taken.length = 0;
    this.#takenFor.length = 0;
    const open = this.#states;
    open.length = 0;
    open.push(match.state);
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      const { moves, variable } = this.#automaton.states[state]!;
      for (const move of moves) {
        if (!this.#allows(move)) continue;
        if (move.take) {
          this.#taken.push(move.target);
          this.#takenFor.push(variable);
        } else {
          open.push(move.target);
        }
      }
    }
  }

  /** Whether the pattern may end in the state without another row. */
  #reachesEnd(from: number): boolean {
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
      this.#view.current = variable;
      truths[variable] = condition.test(this.#view) ? YES : NO;
    }
    return truths[variable] === YES;
  }

  /** Lets matches out that no earlier one can overtake. */
  #release(partition: Partition): void {
    const { partials, completed } = partition;
    for (;;) {
      const { first } = completed;
      if (first === undefined || first.start > (partials.first?.start ?? Infinity)) return;
      completed.poll();
      const skip = this.#skipOf(first);
      partials.removeIf((match) => match.start < skip);
      completed.removeIf((match) => match.start < skip);
      const view = this.#view;
      view.match = first;
      view.current = -1;
      this.#listener.match(view);
    }
  }

  /** Matches that start before this row end. */
  #skipOf(match: PartialMatch): number {
    const { skip, variables } = this.#spec;
    if (skip.to === "past-last") return match.start + countOf(match, -1);
    if (skip.to === "next") return match.start + 1;
    const count = match.counts[skip.variable]!;
    const name = variables[skip.variable]!.name;
    if (count === 0) {
      throw new SqlError("INVALID_ARGUMENT", `Could not skip to ${name}. No such element in the found match`, {
        hint: "skip to a variable that every match has a row of",
      });
    }
    const row = match.start + firstOf(match, skip.variable) + (skip.to === "first" ? 0 : count - 1);
    if (row === match.start) {
      throw new SqlError("INVALID_ARGUMENT", "Could not skip to first element of a match.", {
        hint: `the search would find the same match for ever: ${name} must not be its first row`,
      });
    }
    return row;
  }
}
