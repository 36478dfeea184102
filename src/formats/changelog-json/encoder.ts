import type { ByteWriter } from "../../base/byte-writer.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction } from "../../batch/row-kind.ts";
import { encodeUtf8 } from "../../batch/utf8.ts";
import type { EncodeRequest, Encoder, RowWriter } from "../api.ts";
import { JsonEncoder } from "../json/encoder.ts";
import type { JsonOptions } from "../json/options.ts";

/** The texts around a row: of one that comes (+I, +U), and of one that goes (-U, -D). */
export interface EnvelopeTexts {
  readonly added: readonly [before: string, after: string];
  readonly removed: readonly [before: string, after: string];
}

/** Writes changes as envelopes. An update is written as the two rows it consists of: one goes, one comes. */
export class EnvelopeEncoder implements Encoder {
  private readonly json: JsonEncoder;
  private readonly added: readonly Uint8Array[];
  private readonly removed: readonly Uint8Array[];

  constructor(request: EncodeRequest, options: JsonOptions, texts: EnvelopeTexts) {
    this.json = new JsonEncoder(request, options);
    this.added = texts.added.map(encodeUtf8);
    this.removed = texts.removed.map(encodeUtf8);
  }

  rowWriter(batch: RecordBatch, out: ByteWriter): RowWriter {
    const write = this.json.rowWriter(batch, out);
    const { kinds } = batch;
    return (row) => {
      const [before, after] = kinds !== undefined && isRetraction(kinds[row]!) ? this.removed : this.added;
      out.copy(before!, 0, before!.length);
      write(row);
      out.copy(after!, 0, after!.length);
      return true;
    };
  }
}

/** `{"before":…,"after":…,"<operation>":…}`; a NULL image is left out where NULL fields are. */
export function beforeAfterTexts(
  operation: string,
  added: string,
  removed: string,
  options: JsonOptions,
): EnvelopeTexts {
  const none = (image: string): string => (options.ignoreNullFields ? "" : `"${image}":null,`);
  return {
    added: [`{${none("before")}"after":`, `,"${operation}":"${added}"}`],
    removed: [`{"before":`, `,${none("after")}"${operation}":"${removed}"}`],
  };
}
