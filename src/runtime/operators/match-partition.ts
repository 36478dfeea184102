import type { Value } from "../../types/data-type.ts";
import type { MatchView } from "./match-rows.ts";

/** The search in one partition: rows that matches are made of, and where it stands. */
export abstract class Partition {
  /** Number of the first row that is kept. */
  base = 0;
  /** Row slots from there on. */
  readonly slots: number[] = [];
  /** Matches that have come out. */
  matches = 0;
  /** When it will be looked at for matches that have taken too long; +Infinity: there is no need. */
  timeoutMillis = Infinity;

  /** Nothing is known of it but that a match may start. */
  abstract readonly isIdle: boolean;
  /** Time of the first row of the earliest match under way; +Infinity: there is none. */
  abstract readonly startTime: number;
  /** The same, unless the match does not end when it takes too long. */
  abstract readonly firstTime: number;
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
  /** No row will come any more. */
  finish(partition: Partition): void;
  /** Rows in front of all matches go. */
  dropUnneeded(partition: Partition): void;
  /** What the state keeps of a partition beside its rows. */
  encode(partition: Partition): Value;
  /** Takes up what `encode` wrote; the rows are there. */
  decode(value: Value, partition: Partition): void;
}

/** The time at the end of all input, the largest 64-bit number. */
export const LAST_TIME = 2 ** 63;
