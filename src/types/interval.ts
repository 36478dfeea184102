import { MILLIS_PER_DAY } from "./datetime.ts";

/** Units of an interval qualifier. */
export type IntervalUnitName = "YEAR" | "QUARTER" | "MONTH" | "WEEK" | "DAY" | "HOUR" | "MINUTE" | "SECOND";

/** Months or milliseconds of an interval. */
export interface ParsedInterval {
  readonly kind: "INTERVAL_YEAR_MONTH" | "INTERVAL_DAY_TIME";
  readonly value: number;
}

const MONTHS = { YEAR: 12, QUARTER: 3, MONTH: 1 } as const;
const MILLIS = {
  WEEK: 7 * MILLIS_PER_DAY,
  DAY: MILLIS_PER_DAY,
  HOUR: 3_600_000,
  MINUTE: 60_000,
  SECOND: 1000,
} as const;

/** True for YEAR, QUARTER and MONTH: the interval counts months. */
export function isMonthUnit(unit: IntervalUnitName): unit is keyof typeof MONTHS {
  return unit in MONTHS;
}

/**
 * The value of `INTERVAL 'text' FROM [TO to]`: `'3' DAY`, `'1-6' YEAR TO MONTH`, `'2 03:04:05.678' DAY TO SECOND`,
 * `'10:30' MINUTE TO SECOND`; the text may begin with a sign. `undefined`: the text does not fit the units.
 */
export function parseInterval(text: string, from: IntervalUnitName, to?: IntervalUnitName): ParsedInterval | undefined {
  const trimmed = text.trim();
  const sign = trimmed.startsWith("-") ? -1 : 1;
  const body = /^[+-]/.test(trimmed) ? trimmed.slice(1).trim() : trimmed;
  const value = isMonthUnit(from) ? parseMonths(body, from, to) : parseMillis(body, from, to);
  if (value === undefined) return undefined;
  // `+ 0` turns -0 into 0.
  return { kind: isMonthUnit(from) ? "INTERVAL_YEAR_MONTH" : "INTERVAL_DAY_TIME", value: sign * value + 0 };
}

function parseMonths(body: string, from: keyof typeof MONTHS, to: IntervalUnitName | undefined): number | undefined {
  if (to === undefined || to === from) return /^\d+$/.test(body) ? Number(body) * MONTHS[from] : undefined;
  const match = /^(\d+)-(\d{1,2})$/.exec(body);
  if (match === null || from !== "YEAR" || to !== "MONTH" || Number(match[2]) > 11) return undefined;
  return Number(match[1]) * 12 + Number(match[2]);
}

const ORDER = ["DAY", "HOUR", "MINUTE", "SECOND"] as const;

function parseMillis(
  body: string,
  from: Exclude<IntervalUnitName, keyof typeof MONTHS>,
  to: IntervalUnitName | undefined,
): number | undefined {
  if (to === undefined || to === from) {
    const single = (from === "SECOND" ? /^(\d+)(?:\.(\d{1,9}))?$/ : /^(\d+)$/).exec(body);
    return single === null ? undefined : Number(single[1]) * MILLIS[from] + fractionMillis(single[2]);
  }
  const first = ORDER.findIndex((unit) => unit === from);
  const last = ORDER.findIndex((unit) => unit === to);
  if (first < 0 || last <= first) return undefined;
  const pattern = ORDER.slice(first, last + 1)
    .map((_, i) => (i === 0 ? "(\\d+)" : `${ORDER[first + i - 1] === "DAY" ? " +" : ":"}(\\d{1,2})`))
    .join("");
  const match = new RegExp(`^${pattern}${to === "SECOND" ? "(?:\\.(\\d{1,9}))?" : ""}$`).exec(body);
  if (match === null) return undefined;
  let millis = to === "SECOND" ? fractionMillis(match[last - first + 2]) : 0;
  for (let i = first; i <= last; i++) {
    const unit = ORDER[i]!;
    const amount = Number(match[i - first + 1]);
    if (i > first && amount > (unit === "HOUR" ? 23 : 59)) return undefined;
    millis += amount * MILLIS[unit];
  }
  return millis;
}

function fractionMillis(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.slice(0, 3).padEnd(3, "0"));
}

/** `+1-02`, `-0-11`. */
export function intervalMonthsText(months: number): string {
  const size = Math.abs(months);
  return `${months < 0 ? "-" : "+"}${Math.floor(size / 12)}-${String(size % 12).padStart(2, "0")}`;
}

/** `+1 02:03:04.005`, `-0 01:30:00.000`. */
export function intervalMillisText(millis: number): string {
  const size = Math.abs(millis);
  const seconds = Math.floor(size / 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const fraction = String(size % 1000).padStart(3, "0");
  return `${millis < 0 ? "-" : "+"}${Math.floor(size / MILLIS_PER_DAY)} ${clock}.${fraction}`;
}

/** Java's Period text, as the print connector shows months: `P1Y2M`, `P0D`. */
export function periodText(months: number): string {
  if (months === 0) return "P0D";
  const years = Math.trunc(months / 12);
  const rest = months % 12;
  return `P${years === 0 ? "" : `${years}Y`}${rest === 0 ? "" : `${rest}M`}`;
}

/** Java's Duration text, as the print connector shows milliseconds: `PT36H`, `PT-1.5S`, `PT0S`. */
export function durationText(millis: number): string {
  if (millis === 0) return "PT0S";
  const hours = Math.trunc(millis / 3_600_000);
  const minutes = Math.trunc(millis / 60_000) % 60;
  const rest = millis % 60_000;
  const seconds = rest === 0 ? "" : `${rest / 1000}S`;
  return `PT${hours === 0 ? "" : `${hours}H`}${minutes === 0 ? "" : `${minutes}M`}${seconds}`;
}
