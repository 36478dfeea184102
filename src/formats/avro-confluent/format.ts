import { SqlError } from "../../base/errors.ts";
import { T, type Field } from "../../types/data-type.ts";
import type { Format } from "../api.ts";
import { AvroDecoder } from "../avro/decoder.ts";
import { deriveSchema } from "../avro/derive.ts";
import { AvroEncoder } from "../avro/encoder.ts";
import type { AvroSchema } from "../avro/schema.ts";
import { ConfluentEncoder } from "./encoder.ts";
import { ConfluentFraming } from "./framing.ts";
import { readConfluentOptions, REGISTRY_OPTIONS } from "./options.ts";
import { SchemaRegistry } from "./registry.ts";
import { branchBytes, givenSchema, rootRecord } from "./table-schema.ts";

const NAME = "avro-confluent";

function tableSchema(fields: readonly Field[], given: string | undefined): { text: string; schema: AvroSchema } {
  if (given === undefined) return deriveSchema(fields, true);
  const type = T.row(fields, false);
  return { text: given, schema: givenSchema(NAME, given, type, "does not match the table schema") };
}

/** Avro records whose schemas are in a Confluent Schema Registry. */
export const avroConfluentFormat: Format = {
  name: NAME,
  options: REGISTRY_OPTIONS,
  changelog: "insert-only",
  messagesOnly: true,
  decoder: (request) => {
    const options = readConfluentOptions(NAME, request.options);
    const registry = new SchemaRegistry(options.registry);
    return new AvroDecoder(request, {
      format: NAME,
      readerSchema: tableSchema(request.physical, options.schema).schema,
      type: T.row(request.physical, false),
      encoding: "binary",
      framing: (compile) => new ConfluentFraming(registry, compile),
    });
  },
  encoder: (request) => {
    const options = readConfluentOptions(NAME, request.options);
    if (options.subject === undefined)
      throw new SqlError("OPTION_MISSING", `Option ${NAME}.subject is required for serialization`);
    const { text, schema } = tableSchema(request.fields, options.schema);
    const { record, branch } = rootRecord(schema);
    const surroundings = { before: Uint8Array.from(branchBytes(branch)), after: new Uint8Array(0) };
    return new ConfluentEncoder({
      registry: new SchemaRegistry(options.registry),
      subject: options.subject,
      schemaText: text,
      record: new AvroEncoder(record, request.fields, "binary"),
      added: surroundings,
      removed: surroundings,
    });
  },
};
