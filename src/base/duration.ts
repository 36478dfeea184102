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

/** ISO-8601, as Java reads it: `PT1H30M`, `P1DT0.5S`. */
const ISO_DURATION =
  /^\s*([-+]?)P(?=[-+\dT])(?:([-+]?\d+)D)?(?:T(?=[-+\d])(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+(?:[.,]\d{0,9})?)S)?)?\s*$/i;

/** Milliseconds of a duration as options spell it: `5 s`, `1s`, `5000` (milliseconds), `1 min`, `PT1H`; undefined when it is none. */
export function parseDurationMillis(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return isoMillis(text);
  const unit = UNIT_MILLIS[(match[2] ?? "").toLowerCase()];
  const millis = unit === undefined ? Number.NaN : Number(match[1]) * unit;
  return Number.isFinite(millis) && millis <= Number.MAX_SAFE_INTEGER ? millis : undefined;
}

function isoMillis(text: string): number | undefined {
  const match = ISO_DURATION.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(2).map((part) => Number((part ?? "0").replace(",", ".")));
  const whole = (days! * 86_400 + hours! * 3600 + minutes! * 60) * 1000 + Math.round(seconds! * 1e9) / 1e6;
  const millis = match[1] === "-" ? -whole : whole;
  return millis >= 0 && millis <= Number.MAX_SAFE_INTEGER ? millis : undefined;
}

/** The shortest spelling of a duration: `1 min`, `1500 ms`. */
export function formatDurationMillis(millis: number): string {
  for (const unit of ["d", "h", "min", "s"] as const) {
    const size = UNIT_MILLIS[unit] ?? 1;
    if (millis >= size && millis % size === 0) return `${millis / size} ${unit}`;
  }
  return `${millis} ms`;
}
