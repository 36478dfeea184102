import type { ColumnSlot } from "../columns.ts";
import { CodeWriter } from "../code-writer.ts";
import { emitLeaf } from "./compile-leaf.ts";
import type { MemberLayout, ObjectLayout } from "./layout.ts";
import type { MemberPlan } from "./plan.ts";
import type { RecordReader } from "./record.ts";
import type { TimestampStyle } from "../text/temporal.ts";
import type { ScanHelpers } from "./scan-helpers.ts";

/**
 * Reads lines of one layout into the plan's columns: from `start` on, at most up to row `maxRows`. Stops in front of
 * the first line that is laid out otherwise. `state[0]` becomes the position, the result is the number of rows.
 */
export type LayoutScan = (
  buffer: Buffer,
  view: DataView,
  start: number,
  end: number,
  row: number,
  maxRows: number,
  state: Int32Array,
) => number;

export interface CompileContext {
  readonly reader: RecordReader;
  readonly helpers: ScanHelpers;
  readonly slots: readonly ColumnSlot[];
  readonly timestamp: TimestampStyle;
  readonly timestampLtz: TimestampStyle;
}

/** Generates the scanner of a layout. Names and texts of the input only enter through the constant pool. */
export function compileLayout(layout: ObjectLayout, context: CompileContext): LayoutScan {
  const code = new CodeWriter(context.slots);
  emitObject(code, layout, context);
  const body = code.finish();
  // What follows the object must be the end of the line; a line near the end of the buffer is left to the reader,
  // because comparing may look `longest` bytes ahead.
  const source = `
    return function scan(b, dv, start, end, row, maxRows, state) {
      ${code.prologue()}
      const size = b.length;
      let p = start, q = start, n = row, e = 0, le = 0, c = 0, s = 0, t = 0, v = 0, w = 0, k = 0;
      scan: while (n < maxRows && p < end) {
        q = p;
        e = b.indexOf(10, p);
        if (e < 0 || e >= end) e = end;
        le = b[e - 1] === 13 ? e - 1 : e;
        if (le + ${code.longest + 32} > size) break;
        line: {
          ${body}
          if (p !== le) break line;
          n++;
          p = e + 1;
          continue scan;
        }
        p = q;
        break;
      }
      ${code.epilogue()}
      state[0] = p;
      return n;
    };`;
  // oxlint-disable-next-line typescript/no-implied-eval -- generated from the layout, values come through the pool
  const make = new Function("pool", "h", "r", source) as (
    pool: readonly unknown[],
    h: ScanHelpers,
    r: RecordReader,
  ) => LayoutScan;
  return make(code.pool, context.helpers, context.reader);
}

function emitObject(code: CodeWriter, layout: ObjectLayout, context: CompileContext): void {
  for (const member of layout.members) {
    code.expect(member.lead);
    emitMember(code, member, context);
  }
  code.expect(layout.close);
  for (const absent of layout.absent) emitNulls(code, absent.slots);
}

function emitMember(code: CodeWriter, member: MemberLayout, context: CompileContext): void {
  const { plan, object } = member;
  if (plan?.slot !== undefined) return emitLeaf(code, plan, context);
  if (object === undefined) {
    if (plan !== undefined) {
      // Wanted inside, but no object was seen yet.
      code.line("if (dv.getInt32(p, true) !== 1819047278) break line; p += 4;");
      return emitNulls(code, plan.slots);
    }
    return emitSkip(code, member);
  }
  code.line("if (b[p] === 123) {");
  emitObject(code, object, context);
  code.line("} else { if (dv.getInt32(p, true) !== 1819047278) break line; p += 4;");
  if (plan !== undefined) emitNulls(code, plan.slots);
  code.line("}");
}

function emitNulls(code: CodeWriter, slots: MemberPlan["slots"]): void {
  for (const slot of slots) code.line(`${code.nulls(slot)}[n] = 1; ${code.hasNull(slot)} = 1;`);
}

/** Strings from this length on are skipped with a native search. */
const LONG_STRING = 40;

function emitSkip(code: CodeWriter, member: MemberLayout): void {
  if (member.array) {
    code.line("if (b[p] !== 91) { if (dv.getInt32(p, true) !== 1819047278) break line; p += 4; }");
    code.line("else { p = h.skip(b, p, le); if (p < 0) break line; }");
    return;
  }
  const scan = member.stringLength >= LONG_STRING ? "s = b.indexOf(34, s);" : "while (s < le && b[s] !== 34) s++;";
  // A quote after a backslash may not be the end; the helper looks from the start of the string.
  code.line(`c = b[p];
    if (c === 34) {
      s = p + 1; ${scan}
      if (s < 0 || s >= le) break line;
      if (b[s - 1] === 92) { s = h.endOfString(b, p + 1, le); if (s < 0) break line; }
      p = s + 1;
    } else if (c === 110) { if (dv.getInt32(p, true) !== 1819047278) break line; p += 4; }
    else if (c >= 49 && c <= 57) {
      do { c = b[++p]; } while (c >= 48 && c <= 57);
      if (c === 46 || c === 101 || c === 69) break line;
    } else { p = h.skip(b, p, le); if (p < 0) break line; }`);
}
