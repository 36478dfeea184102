import { SqlError } from "../../base/errors.ts";
import { typeText } from "../../types/type-text.ts";
import { T, withNullable, type DataType, type Field } from "../../types/data-type.ts";
import { decimalOf, parseSchema, SchemaProblem, type AvroSchema, type RecordSchema } from "./schema.ts";

/** A schema and its text. */
export interface SchemaText<S extends AvroSchema = RecordSchema> {
  readonly text: string;
  readonly schema: S;
}

const ROOT = "record";
const NAMESPACE = "org.apache.flink.avro.generated";

/**
 * The schema that Flink derives from a table's columns: nullable types as `["null", T]` with default null, records named
 * `record`, `record_<column>`, … `legacyTimestamps`: TIMESTAMP is `timestamp-millis` and there is no TIMESTAMP_LTZ.
 */
export function deriveSchema(fields: readonly Field[], legacyTimestamps: boolean): SchemaText {
  const text = JSON.stringify(rootJson(fields, legacyTimestamps));
  return { text, schema: parseDerived(text) as RecordSchema };
}

/** The same for a row that may be NULL: `["null", record]`, with the older mapping of timestamps. */
export function deriveUnionSchema(fields: readonly Field[]): SchemaText<AvroSchema> {
  const text = JSON.stringify(["null", rootJson(fields, true)]);
  return { text, schema: parseDerived(text) };
}

function rootJson(fields: readonly Field[], legacyTimestamps: boolean): Json {
  const root = record(fields, ROOT, legacyTimestamps);
  // In the order in which Avro prints.
  return { type: root.type, name: root.name, namespace: NAMESPACE, fields: root.fields };
}

function parseDerived(text: string): AvroSchema {
  try {
    return parseSchema(text);
  } catch (error) {
    if (!(error instanceof SchemaProblem)) throw error;
    throw new SqlError("UNSUPPORTED", `the columns of the table make no Avro schema: ${error.reason}`, {
      hint: "Avro's names have letters, digits and _; rename the column",
    });
  }
}

type Json = string | readonly unknown[] | Readonly<Record<string, unknown>>;

function record(
  fields: readonly Field[],
  name: string,
  legacy: boolean,
): { readonly type: "record"; readonly name: string; readonly fields: readonly unknown[] } {
  return {
    type: "record",
    name,
    fields: fields.map((field) => {
      const type = derive(field.type, `${name}_${field.name}`, legacy);
      return field.type.nullable ? { name: field.name, type, default: null } : { name: field.name, type };
    }),
  };
}

function derive(type: DataType, name: string, legacy: boolean): Json {
  const json = deriveNotNull(type, name, legacy);
  return type.nullable && type.kind !== "NULL" ? ["null", json] : json;
}

function deriveNotNull(type: DataType, name: string, legacy: boolean): Json {
  switch (type.kind) {
    case "NULL":
      return "null";
    case "BOOLEAN":
      return "boolean";
    case "TINYINT":
    case "SMALLINT":
    case "INT":
      return "int";
    case "BIGINT":
      return "long";
    case "FLOAT":
      return "float";
    case "DOUBLE":
      return "double";
    case "CHAR":
    case "VARCHAR":
      return "string";
    case "BINARY":
    case "VARBINARY":
      return "bytes";
    case "DATE":
      return { type: "int", logicalType: "date" };
    case "TIME":
      if (type.precision > 3) throw precision("TIME", type.precision, 3);
      return { type: "int", logicalType: "time-millis" };
    case "TIMESTAMP":
      if (legacy) {
        if (type.precision > 3) throw precision("TIMESTAMP", type.precision, 3);
        return { type: "long", logicalType: "timestamp-millis" };
      }
      if (type.precision > 6) throw precision("LOCAL TIMESTAMP", type.precision, 6);
      return { type: "long", logicalType: `local-timestamp-${type.precision <= 3 ? "millis" : "micros"}` };
    case "TIMESTAMP_LTZ":
      if (legacy) throw underivable(type);
      if (type.precision > 6) throw precision("TIMESTAMP", type.precision, 6);
      return { type: "long", logicalType: `timestamp-${type.precision <= 3 ? "millis" : "micros"}` };
    case "DECIMAL":
      return { type: "bytes", logicalType: "decimal", precision: type.precision, scale: type.scale };
    case "ROW":
      return record(type.fields, name, legacy);
    // As in Flink, what is inside of collections always has the older mapping of timestamps.
    case "ARRAY":
      return { type: "array", items: derive(type.element, name, true) };
    case "MAP":
      checkKey(type.key);
      return { type: "map", values: derive(type.value, name, true) };
    case "MULTISET":
      checkKey(type.element);
      return { type: "map", values: derive(T.int(), name, true) };
    default:
      throw underivable(type);
  }
}

