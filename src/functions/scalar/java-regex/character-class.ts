import { characterSource, otherCases, type Reader } from "./reader.ts";

/** How a pattern is read at a place; `(?i)` and the like change it up to the end of the group. */
export interface Flags {
  readonly ignoreCase: boolean;
  /** `(?u)`: case is that of Unicode, not only of ASCII. */
  readonly unicodeCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly comments: boolean;
}

/** A character class, its opening bracket taken, in the syntax of JavaScript's `v` flag. */
export function readClass(reader: Reader, flags: Flags): string {
  const negated = reader.accept("^");
  const operands: string[] = [];
  let union: string[] = [];
  let first = true;
  for (;;) {
    if (flags.comments && /\s/.test(reader.peek() ?? "")) {
      reader.take();
      continue;
    }
    if (reader.accept("&&")) {
      if (union.length > 0) operands.push(`[${union.join("")}]`);
      union = [];
      first = false;
      continue;
    }
    const character = reader.take();
    if (character === "]" && !first) break;
    first = false;
    if (character === "[") union.push(readClass(reader, flags));
    else union.push(readItem(reader, character, flags));
  }
  if (union.length > 0) operands.push(`[${union.join("")}]`);
  const body = operands.length === 1 ? operands[0]!.slice(1, -1) : operands.join("&&");
  return `[${negated ? "^" : ""}${body}]`;
}

/** A character, a range, or an escape such as `\d`. */
function readItem(reader: Reader, character: string, flags: Flags): string {
  let point = character.codePointAt(0)!;
  if (character === "\\") {
    const letter = reader.take();
    if (letter === "Q") return [...reader.until("\\E")].map((each) => single(each.codePointAt(0)!, flags)).join("");
    const set = reader.classEscape(letter);
    if (set !== undefined) return `[${set.negated ? "^" : ""}${set.content}]`;
    point = reader.characterEscape(letter);
  }
  const next = reader.peek(1);
  if (reader.peek() !== "-" || next === undefined || next === "]" || next === "[") return single(point, flags);
  reader.take();
  const to = reader.take();
  const last = to === "\\" ? reader.characterEscape(reader.take()) : to.codePointAt(0)!;
  if (last < point) reader.fail("Illegal character range");
  return range(point, last, flags);
}

function single(point: number, flags: Flags): string {
  const others = flags.ignoreCase ? otherCases(point, flags.unicodeCase) : [];
  return [point, ...others].map(characterSource).join("");
}

const LAST_ASCII = 122;
/** No letter behind this one has cases. */
const LAST_CASED = 0x1e943;

function range(from: number, to: number, flags: Flags): string {
  const plain = `${characterSource(from)}-${characterSource(to)}`;
  if (!flags.ignoreCase) return plain;
  const outside = new Set<number>();
  for (let point = from; point <= Math.min(to, flags.unicodeCase ? LAST_CASED : LAST_ASCII); point++) {
    for (const other of otherCases(point, flags.unicodeCase)) if (other < from || other > to) outside.add(other);
  }
  return plain + [...outside].map(characterSource).join("");
}
