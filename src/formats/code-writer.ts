import type { ColumnSlot } from "./columns.ts";

/** Collects the source and the constant pool of a generated line scanner. */
export class CodeWriter {
  readonly pool: unknown[] = [];
  private readonly lines: string[] = [];
  private readonly used = new Map<ColumnSlot, number>();
  private readonly locals: string[] = [];
  private readonly fields: { readonly name: string; readonly value: string }[] = [];
  private variables = 0;
  /** The longest text that is compared at once. */
  longest = 4;

  line(source: string): void {
    this.lines.push(source);
  }

  /** An expression for a constant. */
  constant(value: unknown): string {
    return `pool[${this.pool.push(value) - 1}]`;
  }

  /** A variable of the prologue; `initial` is source. */
  variable(initial: string): string {
    const name = `x${this.variables++}`;
    this.locals.push(`let ${name} = ${initial};`);
    return name;
  }

  /** Compares the bytes at `p` with the text and goes behind it. Eight bytes at a time, as a double; `fail` is a jump. */
  expect(text: Uint8Array, fail: string): void {
    this.longest = Math.max(this.longest, text.length);
    const view = new DataView(text.buffer, text.byteOffset, text.byteLength);
    const checks: string[] = [];
    let at = 0;
    while (at + 8 <= text.length) at += this.check(checks, text, view, at, 8);
    if (at < text.length && text.length >= 8 && text.length - at > 2)
      at += this.check(checks, text, view, text.length - 8, 8);
    if (at + 4 <= text.length) at += this.check(checks, text, view, at, 4);
    for (; at < text.length; at++) checks.push(`b[p + ${at}] !== ${text[at]}`);
    this.line(`if (${checks.join(" || ")}) ${fail} p += ${text.length};`);
  }

  private check(checks: string[], text: Uint8Array, view: DataView, at: number, size: number): number {
    if (size === 8) {
      const value = view.getFloat64(at, true);
      // Bytes from 0xF0 on could make a NaN, which equals nothing.
      if (Number.isNaN(value)) {
        for (let i = at; i < at + 8; i++) checks.push(`b[p + ${i}] !== ${text[i]}`);
      } else checks.push(`dv.getFloat64(p + ${at}, true) !== ${value}`);
    } else checks.push(`dv.getInt32(p + ${at}, true) !== ${view.getInt32(at, true)}`);
    return size;
  }

  private index(slot: ColumnSlot): number {
    const known = this.used.get(slot);
    if (known !== undefined) return known;
    const { index } = slot;
    this.used.set(slot, index);
    this.fields.push({ name: `c${index}`, value: this.constant(slot) });
    this.fields.push({ name: `nulls${index}`, value: `c${index}.nulls` });
    return index;
  }

  /** The slot object. */
  slot(slot: ColumnSlot): string {
    return `c${this.index(slot)}`;
  }

  nulls(slot: ColumnSlot): string {
    return `nulls${this.index(slot)}`;
  }

  /** What the slot's `nulls` holds of rows not written. */
  unwritten(slot: ColumnSlot): string {
    return this.field(slot, "unwritten");
  }

  /** A property of an object that is taken up with the arrays of the slots. */
  bound(object: unknown, property: string): string {
    const name = `b${this.fields.length}`;
    this.fields.push({ name, value: `${this.constant(object)}.${property}` });
    return name;
  }

  private readonly arrays = new Set<string>();

  /** An array of the slot. */
  array(slot: ColumnSlot, name: "u8" | "i32" | "i64" | "f64" | "starts" | "lengths" | "any"): string {
    return this.field(slot, name);
  }

  private field(slot: ColumnSlot, name: keyof ColumnSlot): string {
    const variable = `${name}_${this.index(slot)}`;
    if (!this.arrays.has(variable)) {
      this.arrays.add(variable);
      this.fields.push({ name: variable, value: `c${this.index(slot)}.${name}` });
    }
    return variable;
  }

  /** The lines since the last call. */
  finish(): string {
    return this.lines.splice(0).join("\n");
  }

  /** Declares the arrays of the slots and the variables, for a function that is all of the scanner. */
  prologue(): string {
    return [...this.fields.map(({ name, value }) => `const ${name} = ${value};`), ...this.locals].join("\n");
  }

  /** The same for a scanner of several functions: `bind` takes up the arrays that the slots have now. */
  sharedPrologue(): string {
    const names = this.fields.map(({ name }) => name).join(", ");
    return `${names === "" ? "" : `let ${names};`}
      ${this.locals.join("\n")}
      function bind() { ${this.fields.map(({ name, value }) => `${name} = ${value};`).join(" ")} }`;
  }
}
