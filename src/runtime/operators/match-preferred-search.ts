import { SqlError } from "../../base/errors.ts";
import type { Value } from "../../types/data-type.ts";
import type { MatchExpressions, MatchPattern, MatchSpec } from "../spec.ts";
import type { Conditions } from "./match-conditions.ts";
import { Partition, type MatchListener, type PartitionSearch } from "./match-partition.ts";
import type { PartialMatch } from "./match-queue.ts";
import { countOf, createView, type MutableView } from "./match-rows.ts";
import { MatchTruths } from "./match-truths.ts";
import { skipOf } from "./match-search.ts";
import { compileProgram, type PatternProgram } from "./pattern-program.ts";

/** So many ways from one row are followed; more mean a pattern that says too little. */
const MOST_WAYS = 10_000;

/** A partition in which one match at a time is looked for, from one row. */
class PreferredPartition extends Partition {
  /** Number of the row that the match starts at. */
  start = 0;
  /** Number of the first row that the ways have not been asked about. */
  next = 0;
  /** The ways that are open, the preferred one first. */
  ways: PartialMatch[] = [];
  /** What is left when none of them leads to the end: they are all preferred to it. */
  best: PartialMatch | undefined;
  /** The row at `start` has been begun with. */
  isUnderWay = false;
  firstTime = Infinity;
  startTime = Infinity;
  /** When the rows came, in processing time. */
  times: number[] = [];
  readonly #numbered: boolean;

  constructor(numbered: boolean) {
    super();
    this.#numbered = numbered;
  }

  /** Number behind the last row. */
  get end(): number {
    return this.base + this.slots.length;
  }

  get isIdle(): boolean {
    return this.slots.length === 0 && !(this.#numbered && this.matches > 0);
  }
}

/**
 * The search of SQL:2016: from each row on, the way that is preferred of all that lead to the end of the pattern. Ways are
 * followed side by side, row by row, in the order of preference; one that ends cuts off all behind it. When the match is
 * decided, the search goes on where AFTER MATCH says, with the rows that were kept. The state knows the row at which it
 * starts; the ways are found again from there.
 */
export class PreferredSearch implements PartitionSearch {
  readonly #spec: MatchSpec;
  readonly #program: PatternProgram;
  readonly #listener: MatchListener;
  /** Event time of a stored row. */
  readonly #timeOf: ((slot: number) => number) | undefined;
  readonly #view: MutableView;
  /** How many rows in front of a match, and behind the present row, expressions look at. */
  readonly #behind: number;
  readonly #ahead: number;
  /** No condition asks how rows in front were taken: of two ways in one step the preferred one will do. */
  readonly #forgetful: boolean;
  /** Steps that have been come to, by a number for each occasion. */
  readonly #visited: Float64Array;
  readonly #visitedInLoops = new Set<number>();
  #occasion = 0;
  readonly #truths: MatchTruths;
  readonly #targets: number[] = [];
  readonly #open: number[] = [];

  constructor(
    spec: MatchSpec,
    pattern: MatchPattern,
    conditions: Conditions,
    listener: MatchListener,
    timeOf: ((slot: number) => number) | undefined,
  ) {
    this.#spec = spec;
    this.#program = compileProgram(pattern);
    this.#listener = listener;
    this.#timeOf = timeOf;
    this.#view = createView(spec.subsets ?? []);
    const shifts = [...spec.variables.map((v) => v.condition), spec.measures].flatMap(shiftsOf);
    this.#behind = -Math.min(0, ...shifts);
    this.#ahead = Math.max(0, ...shifts);
    this.#forgetful = conditions.every((condition) => condition?.ofRowAlone !== false);
    this.#visited = new Float64Array(this.#program.steps.length);
    this.#truths = new MatchTruths(conditions, this.#view);
  }

