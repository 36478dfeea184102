import { isText, MAX_LENGTH, type DataType, type Value } from "../../types/data-type.ts";
import { parseDate, parseTime, parseTimestamp } from "../../types/datetime.ts";
import { parseDecimal, toDecimalSize } from "../../types/decimal.ts";
import { timestampToInstant } from "../../types/timezone.ts";
import { castTextOf } from "../../types/value-text.ts";
import type { SessionFacts } from "../define.ts";
import type { Converter } from "./cast-converter.ts";

type CastSession = Pick<SessionFacts, "timeZone" | "legacyCast">;

/** Reads a text as another type; `undefined` for types that texts do not convert to. */
export function fromText(to: DataType, session: CastSession): Converter | undefined {
  const zone = session.timeZone;
  switch (to.kind) {
    case "CHAR":
    case "VARCHAR":
      return fitText(to, session.legacyCast);
    case "BINARY":
    case "VARBINARY": {
      const fit = fitBytes(to, session.legacyCast);
      return (text) => fit(Buffer.from(text as string, "utf8"));
    }
    case "BOOLEAN":
      return (text) => BOOLEANS.get((text as string).toLowerCase());
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "BIGINT":
      return textToInteger(to.kind);
    case "FLOAT":
      return (text) => {
        const value = parseDouble(text as string);
        return value === undefined ? undefined : Math.fround(value);
      };
    case "DOUBLE":
      return (text) => parseDouble(text as string);
    case "DECIMAL":
      return (text) => {
        const parsed = parseDecimal(text as string);
        return parsed === undefined ? undefined : (toDecimalSize(parsed, to) ?? undefined);
      };
    case "DATE":
      return (text) => parseDate(text as string);
    case "TIME":
      return (text) => {
        const millis = parseTime(text as string);
        return millis === undefined ? undefined : cutTime(millis);
      };
    case "TIMESTAMP":
      return (text) => parseTimestamp(text as string, to.precision);
    case "TIMESTAMP_LTZ":
      return (text) => {
        const local = parseTimestamp(text as string, to.precision);
        return local === undefined ? undefined : timestampToInstant(zone, local);
      };
    default:
      return undefined;
  }
}

/** Casts give whole seconds, whatever the precision of the TIME: Flink's TIME is TIME(0). */
export function cutTime(millis: number): number {
  return Math.floor(millis / 1000) * 1000;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["t", "true", "y", "yes", "1"].map((word) => [word, true] as const),
  ...["f", "false", "n", "no", "0"].map((word) => [word, false] as const),
]);

const LIMITS = { TINYINT: 127n, SMALLINT: 32767n, INT: 2147483647n, BIGINT: 9223372036854775807n } as const;

/** `12`, `+7`, `12.7` (cut); no exponent. */
function textToInteger(kind: keyof typeof LIMITS): Converter {
  const limit = LIMITS[kind];
  const big = kind === "BIGINT";
  return (text) => {
    const match = INTEGER.exec((text as string).trim());
    if (match === null) return undefined;
    const digits = match[2]!;
    if (digits === "" && match[3] === undefined) return undefined;
    if (!big && digits.length < 10) {
      const value = match[1] === "-" ? 0 - Number(digits) : Number(digits);
      return value > Number(limit) || value < -Number(limit) - 1 ? undefined : value;
    }
    const value = match[1] === "-" ? -BigInt(digits) : BigInt(digits);
    if (value > limit || value < -limit - 1n) return undefined;
    return big ? value : Number(value);
  };
}

const INTEGER = /^([+-]?)(\d*)(\.\d*)?$/;
const DOUBLE = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?)$/;

/** What Java's Double.parseDouble reads; hexadecimal forms excepted. */
function parseDouble(text: string): number | undefined {
  const trimmed = text.trim();
  if (!DOUBLE.test(trimmed)) return undefined;
  return Number(/[dDfF]$/.test(trimmed) ? trimmed.slice(0, -1) : trimmed);
}

/** Cuts a text to the length of the type (in code points); CHAR is filled up with blanks. `legacy`: it stays as it is. */
function fitText(to: Extract<DataType, { length: number }>, legacy: boolean): Converter {
  const { length } = to;
  const padded = to.kind === "CHAR";
  if (legacy || length === MAX_LENGTH) return (text) => text;
  return (text) => {
    const value = text as string;
    const short = value.length <= length ? value : cutText(value, length);
    if (!padded) return short;
    return short + " ".repeat(Math.max(0, length - codePointLength(short)));
  };
}

function cutText(text: string, length: number): string {
  let end = 0;
  for (let points = 0; points < length && end < text.length; points++) end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

function codePointLength(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** Cuts bytes to the length of the type; BINARY is filled up with zeros. `legacy`: they stay as they are. */
export function fitBytes(
  to: Extract<DataType, { length: number }>,
  legacy: boolean,
): (bytes: Uint8Array) => Uint8Array {
  const { length } = to;
  if (legacy || length === MAX_LENGTH) return (bytes) => bytes;
  return (bytes) => {
    if (bytes.length > length) return bytes.slice(0, length);
    if (bytes.length === length || to.kind !== "BINARY") return bytes;
    const filled = new Uint8Array(length);
    filled.set(bytes);
    return filled;
  };
}

/** Any type as a text type. */
export function toText(from: DataType, to: Extract<DataType, { length: number }>, session: CastSession): Converter {
  const fit = fitText(to, session.legacyCast);
  if (isText(from)) return fit;
  const text = castTextOf(from, session.timeZone, session.legacyCast);
  return (value: Value) => fit(text(value));
}
