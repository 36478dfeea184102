import { bigDecimalText } from "../../../types/decimal.ts";

/** A number of a JSON document: its digits count, which a double would lose. */
export class JsonNumber {
  /** As Java's BigInteger and BigDecimal write it. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The number as written in JSON (or by Java: `1.0E10`). */
export function jsonNumber(written: string): JsonNumber {
  if (/^-?\d+$/.test(written)) return new JsonNumber(written === "-0" ? "0" : written);
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(written)!;
  const fraction = match[3] ?? "";
  const unscaled = BigInt(match[1]! + match[2]! + fraction);
  return new JsonNumber(bigDecimalText(unscaled, fraction.length - Number(match[4] ?? 0)));
}
