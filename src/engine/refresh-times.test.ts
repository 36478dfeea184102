import { expect, test } from "vitest";
import { SqlError } from "../base/errors.ts";
import { checkFreshness, nextRefreshMillis } from "./refresh-times.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([SECOND, 30 * SECOND, 60 * SECOND, 15 * MINUTE, HOUR, 12 * HOUR, DAY])("%i ms can be kept", (millis) => {
  expect(() => checkFreshness(millis, undefined)).not.toThrow();
});

test.each([
  [500, "factors of 60 .* SECOND"],
  [7 * SECOND, "factors of 60 .* SECOND"],
  [90 * SECOND, "factors of 60 .* SECOND"],
  [45 * MINUTE, "factors of 60 .* MINUTE"],
  [90 * MINUTE, "factors of 60 .* MINUTE"],
  [5 * HOUR, "factors of 24 .* HOUR"],
  [2 * DAY, "must be 1 when the time unit is DAY"],
])("%i ms cannot: %s", (millis, message) => {
  expect(() => checkFreshness(millis, undefined)).toThrow(SqlError);
  expect(() => checkFreshness(millis, undefined)).toThrow(new RegExp(message));
});

test.each([
  [SECOND, "UTC", "2026-03-01T10:00:00.000Z", "2026-03-01T10:00:01.000Z"],
  [15 * MINUTE, "UTC", "2026-03-01T10:07:12.345Z", "2026-03-01T10:15:00.000Z"],
  [6 * HOUR, "UTC", "2026-03-01T18:00:00.000Z", "2026-03-02T00:00:00.000Z"],
  [DAY, "Europe/Berlin", "2026-03-01T22:30:00.000Z", "2026-03-01T23:00:00.000Z"],
  [DAY, "Europe/Berlin", "2026-03-28T23:30:00.000Z", "2026-03-29T22:00:00.000Z"],
  [HOUR, "Europe/Berlin", "2026-10-25T00:30:00.000Z", "2026-10-25T01:00:00.000Z"],
  [SECOND, "Europe/Berlin", "2026-10-25T00:59:59.500Z", "2026-10-25T01:00:00.000Z"],
  [SECOND, "Europe/Berlin", "2026-10-25T01:30:00.000Z", "2026-10-25T01:30:01.000Z"],
  [12 * HOUR, "Europe/Berlin", "2026-10-25T00:30:00.000Z", "2026-10-25T11:00:00.000Z"],
  [HOUR, "Europe/Berlin", "2026-03-29T00:30:00.000Z", "2026-03-29T01:00:00.000Z"],
])("every %i ms in %s, after %s: %s", (millis, zone, now, next) => {
  expect(new Date(nextRefreshMillis(millis, zone, Date.parse(now))).toISOString()).toBe(next);
});
