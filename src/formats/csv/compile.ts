import { isText } from "../../types/data-type.ts";
import { CodeWriter } from "../code-writer.ts";
import type { BatchColumns } from "../columns.ts";
import {
  integerLimit,
  isFractional,
  isMillisTimestamp,
  READ_FRACTION,
  readTimestamp,
  storeFraction,
  storeInteger,
} from "../emit-values.ts";
import type { CsvDialect } from "./options.ts";
import type { CsvColumn, CsvRecords } from "./record.ts";
import { CsvScanHelpers } from "./scan-helpers.ts";
import { TIMESTAMP, TIMESTAMP_LTZ } from "./values.ts";

/**
 * Reads records from `start` on, at most up to row `maxRows`. Stops in front of the first record that needs the
 * general way. `state[0]` becomes the position, the result is the number of rows. A line end stands before `end`.
 */
export type CsvScan = (
  data: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  row: number,
  maxRows: number,
  state: Int32Array,
) => number;

/** Generates the scanner for plain records of the schema; undefined for dialects that it cannot do. */
export function compileCsv(
  dialect: CsvDialect,
  columnCount: number,
  wanted: readonly CsvColumn[],
  records: CsvRecords,
  columns: BatchColumns,
): CsvScan | undefined {
  const { delimiter, quote, nullLiteral } = dialect;
  if (delimiter.length > 1 || (quote?.length ?? 0) > 1 || dialect.escape !== undefined) return undefined;
  // A null literal that holds special characters could begin like a quoted or delimited field.
  if (nullLiteral?.some((c) => c === delimiter[0] || c === quote?.[0] || c === 10 || c === 13) === true)
    return undefined;
  const code = new CodeWriter();
  const emitter = new FieldEmitter(code, dialect);
  let next = 0;
  for (let position = 0; position < columnCount; position++) {
    const column = wanted[next]?.position === position ? wanted[next++] : undefined;
    if (column === undefined) emitter.skip();
    else emitter.field(column);
    if (position < columnCount - 1) code.line(`if (b[p] !== ${delimiter[0]}) break record; p++;`);
  }
  const source = `
    return function scan(b, dv, start, end, row, maxRows, state) {
      ${code.prologue()}
      let p = start, q = start, n = row, c = 0, s = 0, t = 0, v = 0, w = 0, k = 0;
      scan: while (n < maxRows && p < end) {
        q = p;
        record: {
          ${dialect.comments ? "c = b[p]; if (c === 35 || c === 32 || c === 10 || c === 13) break record;" : ""}
          ${code.finish()}
          c = b[p];
          if (c === 13) { if (b[++p] !== 10) break record; } else if (c !== 10) break record;
          p++;
          n++;
          continue scan;
        }
        p = q;
        break;
      }
      state[0] = p;
      return n;
    };`;
  // oxlint-disable-next-line typescript/no-implied-eval -- generated from the schema, values come through the pool
  const make = new Function("pool", "h", "r", source) as (
    pool: readonly unknown[],
    h: CsvScanHelpers,
    r: CsvRecords,
  ) => CsvScan;
  return make(code.pool, new CsvScanHelpers(columns, dialect), records);
}

class FieldEmitter {
  private readonly code: CodeWriter;
  private readonly dialect: CsvDialect;
  /** Source: true when `c` does not end an unquoted field. */
  private readonly inside: string;
  private readonly quote: number;

  constructor(code: CodeWriter, dialect: CsvDialect) {
    this.code = code;
    this.dialect = dialect;
    this.inside = `c !== ${dialect.delimiter[0]} && c !== 10 && c !== 13`;
    this.quote = dialect.quote?.[0] ?? -1;
  }

  skip(): void {
    if (this.quote < 0) return this.code.line(`while (c = b[p], ${this.inside}) p++;`);
    this.code.line(`if (b[p] === ${this.quote}) { p = h.skipQuoted(b, p, end); if (p < 0) break record; }
      else while (c = b[p], ${this.inside}) p++;`);
  }

