import { SqlError } from "../../../base/errors.ts";
import { PREDEFINED, propertyClass } from "./properties.ts";

/** A pattern that Java refuses as well. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** Reads a pattern of Java by code points; what escapes mean is the same inside and outside of classes. */
export class Reader {
  readonly characters: readonly string[];
  readonly pattern: string;
  at = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
    this.characters = [...pattern];
  }

  peek(ahead = 0): string | undefined {
    return this.characters[this.at + ahead];
  }

  take(): string {
    const character = this.characters[this.at];
    if (character === undefined) return this.fail("unexpected end");
    this.at += 1;
    return character;
  }

  accept(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.at += text.length;
    return true;
  }

  startsWith(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.characters[this.at + i] !== text[i]) return false;
    return true;
  }

  /** The characters up to `end`, which is taken as well. */
  until(end: string): string {
    let text = "";
    while (!this.accept(end)) text += this.take();
    return text;
  }

  fail(why: string): never {
    throw new PatternError(`${why} near index ${this.at} of ${this.pattern}`);
  }

  unsupported(what: string): never {
    throw new SqlError("UNSUPPORTED", `${what} in the regular expression '${this.pattern}' is not supported`);
  }

  /**
   * An escape that stands for a class (`\d`, `\p{L}`); the letter has been taken. The text is what goes between brackets.
   */
  classEscape(letter: string): { readonly negated: boolean; readonly content: string } | undefined {
    const content = PREDEFINED[letter.toLowerCase()];
    if (content !== undefined) return { negated: letter !== letter.toLowerCase(), content };
    if (letter !== "p" && letter !== "P") return undefined;
    const name = this.accept("{") ? this.until("}") : this.take();
    const negated = name.startsWith("^") !== (letter === "P");
    const property = propertyClass(name.startsWith("^") ? name.slice(1) : name);
    if (property === undefined) {
      if (/^(?:In|java|blk|block)/i.test(name)) this.unsupported(`\\${letter}{${name}}`);
      this.fail(`Unknown character property {${name}}`);
    }
    return { negated, content: property };
  }

  /** The code point of an escape that stands for one character; the letter has been taken. */
  characterEscape(letter: string): number {
    switch (letter) {
      case "t":
        return 9;
      case "n":
        return 10;
      case "r":
        return 13;
      case "f":
        return 12;
      case "a":
        return 7;
      case "e":
        return 27;
      case "0":
        return this.octal();
      case "x":
        return this.accept("{") ? this.hex(this.until("}")) : this.hex(this.take() + this.take());
      case "u":
        return this.unicode();
      case "c":
        return this.take().codePointAt(0)! ^ 64;
    }
    if (letter === "N" || letter === "X" || letter === "G") this.unsupported(`\\${letter}`);
    if (/[A-Za-z]/.test(letter)) this.fail("Illegal/unsupported escape sequence");
    return letter.codePointAt(0)!;
  }

  private octal(): number {
    let digits = "";
    while (digits.length < 3 && /[0-7]/.test(this.peek() ?? "") && Number.parseInt(digits + this.peek()!, 8) < 256) {
      digits += this.take();
    }
    if (digits === "") this.fail("Illegal octal escape sequence");
    return Number.parseInt(digits, 8);
  }

  private unicode(): number {
    const unit = this.hex(this.take() + this.take() + this.take() + this.take());
    if (unit < 0xd800 || unit > 0xdbff || !this.startsWith("\\u")) return unit;
    const low = Number.parseInt(this.characters.slice(this.at + 2, this.at + 6).join(""), 16);
    if (!(low >= 0xdc00 && low <= 0xdfff)) return unit;
    this.at += 6;
    return ((unit - 0xd800) << 10) + (low - 0xdc00) + 0x10000;
  }

  private hex(digits: string): number {
    if (!/^[0-9a-fA-F]+$/.test(digits)) this.fail("Illegal hexadecimal escape sequence");
    const point = Number.parseInt(digits, 16);
    return point <= 0x10ffff ? point : this.fail("Hexadecimal codepoint is too big");
  }
}

/** One character in JavaScript, inside and outside of classes. */
export function characterSource(point: number): string {
  const plain =
    (point >= 48 && point <= 57) || (point >= 65 && point <= 90) || (point >= 97 && point <= 122) || point === 95;
  return plain ? String.fromCodePoint(point) : `\\u{${point.toString(16)}}`;
}

/** The other cases of a letter: of an ASCII letter, or (`(?u)`) of any letter. */
export function otherCases(point: number, unicode: boolean): readonly number[] {
  if (!unicode) return (point >= 65 && point <= 90) || (point >= 97 && point <= 122) ? [point ^ 32] : [];
  const letter = String.fromCodePoint(point);
  const cases = [letter.toLowerCase(), letter.toUpperCase(), letter.toUpperCase().toLowerCase()];
  // A case that has several characters is none for Java either.
  const points = cases.filter((each) => [...each].length === 1).map((each) => each.codePointAt(0)!);
  return [...new Set(points)].filter((each) => each !== point);
}
