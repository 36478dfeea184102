import { RecordProblem } from "../record-problem.ts";
import { parseMinute } from "../text/temporal.ts";
import type { MemberPlan } from "./plan.ts";
import type { RecordReader } from "./record.ts";
import { endOfEscapedText } from "./string.ts";
import { JsonTokens } from "./tokens.ts";

/** What generated scanners call for the rarer cases. Positions below 0 mean: leave the line to the general reader. */
export class ScanHelpers {
  private readonly reader: RecordReader;
  private readonly tokens = new JsonTokens();

  constructor(reader: RecordReader) {
    this.reader = reader;
  }

  /** The closing quote of a text whose first escape is at `start`. */
  endOfEscaped(data: Uint8Array, marks: Int32Array, start: number): number {
    return endOfEscapedText(data, marks, start);
  }

  /** Behind a value that nobody reads. */
  skip(data: Buffer, start: number): number {
    this.tokens.reset(data, start, lineEnd(data, start));
    try {
      this.tokens.skip();
      return this.tokens.pos;
    } catch (error) {
      if (error instanceof RecordProblem) return -1;
      throw error;
    }
  }

  /** Reads a value by the general reader; gives the position behind it. */
  leaf(data: Buffer, start: number, member: MemberPlan, row: number): number {
    const { reader } = this;
    reader.reset(data, start, lineEnd(data, start));
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

function lineEnd(data: Buffer, start: number): number {
  const end = data.indexOf(10, start);
  return data[end - 1] === 13 ? end - 1 : end;
}
