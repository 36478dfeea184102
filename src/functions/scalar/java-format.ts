import { SqlError } from "../../base/errors.ts";
import { doubleText } from "../../types/double-text.ts";

/** What is formatted, as Java would hold it. */
export type FormatArgument =
  | null
  | { readonly kind: "integer"; readonly value: bigint; readonly bits: 8 | 16 | 32 | 64 }
  /** `text`: how a FLOAT is written, which differs from its value as DOUBLE. */
  | { readonly kind: "double"; readonly value: number; readonly text?: string | undefined }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** Anything else, by its text. */
  | { readonly kind: "object"; readonly text: string };

/** A piece of a format: plain text, or a specifier such as `%-5d`. */
type Piece = string | Specifier;

interface Specifier {
  /** 0: the next argument; -1 (`%<s`): the one before. */
  readonly index: number;
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly conversion: string;
}

/** A format or an argument that Java refuses. */
class FormatError extends Error {
  override readonly name = "FormatError";
}

/**
 * Java's String.format for one format. The result is `undefined` where Java throws an IllegalFormatException.
 * Throws UNSUPPORTED for `%a`, `%h` and `%t`.
 */
export function compileJavaFormat(format: string): (args: readonly FormatArgument[]) => string | undefined {
  let pieces: readonly Piece[];
  try {
    pieces = parse(format);
  } catch (error) {
    if (error instanceof FormatError) return () => undefined;
    throw error;
  }
  return (args) => {
    try {
      return apply(pieces, args);
    } catch (error) {
      if (error instanceof FormatError) return undefined;
      throw error;
    }
  };
}

const SPECIFIER = /%(?:(\d+)\$|(<))?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/y;

function parse(format: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < format.length;) {
    const next = format.indexOf("%", at);
    pieces.push(format.slice(at, next < 0 ? undefined : next));
    if (next < 0) break;
    SPECIFIER.lastIndex = next;
    const match = SPECIFIER.exec(format);
    if (match === null) throw new FormatError();
    at = SPECIFIER.lastIndex;
    const [, index, previous, flags, width, precision, conversion] = match;
    pieces.push(
      check({
        index: previous !== undefined || flags!.includes("<") ? -1 : Number(index ?? 0),
        flags: flags!.replace("<", ""),
        width: width === undefined ? undefined : Number(width),
        precision: precision === undefined ? undefined : Number(precision),
        conversion: conversion!,
      }),
    );
  }
  return pieces;
}

/** Flags by conversion in lower case. */
const FLAGS: Readonly<Record<string, string>> = {
  s: "-",
  b: "-",
  c: "-",
  d: "-+ 0,(",
  o: "-#0",
  x: "-#0",
  e: "-#+ 0(",
  f: "-#+ 0,(",
  g: "-+ 0,(",
  "%": "-",
  n: "",
};

function check(specifier: Specifier): Specifier {
  const { flags, width, precision, conversion } = specifier;
  if (/^[aAhHtT]$/.test(conversion)) {
    throw new SqlError("UNSUPPORTED", `PRINTF with %${conversion} is not supported`);
  }
  const allowed = FLAGS[/^[BSCXEG]$/.test(conversion) ? conversion.toLowerCase() : conversion];
  if (allowed === undefined || new Set(flags).size < flags.length) throw new FormatError();
  for (const flag of flags) if (!allowed.includes(flag)) throw new FormatError();
  if (flags.includes("-") && flags.includes("0")) throw new FormatError();
  if (flags.includes("+") && flags.includes(" ")) throw new FormatError();
  if (/[-0]/.test(flags) && width === undefined) throw new FormatError();
  if (precision !== undefined && !/[sSbBeEfgG]/.test(conversion)) throw new FormatError();
  if (conversion === "n" && width !== undefined) throw new FormatError();
  return specifier;
}

function apply(pieces: readonly Piece[], args: readonly FormatArgument[]): string {
  let text = "";
  let ordinary = 0;
  let last = -1;
  for (const piece of pieces) {
    if (typeof piece === "string") {
      text += piece;
    } else if (piece.conversion === "n") {
      text += "\n";
    } else if (piece.conversion === "%") {
      text += justify("%", piece);
    } else {
      if (piece.index > 0) last = piece.index - 1;
      else if (piece.index === 0) last = ordinary++;
      const argument = args[last];
      if (argument === undefined) throw new FormatError();
      const formatted = formatOne(piece, argument);
      text += /[A-Z]/.test(piece.conversion) ? formatted.toUpperCase() : formatted;
    }
  }
  return text;
}

function justify(text: string, { flags, width }: Specifier): string {
  if (width === undefined) return text;
  return flags.includes("-") ? text.padEnd(width) : text.padStart(width);
}

