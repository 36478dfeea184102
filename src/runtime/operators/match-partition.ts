import { MatchQueue } from "./match-queue.ts";
import type { MatchView } from "./match-rows.ts";

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
    return this.needed === Infinity;
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

/** How the rows of a partition become matches. */
export interface PartitionSearch {
  /** A partition of which no row has been seen. */
  createPartition(): Partition;
  /** No row before this time will come: what has taken too long ends. */
  advance(partition: Partition, timeMillis: number): void;
  /** The next row of the partition. */
  step(partition: Partition, slot: number, timeMillis: number): void;
  /** Rows in front of all matches go. */
  dropUnneeded(partition: Partition): void;
}

/** Lets go of the rows in front of all matches. */
export function dropUnneeded(partition: Partition, listener: MatchListener): void {
  const { slots } = partition;
  const count = Math.min(slots.length, partition.needed - partition.base);
  if (count <= 0) return;
  for (let i = 0; i < count; i++) listener.drop(slots[i]!);
  slots.splice(0, count);
  partition.base = slots.length === 0 ? 0 : partition.base + count;
}

/** The time at the end of all input, the largest 64-bit number. */
export const LAST_TIME = 2 ** 63;
