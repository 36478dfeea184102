import { SqlError } from "../../base/errors.ts";
import { ByteWriter } from "../../base/byte-writer.ts";
import { must } from "../../base/assert.ts";
import { fitsPrecision, rescale } from "../../types/decimal.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import { inReadOrder } from "../../types/hash-order.ts";
import { Cursor } from "./cursor.ts";
import { writeJsonDatum } from "./json-datum.ts";
import { resolve, type Resolved, type ResolvedRecord } from "./resolve.ts";
import { decimalOf, leastBytes, typeName, type AvroField, type AvroSchema } from "./schema.ts";

/** Reads a value at the cursor. */
export type ValueReader = (cursor: Cursor) => Value;

/** Goes over a value. */
export type Skipper = (cursor: Cursor) => void;

/** What a timestamp's number counts. */
export type TimeUnit = "millis" | "micros" | "nanos";

/** A long without a logical type counts milliseconds, as in Flink. */
export function timeUnitOf(schema: AvroSchema): TimeUnit {
  const name = "logical" in schema ? schema.logical?.name : undefined;
  if (name === "timestamp-micros" || name === "local-timestamp-micros") return "micros";
  return name === "timestamp-nanos" || name === "local-timestamp-nanos" ? "nanos" : "millis";
}

/** A reader of values of the SQL type; its form is that of the resolved reader's schema. */
export function valueReader(resolved: Resolved, type: DataType): ValueReader {
  switch (resolved.kind) {
    case "error":
      return (cursor) => cursor.fail(resolved.reason);
    case "null":
      return () => null;
    case "union": {
      const branches = resolved.branches.map((branch) => valueReader(branch, type));
      return (cursor) => {
        const branch = branches[cursor.longNumber()];
        return branch === undefined ? cursor.fail("a branch that the union does not have") : branch(cursor);
      };
    }
    case "array":
      if (type.kind !== "ARRAY") break;
      return arrayReader(valueReader(resolved.items, type.element), leastBytes(resolved.writer));
    case "map":
      if (type.kind === "MULTISET")
        return mapReader(
          valueReader(resolved.values, { kind: "INT", nullable: false }),
          leastBytes(resolved.writer),
          true,
        );
      if (type.kind !== "MAP") break;
      return mapReader(valueReader(resolved.values, type.value), leastBytes(resolved.writer), false);
    case "record":
      if (type.kind === "ROW") return rowReader(resolved, type);
      break;
    case "scalar":
      return scalarReader(resolved, type);
  }
  throw new SqlError("BUG", `no ${type.kind} can be made of ${resolved.kind}`);
}

function arrayReader(item: ValueReader, least: number): ValueReader {
  return (cursor) => {
    const values: Value[] = [];
    cursor.enter();
    for (let count = cursor.block(least, 0); count > 0; count = cursor.block(least, values.length))
      for (let i = 0; i < count; i++) values.push(item(cursor));
    cursor.depth--;
    return values;
  };
}

function mapReader(value: ValueReader, least: number, counts: boolean): ValueReader {
  return (cursor) => {
    const entries = new Map<string, Value>();
    cursor.enter();
    for (let count = cursor.block(least + 1, 0); count > 0; count = cursor.block(least + 1, entries.size)) {
      for (let i = 0; i < count; i++) {
        const key = cursor.text();
        const one = value(cursor);
        if (counts && one === null) cursor.fail("a multiset with a count that is null");
        entries.set(key, one);
      }
    }
    cursor.depth--;
    return inReadOrder([...entries]);
  };
}

function rowReader(resolved: ResolvedRecord, type: Extract<DataType, { kind: "ROW" }>): ValueReader {
  const { fields } = type;
  const position = (name: string): number => fields.findIndex((field) => field.name === name);
  const steps = resolved.fields.map(({ writer, name, read }): ((cursor: Cursor, row: Value[]) => void) => {
    const at = name === undefined ? -1 : position(name);
    if (read === undefined || at < 0) {
      const skip = skipper(writer);
      return (cursor) => skip(cursor);
    }
    const value = valueReader(read, fields[at]!.type);
    return (cursor, row) => {
      row[at] = value(cursor);
    };
  });
  const initial: Value[] = fields.map(() => null);
  for (const field of resolved.defaults) {
    const at = position(field.name);
    if (at >= 0) initial[at] = defaultValue(field, fields[at]!.type);
  }
  return (cursor) => {
    const row = initial.slice();
    cursor.enter();
    for (const step of steps) step(cursor, row);
    cursor.depth--;
    return row;
  };
}

/** The value of a field that the writer does not have. */
export function defaultValue(field: AvroField, type: DataType): Value {
  const out = new ByteWriter(64);
  writeJsonDatum(out, field.schema, field.default, "default");
  const cursor = new Cursor();
  cursor.reset(out.bytes);
  cursor.end = out.length;
  return valueReader(resolve(field.schema, field.schema), type)(cursor);
}

type Scalar = Extract<Resolved, { kind: "scalar" }>;

