import type { DataType } from "../../types/data-type.ts";
import { MILLIS_PER_DAY, millisOfTimestamp, toTimestampPrecision } from "../../types/datetime.ts";
import { timestampFromInstant, timestampToInstant } from "../../types/timezone.ts";
import type { Converter } from "./cast-converter.ts";
import { cutTime } from "./cast-text.ts";

type TimestampType = Extract<DataType, { kind: "TIMESTAMP" | "TIMESTAMP_LTZ" }>;

/** Dates, times and timestamps among each other; digits of the second are cut, never rounded. */
export function temporalToTemporal(from: DataType, to: DataType, zone: string): Converter | undefined {
  switch (from.kind) {
    case "DATE":
      if (to.kind === "DATE") return (days) => days;
      return isTimestamp(to) ? fromLocalMillis(to, zone, (days) => days * MILLIS_PER_DAY) : undefined;
    case "TIME":
      if (to.kind === "TIME") return (millis) => cutTime(millis as number);
      return isTimestamp(to) ? fromLocalMillis(to, zone, (millis) => millis) : undefined;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return fromTimestamp(from, to, zone);
    default:
      return undefined;
  }
}

function isTimestamp(type: DataType): type is TimestampType {
  return type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ";
}

function fromLocalMillis(to: TimestampType, zone: string, localMillis: (value: number) => number): Converter {
  return (value) => {
    const local = localMillis(value as number);
    return toTimestampPrecision(to.kind === "TIMESTAMP_LTZ" ? timestampToInstant(zone, local) : local, 3, to.precision);
  };
}

function fromTimestamp(from: TimestampType, to: DataType, zone: string): Converter | undefined {
  const local =
    from.kind === "TIMESTAMP"
      ? (value: number | bigint) => value
      : (value: number | bigint) => timestampFromInstant(zone, value);
  switch (to.kind) {
    case "DATE":
      return (value) => Math.floor(millisOfTimestamp(local(value as number | bigint)) / MILLIS_PER_DAY);
    case "TIME":
      return (value) => {
        const millis = millisOfTimestamp(local(value as number | bigint));
        return cutTime(millis - Math.floor(millis / MILLIS_PER_DAY) * MILLIS_PER_DAY);
      };
    case "TIMESTAMP":
      return (value) => toTimestampPrecision(local(value as number | bigint), from.precision, to.precision);
    case "TIMESTAMP_LTZ":
      if (from.kind === "TIMESTAMP_LTZ") {
        return (value) => toTimestampPrecision(value as number | bigint, from.precision, to.precision);
      }
      return (value) =>
        toTimestampPrecision(timestampToInstant(zone, value as number | bigint), from.precision, to.precision);
    default:
      return undefined;
  }
}

/** A JavaScript expression for casts that only relabel or cut milliseconds. */
export function emitTemporalCast(value: string, from: DataType, to: DataType, zone: string): string | undefined {
  if (from.kind === "DATE" && to.kind === "TIMESTAMP" && to.precision <= 3) return `(${value} * ${MILLIS_PER_DAY})`;
  if (!isTimestamp(from) || from.precision > 3) return undefined;
  if (from.kind === "TIMESTAMP_LTZ" && to.kind !== "TIMESTAMP_LTZ" && zone !== "UTC") return undefined;
  if (from.kind === "TIMESTAMP" && to.kind === "TIMESTAMP_LTZ" && zone !== "UTC") return undefined;
  if (to.kind === "DATE") return `Math.floor(${value} / ${MILLIS_PER_DAY})`;
  if (!isTimestamp(to) || to.precision > 3) return undefined;
  if (to.precision >= from.precision) return value;
  const unit = 10 ** (3 - to.precision);
  return `(Math.floor(${value} / ${unit}) * ${unit})`;
}