function precision(type: string, given: number, most: number): SqlError {
  return new SqlError(
    "UNSUPPORTED",
    `Avro does not support ${type} type with precision: ${given}, it only supports precision less than ${most}.`,
    {
      hint:
        type === "TIMESTAMP" && most === 3
          ? "declare the column as TIMESTAMP(3), or for 'avro' set 'avro.timestamp_mapping.legacy' = 'false'"
          : undefined,
    },
  );
}

function underivable(type: DataType): SqlError {
  const hint =
    type.kind === "TIMESTAMP_LTZ"
      ? "with 'avro.timestamp_mapping.legacy' = 'false' the format 'avro' has TIMESTAMP_LTZ outside of arrays and maps"
      : undefined;
  return new SqlError("UNSUPPORTED", `Unsupported to derive Schema for type: ${typeText(type)}`, { hint });
}

function checkKey(key: DataType): void {
  if (key.kind === "CHAR" || key.kind === "VARCHAR") return;
  throw new SqlError(
    "UNSUPPORTED",
    `Avro format doesn't support non-string as key type of map. The key type is: ${typeText(key)}`,
  );
}

/** The SQL type of a schema, as Flink sees it (with the older mapping of timestamps); undefined: it has none. */
export function typeOfSchema(schema: AvroSchema, inside: ReadonlySet<AvroSchema> = new Set()): DataType | undefined {
  switch (schema.type) {
    case "record": {
      if (inside.has(schema)) return undefined;
      const nested = new Set(inside).add(schema);
      const fields: Field[] = [];
      for (const field of schema.fields) {
        const type = typeOfSchema(field.schema, nested);
        if (type === undefined) return undefined;
        fields.push({ name: field.name, type });
      }
      return T.row(fields, false);
    }
    case "enum":
    case "string":
      return T.string(false);
    case "array": {
      const element = typeOfSchema(schema.items, inside);
      return element && T.array(element, false);
    }
    case "map": {
      const value = typeOfSchema(schema.values, inside);
      return value && T.map(T.string(false), value, false);
    }
    case "union": {
      const others = schema.branches.filter((branch) => branch.type !== "null");
      if (others.length !== 1 || schema.branches.length > 2) return undefined;
      const type = typeOfSchema(others[0]!, inside);
      return type && withNullable(type, schema.branches.length === 2);
    }
    case "fixed":
    case "bytes": {
      const decimal = decimalOf(schema);
      if (decimal !== undefined) return T.decimal(decimal.precision, decimal.scale, false);
      return schema.type === "fixed" ? { kind: "VARBINARY", length: schema.size, nullable: false } : T.bytes(false);
    }
    case "int":
      if (schema.logical?.name === "date") return T.date(false);
      return schema.logical?.name === "time-millis" ? T.time(3, false) : T.int(false);
    case "long":
      if (schema.logical?.name === "timestamp-millis") return T.timestamp(3, false);
      if (schema.logical?.name === "timestamp-micros") return T.timestamp(6, false);
      return schema.logical?.name === "time-micros" ? T.time(6, false) : T.bigint(false);
    case "float":
      return T.float(false);
    case "double":
      return T.double(false);
    case "boolean":
      return T.boolean(false);
    case "null":
      return T.null();
  }
}
