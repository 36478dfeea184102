import { decodeUtf8 } from "../../batch/utf8.ts";
import type { DataType, Field, Value } from "../../types/data-type.ts";
import { CodeWriter } from "../code-writer.ts";
import type { BatchColumns, ColumnSlot } from "../columns.ts";
import type { Cursor } from "./cursor.ts";
import type { Resolved, ResolvedRecord } from "./resolve.ts";
import { decimalOf, type AvroSchema } from "./schema.ts";
import { defaultValue, skipper, timeUnitOf, valueReader, type ValueReader } from "./values.ts";
import type { Wanted } from "./wanted.ts";

/** Reads records of one writer's schema into the columns. */
export interface RecordScan {
  /** Takes up the arrays that the columns have now. */
  bind(): void;
  /** Reads the record at `p` into row `n` and gives the position behind it. Throws RecordProblem. */
  read(b: Uint8Array, dv: DataView, p: number, end: number, n: number): number;
}

/** Generates the reader of records, which are the ROW `type`. Names of the schema do not enter the source. */
export function compileReader(
  resolved: Resolved,
  wanted: Wanted,
  columns: BatchColumns,
  cursor: Cursor,
  type: DataType,
): RecordScan {
  const compiler = new ReaderCompiler();
  compiler.read(resolved, wanted, type);
  const body = compiler.code.finish();
  const source = `"use strict";
    const words = cursor.words;
    ${compiler.code.sharedPrologue()}
    function read(b, dv, p, end, n) {
      let c = 0, s = 0, v = 0;
      ${body}
      return p;
    }
    return { bind, read };`;
  // oxlint-disable-next-line typescript/no-implied-eval -- generated from the schema, values come through the pool
  const make = new Function("pool", "cursor", "h", source) as (
    pool: readonly unknown[],
    cursor: Cursor,
    h: ColumnHelpers,
  ) => RecordScan;
  return make(compiler.code.pool, cursor, new ColumnHelpers(columns, cursor));
}

/** What generated code calls. */
class ColumnHelpers {
  private readonly columns: BatchColumns;
  private readonly cursor: Cursor;

  constructor(columns: BatchColumns, cursor: Cursor) {
    this.columns = columns;
    this.cursor = cursor;
  }

  /** Reads a value the general way. */
  value(read: ValueReader, slot: ColumnSlot, p: number, end: number, n: number): number {
    const { cursor } = this;
    cursor.p = p;
    cursor.end = end;
    this.columns.set(slot, n, read(cursor));
    return cursor.p;
  }

  set(slot: ColumnSlot, n: number, value: Value): void {
    this.columns.set(slot, n, value);
  }

  extract(from: ColumnSlot, path: readonly number[], to: ColumnSlot, n: number): void {
    let value: Value = from.nulls[n] === 1 ? null : from.any[n]!;
    for (const position of path) value = value === null ? null : ((value as readonly Value[])[position] ?? null);
    this.columns.set(to, n, value);
  }

  skip(over: (cursor: Cursor) => void, p: number, end: number): number {
    const { cursor } = this;
    cursor.p = p;
    cursor.end = end;
    over(cursor);
    return cursor.p;
  }

  /** Bytes that are not UTF-8: what is wrong becomes U+FFFD. */
  repair(slot: ColumnSlot, n: number, b: Uint8Array, start: number, length: number): void {
    this.columns.set(slot, n, decodeUtf8(b, start, length));
  }
}

class ReaderCompiler {
  readonly code = new CodeWriter();

  /** `type`: the ROW that the record is; its fields tell the types of what is read whole. */
  private record(resolved: ResolvedRecord, wanted: Wanted, type: DataType): void {
    const { code } = this;
    const fields: readonly Field[] = type.kind === "ROW" ? type.fields : [];
    if (wanted.presence !== undefined) code.line(`${code.array(wanted.presence, "u8")}[n] = 1;`);
    for (const { writer, name, read } of resolved.fields) {
      const member = name === undefined ? undefined : wanted.members.get(name);
      if (member === undefined || read === undefined) this.skip(writer);
      else this.read(read, member, fields.find((field) => field.name === name)!.type);
    }
    for (const field of resolved.defaults) {
      const member = wanted.members.get(field.name);
      if (member === undefined) continue;
      const own = fields.find((one) => one.name === field.name)!.type;
      this.constant(member, own, defaultValue(field, own));
    }
  }

