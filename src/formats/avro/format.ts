import { T } from "../../types/data-type.ts";
import type { Format, FormatOption } from "../api.ts";
import { readOptions } from "../options.ts";
import { AvroDecoder, type Framing } from "./decoder.ts";
import { deriveSchema } from "./derive.ts";
import { AvroEncoder } from "./encoder.ts";

const OPTIONS: readonly FormatOption[] = [
  {
    name: "encoding",
    summary: "Records in Avro's binary form, or as JSON (Avro's JSON encoding, in which unions name their branch).",
    type: ["binary", "json"],
    default: "binary",
  },
  {
    name: "timestamp_mapping.legacy",
    summary:
      "TIMESTAMP is `timestamp-millis`, and there is no TIMESTAMP_LTZ. `false`: TIMESTAMP is `local-timestamp-millis` or `-micros`, TIMESTAMP_LTZ `timestamp-millis` or `-micros`.",
    type: "boolean",
    default: "true",
  },
];

interface AvroOptions {
  readonly encoding: "binary" | "json";
  readonly legacyTimestamps: boolean;
}

function readAvroOptions(given: Readonly<Record<string, string>>): AvroOptions {
  const options = readOptions("avro", OPTIONS, given);
  return {
    encoding: options.string("encoding") === "json" ? "json" : "binary",
    legacyTimestamps: options.boolean("timestamp_mapping.legacy"),
  };
}

/** One record a message, by the schema that follows from the table's columns. */
export const avroFormat: Format = {
  name: "avro",
  options: OPTIONS,
  changelog: "insert-only",
  messagesOnly: true,
  decoder: (request) => {
    const { encoding, legacyTimestamps } = readAvroOptions(request.options);
    const { schema } = deriveSchema(request.physical, legacyTimestamps);
    return new AvroDecoder(request, {
      format: "avro",
      readerSchema: schema,
      type: T.row(request.physical, false),
      encoding,
      framing: (compile): Framing => {
        const reader = compile(schema);
        return { headerBytes: 0, readerFor: () => reader };
      },
    });
  },
  encoder: (request) => {
    const { encoding, legacyTimestamps } = readAvroOptions(request.options);
    const { schema } = deriveSchema(request.fields, legacyTimestamps);
    return new AvroEncoder(schema, request.fields, encoding);
  },
};