  createPartition(): PreferredPartition {
    return new PreferredPartition(this.#spec.numbered === true);
  }

  step(partition: PreferredPartition, slot: number, timeMillis: number): void {
    const number = partition.end;
    partition.slots.push(slot);
    if (this.#timeOf === undefined) partition.times.push(timeMillis);
    this.#goOn(partition, timeMillis, false);
    if (partition.start - this.#behind <= number) this.#listener.keep(slot, number);
    this.dropUnneeded(partition);
  }

  advance(partition: PreferredPartition, timeMillis: number): void {
    if (this.#spec.withinMillis > 0) this.#goOn(partition, timeMillis, false);
  }

  finish(partition: PreferredPartition): void {
    this.#goOn(partition, Infinity, true);
  }

  dropUnneeded(partition: PreferredPartition): void {
    const { slots, times, start, base } = partition;
    const count = Math.min(slots.length, start - this.#behind - base);
    if (count <= 0) return;
    for (let i = 0; i < count; i++) this.#listener.drop(slots[i]!);
    slots.splice(0, count);
    times.splice(0, count);
    if (slots.length > 0) {
      partition.base += count;
      return;
    }
    partition.base = 0;
    partition.start = 0;
    partition.next = 0;
  }

  encode({ start, matches, times }: PreferredPartition): Value {
    return [[start, matches], times.slice()];
  }

  decode(value: Value, partition: PreferredPartition): void {
    const [[start, matches], times] = value as readonly [readonly [number, number], readonly number[]];
    partition.start = start;
    partition.next = start;
    partition.matches = matches;
    partition.times = [...times];
    this.#noteTimes(partition);
  }

  #time(partition: PreferredPartition, number: number): number {
    const at = number - partition.base;
    return this.#timeOf === undefined ? partition.times[at]! : this.#timeOf(partition.slots[at]!);
  }

  /** Decides all that the rows decide, and that no row comes before `timeMillis`. `isAll`: none comes at all. */
  #goOn(partition: PreferredPartition, timeMillis: number, isAll: boolean): void {
    const { withinMillis } = this.#spec;
    // What a row says is known when those are there that are looked at from it.
    const known = isAll ? partition.end : partition.end - this.#ahead;
    let knownAt = -Infinity;
    while (partition.start < known) {
      const limit = withinMillis === 0 ? Infinity : this.#time(partition, partition.start) + withinMillis;
      if (!partition.isUnderWay) this.#begin(partition);
      while (partition.ways.length > 0 && partition.next < known && this.#isNextBefore(partition, limit))
        this.#take(partition);
      if (partition.ways.length > 0 && this.#isNextBefore(partition, limit)) {
        if (partition.next < partition.end || timeMillis < limit) break;
        // It has taken too long, and that has been known from then on.
        if (limit !== Infinity) knownAt = Math.max(knownAt, limit);
      }
      this.#decide(partition, Math.max(knownAt, this.#time(partition, partition.end - 1)));
    }
    this.#noteTimes(partition);
  }

  /** The next row would not be too late for the match; it may be still to come. */
  #isNextBefore(partition: PreferredPartition, limit: number): boolean {
    return partition.next >= partition.end || limit === Infinity || this.#time(partition, partition.next) < limit;
  }

  #noteTimes(partition: PreferredPartition): void {
    const { start, next, end, isUnderWay } = partition;
    partition.startTime = start < end ? this.#time(partition, start) : Infinity;
    // A match that waits for rows to look at does not end when its time does.
    const waits = start >= end - this.#ahead || (isUnderWay && next < end);
    partition.firstTime = waits ? Infinity : partition.startTime;
  }

  #begin(partition: PreferredPartition): void {
    const { start } = partition;
    const counts = this.#spec.variables.map(() => 0);
    const startTime = this.#time(partition, start);
    const match: PartialMatch = { state: -1, start, startTime, counts, runs: [], running: [] };
    partition.isUnderWay = true;
    partition.next = start;
    partition.ways = [];
    partition.best = undefined;
    this.#newOccasion();
    const ends = this.#reach(this.#program.start);
    for (const state of this.#targets) partition.ways.push(copyOf(match, state));
    if (ends) partition.best = match;
  }

  /** Asks all ways about the next row. */
  #take(partition: PreferredPartition): void {
    const number = partition.next++;
    const view = this.#view;
    view.rows = partition;
    view.currentSlot = partition.slots[number - partition.base]!;
    view.timeMillis = this.#time(partition, number);
    view.number = partition.matches + 1;
    this.#truths.nextRow();
    const { ways } = partition;
    const left: PartialMatch[] = [];
    this.#newOccasion();
    for (const way of ways) {
      const step = this.#program.steps[way.state]!;
      this.#truths.nextMatch();
      view.match = way;
      if (step.kind !== "row" || !this.#truths.meets(step.variable)) continue;
      if (!this.#forgetful) this.#newOccasion();
      const ends = this.#reach(step.next);
      addRow(way, step.label);
      const targets = this.#targets;
      if (ends) partition.best = copyOf(way, way.state);
      for (let i = 0; i < targets.length; i++)
        left.push(i === targets.length - 1 ? goneTo(way, targets[i]!) : copyOf(way, targets[i]!));
      if (ends) break;
    }
    if (left.length > MOST_WAYS) {
      throw new SqlError("INVALID_ARGUMENT", `MATCH_RECOGNIZE would follow more than ${MOST_WAYS} ways from one row`, {
        hint: "rows can be taken in too many ways: make the conditions of variables that stand side by side exclude each other, or the pattern simpler",
      });
    }
    partition.ways = left;
  }

  #newOccasion(): void {
    this.#occasion += 1;
    if (this.#visitedInLoops.size > 0) this.#visitedInLoops.clear();
  }

  /** True the first time that a step is come to on this occasion; inside of the same loops, where it is none of a row. */
  #visit(step: number, loops: number): boolean {
    if (loops === 0) {
      const isNew = this.#visited[step] !== this.#occasion;
      this.#visited[step] = this.#occasion;
      return isNew;
    }
    const key = loops * this.#visited.length + step;
    if (this.#visitedInLoops.has(key)) return false;
    this.#visitedInLoops.add(key);
    return true;
  }

  /**
   * The row steps that a step leads to without a row, in the order of preference, but for those that have been come to on
   * this occasion; true: then to the end, and what would follow counts no more. A time of a loop that takes no row is not
   * gone on with: which loops such a time has begun in is said by their bits.
   */
  #reach(from: number): boolean {
    const targets = this.#targets;
    targets.length = 0;
    const open = this.#open;
    open.length = 0;
    open.push(from, 0);
    while (open.length > 0) {
      const loops = open.pop()!;
      const at = open.pop()!;
      const step = this.#program.steps[at]!;
      if (step.kind === "end") return true;
      if (!this.#visit(at, step.kind === "row" ? 0 : loops)) continue;
      if (step.kind === "row") {
        targets.push(at);
      } else if (step.kind === "choice") {
        for (let i = step.ways.length - 1; i >= 0; i--) open.push(step.ways[i]!, loops);
      } else if (!hasBit(loops, step.bit)) {
        if (step.reluctant) open.push(step.again, loops + step.bit, step.next, loops);
        else open.push(step.next, loops, step.again, loops + step.bit);
      }
    }
    return false;
  }

  /** The best way is the match, or there is none from this row on; the search goes on from another. */
  #decide(partition: PreferredPartition, timeMillis: number): void {
    const { best } = partition;
    let next = partition.start + 1;
    if (best !== undefined) {
      const view = this.#view;
      view.rows = partition;
      view.match = best;
      view.current = -1;
      view.currentSlot = -1;
      view.timeMillis = timeMillis;
      view.number = ++partition.matches;
      this.#listener.match(view);
      if (countOf(best, -1) > 0) next = skipOf(best, this.#spec);
    }
    partition.start = next;
    partition.next = next;
    partition.ways = [];
    partition.best = undefined;
    partition.isUnderWay = false;
  }
}

/** How far expressions look from a row of the match; below 0: back. */
function shiftsOf(expressions: MatchExpressions | undefined): readonly number[] {
  return (expressions?.references ?? []).map((r) => (r.kind === "row" || r.kind === "classifier" ? (r.shift ?? 0) : 0));
}

/** Bits are below 2^53, and more than the 32 that `&` knows. */
function hasBit(bits: number, bit: number): boolean {
  return Math.floor(bits / bit) % 2 === 1;
}

function addRow(match: PartialMatch, label: number): void {
  const runs = match.runs!;
  match.counts[label >> 1]! += 1;
  if (runs.at(-2) === label) runs[runs.length - 1]! += 1;
  else runs.push(label, 1);
}

function goneTo(match: PartialMatch, state: number): PartialMatch {
  match.state = state;
  return match;
}

function copyOf(match: PartialMatch, state: number): PartialMatch {
  return { ...match, state, counts: match.counts.slice(), runs: match.runs!.slice(), running: [] };
}
