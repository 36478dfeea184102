import { ByteWriter } from "../../base/byte-writer.ts";

/** A growing buffer with a view over it: keys and values of records are written one after another. */
export class RecordBuffer extends ByteWriter {
  view: DataView;

  constructor(capacityBytes = 1 << 16) {
    super(capacityBytes);
    this.view = viewOf(this.bytes);
  }

  override ensure(count: number): void {
    const before = this.bytes;
    super.ensure(count);
    if (this.bytes !== before) this.view = viewOf(this.bytes);
  }

  /** A whole number from 0 below 2^32, in one to five bytes. */
  varint(value: number): void {
    this.ensure(5);
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  u16(value: number): void {
    this.ensure(2);
    this.view.setUint16(this.length, value);
    this.length += 2;
  }

  u32(value: number): void {
    this.ensure(4);
    this.view.setUint32(this.length, value);
    this.length += 4;
  }

  /** A double whose bytes order as the numbers do. */
  orderedDouble(value: number): void {
    this.ensure(8);
    this.view.setFloat64(this.length, value);
    const high = this.view.getInt32(this.length);
    if (high < 0) {
      this.view.setInt32(this.length, ~high);
      this.view.setInt32(this.length + 4, ~this.view.getInt32(this.length + 4));
    } else {
      this.view.setInt32(this.length, high ^ 0x80000000);
    }
    this.length += 8;
  }
}

/** Reads what a `RecordBuffer` wrote. */
export class RecordReader {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = viewOf(this.bytes);
  at = 0;

  /** Goes to the start (or `at`) of these bytes. */
  open(bytes: Uint8Array, at = 0): this {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.at = at;
    return this;
  }

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  u16(): number {
    this.at += 2;
    return this.view.getUint16(this.at - 2);
  }

  u32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4);
  }

  orderedDouble(): number {
    const copy = new DataView(new ArrayBuffer(8));
    const high = this.view.getInt32(this.at);
    const low = this.view.getInt32(this.at + 4);
    this.at += 8;
    copy.setInt32(0, high < 0 ? high ^ 0x80000000 : ~high);
    copy.setInt32(4, high < 0 ? low : ~low);
    return copy.getFloat64(0);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
