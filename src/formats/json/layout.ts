import { decodeUtf8 } from "../../batch/utf8.ts";
import type { MemberPlan, ObjectPlan } from "./plan.ts";
import { RecordProblem } from "../record-problem.ts";
import { JsonTokens, Token } from "./tokens.ts";

/**
 * How the objects of a line were laid out: the order of the members and the exact bytes between their values. Lines
 * of one source nearly always share it, so that the next line can be read by comparing bytes.
 */
export interface ObjectLayout {
  readonly members: readonly MemberLayout[];
  /** The bytes after the last value (or after nothing) up to and with `}`. */
  readonly close: Uint8Array;
  /** What the plan wants of this object and the line does not have. */
  readonly absent: readonly MemberPlan[];
}

export interface MemberLayout {
  readonly name: string;
  /** The bytes before the value: `{"name":` of the first member, `,"name":` of the others. */
  readonly lead: Uint8Array;
  /** What the plan wants of the member; undefined: it is skipped. */
  readonly plan: MemberPlan | undefined;
  /** Layout of an object value that is walked through (wanted inside, or skipped); it may also be null. */
  readonly object: ObjectLayout | undefined;
}

/** Learns layouts from lines that the general reader has read. */
export class LayoutLearner extends JsonTokens {
  /**
   * The layout of the line's object; members that are null take over the object layout that `previous` has for them.
   * Undefined when the line cannot be predicted: a name twice, or text behind the object.
   */
  learn(
    data: Uint8Array,
    start: number,
    end: number,
    plan: ObjectPlan,
    previous: ObjectLayout | undefined,
  ): ObjectLayout | undefined {
    this.reset(data, start, end);
    this.pos = start;
    if (data[start] !== 123) return undefined;
    try {
      const layout = this.object(plan, previous);
      return this.pos === end ? layout : undefined;
    } catch (error) {
      if (error instanceof RecordProblem) return undefined;
      throw error;
    }
  }

  private object(plan: ObjectPlan | undefined, previous: ObjectLayout | undefined): ObjectLayout | undefined {
    const members: MemberLayout[] = [];
    let from = this.pos;
    if (this.open(125)) {
      do {
        this.name();
        const name = decodeUtf8(this.data, this.start, this.stop - this.start);
        this.peek();
        const lead = this.data.slice(from, this.pos);
        const wanted = plan?.members.find((member) => member.name === name);
        if (this.escaped || members.some((member) => member.name === name)) return undefined;
        const known = previous?.members.find((member) => member.name === name);
        const member = this.member(name, lead, wanted, known);
        if (member === undefined) return undefined;
        members.push(member);
        from = this.pos;
      } while (this.next(125));
    }
    const absent = plan?.members.filter((member) => !members.some((one) => one.plan === member)) ?? [];
    return { members, close: this.data.slice(from, this.pos), absent };
  }

  private member(
    name: string,
    lead: Uint8Array,
    plan: MemberPlan | undefined,
    known: MemberLayout | undefined,
  ): MemberLayout | undefined {
    const none = { name, lead, plan, object: undefined };
    if (plan?.slot !== undefined) {
      this.skip();
      return none;
    }
    const token = this.value();
    if (token === Token.Object) {
      const object = this.object(plan?.object, known?.object);
      return object === undefined ? undefined : { ...none, object };
    }
    if (token === Token.Array) {
      this.skip();
      return none;
    }
    if (token === Token.Null) return { ...none, object: known?.object };
    return none;
  }
}
