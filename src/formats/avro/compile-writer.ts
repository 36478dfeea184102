import type { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { reader } from "../../batch/get.ts";
import { storageOf, type DataType, type Field } from "../../types/data-type.ts";
import type { RowWriter } from "../api.ts";
import { wordsOf } from "../text/write.ts";
import { putInt, putLong } from "./binary.ts";
import type { AvroSchema, RecordSchema } from "./schema.ts";
import { valueWriter } from "./value-writer.ts";

/** Makes a function that appends rows of a batch. */
export type BatchWriter = (columns: readonly Column[], out: ByteWriter) => RowWriter;

const FUNCTIONS = {
  putInt,
  putLong,
  wordsOf,
  reader,
  nullNotAllowed(name: string): never {
    throw new SqlError(
      "NOT_NULL_VIOLATION",
      `Fail to serialize at field: ${name}. It is NULL, but the schema does not take that`,
    );
  },
};

/** Generates what writes rows of the columns; field `i` of the schema is column `i`. Names do not enter the source. */
export function compileWriter(schema: RecordSchema, fields: readonly Field[]): BatchWriter {
  const compiler = new WriterCompiler();
  fields.forEach((field, i) => compiler.column(schema.fields[i]!.schema, field, i));
  const source = `"use strict";
    const { putInt, putLong, wordsOf, reader, nullNotAllowed } = f;
    return (columns, out) => {
      ${compiler.prologue.join("\n")}
      return (row) => {
        const room = ${[compiler.bound, ...compiler.texts.map(lengthOf)].join(" + ")};
        out.ensure(room);
        let b = out.bytes, o = out.length, s = 0, v = 0, w = 0;
        ${compiler.body.join("\n")}
        out.length = o;
        return true;
      };
    };`;
  // oxlint-disable-next-line typescript/no-implied-eval -- generated from the schema, values come through the pool
  const make = new Function("pool", "f", source) as (pool: readonly unknown[], f: typeof FUNCTIONS) => BatchWriter;
  return make(compiler.pool, FUNCTIONS);
}

class WriterCompiler {
  readonly pool: unknown[] = [];
  readonly prologue: string[] = [];
  readonly body: string[] = [];
  /** Bytes of a row at most, without its texts. */
  bound = 0;
  readonly texts: number[] = [];

  private constant(value: unknown): string {
    return `pool[${this.pool.push(value) - 1}]`;
  }

  column(schema: AvroSchema, field: Field, i: number): void {
    this.prologue.push(`const nulls${i} = columns[${i}].nulls;`);
    this.bound += 11;
    const branches = schema.type === "union" ? schema.branches : undefined;
    const nullBranch = branches?.findIndex((branch) => branch.type === "null") ?? -1;
    const otherBranch = branches?.findIndex((branch) => branch.type !== "null") ?? -1;
    const own = branches?.[otherBranch] ?? schema;
    const missing = nullBranch >= 0 ? `b[o++] = ${2 * nullBranch};` : `nullNotAllowed(${this.constant(field.name)});`;
    this.body.push(`if (nulls${i} !== undefined && nulls${i}[row] === 1) { ${missing} } else {`);
    if (branches !== undefined) this.body.push(`b[o++] = ${2 * otherBranch};`);
    if (!this.plain(own, field.type, i)) this.general(own, field.type, i);
    this.body.push("}");
  }

  /** Writes straight from the column. False: it takes the general way. */
  private plain(schema: AvroSchema, type: DataType, i: number): boolean {
    const values = `values${i}`;
    const storage = storageOf(type);
    const declare = (): void => void this.prologue.push(`const ${values} = columns[${i}].values;`);
    switch (`${schema.type} ${storage}`) {
      case "boolean bool":
        declare();
        this.body.push(`b[o++] = ${values}[row] === 0 ? 0 : 1;`);
        return true;
      case "int i32":
        declare();
        this.body.push(
          `v = ${values}[row]; v = (v << 1) ^ (v >> 31);
          if (v >= 0 && v < 128) b[o++] = v; else o = putInt(b, o, ${values}[row]);`,
        );
        return true;
      case "long i64":
        if (type.kind !== "BIGINT") return false;
        this.prologue.push(`const ${values} = wordsOf(columns[${i}].values);`);
        this.body.push(`o = putLong(b, o, ${values}[2 * row], ${values}[2 * row + 1]);`);
        return true;
      case "float f64":
      case "double f64": {
        declare();
        const size = schema.type === "float" ? 4 : 8;
        const set = schema.type === "float" ? "setFloat32" : "setFloat64";
        this.prologue.push(
          `const view${i} = new DataView(new ArrayBuffer(8)), bytes${i} = new Uint8Array(view${i}.buffer);`,
        );
        this.body.push(
          `view${i}.${set}(0, ${values}[row], true); for (s = 0; s < ${size}; s++) b[o++] = bytes${i}[s];`,
        );
        return true;
      }
      case "long f64":
        if (schema.type !== "long" || schema.logical?.name.endsWith("millis") !== true) return false;
        declare();
        this.body.push(
          `v = ${values}[row]; w = Math.floor(v / 4294967296); o = putLong(b, o, (v - w * 4294967296) | 0, w | 0);`,
        );
        return true;
      case "string bytes":
      case "bytes bytes":
        this.texts.push(i);
        this.prologue.push(`const { starts: starts${i}, lengths: lengths${i}, data: data${i} } = columns[${i}];`);
        this.body.push(
          `v = lengths${i}[row]; s = starts${i}[row]; o = putInt(b, o, v);
          if (v < 32) for (w = s + v; s < w; s++) b[o++] = data${i}[s];
          else { b.set(data${i}.subarray(s, s + v), o); o += v; }`,
        );
        return true;
      case "bytes i64": {
        this.prologue.push(`const ${values} = wordsOf(columns[${i}].values);`);
        // Leading bytes that only repeat the sign are left out.
        this.body.push(
          `v = ${values}[2 * row]; w = ${values}[2 * row + 1];
          if (w === v >> 31) { s = v < 128 && v >= -128 ? 1 : v < 32768 && v >= -32768 ? 2 : v < 8388608 && v >= -8388608 ? 3 : 4; }
          else s = w < 128 && w >= -128 ? 5 : w < 32768 && w >= -32768 ? 6 : w < 8388608 && w >= -8388608 ? 7 : 8;
          b[o++] = 2 * s;
          while (--s >= 0) b[o++] = s > 3 ? w >> (8 * s - 32) : v >> (8 * s);`,
        );
        return true;
      }
      default:
        return false;
    }
  }

  private general(schema: AvroSchema, type: DataType, i: number): void {
    const write = this.constant(valueWriter(schema, type));
    this.prologue.push(`const read${i} = reader(columns[${i}], ${this.constant(type)});`);
    this.body.push(`out.length = o; ${write}(out, read${i}(row)); out.ensure(room); b = out.bytes; o = out.length;`);
  }
}

/** What is under a NULL may be anything. */
function lengthOf(i: number): string {
  return `(nulls${i} !== undefined && nulls${i}[row] === 1 ? 0 : lengths${i}[row])`;
}