  private constant(wanted: Wanted, type: DataType, value: Value): void {
    const { code } = this;
    if (value === null) return this.nulls(wanted);
    if (wanted.presence !== undefined) code.line(`${code.array(wanted.presence, "u8")}[n] = 1;`);
    if (wanted.slot !== undefined) code.line(`h.set(${code.slot(wanted.slot)}, n, ${code.constant(value)});`);
    this.extracts(wanted);
    if (type.kind !== "ROW") return;
    for (const [name, member] of wanted.members) {
      const at = type.fields.findIndex((field) => field.name === name);
      this.constant(member, type.fields[at]!.type, (value as readonly Value[])[at] ?? null);
    }
  }

  private nulls(wanted: Wanted): void {
    const { code } = this;
    for (const slot of wanted.slots) code.line(`${code.nulls(slot)}[n] = 1;`);
  }

  private extracts(wanted: Wanted): void {
    const { code } = this;
    for (const { slot, path } of wanted.extracts)
      code.line(`h.extract(${code.slot(wanted.slot!)}, ${code.constant(path)}, ${code.slot(slot)}, n);`);
  }

  read(resolved: Resolved, wanted: Wanted, type: DataType): void {
    const { code } = this;
    switch (resolved.kind) {
      case "error":
        return code.line(`cursor.fail(${code.constant(resolved.reason)});`);
      case "null":
        return this.nulls(wanted);
      case "union":
        return this.union(resolved.branches, (branch) => this.read(branch, wanted, type));
      case "record":
        if (wanted.slot === undefined) return this.record(resolved, wanted, type);
        break;
      default:
    }
    if (wanted.presence !== undefined) code.line(`${code.array(wanted.presence, "u8")}[n] = 1;`);
    if (wanted.slot === undefined) return;
    if (resolved.kind !== "scalar" || !this.scalar(resolved, wanted.slot)) {
      const read = code.constant(valueReader(resolved, type));
      code.line(`p = h.value(${read}, ${code.slot(wanted.slot)}, p, end, n);`);
    }
    this.extracts(wanted);
  }

  private union<B>(branches: readonly B[], emit: (branch: B) => void): void {
    const { code } = this;
    this.number();
    branches.forEach((branch, i) => {
      code.line(`${i > 0 ? "else " : ""}if (v === ${i}) {`);
      emit(branch);
      code.line("}");
    });
    code.line(`${branches.length > 0 ? "else " : ""}cursor.fail("a branch that the union does not have");`);
  }

  /** Reads an int to `v`. */
  private number(): void {
    this.code.line(`c = b[p];
      if (c < 128) { v = (c >>> 1) ^ -(c & 1); p++; } else { p = cursor.int32(b, p); v = words[0]; }`);
  }

  /** Reads a length to `v` and leaves the position behind what is so long; it starts at `s`. */
  private range(): void {
    this.code.line(`c = b[p];
      if (c < 128 && (c & 1) === 0) { v = c >>> 1; p++; } else { p = cursor.long64(b, p); v = words[1] * 4294967296 + (words[0] >>> 0); }
      if (v < 0 || v > end - p) cursor.badLength(v, p, end);
      s = p; p += v;`);
  }

  private fixed(size: number): void {
    this.code.line(`if (${size} > end - p) cursor.tooShort(); s = p; p += ${size};`);
  }

  private skip(schema: AvroSchema): void {
    const { code } = this;
    switch (schema.type) {
      case "null":
        return;
      case "boolean":
        return this.fixed(1);
      case "float":
        return this.fixed(4);
      case "double":
        return this.fixed(8);
      case "fixed":
        return this.fixed(schema.size);
      case "int":
      case "long":
      case "enum":
        return code.line("if (b[p] < 128) p++; else p = cursor.long64(b, p);");
      case "string":
      case "bytes":
        return this.range();
      case "union":
        if (schema.branches.every(({ type }) => type !== "record" && type !== "array" && type !== "map"))
          return this.union(schema.branches, (branch) => this.skip(branch));
        break;
      default:
    }
    code.line(`p = h.skip(${code.constant(skipper(schema))}, p, end);`);
  }

