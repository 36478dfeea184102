import type { BatchColumns, ColumnSlot } from "../columns.ts";
import { parseMinute } from "../text/temporal.ts";
import type { CsvDialect } from "./options.ts";
import { BAD, CsvValues } from "./values.ts";

/** What generated scanners call for the rarer cases. Positions below 0 mean: leave the record to the general way. */
export class CsvScanHelpers {
  private readonly values: CsvValues;
  private readonly columns: BatchColumns;
  private readonly delimiter: number;
  private readonly quote: number;

  constructor(columns: BatchColumns, dialect: CsvDialect) {
    // Values of its own: what it counts is dropped, because the general way reads the record again.
    this.values = new CsvValues({ ...dialect, ignoreParseErrors: false });
    this.columns = columns;
    this.delimiter = dialect.delimiter[0]!;
    this.quote = dialect.quote?.[0] ?? -1;
  }

  /** Behind the closing quote of a quoted field that is not read. */
  skipQuoted(data: Uint8Array, start: number, end: number): number {
    const { quote } = this;
    let p = start + 1;
    while (p < end) {
      if (data[p++] !== quote) continue;
      if (data[p] !== quote) return p;
      p++;
    }
    return -1;
  }

  /** Epoch milliseconds of `yyyy-MM-dd HH:mm` at `start`, or NaN. */
  minuteMillis(data: Uint8Array, start: number, separator: number): number {
    return parseMinute(data, start, separator);
  }

  /** Converts the field at `start` into its column; gives the position behind it. */
  field(data: Uint8Array, start: number, end: number, slot: ColumnSlot, row: number): number {
    const { quote, delimiter } = this;
    let from = start;
    let p = start;
    let after = p;
    if (data[start] === quote) {
      from++;
      p++;
      while (p < end && data[p] !== quote) p++;
      if (p + 1 >= end || data[p + 1] === quote) return -1;
      after = p + 1;
    } else {
      let c = data[p];
      while (c !== delimiter && c !== 10 && c !== 13) c = data[++p];
      after = p;
    }
    const value = this.values.convert(slot.type, data, from, p);
    if (value === BAD) return -1;
    if (value === null) slot.setNull(row);
    else {
      slot.nulls[row] = 0;
      this.columns.set(slot, row, value);
    }
    return after;
  }
}
