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
