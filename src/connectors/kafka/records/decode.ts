import { assert } from "../../../base/assert.ts";
import { ByteWriter } from "../../../base/byte-writer.ts";
import { SqlError } from "../../../base/errors.ts";
import { AbortedTransactions, type AbortedTransaction } from "./aborted-transactions.ts";
import * as field from "./batch-header.ts";
import { brokenRecord, ByteReader } from "./byte-reader.ts";
import { CODECS, decompress } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { HeaderReader, RangeArrays, type RecordRanges } from "./ranges.ts";

/** Compressed batches are put together up to this size, so that small ones do not make small ranges. */
const ARENA_BYTES = 4 << 20;
const DEFAULT_MAX_BATCH_BYTES = 256 << 20;

export interface DecoderOptions {
  /** `properties.check.crcs`; on by default. */
  readonly checkCrcs?: boolean | undefined;
  /** Whether headers are read afterwards: they are checked only then, and `headerCounts` is 0 otherwise. */
  readonly headers?: boolean | undefined;
  /** The most that one batch may decompress to. */
  readonly maxBatchBytes?: number | undefined;
}

/** The records of one partition in the answer to a Fetch request: whole batches, of which the last may be cut off. */
export interface FetchedRecords {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** The offset that was asked for; a batch is sent whole, so that earlier records may stand before it. */
  readonly fromOffset: number;
  /** What the answer lists when it was asked for with read_committed; undefined is read_uncommitted. */
  readonly abortedTransactions?: readonly AbortedTransaction[] | undefined;
  /** For errors: topic and partition. */
  readonly name: string;
}

/**
 * Turns fetched record batches into ranges of bytes, without an object for each record. `open` an answer, then call
 * `next` until it says undefined; ranges are good until the next call. Transactions are followed as Java's consumer does.
 */
export class RecordDecoder {
  /** The offset behind all that was returned or passed over (control records, aborted and compacted ones): fetch here. */
  nextOffset = 0;
  /** When the very first batch is cut off: the bytes that an answer must have to hold it; otherwise 0. */
  missingBytes = 0;
  readonly #checkCrcs: boolean;
  readonly #headers: HeaderReader | undefined;
  readonly #maxBatchBytes: number;
  readonly #ranges = new RangeArrays();
  readonly #reader = new ByteReader(new Uint8Array(0), 0);
  #arena = new ByteWriter(0);
  #inArena = false;
  #fetched: FetchedRecords = { bytes: new Uint8Array(0), start: 0, end: 0, fromOffset: 0, name: "" };
  #view: DataView = new DataView(new ArrayBuffer(0));
  #aborted: AbortedTransactions | undefined;
  /** Where the next batch begins in the answer. */
  #at = 0;
  #failure: unknown;

  // The batch that is being read; #left records of it are still to come.
  #left = 0;
  #stop = 0;
  #baseOffset = 0;
  #lastDelta = 0;
  #baseTimestamp = 0;
  #timestampType = 0;
  #leaderEpoch = 0;

  constructor(options: DecoderOptions = {}) {
    this.#checkCrcs = options.checkCrcs ?? true;
    this.#headers = options.headers === true ? new HeaderReader() : undefined;
    this.#maxBatchBytes = options.maxBatchBytes ?? DEFAULT_MAX_BATCH_BYTES;
  }

  /** Begins with an answer; what was left of the one before is forgotten. */
  open(fetched: FetchedRecords): void {
    const { bytes, start, end, fromOffset, abortedTransactions } = fetched;
    this.#fetched = fetched;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, end);
    this.#aborted = abortedTransactions === undefined ? undefined : new AbortedTransactions(abortedTransactions);
    this.#at = start;
    this.#left = 0;
    this.#failure = undefined;
    this.nextOffset = fromOffset;
    this.missingBytes = 0;
  }

