import { RecordProblem } from "../record-problem.ts";
import { endOfEscapedString, endOfSkippedString } from "./string.ts";

/** Nesting deeper than this is an error (as in Jackson). */
const MAX_DEPTH = 1000;

/** Kinds of JSON values by their first byte. */
export const Token = { String: 1, Integer: 2, Float: 3, True: 4, False: 5, Null: 6, Object: 7, Array: 8 } as const;
export type Token = (typeof Token)[keyof typeof Token];

/** Walks over the tokens of one JSON record. Syntax errors are thrown as RecordProblem. */
export class JsonTokens {
  data: Uint8Array = new Uint8Array(0);
  pos = 0;
  end = 0;
  /** The last scalar: content of a string without quotes, or the text of a number or literal. */
  start = 0;
  stop = 0;
  /** The last string has escapes (they are valid). */
  escaped = false;
  depth = 0;
  /** Where the record starts, for messages. */
  private origin = 0;

  reset(data: Uint8Array, start: number, end: number): void {
    this.data = data;
    this.pos = start;
    this.origin = start;
    this.end = end;
    this.depth = 0;
  }

  fail(what: string): never {
    throw new RecordProblem(this.pos >= this.end ? "unexpected end of the record" : what);
  }

  /** The next byte that is not white space, or 0 at the end. */
  peek(): number {
    const { data, end } = this;
    let p = this.pos;
    while (p < end) {
      const c = data[p]!;
      if (c !== 32 && c !== 9 && c !== 13 && c !== 10) {
        this.pos = p;
        return c;
      }
      p++;
    }
    this.pos = p;
    return 0;
  }

  expect(byte: number): void {
    if (this.peek() !== byte) this.fail(`expected '${String.fromCharCode(byte)}' ${this.where()}`);
    this.pos++;
  }

  /** The position inside the record. */
  where(): string {
    return `at byte ${this.pos - this.origin}`;
  }

  enter(): void {
    this.pos++;
    if (++this.depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH} levels`);
  }

  leave(): void {
    this.pos++;
    this.depth--;
  }

  /** Which kind of value comes; scalars are read (`start`, `stop`, `escaped`), containers stay at their bracket. */
  value(): Token {
    switch (this.peek()) {
      case 34:
        this.string();
        return Token.String;
      case 123:
        return Token.Object;
      case 91:
        return Token.Array;
      case 116:
        return this.literal("true", Token.True);
      case 102:
        return this.literal("false", Token.False);
      case 110:
        return this.literal("null", Token.Null);
      default:
        return this.number();
    }
  }

  private literal(text: string, token: Token): Token {
    const { data, pos } = this;
    const stop = pos + text.length;
    if (stop > this.end) this.fail(`unknown word ${this.where()}`);
    for (let i = 1; i < text.length; i++)
      if (data[pos + i] !== text.charCodeAt(i)) this.fail(`unknown word ${this.where()}`);
    if (stop < this.end && isWordByte(data[stop]!)) this.fail(`unknown word ${this.where()}`);
    this.start = pos;
    this.stop = stop;
    this.pos = stop;
    this.escaped = false;
    return token;
  }

  /** Reads a string; `pos` is at its opening quote. */
  string(): void {
    const { data, end } = this;
    const start = this.pos + 1;
    let p = start;
    while (p < end) {
      const c = data[p]!;
      if (c === 34 || c === 92) break;
      p++;
    }
    this.escaped = p < end && data[p] === 92;
    if (this.escaped) {
      p = endOfEscapedString(data, p, end);
      if (p < 0) this.fail(`bad escape or end in the string ${this.where()}`);
    } else if (p >= end) {
      this.pos = end;
      this.fail("");
    }
    this.start = start;
    this.stop = p;
    this.pos = p + 1;
  }

  private number(): Token {
    const { data, end } = this;
    let p = this.pos;
    if (p < end && data[p] === 45) p++;
    const whole = p;
    p = skipDigits(data, p, end);
    if (p === whole) this.fail(`unexpected character '${String.fromCodePoint(data[this.pos] ?? 32)}' ${this.where()}`);
    if (data[whole] === 48 && p > whole + 1) this.fail(`leading zero ${this.where()}`);
    let token: Token = Token.Integer;
    if (p < end && data[p] === 46) {
      token = Token.Float;
      const fraction = p + 1;
      p = skipDigits(data, fraction, end);
      if (p === fraction) this.fail(`number without a fraction ${this.where()}`);
    }
    if (p < end && (data[p]! | 32) === 101) {
      token = Token.Float;
      p++;
      if (p < end && (data[p] === 43 || data[p] === 45)) p++;
      const exponent = p;
      p = skipDigits(data, p, end);
      if (p === exponent) this.fail(`number without an exponent ${this.where()}`);
    }
    if (p < end && isWordByte(data[p]!)) this.fail(`bad number ${this.where()}`);
    this.start = this.pos;
    this.stop = p;
    this.pos = p;
    this.escaped = false;
    return token;
  }

  /** After a member or element: true when another follows, false when the container has closed. */
  next(closing: number): boolean {
    const c = this.peek();
    if (c === 44) {
      this.pos++;
      return true;
    }
    if (c !== closing) this.fail(`expected ',' or '${String.fromCharCode(closing)}' ${this.where()}`);
    this.leave();
    return false;
  }

  /** Enters a container; false when it is empty (and left again). */
  open(closing: number): boolean {
    this.enter();
    if (this.peek() !== closing) return true;
    this.leave();
    return false;
  }

  /** Reads a member name (`start`, `stop`, `escaped`) and its colon. */
  name(): void {
    if (this.peek() !== 34) this.fail(`expected a member name ${this.where()}`);
    this.string();
    const { start, stop } = this;
    this.expect(58);
    this.start = start;
    this.stop = stop;
  }

  /** Skips a value that nobody reads: its structure is checked, escapes in its strings are not. */
  skip(): void {
    const c = this.peek();
    if (c === 34) {
      const close = endOfSkippedString(this.data, this.pos + 1, this.end);
      if (close < 0) {
        this.pos = this.end;
        this.fail("");
      }
      this.pos = close + 1;
      return;
    }
    if (c === 123) {
      if (!this.open(125)) return;
      do {
        this.name();
        this.skip();
      } while (this.next(125));
      return;
    }
    if (c === 91) {
      if (!this.open(93)) return;
      do this.skip();
      while (this.next(93));
      return;
    }
    this.value();
  }
}

function skipDigits(data: Uint8Array, start: number, end: number): number {
  let p = start;
  while (p < end && data[p]! >= 48 && data[p]! <= 57) p++;
  return p;
}

/** Bytes that cannot follow a number or word directly. */
function isWordByte(c: number): boolean {
  return (c >= 48 && c <= 57) || ((c | 32) >= 97 && (c | 32) <= 122) || c === 95 || c === 46 || c === 43 || c === 45;
}
