import { expect, test } from "vitest";
import { formatTimestamp, parseTimestamp } from "./datetime.ts";
import { instantToLocal, isSessionZone, isValidZone, localToInstant, offsetMillisAt, sessionZone } from "./timezone.ts";

const utc = (text: string): number => Number(parseTimestamp(text, 3));

test.each([
  ["America/New_York", "2024-03-10 02:30:00.999", "2024-03-10 03:30:00.999"],
  ["America/New_York", "2024-11-03 01:30:00.500", "2024-11-03 01:30:00.500"],
  ["America/New_York", "1969-12-31 23:59:59.001", "1969-12-31 23:59:59.001"],
  ["Europe/Berlin", "2024-03-31 02:30:00.000", "2024-03-31 03:30:00.000"],
  ["Asia/Kolkata", "2500-01-01 00:00:00.000", "2500-01-01 00:00:00.000"],
])("wall clock of %s: %s", (zone, wall, expected) => {
  expect(formatTimestamp(instantToLocal(zone, localToInstant(zone, utc(wall))), 3)).toBe(expected);
});

test("an hour that exists twice is the earlier instant", () => {
  expect(localToInstant("America/New_York", utc("2024-11-03 01:30:00"))).toBe(utc("2024-11-03 05:30:00"));
});

test("offsets agree with Intl over 70 years", () => {
  for (const zone of ["America/New_York", "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Kathmandu"]) {
    const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
    for (let millis = 0; millis < 2.2e12; millis += 0.9e9 * 7 + 1000) {
      const local = formatTimestamp(millis + offsetMillisAt(zone, millis), 0);
      const [, y, m, d, time] = /(\d+)-(\d+)-(\d+) (.*)/.exec(local) ?? [];
      expect(format.format(millis)).toBe(`${d}/${m}/${y}, ${time}`);
    }
  }
});

test.each([
  ["UTC", 0],
  ["GMT+08:00", 8],
  ["GMT-03:30", -3.5],
  ["+05:30", 5.5],
  ["UTC+2", 2],
])("fixed offset %s", (zone, hours) => {
  expect(offsetMillisAt(zone, 0)).toBe(hours * 3_600_000);
});

test("zones of a session", () => {
  const taken = [
    "UTC",
    "GMT",
    "GMT0",
    "GMT+8",
    "GMT+08:00",
    "GMT-0330",
    "Europe/Berlin",
    "EST5EDT",
    "Etc/GMT+3",
    "CET",
  ];
  expect(taken.filter((zone) => !isSessionZone(zone))).toEqual([]);
  const refused = [
    "UTC+8",
    "PST",
    "EST",
    "+08:00",
    "+8",
    "Z",
    "UT",
    "GMT+08:30:15",
    "GMT+8:30",
    "europe/berlin",
    "",
    "Mars",
  ];
  expect(refused.filter(isSessionZone)).toEqual([]);
  expect(sessionZone("default")).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
});

test("unknown zones", () => {
  expect(isValidZone("Mars/Olympus")).toBe(false);
  expect(isValidZone("GMT+99:00")).toBe(false);
  expect(isValidZone("Asia/Shanghai")).toBe(true);
});
