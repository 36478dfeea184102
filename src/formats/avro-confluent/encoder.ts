import { SqlError } from "../../base/errors.ts";
import type { ByteWriter } from "../../base/byte-writer.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction } from "../../batch/row-kind.ts";
import type { Encoder, RowWriter } from "../api.ts";
import { headerOf } from "./framing.ts";
import type { SchemaRegistry } from "./registry.ts";

/** What stands around the record of a row. */
export interface Surroundings {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export interface ConfluentEncoderSettings {
  readonly registry: SchemaRegistry;
  readonly subject: string;
  readonly schemaText: string;
  readonly record: Encoder;
  /** Of rows that come (+I, +U), and of rows that go (-U, -D). */
  readonly added: Surroundings;
  readonly removed: Surroundings;
}

/** Writes records with the id of their schema in front, which is registered before the first row. */
export class ConfluentEncoder implements Encoder {
  private readonly settings: ConfluentEncoderSettings;
  private header: Uint8Array | undefined;

  constructor(settings: ConfluentEncoderSettings) {
    this.settings = settings;
  }

  async prepare(): Promise<void> {
    const { registry, subject, schemaText } = this.settings;
    this.header ??= headerOf(await registry.register(subject, schemaText));
  }

  rowWriter(batch: RecordBatch, out: ByteWriter): RowWriter {
    const { header } = this;
    if (header === undefined) throw new SqlError("BUG", "the encoder was not prepared: its schema has no id");
    const { record, added, removed } = this.settings;
    const write = record.rowWriter(batch, out);
    const { kinds } = batch;
    return (row) => {
      const { before, after } = kinds !== undefined && isRetraction(kinds[row]!) ? removed : added;
      out.copy(header, 0, header.length);
      out.copy(before, 0, before.length);
      write(row);
      out.copy(after, 0, after.length);
      return true;
    };
  }
}
