import { instantToLocal, localToInstant } from "../../types/timezone.ts";
import type { WindowSpec } from "../spec.ts";

const HOUR_MILLIS = 3_600_000;

/** Windows cut into slices: a row belongs to one slice, a window is one or several slices. All numbers are wall-clock millis. */
export interface WindowSlices {
  readonly type: "tumble" | "hop" | "cumulate";
  /** Width of a slice. */
  readonly sliceMillis: number;
  /** The end of the slice that holds the time. */
  sliceEnd(time: number): number;
  /** Ends of the first and last window that hold the slice (first > last: none does). */
  firstWindow(sliceEnd: number): number;
  lastWindow(sliceEnd: number): number;
  /** The first window end above `after` of a window that may hold data; `after` may be −Infinity. */
  windowAfter(after: number, sliceEnd: number): number;
  windowStart(windowEnd: number): number;
}

/** The largest `offset + k · step` that is ≤ `time`; right for negative times too. */
export function alignDown(time: number, step: number, offset: number): number {
  return offset + Math.floor((time - offset) / step) * step;
}

function alignUp(time: number, step: number, offset: number): number {
  return offset + Math.ceil((time - offset) / step) * step;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** `attached`: rows come with their windows, so that every window is a slice of its own. */
export function slicesOf(window: Exclude<WindowSpec, { readonly type: "session" }>, attached: boolean): WindowSlices {
  const windowStart = startOf(window);
  if (attached)
    return {
      type: "tumble",
      sliceMillis: 1,
      sliceEnd: (time) => time + 1,
      firstWindow: same,
      lastWindow: same,
      windowAfter: only,
      windowStart,
    };
  const { offsetMillis } = window;
  switch (window.type) {
    case "tumble": {
      const size = window.sizeMillis;
      const sliceEnd = (time: number): number => alignDown(time, size, offsetMillis) + size;
      return {
        type: "tumble",
        sliceMillis: size,
        sliceEnd,
        firstWindow: same,
        lastWindow: same,
        windowAfter: only,
        windowStart,
      };
    }
    case "hop": {
      const { sizeMillis, slideMillis } = window;
      const slice = greatestCommonDivisor(sizeMillis, slideMillis);
      const phase = offsetMillis + sizeMillis;
      const firstWindow = (end: number): number => alignUp(end, slideMillis, phase);
      return {
        type: "hop",
        sliceMillis: slice,
        sliceEnd: (time) => alignDown(time, slice, offsetMillis) + slice,
        firstWindow,
        lastWindow: (end) => alignDown(end - slice + sizeMillis, slideMillis, phase),
        windowAfter: (after, end) =>
          after < end ? firstWindow(end) : alignDown(after, slideMillis, phase) + slideMillis,
        windowStart,
      };
    }
    case "cumulate": {
      const { maxMillis, stepMillis } = window;
      return {
        type: "cumulate",
        sliceMillis: stepMillis,
        sliceEnd: (time) => alignDown(time, stepMillis, offsetMillis) + stepMillis,
        firstWindow: same,
        lastWindow: (end) => windowStart(end) + maxMillis,
        windowAfter: (after, end) => (after < end ? end : alignDown(after, stepMillis, offsetMillis) + stepMillis),
        windowStart,
      };
    }
  }
}

function same(sliceEnd: number): number {
  return sliceEnd;
}

function only(after: number, sliceEnd: number): number {
  return after < sliceEnd ? sliceEnd : Infinity;
}

function startOf(window: Exclude<WindowSpec, { readonly type: "session" }>): (windowEnd: number) => number {
  if (window.type === "cumulate") return (end) => alignDown(end - 1, window.maxMillis, window.offsetMillis);
  return (end) => end - window.sizeMillis;
}

/** Between wall clock and instants; both are the same for TIMESTAMP. */
export interface WindowClock {
  /** Wall clock of the first `count` instants. */
  toLocal(instants: Float64Array, count: number): Float64Array;
  /** The instant whose watermark fires a window or slice with this end. */
  fireTime(end: number): number;
  /** The last instant of a window with this end. */
  lastInstant(end: number): number;
  /** The largest wall-clock end whose `fireTime` is ≤ the watermark, or a little below it. */
  firedUpTo(watermark: number): number;
}

/** The value of a window's time attribute (window_time) by its end. */
export type WindowTime = (end: number) => number;

/**
 * The last instant of the window, which around a clock change is not the one that fires it: behind it when the hour of its
 * end is skipped, before it when that hour comes twice. In processing time the time of day, since the attribute stands for
 * the clock.
 */
export function windowTime(clock: WindowClock, processingTime: boolean | undefined, now: () => number): WindowTime {
  return processingTime === true ? now : clock.lastInstant;
}

/** `zone`: the time attribute is TIMESTAMP_LTZ and windows align to its wall clock. */
export function windowClock(zone: string | undefined): WindowClock {
  if (zone === undefined || zone === "UTC") {
    const lastInstant = (end: number): number => end - 1;
    return {
      toLocal: (instants) => instants,
      fireTime: lastInstant,
      lastInstant,
      firedUpTo: (watermark) => watermark + 1,
    };
  }
  return {
    toLocal: (instants, count) => localTimes(zone, instants, count),
    fireTime: (end) => instantOfTimer(zone, end - 1),
    lastInstant: (end) => localToInstant(zone, end - 1),
    firedUpTo: (watermark) =>
      Number.isFinite(watermark) ? instantToLocal(zone, watermark) - 2 * HOUR_MILLIS : watermark,
  };
}

const QUARTER_MILLIS = 900_000;

/** Zone offsets only change at quarters of an hour, so one look-up serves many rows. */
function localTimes(zone: string, instants: Float64Array, count: number): Float64Array {
  const local = new Float64Array(count);
  let quarter = Number.NaN;
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const instant = instants[i]!;
    const q = Math.floor(instant / QUARTER_MILLIS);
    if (q !== quarter) {
      quarter = q;
      offset = instantToLocal(zone, instant) - instant;
    }
    local[i] = instant + offset;
  }
  return local;
}

/**
 * The instant of a wall-clock time for timers: in the hour that a clock change repeats the second one, in the hour that it
 * skips the moment of the change (as Flink, so that no row of the window comes after its timer).
 */
export function instantOfTimer(zone: string, local: number): number {
  if (!Number.isFinite(local)) return local;
  const first = localToInstant(zone, local);
  const later = localToInstant(zone, local + HOUR_MILLIS);
  if (first === later) return alignDown(first, HOUR_MILLIS, 0);
  return later - first > HOUR_MILLIS ? first + HOUR_MILLIS : first;
}