  /**
   * The next records, at most `maxRecords`, or undefined when there are none left. Throws SqlError for bytes that are no
   * record batch, after the records before them have been returned, and again on every further call.
   */
  next(maxRecords: number): RecordRanges | undefined {
    assert(maxRecords > 0, "records are asked for");
    const ranges = this.#ranges;
    ranges.count = 0;
    if (this.#failure !== undefined) throw this.#failure;
    this.#tidyArena();
    try {
      while (ranges.count < maxRecords && (this.#left > 0 || this.#enterBatch())) {
        this.#readRecords(maxRecords);
        if (this.#left === 0) this.#advance(this.#baseOffset + this.#lastDelta + 1);
        if (this.#inArena && this.#arena.length > ARENA_BYTES) break;
      }
    } catch (error) {
      this.#failure = this.#located(error);
      if (ranges.count === 0) throw this.#failure;
    }
    // Only now, as memory that grows moves.
    ranges.data = this.#inArena ? this.#arena.bytes : this.#fetched.bytes;
    return ranges.count === 0 ? undefined : ranges;
  }

  /** Frees what earlier calls have returned; the rest of a batch stays. */
  #tidyArena(): void {
    const arena = this.#arena;
    if (this.#left === 0) {
      this.#inArena = false;
      arena.length = 0;
      // The memory of one huge batch is not kept for ever.
      if (arena.bytes.length > 8 * ARENA_BYTES) this.#arena = new ByteWriter(0);
      return;
    }
    const reader = this.#reader;
    if (!this.#inArena || reader.at < arena.length / 2) return;
    arena.bytes.copyWithin(0, reader.at, arena.length);
    arena.length -= reader.at;
    this.#stop -= reader.at;
    reader.at = 0;
  }

  /** Goes to the next batch that has records for the reader. False: there is none, or it must wait for the next call. */
  #enterBatch(): boolean {
    const view = this.#view;
    for (;;) {
      const at = this.#at;
      const room = view.byteLength - at;
      const isLengthThere = room >= field.LOG_OVERHEAD;
      const size = isLengthThere ? view.getInt32(at + field.BATCH_LENGTH) + field.LOG_OVERHEAD : field.RECORDS;
      if (room > field.MAGIC) checkMagic(view.getUint8(at + field.MAGIC));
      if (size < field.RECORDS) throw broken("its length is wrong");
      if (size > room) {
        if (at === this.#fetched.start && room > 0) this.missingBytes = size;
        return false;
      }
      const codec = view.getInt16(at + field.ATTRIBUTES) & field.CODEC_BITS;
      const lastOffset = field.int64(view, at) + view.getInt32(at + field.LAST_OFFSET_DELTA);
      const wanted = this.#isWanted(at, size, lastOffset);
      // Ranges point into one buffer: plain batches can be copied to decompressed ones, but not the other way round.
      if (wanted && codec !== 0 && !this.#inArena && this.#ranges.count > 0) return false;
      this.#at = at + size;
      if (wanted) {
        this.#openBatch(at, size, codec);
        if (this.#left > 0) return true;
      }
      this.#advance(lastOffset + 1);
    }
  }

  #isWanted(at: number, size: number, lastOffset: number): boolean {
    const view = this.#view;
    const attributes = view.getInt16(at + field.ATTRIBUTES);
    const isControl = (attributes & field.CONTROL) !== 0;
    this.#checkBatch(at, size);
    if (this.#aborted !== undefined && (isControl || (attributes & field.TRANSACTIONAL) !== 0)) {
      const producerId = field.int64(view, at + field.PRODUCER_ID);
      const isAbortMarker = isControl && this.#isAbortMarker(at, size);
      if (this.#aborted.isAborted(producerId, lastOffset, isAbortMarker)) return false;
    }
    return !isControl && lastOffset >= this.#fetched.fromOffset;
  }

  #checkBatch(at: number, size: number): void {
    const view = this.#view;
    if (view.getInt32(at + field.LAST_OFFSET_DELTA) < 0) throw broken("its last offset is before its first");
    if (view.getInt32(at + field.RECORD_COUNT) < 0) throw broken("its number of records is negative");
    if (!this.#checkCrcs) return;
    if (crc32c(this.#fetched.bytes, at + field.ATTRIBUTES, at + size) === view.getUint32(at + field.CRC)) return;
    throw broken("its checksum is wrong");
  }

  /** A control record's key: version, then type, of which 0 is abort. */
  #isAbortMarker(at: number, size: number): boolean {
    const reader = this.#reader;
    reader.bytes = this.#fetched.bytes;
    reader.at = at + field.RECORDS;
    reader.varint();
    reader.at += 1;
    reader.varlong();
    reader.varint();
    if (reader.varint() < 4 || reader.at + 4 > at + size) throw brokenRecord();
    return this.#view.getInt16(reader.at + 2) === 0;
  }

  #openBatch(at: number, size: number, codecNumber: number): void {
    const view = this.#view;
    const codec = CODECS[codecNumber];
    if (codec === undefined) throw broken(`it has the unknown codec ${codecNumber}`);
    const { bytes } = this.#fetched;
    if (codec === "none" && !this.#inArena) {
      this.#reader.bytes = bytes;
      this.#reader.at = at + field.RECORDS;
      this.#stop = at + size;
    } else {
      const arena = this.#arena;
      this.#reader.at = arena.length;
      decompress(codec, bytes, at + field.RECORDS, at + size, arena, this.#maxBatchBytes);
      this.#reader.bytes = arena.bytes;
      this.#stop = arena.length;
      this.#inArena = true;
    }
    this.#left = view.getInt32(at + field.RECORD_COUNT);
    this.#baseOffset = field.int64(view, at);
    this.#lastDelta = view.getInt32(at + field.LAST_OFFSET_DELTA);
    this.#leaderEpoch = view.getInt32(at + field.LEADER_EPOCH);
    this.#timestampType = (view.getInt16(at + field.ATTRIBUTES) & field.LOG_APPEND_TIME) === 0 ? 0 : 1;
    const time = this.#timestampType === 0 ? field.BASE_TIMESTAMP : field.MAX_TIMESTAMP;
    this.#baseTimestamp = field.int64(view, at + time);
  }

  /** Reads records of the batch until it ends or there are `maxRecords` in the ranges. */
  #readRecords(maxRecords: number): void {
    const ranges = this.#ranges;
    const reader = this.#reader;
    const headers = this.#headers;
    const stop = this.#stop;
    const { fromOffset } = this.#fetched;
    const isAppendTime = this.#timestampType === 1;
    let count = ranges.count;
    let left = this.#left;
    // A record has at least seven bytes: a number of records that is a lie costs no memory.
    ranges.reserve(count + Math.min(left, maxRecords - count, Math.ceil((stop - reader.at) / 7)));
    const { keyStarts, keyLengths, valueStarts, valueLengths, headerStarts, headerCounts, timestamps, offsets } =
      ranges;
    const from = count;
    try {
      while (left > 0 && count < maxRecords) {
        const length = reader.varint();
        const end = reader.at + length;
        if (length < 0 || end > stop) throw brokenRecord();
        // Its attributes are not used.
        reader.at += 1;
        const timestampDelta = reader.varlong();
        const offsetDelta = reader.varint();
        if (offsetDelta < 0 || offsetDelta > this.#lastDelta) throw brokenRecord();
        const keyLength = reader.varint();
        const keyStart = reader.at;
        if (keyLength > 0) reader.at += keyLength;
        const valueLength = reader.varint();
        const valueStart = reader.at;
        if (valueLength > 0) reader.at += valueLength;
        const headerCount = reader.varint();
        const headerStart = reader.at;
        if (keyLength < -1 || valueLength < -1 || headerCount < 0 || headerStart > end) throw brokenRecord();
        if (headerCount === 0) {
          if (headerStart !== end) throw brokenRecord();
        } else if (headers !== undefined) {
          checkHeaders(headers, reader.bytes, headerStart, headerCount, end);
        }
        reader.at = end;
        left -= 1;
        const offset = this.#baseOffset + offsetDelta;
        if (offset < fromOffset) continue;
        keyStarts[count] = keyStart;
        keyLengths[count] = keyLength;
        valueStarts[count] = valueStart;
        valueLengths[count] = valueLength;
        headerStarts[count] = headerStart;
        headerCounts[count] = headers === undefined ? 0 : headerCount;
        timestamps[count] = isAppendTime ? this.#baseTimestamp : this.#baseTimestamp + timestampDelta;
        offsets[count] = offset;
        count += 1;
      }
    } finally {
      this.#left = left;
      ranges.count = count;
      ranges.timestampTypes.fill(this.#timestampType, from, count);
      ranges.leaderEpochs.fill(this.#leaderEpoch, from, count);
      if (count > from) this.#advance((offsets[count - 1] as number) + 1);
    }
  }

  /** Never back, whatever the bytes say: whoever fetches at `nextOffset` must get on. */
  #advance(offset: number): void {
    if (offset > this.nextOffset) this.nextOffset = offset;
  }

  #located(error: unknown): unknown {
    if (!(error instanceof SqlError)) return error;
    const message = `record batch of ${this.#fetched.name} at or after offset ${this.nextOffset}: ${error.message}`;
    return new SqlError(error.code, message, { hint: error.hint ?? SKIP_HINT, cause: error.cause });
  }
}

const SKIP_HINT = "start behind this offset to pass over the batch ('scan.startup.mode' = 'specific-offsets')";

function broken(what: string): SqlError {
  return new SqlError("IO", `the batch is broken, ${what}`);
}

function checkMagic(magic: number): void {
  if (magic === 2) return;
  if (magic > 2) throw broken(`it has the unknown format ${magic}`);
  throw new SqlError("UNSUPPORTED", `the batch has the message format of Kafka before 0.11 (magic ${magic})`, {
    hint: "copy the topic with a client of today; brokers since 4.0 keep this format only in old segments",
  });
}

function checkHeaders(reader: HeaderReader, bytes: Uint8Array, at: number, count: number, end: number): void {
  reader.start(bytes, at, count);
  while (reader.next()) if (reader.at > end) throw brokenRecord();
  if (reader.at !== end) throw brokenRecord();
}
