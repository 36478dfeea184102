import { assert } from "../../../base/assert.ts";
import { ByteWriter } from "../../../base/byte-writer.ts";
import { SqlError } from "../../../base/errors.ts";
import * as field from "./batch-header.ts";
import { CODECS, type Compressor } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import type { HeaderWriter } from "./header-writer.ts";
import { putVarint, putVarlong, varintSize, varlongSize } from "./varint.ts";

const DEFAULT_TARGET_BYTES = 900_000;
/** The default of `max.request.size` of Java's producer and, less 12 bytes, of the brokers' `message.max.bytes`. */
const DEFAULT_MAX_BYTES = 1 << 20;
/** Memory that a writer begins with. */
const FIRST_BYTES = 1 << 14;

export interface BatchLimits {
  /** A batch that has records takes no more once it would be larger than this, before compression. */
  readonly targetBytes?: number | undefined;
  /** A record that alone makes a larger batch is refused (`max.request.size`, the topic's `max.message.bytes`). */
  readonly maxBytes?: number | undefined;
}

/** What the batch says about its producer. Without idempotence: -1, -1, -1, false. */
export interface BatchProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
}

export const NO_PRODUCER: BatchProducer = {
  producerId: -1,
  producerEpoch: -1,
  baseSequence: -1,
  transactional: false,
};

/**
 * Collects the records of one partition into a record batch. When `add` or `addMany` take no more, the caller takes the
 * batch by `finish` and goes on; all bytes are copied before a call returns.
 */
export class RecordBatchWriter {
  readonly #targetBytes: number;
  readonly #maxBytes: number;
  readonly #name: string;
  #out = emptyBatch();
  #spare: Uint8Array | undefined;
  #count = 0;
  #baseTimestamp = 0;
  #maxTimestamp = 0;

  /** `name`: topic and partition, for errors. */
  constructor(name: string, limits: BatchLimits = {}) {
    this.#name = name;
    this.#maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#targetBytes = Math.min(limits.targetBytes ?? DEFAULT_TARGET_BYTES, this.#maxBytes);
  }

  /** Records in the batch: by so much the producer's sequence number moves on. */
  get count(): number {
    return this.#count;
  }

  /** The size of the batch before compression. */
  get byteLength(): number {
    return this.#out.length;
  }

