import { ByteWriter } from "../../base/byte-writer.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { Field } from "../../types/data-type.ts";
import type { Encoder, RowWriter } from "../api.ts";
import { compileWriter, type BatchWriter } from "./compile-writer.ts";
import { Cursor } from "./cursor.ts";
import { writeAsJson } from "./json-encoding.ts";
import type { RecordSchema } from "./schema.ts";

/** Encodes rows as Avro records. */
export class AvroEncoder implements Encoder {
  private readonly schema: RecordSchema;
  private readonly write: BatchWriter;
  private readonly json: boolean;
  private readonly cursor = new Cursor();

  constructor(schema: RecordSchema, fields: readonly Field[], encoding: "binary" | "json") {
    this.schema = schema;
    this.write = compileWriter(schema, fields);
    this.json = encoding === "json";
  }

  rowWriter({ columns }: RecordBatch, out: ByteWriter): RowWriter {
    if (!this.json) return this.write(columns, out);
    const { cursor, schema } = this;
    const binary = new ByteWriter(1024);
    const write = this.write(columns, binary);
    return (row) => {
      binary.clear();
      write(row);
      cursor.reset(binary.bytes);
      cursor.p = 0;
      cursor.end = binary.length;
      writeAsJson(out, schema, cursor);
      return true;
    };
  }
}
