import { SqlError } from "../../base/errors.ts";
import { sameType } from "../../types/coerce.ts";
import type { DataType } from "../../types/data-type.ts";
import { typeOfSchema } from "../avro/derive.ts";
import { parseSchema, SchemaProblem, type AvroSchema, type RecordSchema } from "../avro/schema.ts";

/** A given schema; it must stand for exactly the type. `mismatch` completes "Schema provided for 'f' format …". */
export function givenSchema(format: string, text: string, type: DataType, mismatch: string): AvroSchema {
  let schema: AvroSchema;
  try {
    schema = parseSchema(text);
  } catch (error) {
    if (!(error instanceof SchemaProblem)) throw error;
    throw new SqlError("OPTION_INVALID", `option '${format}.schema' is no Avro schema: ${error.reason}`);
  }
  const given = typeOfSchema(schema);
  if (given === undefined || !sameType(given, type))
    throw new SqlError("OPTION_INVALID", `Schema provided for '${format}' format ${mismatch}: ${text}`);
  return schema;
}

/** The record of a schema that is a record or a union of null and one, and the number of its branch. */
export function rootRecord(schema: AvroSchema): { readonly record: RecordSchema; readonly branch: number | undefined } {
  if (schema.type !== "union") return { record: schema as RecordSchema, branch: undefined };
  const branch = schema.branches.findIndex(({ type }) => type === "record");
  return { record: schema.branches[branch] as RecordSchema, branch };
}

/** The bytes that say which branch of a union follows. */
export function branchBytes(branch: number | undefined): number[] {
  return branch === undefined ? [] : [2 * branch];
}
