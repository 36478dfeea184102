import type { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError } from "../../base/errors.ts";
import { rescale } from "../../types/decimal.ts";
import type { DataType, SqlMap, Value } from "../../types/data-type.ts";
import { decimalBytes, writeBytes, writeDouble, writeFloat, writeInt, writeLong, writeText } from "./binary.ts";
import { decimalOf, type AvroSchema, type RecordSchema } from "./schema.ts";
import { timeUnitOf } from "./values.ts";

/** Appends a value in binary. */
export type ValueWriter = (out: ByteWriter, value: Value) => void;

/** A writer of values of the SQL type by the schema, which was derived from the type or compared with it. */
export function valueWriter(schema: AvroSchema, type: DataType): ValueWriter {
  switch (schema.type) {
    case "union": {
      const nullBranch = schema.branches.findIndex((branch) => branch.type === "null");
      const other = schema.branches.findIndex((branch) => branch.type !== "null");
      const write = valueWriter(schema.branches[other]!, type);
      return (out, value) => {
        if (value === null) {
          if (nullBranch < 0) throw nullValue();
          return writeInt(out, nullBranch);
        }
        writeInt(out, other);
        write(out, value);
      };
    }
    case "null":
      return () => {};
    case "array": {
      if (type.kind !== "ARRAY") break;
      const item = notNull(valueWriter(schema.items, type.element), schema.items);
      return (out, value) => {
        const items = value as readonly Value[];
        if (items.length > 0) writeInt(out, items.length);
        for (const one of items) item(out, one);
        out.byte(0);
      };
    }
    case "map":
      return mapWriter(schema.values, type);
    case "record":
      if (type.kind === "ROW") return rowWriter(schema, type);
      break;
    default:
      return notNull(leafWriter(schema, type), schema);
  }
  throw new SqlError("BUG", `no ${schema.type} can be made of ${type.kind}`);
}

function nullValue(): SqlError {
  return new SqlError("NOT_NULL_VIOLATION", "a NULL inside of a value, where the Avro schema does not take it");
}

function notNull(write: ValueWriter, schema: AvroSchema): ValueWriter {
  if (schema.type === "union" || schema.type === "null") return write;
  return (out, value) => {
    if (value === null) throw nullValue();
    write(out, value);
  };
}

function mapWriter(values: AvroSchema, type: DataType): ValueWriter {
  const valueType: DataType = type.kind === "MAP" ? type.value : { kind: "INT", nullable: true };
  const write = notNull(valueWriter(values, valueType), values);
  return (out, value) => {
    const entries = new Map<string, Value>();
    for (const [key, one] of value as unknown as SqlMap) {
      if (key === null) throw new SqlError("INVALID_ARGUMENT", "Avro cannot hold a map with a NULL key");
      entries.set(key as string, one);
    }
    if (entries.size > 0) writeInt(out, entries.size);
    for (const [key, one] of entries) {
      writeText(out, key);
      write(out, one);
    }
    out.byte(0);
  };
}

function rowWriter(schema: RecordSchema, type: Extract<DataType, { kind: "ROW" }>): ValueWriter {
  const fields = type.fields.map((field, i) => {
    const own = schema.fields[i]!.schema;
    return notNull(valueWriter(own, field.type), own);
  });
  return (out, value) => {
    const row = value as readonly Value[];
    for (let i = 0; i < fields.length; i++) fields[i]!(out, row[i] ?? null);
  };
}

type Leaf = Exclude<AvroSchema, { type: "union" | "array" | "map" | "record" }>;

function leafWriter(schema: Leaf, type: DataType): ValueWriter {
  switch (schema.type) {
    case "boolean":
      return (out, value) => out.byte(value === true ? 1 : 0);
    case "int":
      return (out, value) => writeInt(out, value as number);
    case "long":
      if (type.kind !== "TIMESTAMP" && type.kind !== "TIMESTAMP_LTZ")
        return (out, value) => writeLong(out, BigInt(value as bigint));
      return timestampWriter(timeUnitOf(schema) === "micros" ? 1000n : 1_000_000n, type.precision);
    case "float":
      return (out, value) => writeFloat(out, value as number);
    case "double":
      return (out, value) => writeDouble(out, value as number);
    case "string":
      return (out, value) => writeText(out, value as string);
    case "enum":
      return (out, value) => {
        const symbol = schema.symbols.indexOf(value as string);
        if (symbol < 0)
          throw new SqlError(
            "INVALID_ARGUMENT",
            `the enum '${schema.name}' of the Avro schema has no symbol '${value as string}'`,
          );
        writeInt(out, symbol);
      };
    case "bytes":
    case "fixed": {
      if (type.kind === "DECIMAL") return decimalWriter(schema, type);
      if (schema.type !== "fixed") return (out, value) => writeBytes(out, value as Uint8Array);
      return (out, value) => {
        const bytes = value as Uint8Array;
        if (bytes.length !== schema.size)
          throw new SqlError(
            "INVALID_ARGUMENT",
            `the fixed type '${schema.name}' has ${schema.size} bytes, the value ${bytes.length}`,
          );
        out.copy(bytes, 0, bytes.length);
      };
    }
    case "null":
      return () => {};
  }
}

function decimalWriter(schema: Leaf, type: { readonly precision: number; readonly scale: number }): ValueWriter {
  const scale = decimalOf(schema)?.scale ?? type.scale;
  return (out, value) => {
    const unscaled = scale === type.scale ? (value as bigint) : (rescale(value as bigint, type.scale, scale, 38) ?? 0n);
    const bytes = decimalBytes(unscaled);
    if (schema.type !== "fixed") return writeBytes(out, bytes);
    if (bytes.length > schema.size)
      throw new SqlError("INVALID_ARGUMENT", `a decimal has more than the ${schema.size} bytes of '${schema.name}'`);
    for (let i = bytes.length; i < schema.size; i++) out.byte(unscaled < 0n ? 255 : 0);
    out.copy(bytes, 0, bytes.length);
  };
}

/** `unit`: nanoseconds that the number counts. */
function timestampWriter(unit: bigint, precision: number): ValueWriter {
  if (precision <= 3) {
    const factor = 1_000_000n / unit;
    return (out, value) => writeLong(out, BigInt(value as number) * factor);
  }
  return (out, value) => {
    const nanos = value as bigint;
    const rest = nanos % unit;
    writeLong(out, (rest < 0n ? nanos - rest - unit : nanos - rest) / unit);
  };
}
