import { SqlError } from "../../base/errors.ts";

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  ALPHA: "\\p{L}",
  UPPER: "\\p{Lu}",
  LOWER: "\\p{Ll}",
  DIGIT: "\\d",
  SPACE: " ",
  WHITESPACE: "\\s",
  ALNUM: "\\p{L}\\d",
};

/** A SQL pattern of SIMILAR TO as a test. Throws INVALID_ARGUMENT for a pattern that cannot be read. */
export function similarPattern(pattern: string, escape: string | undefined): (text: string) => boolean {
  const source = new SimilarReader(pattern, checkEscape(escape)).read();
  let regexp: RegExp;
  try {
    regexp = new RegExp(`^(?:${source})$`, "u");
  } catch (cause) {
    throw new SqlError("INVALID_ARGUMENT", `Invalid regular expression: ${pattern}`, { cause });
  }
  return (text) => regexp.test(text);
}

/** The escape character of LIKE and SIMILAR TO. Throws INVALID_ARGUMENT when the text is not one character. */
export function checkEscape(escape: string | undefined): string | undefined {
  if (escape !== undefined && [...escape].length !== 1) {
    throw new SqlError("INVALID_ARGUMENT", `Invalid escape character '${escape}'`);
  }
  return escape;
}

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
      else if (character === "%") source += "[^]*";
      else if (character === "_") source += "[^]";
      else if (character === "[") source += this.set();
      else if ("|*+?(){}".includes(character)) source += character;
      else source += quoted(character);
    }
    return source;
  }

  private escaped(): string {
    const next = this.characters[this.at++];
    if (next === undefined) this.fail("Invalid escape sequence");
    return quoted(next);
  }

  /** `[abc]`, `[a-z]`, `[^a]`, `[[:ALPHA:]]`; the opening bracket has been read. */
  private set(): string {
    let source = "[";
    if (this.characters[this.at] === "^") {
      source += "^";
      this.at += 1;
    }
    for (;;) {
      const character = this.characters[this.at++];
      if (character === undefined) this.fail("Invalid character enumeration");
      if (character === "]") return `${source}]`;
      if (character === this.escape) source += this.escaped();
      else if (character === "[") source += this.posixClass();
      else source += character === "-" ? "-" : quoted(character);
    }
  }

  private posixClass(): string {
    const rest = this.characters.slice(this.at).join("");
    const match = /^:([A-Za-z]+):\]/.exec(rest);
    const source = match === null ? undefined : POSIX_CLASSES[match[1]!.toUpperCase()];
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
