import { isUtf8 } from "node:buffer";
import { decodeUtf8 } from "../../batch/utf8.ts";
import { RecordProblem } from "../record-problem.ts";

/** Items that take no bytes at all can be as many as a count says; more than these are refused. */
const MOST_EMPTY_ITEMS = 1 << 16;

/** Values nested deeper than this are refused: recursive schemas would otherwise use up the stack. */
const MAX_DEPTH = 500;

/** A place in Avro's binary encoding. What does not fit the record's bytes is thrown as RecordProblem. */
export class Cursor {
  b: Uint8Array = new Uint8Array(0);
  dv = new DataView(this.b.buffer);
  p = 0;
  end = 0;
  depth = 0;
  /** The last number that `long64` read: low and high word. */
  readonly words = new Int32Array(2);

  reset(data: Uint8Array): void {
    this.b = data;
    this.dv = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.depth = 0;
  }

  fail(reason: string): never {
    throw new RecordProblem(reason);
  }

  tooShort(): never {
    throw new RecordProblem("the record ends too early");
  }

  /** A length of what stands at `p`. */
  badLength(length: number, p: number, end: number): never {
    if (p > end) this.tooShort();
    this.fail(`a text or bytes of ${length} bytes`);
  }

  /**
   * Reads the number at `p` into `words` and gives the position behind it. Does not look at `end`: who goes beyond it fails
   * at the end of the record.
   */
  long64(b: Uint8Array, p: number): number {
    const { words } = this;
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const c = b[p++] ?? 0;
      if (shift < 28) low |= (c & 127) << shift;
      else if (shift < 56) middle |= (c & 127) << (shift - 28);
      else high |= (c & 127) << (shift - 56);
      if (c > 127) continue;
      if (shift === 63 && c > 1) break;
      const first = low | (middle << 28);
      const second = (middle >>> 4) | (high << 24);
      const sign = -(first & 1);
      words[0] = ((first >>> 1) | (second << 31)) ^ sign;
      words[1] = (second >>> 1) ^ sign;
      return p;
    }
    throw new RecordProblem("a number has more than 64 bits");
  }

  int32(b: Uint8Array, p: number): number {
    const next = this.long64(b, p);
    if (this.words[1] !== this.words[0]! >> 31) this.fail("an int has more than 32 bits");
    return next;
  }

  private word(): void {
    this.p = this.long64(this.b, this.p);
    if (this.p > this.end) this.tooShort();
  }

  int(): number {
    this.word();
    const low = this.words[0]!;
    if (this.words[1] !== low >> 31) this.fail("an int has more than 32 bits");
    return low;
  }

  long(): bigint {
    this.word();
    return (BigInt(this.words[1]!) << 32n) | BigInt(this.words[0]! >>> 0);
  }

  /** A number as a double. */
  longNumber(): number {
    this.word();
    return this.words[1]! * 4294967296 + (this.words[0]! >>> 0);
  }

  boolean(): boolean {
    const c = this.b[this.p];
    if (this.p++ >= this.end) this.tooShort();
    if (c !== 0 && c !== 1) this.fail(`a boolean is byte ${c}`);
    return c === 1;
  }

  float(): number {
    return this.dv.getFloat32(this.skip(4), true);
  }

  double(): number {
    return this.dv.getFloat64(this.skip(8), true);
  }

  /** Goes over bytes; the position before. */
  skip(count: number): number {
    const { p } = this;
    if (count > this.end - p) this.tooShort();
    this.p = p + count;
    return p;
  }

  /** The length in front of a text or bytes. */
  length(): number {
    const length = this.longNumber();
    if (length < 0 || length > this.end - this.p) this.badLength(length, this.p, this.end);
    return length;
  }

  text(): string {
    const length = this.length();
    return decodeUtf8(this.b, this.skip(length), length);
  }

  /** A copy. */
  bytes(length = this.length()): Uint8Array {
    const start = this.skip(length);
    return this.b.slice(start, start + length);
  }

  /** The number of items of the next block of an array or map; 0: there is none. `before`: items of the blocks before. */
  block(leastBytes: number, before: number): number {
    let count = this.longNumber();
    if (count < 0) {
      count = -count;
      this.length();
    }
    if (leastBytes > 0 ? count * leastBytes > this.end - this.p : before + count > MOST_EMPTY_ITEMS)
      this.fail(`an array or map of ${before + count} items`);
    return count;
  }

  enter(): void {
    if (++this.depth > MAX_DEPTH) this.fail(`values are nested deeper than ${MAX_DEPTH}`);
  }

  /** Whether the text needs no repair. */
  isText(b: Uint8Array, start: number, length: number): boolean {
    let all = 0;
    const stop = start + length;
    let i = start;
    const { dv } = this;
    for (; i + 4 <= stop; i += 4) all |= dv.getInt32(i, true);
    for (; i < stop; i++) all |= b[i]!;
    return (all & 0x80808080) === 0 || isUtf8(b.subarray(start, stop));
  }
}
