import { ByteWriter } from "../../base/byte-writer.ts";
import type { Messages } from "../api.ts";

/** Bytes behind the last line, as scanners look ahead. */
const SLACK_BYTES = 1024;
/** Between messages stand at least so many bytes when their neighbourhood is copied as it is; a line end needs one. */
const LEAST_GAP = 1;

/**
 * Messages as lines in memory of their own: one line for each, empty for NULL. Messages that lie near each other, as in a
 * record batch, are copied in one go with what is between them, which becomes blanks; so lines have blanks in front that
 * are no part of them.
 */
export class MessageLines {
  /** For each message where its line starts; one more for the end. Indices are those of the messages. */
  starts = new Int32Array(0);
  readonly #out = new ByteWriter(1024);

  get bytes(): Uint8Array {
    return this.#out.bytes;
  }

  get length(): number {
    return this.#out.length;
  }

  gather(messages: Messages, from: number, to: number): void {
    if (this.starts.length < to + 1) this.starts = new Int32Array(2 * to + 1);
    this.#out.clear();
    if (from < to && !this.#takeNeighbours(messages, from, to)) this.#takeEach(messages, from, to);
    this.#out.ensure(SLACK_BYTES);
    this.starts[to] = this.#out.length;
  }

  /** False: they lie too far apart, or without anything in between, or have line ends in them. */
  #takeNeighbours({ data, starts, lengths }: Messages, from: number, to: number): boolean {
    const lines = this.starts;
    const first = starts[from]!;
    let wanted = 0;
    let before = first - LEAST_GAP;
    for (let i = from; i < to; i++) {
      const start = starts[i]!;
      // Where NULL stands means nothing.
      if (start < 0 || start < before + LEAST_GAP || start > data.length) return false;
      const size = Math.max(0, lengths[i]!);
      wanted += size;
      before = start + size;
      lines[i] = start - first;
    }
    const span = before - first;
    if (span > 2 * wanted + 1024) return false;
    const out = this.#out;
    out.ensure(span + 1);
    out.copy(data, first, span);
    out.length = span + 1;
    const { bytes } = out;
    let end = Math.max(0, lengths[from]!);
    for (let i = from + 1; i < to; i++) {
      const start = lines[i]!;
      for (let at = end; at < start; at++) bytes[at] = BLANK;
      end = start + Math.max(0, lengths[i]!);
    }
    bytes[span] = LINE_END;
    if (bytes.indexOf(LINE_END) !== span) return false;
    for (let i = from; i < to; i++) bytes[lines[i]! + Math.max(0, lengths[i]!)] = LINE_END;
    return true;
  }

  #takeEach(messages: Messages, from: number, to: number): void {
    this.#out.clear();
    for (let i = from; i < to; i++) {
      this.starts[i] = this.#out.length;
      appendAsLine(this.#out, messages, i);
    }
  }
}

const LINE_END = 10;
const BLANK = 32;

/** Appends a message as one line: line ends inside become blanks, inside a string `\n`. */
function appendAsLine(out: ByteWriter, { data, starts, lengths }: Messages, index: number): void {
  const from = starts[index]!;
  const size = Math.max(0, lengths[index]!);
  const start = out.length;
  out.ensure(size + 1);
  out.copy(data, from, size);
  if (out.bytes.subarray(start, out.length).includes(LINE_END)) {
    out.length = start;
    appendWithoutLineEnds(out, data, from, from + size);
  }
  out.byte(LINE_END);
}

function appendWithoutLineEnds(out: ByteWriter, data: Uint8Array, start: number, end: number): void {
  let inString = false;
  for (let i = start; i < end; i++) {
    const c = data[i]!;
    if (c === LINE_END) {
      if (inString) out.byte(92);
      out.byte(inString ? 110 : BLANK);
      continue;
    }
    if (c === 34) inString = !inString;
    out.byte(c);
    if (c === 92 && i + 1 < end && data[i + 1] !== LINE_END) out.byte(data[++i]!);
  }
}
