import { brokenRecord, ByteReader } from "./byte-reader.ts";

/** Records as ranges of bytes. Arrays hold at least `count` entries; a length of -1 is NULL. */
export interface RecordRanges {
  /** The answer of the broker itself while nothing is compressed, otherwise memory of the decoder. */
  readonly data: Uint8Array;
  readonly count: number;
  readonly keyStarts: Int32Array;
  readonly keyLengths: Int32Array;
  readonly valueStarts: Int32Array;
  readonly valueLengths: Int32Array;
  /** Headers are read by a `HeaderReader`, where they are asked for. */
  readonly headerStarts: Int32Array;
  readonly headerCounts: Int32Array;
  readonly offsets: Float64Array;
  /** Milliseconds since 1970. */
  readonly timestamps: Float64Array;
  /** 0: the producer's time (CreateTime), 1: the broker's (LogAppendTime). */
  readonly timestampTypes: Uint8Array;
  readonly leaderEpochs: Int32Array;
}

/** The arrays of `RecordRanges`, which grow and are used again and again. */
export class RangeArrays implements RecordRanges {
  data: Uint8Array = new Uint8Array(0);
  count = 0;
  keyStarts = new Int32Array(0);
  keyLengths = new Int32Array(0);
  valueStarts = new Int32Array(0);
  valueLengths = new Int32Array(0);
  headerStarts = new Int32Array(0);
  headerCounts = new Int32Array(0);
  offsets = new Float64Array(0);
  timestamps = new Float64Array(0);
  timestampTypes = new Uint8Array(0);
  leaderEpochs = new Int32Array(0);

  /** Makes room for `count` records in all. */
  reserve(count: number): void {
    const had = this.offsets.length;
    if (count <= had) return;
    const size = Math.max(count, had * 2, 1024);
    this.keyStarts = copied(this.keyStarts, new Int32Array(size));
    this.keyLengths = copied(this.keyLengths, new Int32Array(size));
    this.valueStarts = copied(this.valueStarts, new Int32Array(size));
    this.valueLengths = copied(this.valueLengths, new Int32Array(size));
    this.headerStarts = copied(this.headerStarts, new Int32Array(size));
    this.headerCounts = copied(this.headerCounts, new Int32Array(size));
    this.offsets = copied(this.offsets, new Float64Array(size));
    this.timestamps = copied(this.timestamps, new Float64Array(size));
    this.timestampTypes = copied(this.timestampTypes, new Uint8Array(size));
    this.leaderEpochs = copied(this.leaderEpochs, new Int32Array(size));
  }
}

function copied<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from);
  return to;
}

/**
 * Walks over the headers of a record: `open`, then `next` until it says false; the fields are ranges in the data. The
 * bytes were checked when a decoder with `headers` decoded the record.
 */
export class HeaderReader {
  keyStart = 0;
  keyLength = 0;
  valueStart = 0;
  /** -1: NULL. */
  valueLength = 0;
  readonly #reader = new ByteReader(new Uint8Array(0), 0);
  #left = 0;

  open(ranges: RecordRanges, record: number): void {
    this.start(ranges.data, ranges.headerStarts[record] as number, ranges.headerCounts[record] as number);
  }

  /** `count` headers that begin at `at`. */
  start(data: Uint8Array, at: number, count: number): void {
    this.#reader.bytes = data;
    this.#reader.at = at;
    this.#left = count;
  }

  next(): boolean {
    if (this.#left <= 0) return false;
    this.#left -= 1;
    const reader = this.#reader;
    this.keyLength = reader.varint();
    this.keyStart = reader.at;
    if (this.keyLength < 0) throw brokenRecord();
    reader.at += this.keyLength;
    this.valueLength = reader.varint();
    this.valueStart = reader.at;
    if (this.valueLength < -1) throw brokenRecord();
    if (this.valueLength > 0) reader.at += this.valueLength;
    return true;
  }

  /** The end of the header that was read last. */
  get at(): number {
    return this.#reader.at;
  }
}
