import { RecordProblem } from "../record-problem.ts";
import { parseMinute } from "../text/temporal.ts";
import type { MemberPlan } from "./plan.ts";
import type { RecordReader } from "./record.ts";
import { endOfEscapedString, endOfSkippedString } from "./string.ts";
import { JsonTokens } from "./tokens.ts";

/** What generated scanners call for the rarer cases. Positions below 0 mean: leave the line to the general reader. */
export class ScanHelpers {
  private readonly reader: RecordReader;
  private readonly tokens = new JsonTokens();

  constructor(reader: RecordReader) {
    this.reader = reader;
  }

  endOfEscaped(data: Uint8Array, start: number, end: number): number {
    return endOfEscapedString(data, start, end);
  }

  endOfString(data: Uint8Array, start: number, end: number): number {
    return endOfSkippedString(data, start, end);
  }

  /** Behind a value that nobody reads. */
  skip(data: Uint8Array, start: number, end: number): number {
    this.tokens.reset(data, start, end);
    try {
      this.tokens.skip();
      return this.tokens.pos;
    } catch (error) {
      if (error instanceof RecordProblem) return -1;
      throw error;
    }
  }

  /** Reads a value by the general reader; gives the position behind it. */
  leaf(data: Uint8Array, start: number, end: number, member: MemberPlan, row: number): number {
    const { reader } = this;
    reader.reset(data, start, end);
    const skipped = reader.skippedFields;
    try {
      reader.leaf(member, row);
      if (reader.skippedFields === skipped) return reader.pos;
    } catch (error) {
      if (!(error instanceof RecordProblem)) throw error;
    }
    // The line is read again in the general way, which counts.
    reader.skippedFields = skipped;
    return -1;
  }

  /** Epoch milliseconds of `yyyy-MM-dd HH:mm` at `start`, or NaN. */
  minuteMillis(data: Uint8Array, start: number, separator: number): number {
    return parseMinute(data, start, separator);
  }
}