function scalarReader({ writer, reader }: Scalar, type: DataType): ValueReader {
  switch (type.kind) {
    case "BOOLEAN":
      return (cursor) => cursor.boolean();
    case "TINYINT":
      return (cursor) => (cursor.int() << 24) >> 24;
    case "SMALLINT":
      return (cursor) => (cursor.int() << 16) >> 16;
    case "INT":
    case "DATE":
    case "TIME":
      return (cursor) => cursor.int();
    case "BIGINT":
      return (cursor) => cursor.long();
    case "FLOAT":
    case "DOUBLE":
      return numberReader(writer.type, type.kind === "FLOAT");
    case "CHAR":
    case "VARCHAR":
      if (writer.type === "enum") return symbolReader(writer.symbols, reader);
      return (cursor) => cursor.text();
    case "BINARY":
    case "VARBINARY":
      if (writer.type === "fixed") return (cursor) => cursor.bytes(writer.size);
      return (cursor) => cursor.bytes();
    case "DECIMAL": {
      const scale = decimalOf(writer)?.scale ?? type.scale;
      const size = writer.type === "fixed" ? writer.size : undefined;
      return (cursor) => {
        const length = size ?? cursor.length();
        return decimalOfBytes(cursor, cursor.skip(length), length, scale, type);
      };
    }
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return timestampReader(timeUnitOf(writer), type.precision);
    default:
      throw new SqlError("BUG", `no ${type.kind} can be made of ${writer.type}`);
  }
}

function numberReader(writer: string, single: boolean): ValueReader {
  switch (writer) {
    case "int":
      return single ? (cursor) => Math.fround(cursor.int()) : (cursor) => cursor.int();
    case "long":
      return single ? (cursor) => Math.fround(cursor.longNumber()) : (cursor) => cursor.longNumber();
    case "float":
      return (cursor) => cursor.float();
    default:
      return (cursor) => cursor.double();
  }
}

function symbolReader(symbols: readonly string[], reader: AvroSchema): ValueReader {
  return (cursor) => {
    const symbol = symbols[cursor.int()];
    if (symbol === undefined) return cursor.fail("a symbol that the enum does not have");
    if (reader.type !== "enum" || reader.symbols.includes(symbol)) return symbol;
    return reader.default ?? cursor.fail(`No match for ${symbol} in ${typeName(reader)}`);
  };
}

function timestampReader(unit: TimeUnit, precision: number): ValueReader {
  const divisor = unit === "millis" ? 1 : unit === "micros" ? 1000 : 1_000_000;
  if (precision <= 3) return (cursor) => Math.floor(cursor.longNumber() / divisor);
  const factor = BigInt(1_000_000 / divisor);
  // What is finer than the column's precision is cut off.
  const step = precision >= 9 ? 1n : 10n ** BigInt(9 - precision);
  return (cursor) => {
    const nanos = cursor.long() * factor;
    const rest = nanos % step;
    return rest === 0n ? nanos : nanos - (rest < 0n ? rest + step : rest);
  };
}

/** The number in big-endian two's complement; NULL when it has more digits than the type, as in Flink. */
function decimalOfBytes(
  cursor: Cursor,
  start: number,
  length: number,
  scale: number,
  type: { readonly precision: number; readonly scale: number },
): Value {
  if (length === 0) return cursor.fail("a decimal without bytes");
  // 38 digits need 16 bytes; what is longer is no number of the type unless the bytes in front only repeat the sign.
  let at = start;
  let rest = length;
  const { b } = cursor;
  const sign = b[at]! > 127 ? 255 : 0;
  while (rest > 17 && b[at] === sign) {
    at++;
    rest--;
  }
  if (rest > 17) return null;
  let value = BigInt((b[at]! << 24) >> 24);
  for (let i = 1; i < rest; i++) value = (value << 8n) | BigInt(b[at + i]!);
  if (scale !== type.scale) return rescale(value, scale, type.scale, type.precision);
  return fitsPrecision(value, type.precision) ? value : null;
}

const SKIPPERS = new WeakMap<AvroSchema, Skipper>();

/** What goes over values of the schema. */
export function skipper(schema: AvroSchema): Skipper {
  const known = SKIPPERS.get(schema);
  if (known !== undefined) return known;
  // A recursive schema finds this one while its own is being made.
  SKIPPERS.set(schema, (cursor) => must(SKIPPERS.get(schema), "skipper")(cursor));
  const made = makeSkipper(schema);
  SKIPPERS.set(schema, made);
  return made;
}

function makeSkipper(schema: AvroSchema): Skipper {
  switch (schema.type) {
    case "null":
      return () => {};
    case "boolean":
      return (cursor) => void cursor.skip(1);
    case "int":
    case "long":
    case "enum":
      return (cursor) => void cursor.longNumber();
    case "float":
      return (cursor) => void cursor.skip(4);
    case "double":
      return (cursor) => void cursor.skip(8);
    case "bytes":
    case "string":
      return (cursor) => void cursor.skip(cursor.length());
    case "fixed":
      return (cursor) => void cursor.skip(schema.size);
    case "union": {
      const branches = schema.branches.map(skipper);
      return (cursor) => {
        const branch = branches[cursor.longNumber()];
        if (branch === undefined) cursor.fail("a branch that the union does not have");
        else branch(cursor);
      };
    }
    case "record": {
      const fields = schema.fields.map((field) => skipper(field.schema));
      return (cursor) => {
        cursor.enter();
        for (const field of fields) field(cursor);
        cursor.depth--;
      };
    }
    case "array":
      return skipBlocks(skipper(schema.items), leastBytes(schema.items), false);
    case "map":
      return skipBlocks(skipper(schema.values), leastBytes(schema.values) + 1, true);
  }
}

function skipBlocks(item: Skipper, least: number, keys: boolean): Skipper {
  return (cursor) => {
    let items = 0;
    cursor.enter();
    for (let count = cursor.block(least, items); count > 0; count = cursor.block(least, items)) {
      items += count;
      for (let i = 0; i < count; i++) {
        if (keys) cursor.skip(cursor.length());
        item(cursor);
      }
    }
    cursor.depth--;
  };
}
