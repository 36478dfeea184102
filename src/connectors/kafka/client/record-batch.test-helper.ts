import type { FetchedPartition, ProducerIdentity } from "./api.ts";
import { WireWriter } from "./protocol/wire.ts";

/** A record batch of version 2 with these values, written down from the protocol's description: a second opinion for tests. */
export function recordBatch(
  values: readonly string[],
  producer: ProducerIdentity & { readonly sequence?: number; readonly transactional?: boolean } = {
    producerId: -1,
    epoch: -1,
  },
): Uint8Array {
  const now = Date.now();
  const body = new WireWriter();
  body.int16(producer.transactional === true ? 0x10 : 0).int32(values.length - 1);
  body.int64(now).int64(now).int64(producer.producerId).int16(producer.epoch);
  body.int32(producer.producerId < 0 ? -1 : (producer.sequence ?? 0)).int32(values.length);
  values.forEach((value, i) => body.raw(Buffer.concat(recordOf(value, i))));
  const content = Buffer.concat(body.chunks());
  const head = new WireWriter();
  head
    .int64(0)
    .int32(content.length + 9)
    .int32(-1)
    .int8(2)
    .int32(crc32c(content) | 0);
  return Buffer.concat([...head.chunks(), content]);
}

function recordOf(value: string, offsetDelta: number): Buffer[] {
  const bytes = Buffer.from(value);
  const record = Buffer.concat([
    varint(0),
    varint(0),
    varint(offsetDelta),
    varint(-1),
    varint(bytes.length),
    bytes,
    varint(0),
  ]);
  return [varint(record.length), record];
}

/** Values of the records in whole, uncompressed batches; control batches and aborted transactions are passed over. */
export function valuesIn({ records, aborted }: Pick<FetchedPartition, "records" | "aborted">): string[] {
  const { data, start, end } = records;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const values: string[] = [];
  const dead = new Set<number>();
  const waiting = [...aborted];
  for (let at = start; at < end; at += 12 + bytes.readInt32BE(at + 8)) {
    const producer = Number(bytes.readBigInt64BE(at + 43));
    const attributes = bytes.readInt16BE(at + 21);
    const first = waiting.findIndex(
      (each) => each.producerId === producer && each.firstOffset <= Number(bytes.readBigInt64BE(at)),
    );
    if (first >= 0) {
      waiting.splice(first, 1);
      dead.add(producer);
    }
    if ((attributes & 0x20) !== 0) {
      dead.delete(producer);
      continue;
    }
    if ((attributes & 0x10) !== 0 && dead.has(producer)) continue;
    let position = at + 61;
    const next = (): number => {
      let raw = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[position++] ?? 0;
        raw += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
      }
    };
    for (let count = bytes.readInt32BE(at + 57); count > 0; count--) {
      const behind = next() + position;
      position += 1;
      next();
      next();
      const keyLength = next();
      position += Math.max(0, keyLength);
      const length = next();
      values.push(bytes.toString("utf8", position, position + length));
      position = behind;
    }
  }
  return values;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
