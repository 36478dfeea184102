import { SqlError } from "../../base/errors.ts";

/**
 * Java has two languages of patterns. "modern" (DateTimeFormatter) reads strictly; "legacy" (SimpleDateFormat), which
 * Flink uses for text and Unix time, reads leniently.
 */
export type Dialect = "modern" | "legacy";

/** A piece of a pattern: a field (a letter, how often it is written), plain text, or a part in brackets. */
export type PatternItem =
  | { readonly kind: "field"; readonly letter: string; readonly count: number; readonly padTo: number }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "optional"; readonly items: readonly PatternItem[] };

/** Letters with the greatest count they are known with. */
const MODERN: Readonly<Record<string, number>> = {
  G: 5,
  u: 19,
  y: 19,
  Y: 19,
  D: 3,
  M: 5,
  L: 5,
  d: 2,
  Q: 5,
  q: 5,
  w: 2,
  W: 1,
  E: 5,
  e: 5,
  c: 5,
  F: 1,
  a: 1,
  h: 2,
  K: 2,
  k: 2,
  H: 2,
  m: 2,
  s: 2,
  S: 9,
  A: 19,
  n: 19,
  N: 19,
};
const LEGACY = "GyYMLwWDdFEuaHkKhmsSzZX";
/** Zones of the modern dialect: read and left alone, but never written, as a timestamp has none. */
export const ZONES = "VvzOXxZ";

/** Reads a pattern such as `yyyy-MM-dd HH:mm:ss`. Throws INVALID_ARGUMENT for one that Java refuses. */
export function parsePattern(pattern: string, dialect: Dialect): readonly PatternItem[] {
  return new PatternReader(pattern, dialect).items(false);
}

class PatternReader {
  private readonly pattern: string;
  private readonly dialect: Dialect;
  private at = 0;

  constructor(pattern: string, dialect: Dialect) {
    this.pattern = pattern;
    this.dialect = dialect;
  }

  items(inBrackets: boolean): readonly PatternItem[] {
    const items: PatternItem[] = [];
    while (this.at < this.pattern.length) {
      const character = this.pattern.charAt(this.at);
      if (/[A-Za-z]/.test(character)) {
        items.push(this.field());
      } else if (character === "'") {
        items.push({ kind: "text", text: this.quoted() });
      } else if (this.dialect === "modern" && character === "[") {
        this.at += 1;
        items.push({ kind: "optional", items: this.items(true) });
      } else if (this.dialect === "modern" && character === "]") {
        if (!inBrackets) this.fail("Pattern invalid as it contains ] without previous [");
        this.at += 1;
        return items;
      } else if (this.dialect === "modern" && "{}#".includes(character)) {
        this.fail(`Pattern includes reserved character: '${character}'`);
      } else {
        this.at += 1;
        items.push({ kind: "text", text: character });
      }
    }
    return items;
  }

  private run(): { readonly letter: string; readonly count: number } {
    const letter = this.pattern.charAt(this.at);
    const start = this.at;
    while (this.pattern.charAt(this.at) === letter) this.at += 1;
    return { letter, count: this.at - start };
  }

  private field(): PatternItem {
    const { letter, count } = this.run();
    if (this.dialect === "modern" && letter === "p") {
      if (!/[A-Za-z]/.test(this.pattern.charAt(this.at)))
        this.fail("Pad letter 'p' must be followed by valid pad pattern");
      return { ...(this.field() as Extract<PatternItem, { kind: "field" }>), padTo: count };
    }
    if (this.dialect === "legacy") {
      if (!LEGACY.includes(letter)) this.fail(`Illegal pattern character '${letter}'`);
    } else if (letter === "B" || letter === "g") {
      throw new SqlError("UNSUPPORTED", `Pattern letter ${letter} in '${this.pattern}' is not supported`);
    } else if (!ZONES.includes(letter)) {
      const most = MODERN[letter];
      if (most === undefined) this.fail(`Unknown pattern letter: ${letter}`);
      else if (count > most) this.fail(`Too many pattern letters: ${letter}`);
    }
    return { kind: "field", letter, count, padTo: 0 };
  }

  private quoted(): string {
    const end = this.pattern.indexOf("'", this.at + 1);
    if (end === this.at + 1) {
      this.at = end + 1;
      return "'";
    }
    let text = "";
    this.at += 1;
    for (; this.at < this.pattern.length; this.at++) {
      const character = this.pattern.charAt(this.at);
      if (character !== "'") {
        text += character;
      } else if (this.pattern.charAt(this.at + 1) === "'") {
        text += character;
        this.at += 1;
      } else {
        this.at += 1;
        return text;
      }
    }
    return this.fail("Pattern ends with an incomplete string literal");
  }

  private fail(why: string): never {
    throw new SqlError("INVALID_ARGUMENT", `${why} (pattern '${this.pattern}')`);
  }
}
