import { compareBytes } from "../batch/bytes.ts";
import { decodeUtf8, encodeUtf8 } from "../batch/utf8.ts";
import type { AccumulatorAccess, AggregateEmitContext, SessionFacts } from "../functions/define.ts";
import type { StateField } from "../state/api.ts";
import { isBinary, storageOf, type DataType, type Storage } from "../types/data-type.ts";

/** The bytes behind an expression of text, so that copying it needs no JavaScript string. */
interface ByteRange {
  readonly data: string;
  readonly start: string;
  readonly length: string;
  /** The accumulator column whose arena holds it. */
  readonly column?: string | undefined;
}

/**
 * Source of one generated loop: a pool of constants and the declarations of its columns. Only names made here and
 * numbers enter the text, never values.
 */
export class LoopSource implements AggregateEmitContext {
  readonly session: SessionFacts;
  readonly retracting: boolean;
  readonly row: string;
  usesRow = false;
  readonly #constants: unknown[] = [];
  readonly #declared = new Set<string>();
  readonly #prologue: string[] = [];
  readonly #ranges = new Map<string, ByteRange>();
  #temps = 0;

  constructor(session: SessionFacts, retracting: boolean) {
    this.session = session;
    this.retracting = retracting;
    this.row = "(sequence + i)";
  }

  constant(value: unknown): string {
    const at = this.#constants.indexOf(value);
    return `K${at >= 0 ? at : this.#constants.push(value) - 1}`;
  }

  temp(): string {
    return `t${this.#temps++}`;
  }

  /** A line at the start of the function, once. */
  declare(line: string): void {
    if (this.#declared.has(line)) return;
    this.#declared.add(line);
    this.#prologue.push(line);
  }

  /** Reads input column `index`: the value at row `i` (inline expression) and the test for NULL. */
  input(index: number, type: DataType): { value: string; isNull: string } {
    const c = `c${index}`;
    const storage = storageOf(type);
    this.declare(`const ${c} = columns[${index}], ${c}n = ${c}.nulls;`);
    return { value: this.#read(c, storage, "i", isBinary(type)), isNull: `(${c}n !== undefined && ${c}n[i] === 1)` };
  }

  /** Access to the accumulator columns from `first` at slot variable `slot`; `table` names the array of columns. */
  accumulators(table: string, slot: string, first: number, fields: readonly StateField[]): AccumulatorAccess {
    const columnOf = (index: number): { c: string; storage: Storage; binary: boolean; nullable: boolean } => {
      const field = fields[first + index]!;
      const c = `${table}${first + index}`;
      const storage = field.storage ?? storageOf(field.type);
      this.declare(`const ${c} = ${table}[${first + index}], ${c}n = ${c}.nulls;`);
      return { c, storage, binary: isBinary(field.type), nullable: field.initial === null };
    };
    return {
      get: (index) => {
        const { c, storage, binary } = columnOf(index);
        return this.#read(c, storage, slot, binary, c);
      },
      isNull: (index) => {
        const { c } = columnOf(index);
        return `(${c}n[${slot}] === 1)`;
      },
      setNull: (index) => {
        const { c } = columnOf(index);
        return `${c}n[${slot}] = 1;`;
      },
      set: (index, value) => {
        const { c, storage, binary, nullable } = columnOf(index);
        return `${this.#write(c, storage, slot, value, binary)}${nullable && storage !== "bytes" ? ` ${c}n[${slot}] = 0;` : ""}`;
      },
    };
  }

  /** Statements that put the initial value of an accumulator column back. */
  reset(table: string, slot: string, index: number, fields: readonly StateField[]): string {
    const access = this.accumulators(table, slot, index, fields);
    const initial = fields[index]!.initial;
    return initial === null ? access.setNull(0) : access.set(0, this.constant(initial));
  }

  /** Where the bytes of a text expression lie, when it is a plain read of a bytes column. */
  rangeOf(expression: string): ByteRange | undefined {
    return this.#ranges.get(expression);
  }

  comparison(a: string, b: string): string | undefined {
    const [x, y] = [this.#ranges.get(a), this.#ranges.get(b)];
    if (x === undefined || y === undefined) return undefined;
    return `${this.constant(compareBytes)}(${x.data}, ${x.start}, ${x.length}, ${y.data}, ${y.start}, ${y.length})`;
  }

  /** The function; `parameters` are its parameters, `columns` and tables among them. */
  compile<F>(parameters: string, body: string): F {
    const pool = this.#constants.map((_, i) => `K${i}`).join(", ");
    const text = `"use strict"; const [${pool}] = pool;
return function loop(${parameters}) {
${this.#prologue.join("\n")}
${body}
};`;
    return new Function("pool", text)(this.#constants) as F;
  }

  #read(c: string, storage: Storage, at: string, binary: boolean, column?: string): string {
    if (storage === "bytes") {
      this.declare(`const ${c}s = ${c}.starts, ${c}l = ${c}.lengths;`);
      const range = { data: `${c}.data`, start: `${c}s[${at}]`, length: `${c}l[${at}]`, column };
      const expression = binary
        ? `${range.data}.slice(${range.start}, ${range.start} + ${range.length})`
        : `${this.constant(decodeUtf8)}(${range.data}, ${range.start}, ${range.length})`;
      this.#ranges.set(expression, range);
      return expression;
    }
    this.declare(`const ${c}v = ${c}.values;`);
    if (storage === "i128") return `((${c}v[2 * ${at} + 1] << 64n) | BigInt.asUintN(64, ${c}v[2 * ${at}]))`;
    return storage === "bool" ? `(${c}v[${at}] === 1)` : `${c}v[${at}]`;
  }

  #write(c: string, storage: Storage, at: string, value: string, binary: boolean): string {
    if (storage === "bytes") {
      const range = this.#ranges.get(value);
      if (range !== undefined) return `${c}.setBytes(${at}, ${range.data}, ${range.start}, ${range.length});`;
      const t = this.temp();
      const bytes = binary ? `(${value})` : `${this.constant(encodeUtf8)}(${value})`;
      return `{ const ${t} = ${bytes}; ${c}.setBytes(${at}, ${t}, 0, ${t}.length); }`;
    }
    this.declare(`const ${c}v = ${c}.values;`);
    if (storage === "i128") {
      const t = this.temp();
      return `{ const ${t} = ${value}; ${c}v[2 * ${at}] = ${t}; ${c}v[2 * ${at} + 1] = ${t} >> 64n; }`;
    }
    return storage === "bool" ? `${c}v[${at}] = (${value}) ? 1 : 0;` : `${c}v[${at}] = ${value};`;
  }
}
