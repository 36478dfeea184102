import { T } from "../types/data-type.ts";
import type { StateField } from "./api.ts";

/** Where state takes the processing time from. */
export interface Clock {
  nowMillis(): number;
}

/**
 * Time to live is Flink's OnCreateAndWrite with NeverReturnExpired: a write renews, a read does not; a slot is expired
 * when `last write + ttl <= now`, and then reads as if it had never been. Expired slots are reset when they are met,
 * and swept away in small steps at each `prepare`.
 */
export const SWEEP_STEPS = 128;

/** Slots that a caller may still hold from the same moment are not swept yet. */
export const SWEEP_GRACE_MILLIS = 60_000;

/**
 * Where an operator itself keeps when a key last had a row, as its rows must not expire one by one. Like the tables' own
 * times of writing it comes and goes with the time to live.
 */
export const TOUCHED: StateField = { name: "$touched", type: T.double(false), initial: -Infinity };