function formatOne(specifier: Specifier, argument: FormatArgument): string {
  const conversion = specifier.conversion.toLowerCase();
  const cut = (text: string): string => justify(text.slice(0, specifier.precision), specifier);
  if (conversion === "b") return cut(String(argument?.kind === "boolean" ? argument.value : argument !== null));
  if (argument === null) return cut("null");
  switch (conversion) {
    case "s":
      return cut(plainText(argument));
    case "c":
      if (argument.kind !== "integer" || argument.bits === 64 || argument.value < 0n || argument.value > 0x10ffffn)
        throw new FormatError();
      return justify(String.fromCodePoint(Number(argument.value)), specifier);
    case "d":
      if (argument.kind !== "integer") throw new FormatError();
      return signed(specifier, argument.value < 0n, group(specifier, String(argument.value).replace("-", "")));
    case "o":
    case "x": {
      if (argument.kind !== "integer") throw new FormatError();
      const digits = BigInt.asUintN(argument.bits, argument.value).toString(conversion === "o" ? 8 : 16);
      const prefix = specifier.flags.includes("#") ? (conversion === "o" ? "0" : "0x") : "";
      const zeros = specifier.flags.includes("0") ? digits.padStart(specifier.width! - prefix.length, "0") : digits;
      return justify(prefix + zeros, specifier);
    }
    default:
      if (argument.kind !== "double") throw new FormatError();
      return formatDouble(specifier, conversion, argument.value);
  }
}

function plainText(argument: NonNullable<FormatArgument>): string {
  if (argument.kind === "object") return argument.text;
  return argument.kind === "double" ? (argument.text ?? doubleText(argument.value)) : String(argument.value);
}

function group({ flags }: Specifier, digits: string): string {
  if (!flags.includes(",")) return digits;
  const point = digits.indexOf(".");
  const whole = point < 0 ? digits : digits.slice(0, point);
  return whole.replace(/\B(?=(?:\d{3})+$)/g, ",") + digits.slice(whole.length);
}

/** The sign (or parentheses) and zeros up to the width. */
function signed(
  specifier: Specifier,
  negative: boolean,
  digits: string,
  zeros = specifier.flags.includes("0"),
): string {
  const { flags, width } = specifier;
  const parentheses = negative && flags.includes("(");
  const sign = parentheses ? "(" : negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const end = parentheses ? ")" : "";
  const padded = zeros ? digits.padStart(width! - sign.length - end.length, "0") : digits;
  return justify(sign + padded + end, specifier);
}

function formatDouble(specifier: Specifier, conversion: string, value: number): string {
  if (Number.isNaN(value)) return justify("NaN", specifier);
  const negative = value < 0 || Object.is(value, -0);
  if (!Number.isFinite(value)) return signed(specifier, negative, "Infinity", false);
  const precision = specifier.precision ?? 6;
  const decimal = decimalOf(Math.abs(value));
  const digits =
    conversion === "f"
      ? fixed(decimal, precision)
      : conversion === "e"
        ? scientific(decimal, precision)
        : general(decimal, precision);
  return signed(
    specifier,
    negative,
    group(specifier, specifier.flags.includes("#") && precision === 0 ? `${digits}.` : digits),
  );
}

/** `unscaled` / 10^`scale`: the shortest decimal that is the double. */
interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

function decimalOf(value: number): Decimal {
  const match = /^(\d+)\.(\d+)(?:E(-?\d+))?$/.exec(doubleText(value))!;
  return { unscaled: BigInt(match[1]! + match[2]!), scale: match[2]!.length - Number(match[3] ?? 0) };
}

/** The digits at another scale, rounded half up. */
function rescaled({ unscaled, scale }: Decimal, wanted: number): bigint {
  if (wanted >= scale) return unscaled * 10n ** BigInt(wanted - scale);
  const unit = 10n ** BigInt(scale - wanted);
  return (unscaled + unit / 2n) / unit;
}

function fixed(decimal: Decimal, precision: number): string {
  const digits = String(rescaled(decimal, precision)).padStart(precision + 1, "0");
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

function scientific(decimal: Decimal, precision: number): string {
  let exponent = decimal.unscaled === 0n ? 0 : String(decimal.unscaled).length - 1 - decimal.scale;
  let digits = String(rescaled(decimal, precision - exponent));
  if (digits.length > precision + 1) {
    exponent += 1;
    digits = digits.slice(0, -1);
  }
  digits = digits.padEnd(precision + 1, "0");
  const mantissa = precision === 0 ? digits : `${digits.charAt(0)}.${digits.slice(1)}`;
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function general(decimal: Decimal, precision: number): string {
  const significant = precision === 0 ? 1 : precision;
  if (decimal.unscaled === 0n) return fixed(decimal, significant - 1);
  const text = scientific(decimal, significant - 1);
  const exponent = Number(text.slice(text.indexOf("e") + 1));
  return exponent < -4 || exponent >= significant ? text : fixed(decimal, significant - 1 - exponent);
}
