import type { Value } from "../../types/data-type.ts";
import { Partition, type MatchListener } from "./match-partition.ts";
import { MatchQueue, type PartialMatch } from "./match-queue.ts";

/** A partition whose matches under way, and those that wait for earlier ones to end, stand in queues. */
export class QueuedPartition extends Partition {
  /** Under way; one of them may have no row yet. */
  partials = new MatchQueue();
  /** Done, but an earlier one may still come to its end. */
  readonly completed = new MatchQueue();
  readonly #numbered: boolean;

  /** `numbered`: how many matches came out is kept for ever. */
  constructor(numbered = false) {
    super();
    this.#numbered = numbered;
  }

  /** Number of the first row that a match needs; +Infinity: none does. */
  get needed(): number {
    return Math.min(this.partials.first?.start ?? Infinity, this.completed.first?.start ?? Infinity);
  }

  get isIdle(): boolean {
    return this.needed === Infinity && !(this.#numbered && this.matches > 0);
  }

  get firstTime(): number {
    return this.startTime;
  }

  get startTime(): number {
    const { first } = this.partials;
    return first === undefined || first.start === Infinity ? Infinity : first.startTime;
  }

  encode(): Value {
    const queues = [encode(this.partials), encode(this.completed)];
    return this.#numbered ? [...queues, [this.matches]] : queues;
  }

  decode(value: Value): void {
    const [partials, completed, numbers] = value as readonly (readonly number[])[];
    this.partials.removeIf(() => true);
    decode(partials!, this.partials);
    decode(completed!, this.completed);
    this.matches = numbers?.[0] ?? 0;
  }
}

/** Lets go of the rows in front of all matches. */
export function dropUnneeded(partition: QueuedPartition, listener: MatchListener): void {
  const { slots } = partition;
  const count = Math.min(slots.length, partition.needed - partition.base);
  if (count <= 0) return;
  for (let i = 0; i < count; i++) listener.drop(slots[i]!);
  slots.splice(0, count);
  partition.base = slots.length === 0 ? 0 : partition.base + count;
}

/** Matches as numbers, in the order of their queue: the number of variables, then each match. */
function encode(queue: MatchQueue): Value {
  const width = queue.items[0]?.counts.length ?? 0;
  const numbers: number[] = [width];
  for (const { state, start, startTime, counts } of queue.items)
    numbers.push(state, start === Infinity ? -1 : start, startTime, ...counts);
  return numbers;
}

function decode(numbers: readonly number[], queue: MatchQueue): void {
  const width = numbers[0]!;
  for (let at = 1; at < numbers.length; at += width + 3) {
    const start = numbers[at + 1]!;
    const match: PartialMatch = {
      state: numbers[at]!,
      start: start < 0 ? Infinity : start,
      startTime: numbers[at + 2]!,
      counts: numbers.slice(at + 3, at + 3 + width),
      running: [],
    };
    queue.add(match);
  }
}
