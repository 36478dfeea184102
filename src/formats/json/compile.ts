import { CodeWriter } from "../code-writer.ts";
import { emitLeaf } from "./compile-leaf.ts";
import type { MemberLayout, ObjectLayout } from "./layout.ts";
import type { ColumnSlot } from "../columns.ts";
import type { LineStarts, MemberPlan } from "./plan.ts";
import type { RecordReader } from "./record.ts";
import type { TimestampStyle } from "../text/temporal.ts";
import type { ScanHelpers } from "./scan-helpers.ts";
import { nextMark } from "./text-marks.ts";
import { readInt, readLong, skipValue } from "./scan-values.ts";

/** Reads lines of one layout into the plan's columns. */
export interface LayoutScan {
  /** Bytes that must be there behind the last line, because comparing looks ahead. */
  readonly slackBytes: number;
  /** Takes up the arrays that the columns have now. */
  bind(): void;
  /**
   * Reads from `start` on, at most up to row `maxRows`. Stops in front of the first line that is laid out otherwise,
   * of which the row may have NULL marks already. `marks` are the `TextMarks` of these lines. There is a line end at
   * `end` - 1. `state[0]` becomes the position, the result is the number of rows. `starts`: lines do not follow each other
   * closely; the line of row r starts at `starts[r + linesBefore]`.
   */
  scan(
    buffer: Buffer,
    view: DataView,
    marks: Int32Array,
    start: number,
    end: number,
    row: number,
    maxRows: number,
    state: Int32Array,
    starts: Int32Array | undefined,
    linesBefore: number,
  ): number;
}

export interface CompileContext {
  readonly reader: RecordReader;
  readonly helpers: ScanHelpers;
  /** Takes where the line of each row starts. */
  readonly lineStarts?: LineStarts | undefined;
  readonly timestamp: TimestampStyle;
  readonly timestampLtz: TimestampStyle;
}

/** What generated code calls. */
const FUNCTIONS = { nextMark, skipValue, readInt, readLong } as const;

/** Generates the scanner of a layout. Texts of the input only enter through the constant pool, or as numbers. */
export function compileLayout(layout: ObjectLayout, context: CompileContext): LayoutScan {
  const compiler = new LayoutCompiler(context);
  const line = compiler.object(layout, 0);
  const { code, functions } = compiler;
  const slackBytes = code.longest + 32;
  const lines = context.lineStarts === undefined ? undefined : code.bound(context.lineStarts, "of");
  const source = `"use strict";
    const { ${Object.keys(FUNCTIONS).join(", ")} } = f;
    ${code.sharedPrologue()}
    ${functions.join("\n")}
    function scan(b, dv, m, start, end, row, maxRows, state, starts, linesBefore) {
      let p = start, n = row;
      while (n < maxRows && p < end) {
        let q = ${line}(b, dv, m, p, n);
        if (q < 0) break;
        if (b[q] === 13) q++;
        if (b[q] !== 10) break;
        ${lines === undefined ? "" : `${lines}[n] = p;`}
        n++;
        p = starts === undefined ? q + 1 : starts[n + linesBefore];
      }
      state[0] = p;
      return n;
    }
    return { slackBytes: ${slackBytes}, bind, scan };`;
  // oxlint-disable-next-line typescript/no-implied-eval -- generated from the layout, values come through the pool
  const make = new Function("pool", "f", "h", "r", source) as (
    pool: readonly unknown[],
    f: typeof FUNCTIONS,
    h: ScanHelpers,
    r: RecordReader,
  ) => LayoutScan;
  return make(code.pool, FUNCTIONS, context.helpers, context.reader);
}

/**
 * Makes one function of each object: `(b, dv, m, p, n)` → the position behind the object at `p`, or -1 when the line is
 * not as expected. Small functions are optimised soon and one by one.
 */
class LayoutCompiler {
  readonly code = new CodeWriter();
  readonly functions: string[] = [];
  private readonly context: CompileContext;

  constructor(context: CompileContext) {
    this.context = context;
  }

  /** The name of the function that reads the object. */
  object(layout: ObjectLayout, depth: number): string {
    // Inner objects first, because the writer collects the lines of one function at a time.
    const inner = layout.members.map((member) =>
      member.object === undefined ? "" : this.object(member.object, depth + 1),
    );
    const { code } = this;
    layout.members.forEach((member, i) => {
      code.expect(member.lead, "return -1;");
      this.member(member, inner[i]!, depth);
    });
    code.expect(layout.close, "return -1;");
    for (const { slots, seen } of layout.absent) this.marks(seen === undefined ? slots : [...slots, seen], 1);
    const name = `object${this.functions.length}`;
    this.functions.push(`function ${name}(b, dv, m, p, n) {
      let q = 0, c = 0, s = 0, t = 0, v = 0, w = 0, k = 0;
      ${code.finish()}
      return p;
    }`);
    return name;
  }

  private member(member: MemberLayout, inner: string, depth: number): void {
    const { plan } = member;
    const { code } = this;
    if (plan?.seen !== undefined) this.marks([plan.seen], 0);
    if (plan?.slot !== undefined && plan.asText) return this.jsonText(plan.slot);
    if (plan?.slot !== undefined) return emitLeaf(code, plan, this.context);
    if (member.object === undefined) {
      if (plan === undefined) return code.line("p = skipValue(b, dv, m, p, h); if (p < 0) return -1;");
      // Wanted inside, but no object was seen yet.
      code.line("if (dv.getInt32(p, true) !== 1819047278) return -1; p += 4;");
      return this.marks(plan.slots, 1);
    }
    code.line("if (b[p] === 123) {");
    // Only members of the record itself may be NULL unless written.
    if (plan !== undefined && depth === 0) this.marksUnless(plan.slots, 0);
    code.line(`p = ${inner}(b, dv, m, p, n); if (p < 0) return -1;`);
    code.line("} else { if (dv.getInt32(p, true) !== 1819047278) return -1; p += 4;");
    if (plan !== undefined && depth === 0) this.marksUnless(plan.slots, 1);
    else if (plan !== undefined) this.marks(plan.slots, 1);
    code.line("}");
  }

  private jsonText(slot: ColumnSlot): void {
    const { code } = this;
    code.line(`s = p; p = skipValue(b, dv, m, p, h); if (p < 0) return -1;
      ${code.array(slot, "starts")}[n] = s; ${code.array(slot, "lengths")}[n] = p - s;
      ${code.nulls(slot)}[n] = b[s] === 110 ? 1 : 0;`);
  }

  private marks(slots: MemberPlan["slots"], mark: 0 | 1): void {
    for (const slot of slots) this.code.line(`${this.code.nulls(slot)}[n] = ${mark};`);
  }

  /** The same, where it is not what `nulls` holds from the beginning. All the slots hold the same. */
  private marksUnless(slots: MemberPlan["slots"], mark: 0 | 1): void {
    const [first] = slots;
    if (first === undefined) return;
    this.code.line(`if (${this.code.unwritten(first)} !== ${mark}) {`);
    this.marks(slots, mark);
    this.code.line("}");
  }
}
