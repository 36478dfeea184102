import { SqlError } from "../../../base/errors.ts";
import type { Condition, Operand, OperandPath, Step } from "./path-steps.ts";

/** A path that cannot be read. */
export class PathSyntaxError extends Error {
  override readonly name = "PathSyntaxError";
}

const FUNCTIONS = new Set(["length", "size", "keys", "min", "max", "avg", "sum", "first", "last"]);

/**
 * The steps of a path: `$.a.b`, `$['a','b']`, `$[0]`, `$[-1]`, `$[0,2]`, `$[1:3]`, `$[*]`, `$.*`, `$..a`,
 * `$[?(@.a > 1 && @.b)]`, `$.a.length()`. Without `$` the path begins with a field. Throws PathSyntaxError, or
 * UNSUPPORTED for what is not executed.
 */
export function parseJsonPath(path: string): readonly Step[] {
  const trimmed = path.trim();
  const whole = /^[$@]/.test(trimmed) ? trimmed : `$.${trimmed}`;
  const parser = new PathParser(whole);
  parser.at = 1;
  const steps = parser.steps(false);
  if (parser.at < whole.length) parser.fail();
  return steps;
}

class PathParser {
  private readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** `inCondition`: a path within a condition ends at an operator. */
  steps(inCondition: boolean): readonly Step[] {
    const steps: Step[] = [];
    for (;;) {
      if (this.accept("..")) {
        steps.push({ kind: "scan" });
        if (this.peek() !== "[") steps.push(this.dotted(inCondition));
      } else if (this.accept(".")) {
        if (this.peek() !== "[") steps.push(this.dotted(inCondition));
      } else if (this.peek() === "[") {
        steps.push(this.brackets());
      } else {
        return steps;
      }
    }
  }

  private dotted(inCondition: boolean): Step {
    if (this.accept("*")) return { kind: "all" };
    const start = this.at;
    const stop = inCondition ? /[.[()\s=<>!&|,\]]/ : /[.[(\s]/;
    while (this.at < this.text.length && !stop.test(this.peek())) this.at += 1;
    const name = this.text.slice(start, this.at);
    if (name === "") this.fail();
    if (!this.accept("(")) return { kind: "fields", names: [name] };
    this.blanks();
    if (!FUNCTIONS.has(name) || !this.accept(")")) {
      throw new SqlError("UNSUPPORTED", `${name}(…) in the JSON path '${this.text}' is not supported`);
    }
    return { kind: "function", name };
  }

  private brackets(): Step {
    this.at += 1;
    this.blanks();
    if (this.accept("?")) return this.filter();
    let step: Step;
    if (this.accept("*")) {
      step = { kind: "all" };
    } else if (this.peek() === "'" || this.peek() === '"') {
      step = { kind: "fields", names: this.list(() => this.quoted()) };
    } else {
      step = this.numbers();
    }
    this.blanks();
    if (!this.accept("]")) this.fail();
    return step;
  }

  private numbers(): Step {
    const match = /^(-?\d+)?\s*:\s*(-?\d+)?/.exec(this.text.slice(this.at));
    if (match !== null) {
      this.at += match[0].length;
      const bound = (digits: string | undefined): number | undefined =>
        digits === undefined ? undefined : Number(digits);
      return { kind: "slice", from: bound(match[1]), to: bound(match[2]) };
    }
    return { kind: "items", indexes: this.list(() => this.integer()) };
  }

  private list<V>(item: () => V): readonly V[] {
    const items: V[] = [];
    do {
      this.blanks();
      items.push(item());
      this.blanks();
    } while (this.accept(","));
    return items;
  }

  private integer(): number {
    const match = /^-?\d+/.exec(this.text.slice(this.at));
    if (match === null) return this.fail();
    this.at += match[0].length;
    return Number(match[0]);
  }

  private quoted(): string {
    const quote = this.peek();
    if (quote !== "'" && quote !== '"') this.fail();
    this.at += 1;
    let text = "";
    while (this.peek() !== quote) {
      if (this.accept("\\")) text += this.escape();
      else text += this.take();
    }
    this.at += 1;
    return text;
  }

  private escape(): string {
    const letter = this.take();
    const control = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }[letter];
    if (control !== undefined) return control;
    if (letter !== "u") return letter;
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail();
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private filter(): Step {
    this.blanks();
    if (!this.accept("(")) this.fail();
    const condition = this.or();
    this.blanks();
    if (!this.accept(")")) this.fail();
    this.blanks();
    if (!this.accept("]")) this.fail();
    return { kind: "filter", condition };
  }

  private or(): Condition {
    let left = this.and();
    for (this.blanks(); this.accept("||"); this.blanks()) left = { kind: "or", left, right: this.and() };
    return left;
  }

  private and(): Condition {
    let left = this.term();
    for (this.blanks(); this.accept("&&"); this.blanks()) left = { kind: "and", left, right: this.term() };
    return left;
  }

  private term(): Condition {
    this.blanks();
    if (this.accept("!")) return { kind: "not", operand: this.term() };
    if (this.accept("(")) {
      const inner = this.or();
      this.blanks();
      if (!this.accept(")")) this.fail();
      return inner;
    }
    const left = this.operand();
    this.blanks();
    const operator = /^(?:===?|!==?|<=|>=|<|>|in\b|nin\b)/i.exec(this.text.slice(this.at))?.[0];
    if (operator === undefined) {
      const other = /^(?:=~|[A-Za-z]+)/.exec(this.text.slice(this.at));
      if (other !== null) {
        throw new SqlError("UNSUPPORTED", `${other[0]} in the JSON path '${this.text}' is not supported`);
      }
      return left.kind === "path" ? { kind: "exists", path: left.path } : this.fail();
    }
    this.at += operator.length;
    return { kind: "compare", operator: operator.toLowerCase(), left, right: this.operand() };
  }

  private operand(): Operand {
    this.blanks();
    const first = this.peek();
    if (first === "@" || first === "$") {
      this.at += 1;
      const path: OperandPath = { fromRoot: first === "$", steps: this.steps(true) };
      return { kind: "path", path };
    }
    if (first === "'" || first === '"') return { kind: "text", value: this.quoted() };
    if (this.accept("[")) {
      const values = this.list(() => this.operand());
      if (!this.accept("]")) this.fail();
      return { kind: "list", values };
    }
    const word = /^(?:true|false|null)\b/.exec(this.text.slice(this.at))?.[0];
    if (word !== undefined) {
      this.at += word.length;
      return { kind: "constant", value: word === "null" ? null : word === "true" };
    }
    const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(this.text.slice(this.at))?.[0];
    if (number === undefined) return this.fail();
    this.at += number.length;
    return { kind: "number", value: Number(number) };
  }

  private peek(): string {
    return this.text.charAt(this.at);
  }

  private take(): string {
    if (this.at >= this.text.length) this.fail();
    return this.text.charAt(this.at++);
  }

  private accept(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private blanks(): void {
    while (/\s/.test(this.peek())) this.at += 1;
  }

  fail(): never {
    throw new PathSyntaxError(`JSON path '${this.text}' cannot be read at character ${this.at + 1}`);
  }
}
