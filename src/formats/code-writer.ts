import type { ColumnSlot } from "./columns.ts";

/** Collects the source and the constant pool of a generated line scanner. */
export class CodeWriter {
  readonly pool: unknown[] = [];
  private readonly lines: string[] = [];
  private readonly slots: readonly ColumnSlot[];
  private readonly used = new Map<ColumnSlot, number>();
  private readonly locals: string[] = [];
  private readonly fields: string[] = [];
  private variables = 0;
  /** The longest text that is compared at once. */
  longest = 4;

  constructor(slots: readonly ColumnSlot[]) {
    this.slots = slots;
  }

  line(source: string): void {
    this.lines.push(source);
  }

  /** An expression for a constant. */
  constant(value: unknown): string {
    return `pool[${this.pool.push(value) - 1}]`;
  }

  /** A variable that lives as long as one call; `initial` is source. */
  variable(initial: string): string {
    const name = `x${this.variables++}`;
    this.locals.push(`let ${name} = ${initial};`);
    return name;
  }

  /** Compares the bytes at `p` with the text and goes behind it. Eight bytes at a time, as a double. */
  expect(text: Uint8Array): void {
    this.longest = Math.max(this.longest, text.length);
    const view = new DataView(text.buffer, text.byteOffset, text.byteLength);
    const checks: string[] = [];
    let at = 0;
    while (at + 8 <= text.length) at += this.check(checks, text, view, at, 8);
    if (at < text.length && text.length >= 8 && text.length - at > 2)
      at += this.check(checks, text, view, text.length - 8, 8);
    if (at + 4 <= text.length) at += this.check(checks, text, view, at, 4);
    for (; at < text.length; at++) checks.push(`b[p + ${at}] !== ${text[at]}`);
    this.line(`if (${checks.join(" || ")}) break line; p += ${text.length};`);
  }

  private check(checks: string[], text: Uint8Array, view: DataView, at: number, size: number): number {
    if (size === 8) {
      const value = view.getFloat64(at, true);
      // Bytes from 0xF0 on could make a NaN, which equals nothing.
      if (Number.isNaN(value)) {
        for (let i = at; i < at + 8; i++) checks.push(`b[p + ${i}] !== ${text[i]}`);
      } else {
        const name = `k${this.pool.length}`;
        this.fields.push(`const ${name} = ${this.constant(value)};`);
        checks.push(`dv.getFloat64(p + ${at}, true) !== ${name}`);
      }
    } else checks.push(`dv.getInt32(p + ${at}, true) !== ${view.getInt32(at, true)}`);
    return size;
  }

  private index(slot: ColumnSlot): number {
    const known = this.used.get(slot);
    if (known !== undefined) return known;
    const index = this.slots.indexOf(slot);
    this.used.set(slot, index);
    this.fields.push(
      `const c${index} = ${this.constant(slot)}, nulls${index} = c${index}.nulls; let null${index} = 0;`,
    );
    return index;
  }

  /** The slot object. */
  slot(slot: ColumnSlot): string {
    return `c${this.index(slot)}`;
  }

  nulls(slot: ColumnSlot): string {
    return `nulls${this.index(slot)}`;
  }

  hasNull(slot: ColumnSlot): string {
    return `null${this.index(slot)}`;
  }

  private readonly arrays = new Set<string>();

  /** An array of the slot. */
  array(slot: ColumnSlot, name: "u8" | "i32" | "i64" | "f64" | "starts" | "lengths" | "any"): string {
    const variable = `${name}_${this.index(slot)}`;
    if (!this.arrays.has(variable)) {
      this.arrays.add(variable);
      this.fields.push(`const ${variable} = c${this.index(slot)}.${name};`);
    }
    return variable;
  }

  finish(): string {
    return this.lines.join("\n");
  }

  /** Declarations for the start of the function. */
  prologue(): string {
    return [...this.fields, ...this.locals].join("\n");
  }

  /** Hands the flags of NULL rows over to the slots. */
  epilogue(): string {
    return [...this.used.values()].map((index) => `if (null${index} === 1) c${index}.hasNull = 1;`).join("\n");
  }
}
