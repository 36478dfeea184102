import { doubleText } from "../../../types/double-text.ts";
import { readJson, writeJson } from "./document.ts";
import { JsonNumber } from "./number.ts";

/**
 * The value of a VARIANT: the JSON of a text with sorted keys, numbers as Flink stores them. Throws JsonSyntaxError, also
 * for a key that stands twice in an object, unless `lastKeyWins`.
 */
export function variantText(text: string, lastKeyWins: boolean): string {
  return writeJson(readJson(text, { number: (written) => new JsonNumber(storedNumber(written)), lastKeyWins }));
}

const MOST_DIGITS = 38;

/** A number of up to 38 digits without an exponent is an exact decimal without zeros at its end; others are doubles. */
function storedNumber(written: string): string {
  const plain = /^(-?)(\d+)(?:\.(\d+))?$/.exec(written);
  if (plain === null) return doubleText(Number(written));
  const [, sign, whole, fraction = ""] = plain as unknown as [string, string, string, string | undefined];
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits.length > MOST_DIGITS) return doubleText(Number(written));
  const rest = fraction.replace(/0+$/, "");
  if (digits === "" || (rest === "" && whole === "0")) return "0";
  return `${sign}${rest === "" ? whole : `${whole}.${rest}`}`;
}
