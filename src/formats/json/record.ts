import { isText } from "../../types/data-type.ts";
import type { Value } from "../../types/data-type.ts";
import type { BatchColumns, ColumnSlot } from "../columns.ts";
import { RecordProblem } from "../record-problem.ts";
import { parseShortInteger } from "../text/numbers.ts";
import type { JsonPlan, MemberPlan, ObjectPlan } from "./plan.ts";
import { unescapeInPlace } from "./string.ts";
import { Token } from "./tokens.ts";
import { BAD, JsonValues, type JsonValueOptions } from "./values.ts";

/** Reads whole records into columns: the way that works for every record, whatever its layout. */
export class RecordReader extends JsonValues {
  readonly plan: JsonPlan;
  private readonly columns: BatchColumns;
  /** Texts whose escapes are still to be resolved: index of the slot, row, and where the first escape is, in turn. */
  private escapes = new Int32Array(3 * 64);
  private escapeCount = 0;

  constructor(plan: JsonPlan, options: JsonValueOptions) {
    super(options);
    this.plan = plan;
    this.columns = plan.columns;
  }

  /** Where the records of an array of records start and end, in turn; undefined when `data[start .. end)` is not an array. */
  elements(data: Uint8Array, start: number, end: number): number[] | undefined {
    this.reset(data, start, end);
    if (this.peek() !== 91) return undefined;
    const ranges: number[] = [];
    if (!this.open(93)) return ranges;
    do {
      this.peek();
      const from = this.pos;
      this.skip();
      ranges.push(from, this.pos);
    } while (this.next(93));
    return ranges;
  }

  /**
   * Reads one object of `data[start .. end)` into row `row`; throws RecordProblem, after which the row needs `clearRow`.
   * What follows the object is ignored, as in Flink.
   */
  record(data: Uint8Array, start: number, end: number, row: number): void {
    const bom = data[start] === 0xef && data[start + 1] === 0xbb && data[start + 2] === 0xbf;
    this.reset(data, bom ? start + 3 : start, end);
    const { root } = this.plan;
    this.clearRow(row);
    if (this.peek() !== 123) this.fail(`expected an object ${this.where()}`);
    this.members(root, row);
  }

  private members(plan: ObjectPlan, row: number): void {
    for (const slot of plan.slots) slot.nulls[row] = 1;
    const { members } = plan;
    let missing = members.length;
    let seen = 0;
    let expected = 0;
    if (this.open(125)) {
      do {
        this.name();
        const index = this.find(members, expected);
        if (index < 0) {
          this.skip();
          continue;
        }
        expected = index + 1;
        if (members.length <= 31) {
          if ((seen & (1 << index)) === 0) missing--;
          seen |= 1 << index;
        } else missing--;
        this.member(members[index]!, row);
      } while (this.next(125));
    }
    if (missing > 0 && this.options.failOnMissingField) throw new RecordProblem("a field is missing");
  }

  /** Which wanted member the name just read is; most likely the one after the last. */
  private find(members: readonly MemberPlan[], expected: number): number {
    if (this.escaped) {
      const name = this.text();
      return members.findIndex((member) => member.name === name);
    }
    const count = members.length;
    for (let i = 0; i < count; i++) {
      const index = expected + i < count ? expected + i : expected + i - count;
      if (this.matches(members[index]!.key)) return index;
    }
    return -1;
  }

  private matches(key: Uint8Array): boolean {
    const { data, start, stop } = this;
    if (stop - start !== key.length) return false;
    for (let i = 0; i < key.length; i++) if (data[start + i] !== key[i]) return false;
    return true;
  }

  private member(member: MemberPlan, row: number): void {
    if (member.seen !== undefined) member.seen.nulls[row] = 0;
    if (member.slot !== undefined) return this.leaf(member, row);
    const inner = member.object!;
    const c = this.peek();
    if (c === 123) {
      for (const slot of member.slots) slot.nulls[row] = 0;
      return this.members(inner, row);
    }
    if (c === 110) {
      this.value();
      for (const slot of member.slots) slot.nulls[row] = 1;
      return;
    }
    this.skip();
    throw new RecordProblem(`'${member.name}' is not an object`);
  }