  /**
   * Adds a record with its key and value as ranges of bytes or NULL. False: it does not fit into this batch any more.
   * Throws VALUE_OUT_OF_RANGE when it would not fit into any.
   */
  add(
    timestampMillis: number,
    key: Uint8Array | null,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array | null,
    valueStart: number,
    valueEnd: number,
    headers: HeaderWriter | null,
  ): boolean {
    const count = this.#count;
    const keyLength = key === null ? -1 : keyEnd - keyStart;
    const valueLength = value === null ? -1 : valueEnd - valueStart;
    const headerCount = headers === null ? 0 : headers.count;
    const headerBytes = headers === null ? 0 : headers.length;
    const timestampDelta = count === 0 ? 0 : timestampMillis - this.#baseTimestamp;
    const size =
      1 +
      varlongSize(timestampDelta) +
      varintSize(count) +
      varintSize(keyLength) +
      Math.max(0, keyLength) +
      varintSize(valueLength) +
      Math.max(0, valueLength) +
      varintSize(headerCount) +
      headerBytes;
    const whole = varintSize(size) + size;
    if (!this.#takes(whole)) return false;
    this.#countTimestamp(timestampMillis);
    const out = this.#out;
    out.ensure(whole);
    const { bytes } = out;
    let at = putVarint(bytes, out.length, size);
    // No attributes of a record are in use.
    bytes[at++] = 0;
    at = putVarlong(bytes, at, timestampDelta);
    at = putVarint(bytes, at, count);
    at = putVarint(bytes, at, keyLength);
    if (key !== null) at = putBytes(bytes, at, key, keyStart, keyEnd);
    at = putVarint(bytes, at, valueLength);
    if (value !== null) at = putBytes(bytes, at, value, valueStart, valueEnd);
    at = putVarint(bytes, at, headerCount);
    if (headers !== null) at = putBytes(bytes, at, headers.bytes, 0, headerBytes);
    out.length = at;
    this.#count = count + 1;
    return true;
  }

  /**
   * Adds records without key and headers: value i is `values[ends[i - 1] .. ends[i])`, value 0 begins at 0. Says which
   * index is the first that did not fit, `to` when all did. Throws as `add`, when no record is in the batch.
   */
  addMany(values: Uint8Array, ends: Int32Array, from: number, to: number, timestampMillis: number): number {
    if (from >= to) return to;
    const timestampDelta = this.#count === 0 ? 0 : timestampMillis - this.#baseTimestamp;
    // Everything of a record but its value, its length and the numbers that depend on it: attributes, key, headers.
    const fixed = 3 + varlongSize(timestampDelta);
    const start = from === 0 ? 0 : (ends[from - 1] as number);
    let needed = 0;
    let stop = from;
    for (let before = start; stop < to; stop++) {
      const end = ends[stop] as number;
      const length = end - before;
      const size = fixed + varintSize(this.#count + stop - from) + varintSize(length) + length;
      const whole = varintSize(size) + size;
      if (this.#out.length + needed + whole > this.#targetBytes && (stop > from || !this.#takes(whole))) break;
      needed += whole;
      before = end;
    }
    if (stop === from) return from;
    this.#countTimestamp(timestampMillis);
    this.#putMany(values, ends, from, stop, needed, timestampDelta);
    return stop;
  }

  /**
   * The batch, ready for a Produce request; the writer is empty afterwards. The bytes belong to the caller, who may give
   * them back by `recycle` when the broker has answered.
   */
  finish(producer: BatchProducer, compressor?: Compressor): Uint8Array {
    assert(this.#count > 0, "a record batch has records");
    const codec = CODECS.indexOf(compressor?.codec ?? "none");
    let out = this.#out;
    if (compressor !== undefined && codec !== 0) {
      out = emptyBatch(this.#spare);
      compressor.compress(this.#out.bytes, field.RECORDS, this.#out.length, out);
      this.#out.length = field.RECORDS;
    } else {
      this.#out = emptyBatch(this.#spare);
    }
    this.#spare = undefined;
    const batch = out.bytes.subarray(0, out.length);
    this.#putHeader(batch, producer, codec);
    this.#count = 0;
    return batch;
  }

  /** Takes the memory of a finished batch for the next one. */
  recycle(batch: Uint8Array): void {
    this.#spare = new Uint8Array(batch.buffer);
  }

  #takes(recordBytes: number): boolean {
    const size = this.#out.length + recordBytes;
    if (size <= this.#targetBytes) return true;
    if (this.#count > 0) return false;
    if (size <= this.#maxBytes) return true;
    throw new SqlError(
      "VALUE_OUT_OF_RANGE",
      `a record for ${this.#name} has ${size} bytes with its batch, more than the ${this.#maxBytes} that may be sent`,
      { hint: "raise 'properties.max.request.size' and max.message.bytes of the topic" },
    );
  }

  #countTimestamp(timestampMillis: number): void {
    if (this.#count === 0) this.#baseTimestamp = timestampMillis;
    if (this.#count === 0 || timestampMillis > this.#maxTimestamp) this.#maxTimestamp = timestampMillis;
  }

  #putMany(
    values: Uint8Array,
    ends: Int32Array,
    from: number,
    to: number,
    needed: number,
    timestampDelta: number,
  ): void {
    const out = this.#out;
    out.ensure(needed);
    const { bytes } = out;
    let before = from === 0 ? 0 : (ends[from - 1] as number);
    const last = ends[to - 1] as number;
    // All values at once to the end of what is needed, then each down to its place, which is never above: moving bytes
    // inside an array takes no view of them, and half of the time.
    const shift = out.length + needed - last;
    bytes.set(values.subarray(before, last), before + shift);
    const fixed = 3 + varlongSize(timestampDelta);
    let at = out.length;
    let offsetDelta = this.#count;
    for (let i = from; i < to; i++) {
      const end = ends[i] as number;
      const length = end - before;
      at = putVarint(bytes, at, fixed + varintSize(offsetDelta) + varintSize(length) + length);
      bytes[at++] = 0;
      at = putVarlong(bytes, at, timestampDelta);
      at = putVarint(bytes, at, offsetDelta++);
      // The key is NULL: -1.
      bytes[at++] = 1;
      at = putVarint(bytes, at, length);
      bytes.copyWithin(at, before + shift, end + shift);
      at += length;
      bytes[at++] = 0;
      before = end;
    }
    out.length = at;
    this.#count = offsetDelta;
  }

  #putHeader(batch: Uint8Array, producer: BatchProducer, codec: number): void {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
    field.setInt64(view, field.BASE_OFFSET, 0);
    view.setInt32(field.BATCH_LENGTH, batch.length - field.LOG_OVERHEAD);
    view.setInt32(field.LEADER_EPOCH, -1);
    view.setUint8(field.MAGIC, 2);
    view.setInt16(field.ATTRIBUTES, codec | (producer.transactional ? field.TRANSACTIONAL : 0));
    view.setInt32(field.LAST_OFFSET_DELTA, this.#count - 1);
    field.setInt64(view, field.BASE_TIMESTAMP, this.#baseTimestamp);
    field.setInt64(view, field.MAX_TIMESTAMP, this.#maxTimestamp);
    field.setInt64(view, field.PRODUCER_ID, producer.producerId);
    view.setInt16(field.PRODUCER_EPOCH, producer.producerEpoch);
    view.setInt32(field.BASE_SEQUENCE, producer.baseSequence);
    view.setInt32(field.RECORD_COUNT, this.#count);
    view.setUint32(field.CRC, crc32c(batch, field.ATTRIBUTES, batch.length));
  }
}

/** Room for the header of a batch; `memory` is used again if there is some. */
function emptyBatch(memory?: Uint8Array): ByteWriter {
  const out = new ByteWriter(memory === undefined ? FIRST_BYTES : 0);
  if (memory !== undefined) out.bytes = memory;
  out.length = field.RECORDS;
  return out;
}

function putBytes(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 40) for (let i = 0; i < length; i++) target[at + i] = source[start + i] as number;
  else target.set(source.subarray(start, end), at);
  return at + length;
}
