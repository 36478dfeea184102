import { RecordProblem } from "../record-problem.ts";
import type { CsvDialect } from "./options.ts";

const NEWLINE = 10;
const RETURN = 13;
const BLANK = 32;
const HASH = 35;

/** What a record boundary search can answer besides a position. */
export const INCOMPLETE = -1;

/** Splits records of any dialect into fields; it follows Jackson's CSV reader, which Flink uses. */
export class CsvSplitter {
  readonly dialect: CsvDialect;
  /** Fields of the last record: content without quotes. */
  count = 0;
  starts = new Int32Array(16);
  ends = new Int32Array(16);
  /** 1: a quoted field with doubled quotes or escapes to be resolved; 2: an unquoted one with escapes. */
  escaped = new Uint8Array(16);
  /** Where the next record starts, after `split`. */
  next = 0;
  /** Where the last record ended, its line end not counted. */
  end = 0;
  private problem: string | undefined;

  constructor(dialect: CsvDialect) {
    this.dialect = dialect;
  }

  /**
   * Splits the record at `start`. Answers false when it does not end before `end` and more bytes may come
   * (`last` is false). Throws RecordProblem, with `next` behind the bad record.
   */
  split(data: Uint8Array, start: number, end: number, last: boolean): boolean {
    this.count = 0;
    this.problem = undefined;
    let p = start;
    for (;;) {
      p = this.field(data, p, end, last);
      if (p === INCOMPLETE) return false;
      if (p < 0) {
        p = -2 - p;
        continue;
      }
      break;
    }
    if (this.problem !== undefined) throw new RecordProblem(this.problem);
    return true;
  }

  /** Where the record at `start` begins: behind its blanks, as in Jackson, where comments are allowed. */
  beginning(data: Uint8Array, start: number, end: number): number {
    if (!this.dialect.comments) return start;
    let p = start;
    while (p < end && data[p] === BLANK) p++;
    return p;
  }

  /** True for a line, at its `beginning`, that is no record but must be skipped by `skipLine`: a comment or an empty one. */
  isNoRecord(data: Uint8Array, start: number, end: number): boolean {
    if (!this.dialect.comments) return false;
    return start >= end || data[start] === HASH || data[start] === NEWLINE || data[start] === RETURN;
  }

  /** The start of the line after `start`'s, or INCOMPLETE. */
  skipLine(data: Uint8Array, start: number, end: number, last: boolean): number {
    let p = start;
    while (p < end && data[p] !== NEWLINE && data[p] !== RETURN) p++;
    return this.lineEnd(data, p, end, last) ? this.next : INCOMPLETE;
  }

  /**
   * Reads one field at `start`. The result is 0 at the end of the record, INCOMPLETE, or -2 - p when another field
   * starts at p.
   */
  private field(data: Uint8Array, start: number, end: number, last: boolean): number {
    const { quote, delimiter, escape } = this.dialect;
    if (quote !== undefined && startsWith(data, start, end, quote))
      return this.quoted(data, start + quote.length, end, last);
    let p = start;
    let escaped = 0;
    const first = delimiter[0]!;
    while (p < end) {
      const c = data[p]!;
      if (c === first && startsWith(data, p, end, delimiter)) {
        this.add(start, p, escaped);
        return -2 - (p + delimiter.length);
      }
      if (c === NEWLINE || c === RETURN) break;
      if (escape !== undefined && startsWith(data, p, end, escape)) {
        escaped = 2;
        p += escape.length;
        if (p >= end) break;
      }
      p++;
    }
    if (!this.lineEnd(data, p, end, last)) return INCOMPLETE;
    this.add(start, p, escaped);
    return 0;
  }

  private quoted(data: Uint8Array, start: number, end: number, last: boolean): number {
    const quote = this.dialect.quote!;
    const { escape } = this.dialect;
    let p = start;
    let escaped = 0;
    for (;;) {
      if (p >= end) {
        if (!last) return INCOMPLETE;
        this.next = end;
        this.end = end;
        this.problem = "missing closing quote";
        return 0;
      }
      if (startsWith(data, p, end, quote)) {
        if (!startsWith(data, p + quote.length, end, quote)) break;
        escaped = 1;
        p += 2 * quote.length;
      } else if (escape !== undefined && startsWith(data, p, end, escape)) {
        escaped = 1;
        p += escape.length + 1;
      } else p++;
    }
    // A quote as the very last byte: the next one might double it.
    if (p + quote.length >= end && !last) return INCOMPLETE;
    this.add(start, p, escaped);
    return this.afterQuote(data, p + quote.length, end, last);
  }

  /** Blanks may follow a closing quote, then a delimiter or the end of the line. */
  private afterQuote(data: Uint8Array, start: number, end: number, last: boolean): number {
    const { delimiter } = this.dialect;
    let p = start;
    for (; p < end; p++) {
      if (startsWith(data, p, end, delimiter)) return -2 - (p + delimiter.length);
      const c = data[p]!;
      if (c === NEWLINE || c === RETURN) break;
      if (c > 32) {
        this.problem = "expected a delimiter or the end of the line after a closing quote";
        while (p < end && data[p] !== NEWLINE && data[p] !== RETURN) p++;
        break;
      }
    }
    return this.lineEnd(data, p, end, last) ? 0 : INCOMPLETE;
  }

  /** Sets `next` behind the line end at `p`; false when it is not complete. */
  private lineEnd(data: Uint8Array, p: number, end: number, last: boolean): boolean {
    this.end = p;
    if (p >= end) {
      this.next = end;
      return last;
    }
    if (data[p] === RETURN) {
      if (p + 1 >= end && !last) return false;
      this.next = p + 1 < end && data[p + 1] === NEWLINE ? p + 2 : p + 1;
    } else this.next = p + 1;
    return true;
  }

  private add(start: number, end: number, escaped: number): void {
    const index = this.count++;
    if (index === this.starts.length) this.grow();
    this.starts[index] = start;
    this.ends[index] = end;
    this.escaped[index] = escaped;
  }

  private grow(): void {
    const { starts, ends, escaped } = this;
    this.starts = new Int32Array(starts.length * 2);
    this.ends = new Int32Array(starts.length * 2);
    this.escaped = new Uint8Array(starts.length * 2);
    this.starts.set(starts);
    this.ends.set(ends);
    this.escaped.set(escaped);
  }
}

function startsWith(data: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (start + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (data[start + i] !== text[i]) return false;
  return true;
}

/** What the letter after an escape character stands for. */
function unescapeByte(c: number): number {
  if (c === 110) return 10;
  if (c === 114) return 13;
  if (c === 116) return 9;
  return c === 48 ? 0 : c;
}

/** Resolves doubled quotes (`kind` 1) and escapes in place; returns the new length. */
export function resolveField(
  data: Uint8Array,
  start: number,
  length: number,
  kind: number,
  dialect: CsvDialect,
): number {
  const { escape } = dialect;
  const quote = kind === 1 ? dialect.quote : undefined;
  const end = start + length;
  let from = start;
  let to = start;
  while (from < end) {
    if (
      quote !== undefined &&
      startsWith(data, from, end, quote) &&
      startsWith(data, from + quote.length, end, quote)
    ) {
      for (const byte of quote) data[to++] = byte;
      from += 2 * quote.length;
    } else if (escape !== undefined && startsWith(data, from, end, escape) && from + escape.length < end) {
      data[to++] = unescapeByte(data[from + escape.length]!);
      from += escape.length + 1;
    } else data[to++] = data[from++]!;
  }
  return to - start;
}