  /** Reads straight into the column. False: it takes the general way. */
  private scalar({ writer, reader }: Extract<Resolved, { kind: "scalar" }>, slot: ColumnSlot): boolean {
    const { code } = this;
    const { type } = slot;
    switch (type.kind) {
      case "BOOLEAN":
        this.fixed(1);
        code.line(`v = b[s]; if (v > 1) cursor.fail("a boolean is byte " + v); ${code.array(slot, "u8")}[n] = v;`);
        return true;
      case "TINYINT":
      case "SMALLINT":
      case "INT":
      case "DATE":
      case "TIME": {
        const bits = type.kind === "TINYINT" ? 24 : type.kind === "SMALLINT" ? 16 : 0;
        this.number();
        code.line(`${code.array(slot, "i32")}[n] = ${bits > 0 ? `(v << ${bits}) >> ${bits}` : "v"};`);
        return true;
      }
      case "BIGINT": {
        const words = code.array(slot, "i32");
        code.line(`c = b[p];
          if (c < 128) { v = (c >>> 1) ^ -(c & 1); p++; ${words}[2 * n] = v; ${words}[2 * n + 1] = v >> 31; }
          else { p = cursor.long64(b, p); ${words}[2 * n] = words[0]; ${words}[2 * n + 1] = words[1]; }`);
        return true;
      }
      case "DOUBLE":
      case "FLOAT":
        if (writer.type !== "double" && writer.type !== "float") return false;
        this.fixed(writer.type === "double" ? 8 : 4);
        code.line(`${code.array(slot, "f64")}[n] = dv.getFloat${writer.type === "double" ? 64 : 32}(s, true);`);
        return true;
      case "TIMESTAMP":
      case "TIMESTAMP_LTZ": {
        const unit = timeUnitOf(writer);
        if (type.precision > 3 || unit === "nanos") return false;
        const value = "words[1] * 4294967296 + (words[0] >>> 0)";
        code.line(`p = cursor.long64(b, p);
          ${code.array(slot, "f64")}[n] = ${unit === "micros" ? `Math.floor((${value}) / 1000)` : value};`);
        return true;
      }
      case "CHAR":
      case "VARCHAR":
        if (writer.type === "enum" || reader.type === "enum") return false;
        this.range();
        this.text(slot);
        code.line(`if (!cursor.isText(b, s, v)) h.repair(${code.slot(slot)}, n, b, s, v);`);
        return true;
      case "BINARY":
      case "VARBINARY":
        if (writer.type === "fixed") {
          this.fixed(writer.size);
          code.line(`v = ${writer.size};`);
        } else this.range();
        this.text(slot);
        return true;
      case "DECIMAL":
        return type.precision <= 18 && this.decimal(writer, slot, type);
      default:
        return false;
    }
  }

  private text(slot: ColumnSlot): void {
    const { code } = this;
    code.line(`${code.array(slot, "starts")}[n] = s; ${code.array(slot, "lengths")}[n] = v;`);
  }

  /** Up to six bytes are summed up as a double when they surely are in the type's range; others take the general way. */
  private decimal(writer: AvroSchema, slot: ColumnSlot, type: { precision: number; scale: number }): boolean {
    const { code } = this;
    if (writer.type !== "bytes" || (decimalOf(writer)?.scale ?? type.scale) !== type.scale) return false;
    const read = code.constant(valueReader({ kind: "scalar", writer, reader: writer }, slot.type));
    const limit = Number(`1e${Math.min(type.precision, 15)}`);
    const words = code.array(slot, "i32");
    code.line(`c = b[p] >>> 1;
      if (c > 0 && c < 7 && (b[p] & 129) === 0 && p + c < end) {
        v = (b[p + 1] << 24) >> 24;
        for (s = p + 2, c += p; s <= c; s++) v = v * 256 + b[s];
        if (v < ${limit} && v > ${-limit}) {
          p = s; ${words}[2 * n] = v; ${words}[2 * n + 1] = Math.floor(v / 4294967296);
        } else p = h.value(${read}, ${code.slot(slot)}, p, end, n);
      } else p = h.value(${read}, ${code.slot(slot)}, p, end, n);`);
    return true;
  }
}