  /** Reads the value of a wanted member into its column. */
  leaf(member: MemberPlan, row: number): void {
    const slot = member.slot!;
    if (member.asText) return this.jsonText(slot, row);
    const token = this.value();
    if (this.escapeCount > 0) this.forgetEscapes(slot.index, row);
    slot.nulls[row] = 0;
    if (token === Token.Null) {
      for (const one of member.slots) one.nulls[row] = 1;
      return;
    }
    if (token <= Token.False) {
      if (this.direct(slot, row, token)) return;
    } else if (isText(slot.type)) {
      const start = this.columns.side.length;
      this.compact(this.columns.side);
      return this.columns.setSideRange(slot, row, start);
    }
    const value = token <= Token.False ? this.scalar(slot.type, token) : this.read(slot.type);
    if (value === BAD) {
      if (!this.options.ignoreParseErrors) throw new RecordProblem(`'${member.name}': ${this.reason}`);
      this.skippedFields++;
      for (const one of member.slots) one.nulls[row] = 1;
      return;
    }
    this.store(member, row, value);
  }

  private jsonText(slot: ColumnSlot, row: number): void {
    slot.nulls[row] = this.peek() === 110 ? 1 : 0;
    const start = this.pos;
    this.skip();
    slot.setText(row, start, this.pos - start);
  }

  /** The common cases that need no Value in between. */
  private direct(slot: ColumnSlot, row: number, token: Token): boolean {
    const { start, stop } = this;
    if (isText(slot.type)) {
      slot.setText(row, start, stop - start);
      if (this.escaped) this.deferUnescape(slot.index, row, start);
      return true;
    }
    if (slot.type.kind !== "BIGINT" || token !== Token.Integer) return false;
    const value = parseShortInteger(this.data, start, stop);
    if (Number.isNaN(value)) return false;
    slot.i32[2 * row] = value;
    slot.i32[2 * row + 1] = Math.floor(value / 4294967296);
    return true;
  }

  private store(member: MemberPlan, row: number, value: Value): void {
    const slot = member.slot!;
    if (value === null) slot.nulls[row] = 1;
    else this.columns.set(slot, row, value);
    for (const { slot: target, path } of member.extracts) {
      let inner: Value = value;
      for (const position of path) inner = inner === null ? null : ((inner as readonly Value[])[position] ?? null);
      target.nulls[row] = inner === null ? 1 : 0;
      if (inner !== null) this.columns.set(target, row, inner);
    }
  }

  /** The row's text has escapes, the first at `first`; they are resolved in place when the batch is complete. */
  deferUnescape(slot: number, row: number, first: number): void {
    let end = 3 * this.escapeCount++;
    if (end === this.escapes.length) {
      const grown = new Int32Array(2 * end);
      grown.set(this.escapes);
      this.escapes = grown;
    }
    const { escapes } = this;
    escapes[end++] = slot;
    escapes[end++] = row;
    escapes[end] = first;
  }

  /** Forgets what was deferred for a slot of a row: a member name may repeat in a record. */
  private forgetEscapes(slot: number, row: number): void {
    const { escapes } = this;
    for (let i = 3 * this.escapeCount - 3; i >= 0 && escapes[i + 1] === row; i -= 3) {
      if (escapes[i] !== slot) continue;
      escapes.copyWithin(i, i + 3, 3 * this.escapeCount--);
    }
  }

  /** Forgets everything about a row that was begun and given up. */
  clearRow(row: number): void {
    while (this.escapeCount > 0 && this.escapes[3 * this.escapeCount - 2] === row) this.escapeCount--;
    this.columns.clearRow(row);
  }

  /** Resolves the pending escapes in place; `marks` are the `TextMarks` of the rows' lines. */
  resolveEscapes(data: Uint8Array, marks: Int32Array): void {
    const { escapes } = this;
    const { slots } = this.columns;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let i = 0, end = 3 * this.escapeCount; i < end; i += 3) {
      const slot = slots[escapes[i]!]!;
      const row = escapes[i + 1]!;
      const first = escapes[i + 2]!;
      const before = first - slot.starts[row]!;
      slot.lengths[row] = before + unescapeInPlace(data, view, marks, first, slot.lengths[row]! - before);
    }
    this.escapeCount = 0;
  }
}