  field(column: CsvColumn): void {
    const { slot } = column;
    const { type } = slot;
    const { code } = this;
    if (isText(type)) return this.text(column);
    const general = this.general(column);
    const limit = integerLimit(type);
    // Anything but plain digits (the null literal, blanks, quotes, an exponent) goes to the helper.
    // A null literal such as `-1` looks like a value.
    if (this.literalIsNumeric()) return code.line(general);
    if (limit !== undefined) {
      return code.line(`s = p;
        k = b[p] === 45 ? 1 : 0;
        p += k; t = p; v = 0;
        while ((c = b[p] - 48) >= 0 && c <= 9) { v = v * 10 + c; p++; }
        if (k === 1) v = 0 - v;
        c += 48;
        if (p > t && p - t <= 15 && !(${this.inside}) && v < ${limit} && v >= ${-limit}) { ${storeInteger(code, slot)} }
        else { p = s; ${general} }`);
    }
    if (isFractional(type)) {
      return code.line(`${READ_FRACTION}
        if (k === 0 || (${this.inside})) { p = s - t; ${general} }
        else { ${storeFraction(code, slot, `p = s - t; ${general}`)} }`);
    }
    if (isMillisTimestamp(type)) {
      const style = type.kind === "TIMESTAMP" ? TIMESTAMP : TIMESTAMP_LTZ;
      return code.line(`t = b[p] === ${this.quote} ? 1 : 0;
        if (b[p + t] >= 48 && b[p + t] <= 57) {
          p += t;
          ${readTimestamp(code, slot, style, "break record;")}
          if (t === 1 && b[p++] !== ${this.quote}) break record;
        } else { ${general} }`);
    }
    code.line(general);
  }

  /** The null literal begins like a number. */
  private literalIsNumeric(): boolean {
    const begin = this.dialect.nullLiteral?.[0];
    return begin !== undefined && begin >= 43 && begin <= 57;
  }

  /** NULL when the unquoted field `s .. p` is the null literal, else `otherwise`. */
  private orNull(column: CsvColumn, otherwise: string): string {
    const literal = this.dialect.nullLiteral;
    if (literal === undefined) return otherwise;
    const bytes = [...literal].map((byte, i) => ` && b[s + ${i}] === ${byte}`).join("");
    return `if (p - s === ${literal.length}${bytes}) { ${this.setNull(column)} } else { ${otherwise} }`;
  }

  private setNull(column: CsvColumn): string {
    return `${this.code.nulls(column.slot)}[n] = 1;`;
  }

  private text(column: CsvColumn): void {
    const { code } = this;
    const { slot } = column;
    const starts = code.array(slot, "starts");
    const lengths = code.array(slot, "lengths");
    const store = `${starts}[n] = s; ${lengths}[n] = p - s; ${code.nulls(slot)}[n] = 0;`;
    const plain = `s = p; while (c = b[p], ${this.inside}) p++; ${this.orNull(column, store)}`;
    if (this.quote < 0) return code.line(plain);
    // A quoted text: up to the next quote; a doubled one is resolved later.
    const quoted = `s = ++p; k = 0;
      for (;;) {
        while (p < end && b[p] !== ${this.quote}) p++;
        if (p >= end) break record;
        if (b[p + 1] !== ${this.quote}) break;
        p += 2; k = 1;
      }
      ${this.dialect.nullLiteral === undefined ? "" : "if (k === 1) break record;"}
      if (k === 1) r.defer(${code.slot(slot)}, n, 1);
      ${this.orNull(column, store)}
      p++;`;
    code.line(`if (b[p] === ${this.quote}) { ${quoted} } else { ${plain} }`);
  }

  /** Source that lets the helper read the field at `p`. */
  private general(column: CsvColumn): string {
    return `p = h.field(b, p, end, ${this.code.slot(column.slot)}, n); if (p < 0) break record;`;
  }
}
