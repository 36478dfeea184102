const UNIT_MILLIS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  s: 1000,
  sec: 1000,
  secs: 1000,
  second: 1000,
  seconds: 1000,
  "": 1,
  ms: 1,
  milli: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
  µs: 1e-3,
  us: 1e-3,
  micro: 1e-3,
  micros: 1e-3,
  microsecond: 1e-3,
  microseconds: 1e-3,
  ns: 1e-6,
  nano: 1e-6,
  nanos: 1e-6,
  nanosecond: 1e-6,
  nanoseconds: 1e-6,
};

const DURATION = /^\s*(\d+)\s*([a-z\u00b5]*)\s*$/i;

/** Milliseconds of a duration as options spell it: `5 s`, `1s`, `5000` (milliseconds), `1 min`; undefined when it is none. */
export function parseDurationMillis(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const unit = UNIT_MILLIS[(match[2] ?? "").toLowerCase()];
  const millis = unit === undefined ? Number.NaN : Number(match[1]) * unit;
  return Number.isFinite(millis) && millis <= Number.MAX_SAFE_INTEGER ? millis : undefined;
}

/** The shortest spelling of a duration: `1 min`, `1500 ms`. */
export function formatDurationMillis(millis: number): string {
  for (const unit of ["d", "h", "min", "s"] as const) {
    const size = UNIT_MILLIS[unit] ?? 1;
    if (millis >= size && millis % size === 0) return `${millis / size} ${unit}`;
  }
  return `${millis} ms`;
}
