import { SqlError } from "../../base/errors.ts";
import { T, type DataType, type Field } from "../../types/data-type.ts";
import type { Format } from "../api.ts";
import { AvroDecoder } from "../avro/decoder.ts";
import { deriveUnionSchema } from "../avro/derive.ts";
import { AvroEncoder } from "../avro/encoder.ts";
import type { AvroSchema, RecordSchema } from "../avro/schema.ts";
import { debezium } from "../changelog-json/debezium.ts";
import { EnvelopeDecoder } from "../changelog-json/envelope.ts";
import { ConfluentEncoder, type Surroundings } from "./encoder.ts";
import { ConfluentFraming } from "./framing.ts";
import { readConfluentOptions, REGISTRY_OPTIONS } from "./options.ts";
import { SchemaRegistry } from "./registry.ts";
import { branchBytes, givenSchema, rootRecord } from "./table-schema.ts";

const NAME = "debezium-avro-confluent";

/** What is read and written of Debezium's envelope; its other fields are skipped. */
function envelopeType(fields: readonly Field[]): Extract<DataType, { kind: "ROW" }> {
  return T.row([
    { name: "before", type: T.row(fields) },
    { name: "after", type: T.row(fields) },
    { name: "op", type: T.string() },
  ]) as Extract<DataType, { kind: "ROW" }>;
}

function tableSchema(fields: readonly Field[], given: string | undefined): { text: string; schema: AvroSchema } {
  const type = envelopeType(fields);
  if (given === undefined) return deriveUnionSchema(type.fields);
  const mismatch =
    "must be a nullable record type with fields 'before', 'after', 'op' and schema of fields 'before' and 'after' must match the table schema";
  const schema = givenSchema(NAME, given, type, mismatch);
  if (schema.type !== "union")
    throw new SqlError("OPTION_INVALID", `Schema provided for '${NAME}' format ${mismatch}: ${given}`);
  return { text: given, schema };
}

/** Debezium's changes as Avro records whose schemas are in a Confluent Schema Registry. */
export const debeziumAvroConfluentFormat: Format = {
  name: NAME,
  options: REGISTRY_OPTIONS,
  changelog: "full",
  messagesOnly: true,
  decoder: (request) => {
    const options = readConfluentOptions(NAME, request.options);
    const registry = new SchemaRegistry(options.registry);
    const { schema } = tableSchema(request.physical, options.schema);
    return new EnvelopeDecoder(request, { ...debezium(false, NAME), metadata: [] }, (projection, review) => {
      return new AvroDecoder(
        { ...request, projection },
        {
          format: NAME,
          readerSchema: schema,
          type: envelopeType(request.physical),
          encoding: "binary",
          framing: (compile) => new ConfluentFraming(registry, compile),
          review,
          skipEmpty: true,
        },
      );
    });
  },
  encoder: (request) => {
    const options = readConfluentOptions(NAME, request.options);
    if (options.subject === undefined)
      throw new SqlError("OPTION_MISSING", `Option '${NAME}.subject' is required for serialization`);
    const { text, schema } = tableSchema(request.fields, options.schema);
    const { record, branch } = rootRecord(schema);
    return new ConfluentEncoder({
      registry: new SchemaRegistry(options.registry),
      subject: options.subject,
      schemaText: text,
      record: new AvroEncoder(rootRecord(record.fields[1]!.schema).record, request.fields, "binary"),
      added: surroundings(record, branch, "after", "c"),
      removed: surroundings(record, branch, "before", "d"),
    });
  },
};

/** What stands around the row that is the image `image`, by the order in which the schema has its fields. */
function surroundings(
  envelope: RecordSchema,
  branch: number | undefined,
  image: "before" | "after",
  operation: string,
): Surroundings {
  const before = branchBytes(branch);
  const after: number[] = [];
  let bytes = before;
  for (const { name, schema } of envelope.fields) {
    if (name === "op") {
      const text = schema.type === "union" ? schema.branches.findIndex(({ type }) => type !== "null") : undefined;
      bytes.push(...branchBytes(text), 2 * operation.length, operation.charCodeAt(0));
    } else if (name === image) {
      bytes.push(...branchBytes(rootRecord(schema).branch));
      bytes = after;
    } else {
      bytes.push(
        ...branchBytes(schema.type === "union" ? schema.branches.findIndex(({ type }) => type === "null") : 0),
      );
    }
  }
  return { before: Uint8Array.from(before), after: Uint8Array.from(after) };
}
