import { SqlError } from "../../base/errors.ts";
import { compileJavaRegex } from "./java-regex/translate.ts";

const CLASSES: Readonly<Record<string, string>> = {
  ALPHA: "\\p{Alpha}",
  UPPER: "\\p{Upper}",
  LOWER: "\\p{Lower}",
  DIGIT: "\\d",
  SPACE: " ",
  WHITESPACE: "\\s",
  ALNUM: "\\p{Alnum}",
};

/** Characters with a meaning in SIMILAR TO, which an escape takes away. */
const SPECIALS = "[]()|^-+*_%?{}";

/**
 * A SQL pattern of SIMILAR TO as a test. As in Flink it becomes a regular expression of Java, where also `.` has a
 * meaning. Throws INVALID_ARGUMENT for a pattern that cannot be read.
 */
export function similarPattern(pattern: string, escape: string | undefined): (text: string) => boolean {
  const compiled = compileJavaRegex(new SimilarReader(pattern, checkEscape(escape)).read());
  if (compiled === undefined) throw new SqlError("INVALID_ARGUMENT", `Invalid regular expression: ${pattern}`);
  const whole = new RegExp(`^(?:${compiled.regexp.source})$`, "v");
  return (text) => whole.test(text);
}

/** The escape character of LIKE and SIMILAR TO; an empty text is none. Throws INVALID_ARGUMENT for more than one. */
export function checkEscape(escape: string | undefined): string | undefined {
  if (escape === undefined || escape === "") return undefined;
  if ([...escape].length !== 1) {
    throw new SqlError("INVALID_ARGUMENT", `Invalid escape character '${escape}'`);
  }
  return escape;
}

/** Rewrites the pattern to one of Java. */
class SimilarReader {
  private readonly characters: readonly string[];
  private readonly pattern: string;
  private readonly escape: string | undefined;
  private at = 0;

  constructor(pattern: string, escape: string | undefined) {
    this.pattern = pattern;
    this.characters = [...pattern];
    this.escape = escape;
  }

  read(): string {
    let source = "";
    while (this.at < this.characters.length) {
      const character = this.characters[this.at++]!;
      if (character === this.escape) source += this.escaped();
      else if (character === "%") source += "(?s:.*)";
      else if (character === "_") source += ".";
      else if (character === "[") source += this.set();
      else if (character === "]") this.fail("Invalid regular expression");
      else source += character === "\\" || character === "$" ? `\\${character}` : character;
    }
    return source;
  }

  private escaped(): string {
    const next = this.characters[this.at++];
    if (next === undefined || !(SPECIALS.includes(next) || next === this.escape)) this.fail("Invalid escape sequence");
    return /[\p{L}\p{N}]/u.test(next) ? next : `\\${next}`;
  }

  /** `[abc]`, `[a-z]`, `[^a]`, `[[:ALPHA:]]`; the opening bracket has been read. */
  private set(): string {
    let source = "[";
    for (;;) {
      const character = this.characters[this.at++];
      if (character === undefined) this.fail("Invalid character enumeration");
      if (character === "]") return `${source}]`;
      if (character === this.escape) source += this.escaped();
      else source += character === "[" ? this.posixClass() : character;
    }
  }

  private posixClass(): string {
    const match = /^:([A-Za-z]+):\]/.exec(this.characters.slice(this.at).join(""));
    const source = match === null ? undefined : CLASSES[match[1]!.toUpperCase()];
    if (match === null || source === undefined) return this.fail("Invalid regular character set");
    this.at += match[0].length;
    return source;
  }

  private fail(what: string): never {
    throw new SqlError("INVALID_ARGUMENT", `${what} in SIMILAR TO pattern '${this.pattern}'`);
  }
}

/** The character standing for itself in a regular expression. */
export function quoted(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
