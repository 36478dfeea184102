import { ByteWriter } from "../../base/byte-writer.ts";
import { must } from "../../base/assert.ts";
import { columnOf } from "../../batch/column-builder.ts";
import { valueAt } from "../../batch/get.ts";
import type { Field, Value } from "../../types/data-type.ts";
import type { BadRecord, Format } from "../api.ts";
import { writeJsonDatum } from "../avro/json-datum.ts";
import { parseSchema } from "../avro/schema.ts";
import { messagesOf, type Columns } from "../test-support.ts";
import { headerOf } from "./framing.ts";

type Options = Readonly<Record<string, string>>;

const fieldsOf = (columns: Columns): Field[] => Object.entries(columns).map(([name, type]) => ({ name, type }));

/** Rows as messages. */
export async function encodeMessages(
  format: Format,
  columns: Columns,
  rows: readonly (readonly Value[])[],
  options: Options,
  kinds?: readonly number[],
): Promise<Uint8Array[]> {
  const fields = fieldsOf(columns);
  const encoder = must(format.encoder, "encoder")({ fields, options, timeZone: "UTC" });
  await encoder.prepare?.();
  const out = new ByteWriter(16);
  const write = encoder.rowWriter(
    {
      rowCount: rows.length,
      columns: fields.map(({ type }, i) =>
        columnOf(
          type,
          rows.map((row) => row[i]!),
        ),
      ),
      kinds: kinds === undefined ? undefined : Uint8Array.from(kinds),
      steps: undefined,
    },
    out,
  );
  return rows.map((_, row) => {
    out.clear();
    write(row);
    return out.bytes.slice(0, out.length);
  });
}

/** The rows of messages, each with its kind in front; reasons of bad records in the place of their rows. */
export async function decodeMessages(
  format: Format,
  columns: Columns,
  messages: readonly (Uint8Array | undefined)[],
  options: Options,
): Promise<(readonly [kind: number, ...Value[]] | string)[]> {
  const physical = fieldsOf(columns);
  const bad: BadRecord[] = [];
  const decoder = must(
    format.decoder,
    "decoder",
  )({
    physical,
    projection: physical.map(({ name, type }) => ({ path: [name], type })),
    options,
    timeZone: "UTC",
    onBadRecord: (record) => bad.push(record),
  });
  const input = messagesOf(messages);
  await decoder.prepareMessages?.(input, 0, messages.length);
  if (decoder.prepareMessages?.(input, 0, messages.length) !== undefined && bad.length > 0)
    throw new Error("prepared twice");
  const byMessage: (readonly [kind: number, ...Value[]] | string)[][] = messages.map(() => []);
  for (const { batch, messageOf } of must(decoder.decodeMessages?.(input, 0, messages.length), "messages")) {
    for (let row = 0; row < batch.rowCount; row++) {
      const values = physical.map(({ type }, i) => valueAt(batch.columns[i]!, row, type));
      byMessage[messageOf[row]!]!.push([batch.kinds?.[row] ?? 0, ...values]);
    }
  }
  for (const { offset, reason } of bad) byMessage[offset]!.push(reason);
  return byMessage.flat();
}

/** A message by a schema of one's own; `json`: the record in Avro's JSON encoding. */
export function messageBy(id: number, schema: string, json: unknown): Uint8Array {
  const out = new ByteWriter(64);
  const header = headerOf(id);
  out.copy(header, 0, header.length);
  writeJsonDatum(out, parseSchema(schema), json, "encoding");
  return out.bytes.slice(0, out.length);
}
