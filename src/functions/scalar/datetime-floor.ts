import type { DataType, Value } from "../../types/data-type.ts";
import { civilFromDays, daysFromCivil, MILLIS_PER_DAY, millisOfTimestamp } from "../../types/datetime.ts";
import { instantToLocal, localToInstant } from "../../types/timezone.ts";
import type { Argument, CallTypes, Evaluator, Resolution, SessionFacts } from "../define.ts";
import { dayOfMillis, isoDayOfWeek, TIME_UNITS } from "./datetime-parts.ts";
import { typesOf } from "./shared.ts";

/** For units of a day and larger: the first day of the unit that a day is in, and of the next one. */
const DAY_UNITS: ReadonlyMap<string, (days: number) => readonly [start: number, next: number]> = new Map<
  string,
  (days: number) => readonly [number, number]
>([
  ["DAY", (days) => [days, days + 1]],
  // Weeks begin on Sunday.
  ["WEEK", (days) => [days - (isoDayOfWeek(days) % 7), days - (isoDayOfWeek(days) % 7) + 7]],
  ["MONTH", (days) => monthsFrom(days, 1)],
  ["QUARTER", (days) => monthsFrom(days, 3)],
  ["YEAR", (days) => monthsFrom(days, 12)],
  ["DECADE", (days) => yearsFrom(days, 10, 0)],
  ["CENTURY", (days) => yearsFrom(days, 100, 1)],
  ["MILLENNIUM", (days) => yearsFrom(days, 1000, 1)],
]);

function monthsFrom(days: number, length: number): readonly [number, number] {
  const { year, month } = civilFromDays(days);
  const first = month - 1 - ((month - 1) % length);
  const next = first + length;
  return [daysFromCivil(year, first + 1, 1), daysFromCivil(year + Math.floor(next / 12), (next % 12) + 1, 1)];
}

function yearsFrom(days: number, length: number, offset: number): readonly [number, number] {
  const { year } = civilFromDays(days);
  const first = Math.floor((year - offset) / length) * length + offset;
  return [daysFromCivil(first, 1, 1), daysFromCivil(first + length, 1, 1)];
}

/** FLOOR and CEIL of a point in time to a unit: same type; `undefined` when the unit does not fit. */
export function resolveRoundedTime(args: readonly Argument[]): Resolution | undefined {
  const [type] = typesOf(args);
  const unit = args[1]?.literal;
  if (type === undefined || typeof unit !== "string" || args.length !== 2) return undefined;
  const known = DAY_UNITS.has(unit) || TIME_UNITS.has(unit);
  switch (type.kind) {
    case "DATE":
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return known ? { type } : undefined;
    case "TIME":
      return TIME_UNITS.has(unit) ? { type } : undefined;
    default:
      return undefined;
  }
}

/** Rounds down (FLOOR) or up (CEIL); a value at the beginning of a unit stays. */
export function evaluateRoundedTime(name: "FLOOR" | "CEIL", types: CallTypes, session: SessionFacts): Evaluator {
  const unit = types.literals[1] as string;
  const up = name === "CEIL";
  const [type] = types.args as [DataType];
  const ofDay = DAY_UNITS.get(unit);
  if (type.kind === "DATE") {
    if (ofDay === undefined) return (days) => days!;
    return (days) => roundDay(ofDay, days as number, up);
  }
  const round = (millis: number): number =>
    ofDay === undefined ? roundMillis(TIME_UNITS.get(unit)![0], millis, up) : roundDays(ofDay, millis, up);
  if (type.kind === "TIME") return (millis) => round(millis as number) % MILLIS_PER_DAY;
  if (type.kind === "TIMESTAMP") return onTimestamps(round, up);
  const zone = session.timeZone;
  return onTimestamps(
    ofDay === undefined
      ? // The offset of the instant stays: an hour that exists twice is not left.
        (millis) => {
          const local = instantToLocal(zone, millis);
          return millis + (round(local) - local);
        }
      : (millis) => localToInstant(zone, round(instantToLocal(zone, millis))),
    up,
  );
}

function roundDay(ofDay: (days: number) => readonly [number, number], days: number, up: boolean): number {
  const [start, next] = ofDay(days);
  return !up || start === days ? start : next;
}

function roundDays(ofDay: (days: number) => readonly [number, number], millis: number, up: boolean): number {
  const [start, next] = ofDay(dayOfMillis(millis));
  return (!up || start * MILLIS_PER_DAY === millis ? start : next) * MILLIS_PER_DAY;
}

function roundMillis(unitMillis: number, millis: number, up: boolean): number {
  return (up ? Math.ceil(millis / unitMillis) : Math.floor(millis / unitMillis)) * unitMillis + 0;
}

/** Lifts rounding of milliseconds to both forms of a timestamp. */
function onTimestamps(round: (millis: number) => number, up: boolean): Evaluator {
  return (value: Value) => {
    if (typeof value === "number") return round(value);
    const millis = millisOfTimestamp(value as bigint);
    const whole = BigInt(millis) * 1_000_000n === value;
    return BigInt(round(up && !whole ? millis + 1 : millis)) * 1_000_000n;
  };
}

/** FLOOR of a TIMESTAMP(≤ 3) to a unit of fixed length. */
export function emitRoundedTime(name: "FLOOR" | "CEIL", value: string, types: CallTypes): string | undefined {
  const [type] = types.args as [DataType];
  if (type.kind !== "TIMESTAMP" || type.precision > 3) return undefined;
  const unit = types.literals[1] as string;
  const millis = unit === "DAY" ? MILLIS_PER_DAY : TIME_UNITS.get(unit)?.[0];
  // `+ 0` turns -0 into 0.
  return millis === undefined ? undefined : `(Math.${name.toLowerCase()}(${value} / ${millis}) * ${millis} + 0)`;
}
