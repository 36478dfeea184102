import { readClass, type Flags } from "./character-class.ts";
import { characterSource, otherCases, PatternError, Reader } from "./reader.ts";

/** A pattern of Java for JavaScript. */
export interface JavaRegex {
  /** With the flags `v` and `g`. */
  readonly regexp: RegExp;
  readonly groupCount: number;
  /** By number of a group in Java (0: the whole match): its number in JavaScript. */
  readonly groups: readonly number[];
  /** Numbers of named groups in Java. */
  readonly names: ReadonlyMap<string, number>;
}

/** `undefined`: Java refuses the pattern. Throws UNSUPPORTED for what has no counterpart. */
export function compileJavaRegex(pattern: string): JavaRegex | undefined {
  try {
    return new Translator(pattern).compile();
  } catch (error) {
    if (error instanceof PatternError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What `.` does not match, as the inside of a class under the flags u and v. */
export const LINE_END = "\\n\\r\\u{85}\\u{2028}\\u{2029}";
/** At the end, or before a line end that is the last thing. */
const FINAL_END = "(?:$|(?=\\r\\n$|(?<!\\r)\\n$|[\\r\\u{85}\\u{2028}\\u{2029}]$))";
const WORD = "[\\p{L}\\p{Nd}_]";

/** JavaScript for one construct, and whether a quantifier needs a group around it. */
interface Atom {
  readonly source: string;
  readonly wrap: boolean;
}

class Translator {
  private readonly reader: Reader;
  private groupCount = 0;
  /** Groups that hold what an atomic group matched; they have no number in Java. */
  private atomicCount = 0;
  private readonly names = new Map<string, number>();

  constructor(pattern: string) {
    this.reader = new Reader(pattern);
  }

  compile(): JavaRegex {
    const flags: Flags = { ignoreCase: false, unicodeCase: false, multiline: false, dotAll: false, comments: false };
    const named = this.alternatives(flags);
    if (this.reader.peek() !== undefined) this.reader.fail("Unmatched closing ')'");
    const numbers = new Map<string, number>();
    for (const [, name] of named.matchAll(/\(\?<([ga]\d+)>/g)) numbers.set(name!, numbers.size + 1);
    const source = named
      .replaceAll(/\(\?<[ga]\d+>/g, "(")
      .replaceAll(/\\k<([ga]\d+)>/g, (_, name: string) => `(?:\\${numbers.get(name)!})`);
    const groups = [0];
    for (let i = 1; i <= this.groupCount; i++) groups.push(numbers.get(`g${i}`)!);
    return { regexp: new RegExp(source, "gv"), groupCount: this.groupCount, groups, names: this.names };
  }

  /** Up to `)` or the end. `(?i)` in the middle holds for what follows. */
  private alternatives(flags: Flags): string {
    const { reader } = this;
    let current = flags;
    let source = "";
    for (;;) {
      const character = reader.peek();
      if (character === undefined || character === ")") return source;
      if (current.comments && /\s/.test(character)) {
        reader.take();
      } else if (current.comments && character === "#") {
        while (reader.peek() !== undefined && reader.peek() !== "\n") reader.take();
      } else if (character === "|") {
        reader.take();
        source += "|";
      } else if (/^\(\?[a-zA-Z]*(?:-[a-zA-Z]*)?\)/.test(reader.characters.slice(reader.at, reader.at + 16).join(""))) {
        reader.accept("(?");
        current = this.flags(current, ")");
      } else {
        source += this.quantified(current);
      }
    }
  }

  /** `im-s` up to `end`. */
  private flags(flags: Flags, end: string): Flags {
    const result = { ...flags };
    let value = true;
    for (const letter of this.reader.until(end)) {
      if (letter === "-") value = false;
      else if (letter === "i") result.ignoreCase = value;
      else if (letter === "m") result.multiline = value;
      else if (letter === "s") result.dotAll = value;
      else if (letter === "x") result.comments = value;
      else if (letter === "u") result.unicodeCase = value;
      else if (letter === "d" || letter === "U") this.reader.unsupported(`(?${letter})`);
      else this.reader.fail("Unknown inline modifier");
    }
    return result;
  }

  private quantified(flags: Flags): string {
    const atom = this.atom(flags);
    const quantifier = this.quantifier();
    if (quantifier === "") return atom.source;
    const operand = atom.wrap ? `(?:${atom.source})` : atom.source;
    if (this.reader.accept("+")) return this.atomic(operand + quantifier);
    return operand + quantifier + (this.reader.accept("?") ? "?" : "");
  }

  private quantifier(): string {
    const { reader } = this;
    if (reader.accept("*")) return "*";
    if (reader.accept("+")) return "+";
    if (reader.accept("?")) return "?";
    if (reader.peek() !== "{") return "";
    reader.take();
    const bounds = reader.until("}");
    if (!/^\d+(?:,\d*)?$/.test(bounds)) reader.fail("Illegal repetition");
    return `{${bounds}}`;
  }

  /** What a look-ahead has found is not given back. */
  private atomic(source: string): string {
    const name = `a${++this.atomicCount}`;
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
  }

  private atom(flags: Flags): Atom {
    const { reader } = this;
    const character = reader.take();
    switch (character) {
      case "(":
        return { source: this.group(flags), wrap: true };
      case "[":
        return { source: readClass(reader, flags), wrap: false };
      case ".":
        return { source: flags.dotAll ? "[\\s\\S]" : `[^${LINE_END}]`, wrap: false };
      case "^":
        if (!flags.multiline) return { source: "^", wrap: true };
        return { source: "(?:^|(?<=\\n|\\r(?!\\n)|[\\u{85}\\u{2028}\\u{2029}])(?!$))", wrap: true };
      case "$":
        if (!flags.multiline) return { source: FINAL_END, wrap: true };
        return { source: "(?=\\r|(?<!\\r)\\n|[\\u{85}\\u{2028}\\u{2029}]|$)", wrap: true };
      case "*":
      case "+":
      case "?":
        return reader.fail(`Dangling meta character '${character}'`);
      case "{":
        return reader.fail("Illegal repetition");
      case "\\":
        return this.escape(flags);
      default:
        return this.literal(character.codePointAt(0)!, flags);
    }
  }

  private literal(point: number, flags: Flags): Atom {
    const others = flags.ignoreCase ? otherCases(point, flags.unicodeCase) : [];
    const source = characterSource(point);
    return { source: others.length === 0 ? source : `[${source}${others.map(characterSource).join("")}]`, wrap: false };
  }

  private escape(flags: Flags): Atom {
    const { reader } = this;
    const letter = reader.take();
    switch (letter) {
      case "A":
        return { source: "^", wrap: true };
      case "z":
        return { source: "$", wrap: true };
      case "Z":
        return { source: FINAL_END, wrap: true };
      case "b":
        if (reader.peek() === "{") reader.unsupported("\\b{…}");
        return { source: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`, wrap: true };
      case "B":
        return { source: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`, wrap: true };
      case "R":
        return { source: "(?:\\r\\n|[\\n\\v\\f\\r\\u{85}\\u{2028}\\u{2029}])", wrap: false };
      case "Q":
        return this.quotation(flags);
      case "k": {
        if (!reader.accept("<")) reader.fail("\\k is not followed by '<' for named capturing group");
        const number = this.names.get(reader.until(">"));
        return number === undefined ? reader.fail("Unknown named group") : { source: `\\k<g${number}>`, wrap: false };
      }
    }
    if (/[1-9]/.test(letter)) return this.backReference(letter);
    const set = reader.classEscape(letter);
    if (set !== undefined) return { source: `[${set.negated ? "^" : ""}${set.content}]`, wrap: false };
    return this.literal(reader.characterEscape(letter), flags);
  }

  /** `\Q…\E`; a quantifier behind it is for the last character. */
  private quotation(flags: Flags): Atom {
    const { reader } = this;
    let text = "";
    while (reader.peek() !== undefined && !reader.startsWith("\\E")) text += reader.take();
    reader.accept("\\E");
    return { source: [...text].map((each) => this.literal(each.codePointAt(0)!, flags).source).join(""), wrap: false };
  }

  /** More digits belong to the number as long as there are so many groups. */
  private backReference(first: string): Atom {
    const { reader } = this;
    let number = Number(first);
    for (;;) {
      const digit = reader.peek();
      if (digit === undefined || !/\d/.test(digit) || number * 10 + Number(digit) > this.groupCount) break;
      number = number * 10 + Number(reader.take());
    }
    // A group that comes later (or never) has not matched: neither does the reference.
    return number > this.groupCount ? { source: "(?!)", wrap: true } : { source: `\\k<g${number}>`, wrap: false };
  }

  /** The opening parenthesis has been taken. */
  private group(flags: Flags): string {
    const { reader } = this;
    let open = "";
    let inner = flags;
    let atomic = false;
    if (!reader.accept("?")) {
      open = `(?<g${++this.groupCount}>`;
    } else if (reader.accept(":")) {
      open = "(?:";
    } else if (reader.accept("=")) {
      open = "(?=";
    } else if (reader.accept("!")) {
      open = "(?!";
    } else if (reader.accept(">")) {
      atomic = true;
    } else if (reader.accept("<=")) {
      open = "(?<=";
    } else if (reader.accept("<!")) {
      open = "(?<!";
    } else if (reader.accept("<")) {
      const name = reader.until(">");
      if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name)) reader.fail("capturing group name does not start with a Latin letter");
      if (this.names.has(name)) reader.fail(`Named capturing group <${name}> is already defined`);
      this.names.set(name, ++this.groupCount);
      open = `(?<g${this.groupCount}>`;
    } else {
      inner = this.flags(flags, ":");
      open = "(?:";
    }
    const body = this.alternatives(inner);
    if (!reader.accept(")")) reader.fail("Unclosed group");
    return atomic ? this.atomic(body) : `${open}${body})`;
  }
}
