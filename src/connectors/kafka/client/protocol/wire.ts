import { KafkaError } from "../errors.ts";

/** Big-endian writer of Kafka's types. Large byte ranges are kept by reference: the frame is a list of chunks. */
export class WireWriter {
  private readonly done: Uint8Array[] = [];
  private doneBytes = 0;
  private bytes: Buffer;
  private length = 0;

  constructor(capacityBytes = 256) {
    this.bytes = Buffer.allocUnsafe(capacityBytes);
  }

  /** Everything written, in order. */
  chunks(): Uint8Array[] {
    this.cut();
    return this.done;
  }

  byteLength(): number {
    return this.doneBytes + this.length;
  }

  int8(value: number): this {
    this.ensure(1);
    this.length = this.bytes.writeInt8(value, this.length);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int16(value: number): this {
    this.ensure(2);
    this.length = this.bytes.writeInt16BE(value, this.length);
    return this;
  }

  int32(value: number): this {
    this.ensure(4);
    this.length = this.bytes.writeInt32BE(value, this.length);
    return this;
  }

  int64(value: number): this {
    this.ensure(8);
    this.length = this.bytes.writeBigInt64BE(BigInt(value), this.length);
    return this;
  }

  unsignedVarint(value: number): this {
    this.ensure(5);
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.bytes[this.length++] = (rest & 0x7f) | 0x80;
    this.bytes[this.length++] = rest;
    return this;
  }

  string(value: string): this {
    this.int16(Buffer.byteLength(value));
    return this.text(value);
  }

  nullableString(value: string | undefined): this {
    return value === undefined ? this.int16(-1) : this.string(value);
  }

  compactString(value: string): this {
    this.unsignedVarint(Buffer.byteLength(value) + 1);
    return this.text(value);
  }

  compactNullableString(value: string | undefined): this {
    return value === undefined ? this.unsignedVarint(0) : this.compactString(value);
  }

  byteString(value: Uint8Array): this {
    this.int32(value.length);
    return this.raw(value);
  }

  /** An array with its 32-bit length; the callback writes one element. */
  array<T>(values: readonly T[], write: (value: T) => void): this {
    this.int32(values.length);
    for (const value of values) write(value);
    return this;
  }

  compactArray<T>(values: readonly T[], write: (value: T) => void): this {
    this.unsignedVarint(values.length + 1);
    for (const value of values) write(value);
    return this;
  }

  noTags(): this {
    return this.unsignedVarint(0);
  }

  /** Long ranges are not copied: they must stay as they are until the frame is sent. */
  raw(value: Uint8Array): this {
    if (value.length < KEPT_BYTES) {
      this.ensure(value.length);
      this.bytes.set(value, this.length);
      this.length += value.length;
      return this;
    }
    this.cut();
    this.done.push(value);
    this.doneBytes += value.length;
    return this;
  }

  private text(value: string): this {
    const count = Buffer.byteLength(value);
    this.ensure(count);
    this.bytes.write(value, this.length);
    this.length += count;
    return this;
  }

  private cut(): void {
    if (this.length === 0) return;
    this.done.push(this.bytes.subarray(0, this.length));
    this.doneBytes += this.length;
    this.bytes = this.bytes.subarray(this.length);
    this.length = 0;
  }

  private ensure(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.length + count, this.bytes.length * 2, 256));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

const KEPT_BYTES = 1024;

/** Big-endian reader of Kafka's types over one answer. What does not fit is an error, never a read beyond the end. */
export class WireReader {
  readonly bytes: Buffer;
  offset = 0;
  private readonly what: string;

  /** `what` names request and broker in errors. */
  constructor(bytes: Uint8Array, what: string) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.what = what;
  }

  int8(): number {
    return this.bytes.readInt8(this.take(1));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int16(): number {
    return this.bytes.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  int64(): number {
    const at = this.take(8);
    const value = this.bytes.readInt32BE(at) * 0x1_0000_0000 + this.bytes.readUInt32BE(at + 4);
    return Number.isSafeInteger(value) ? value : this.broken(`a number beyond 2^53 at byte ${at}`);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.take(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.broken(`a variable-length number without an end at byte ${this.offset}`);
  }

  string(): string {
    return this.nullableString() ?? "";
  }

  nullableString(): string | undefined {
    const count = this.int16();
    return count < 0 ? undefined : this.text(count);
  }

  compactString(): string {
    return this.compactNullableString() ?? "";
  }

  compactNullableString(): string | undefined {
    const count = this.unsignedVarint();
    return count === 0 ? undefined : this.text(count - 1);
  }

  /** A copy of a byte string; for small ones. */
  byteString(): Uint8Array {
    const count = this.int32();
    if (count <= 0) return new Uint8Array(0);
    const at = this.take(count);
    return Uint8Array.prototype.slice.call(this.bytes, at, at + count);
  }

  array<T>(read: () => T): T[] {
    return this.elements(this.int32(), read);
  }

  compactArray<T>(read: () => T): T[] {
    return this.elements(this.unsignedVarint() - 1, read);
  }

  /** Passes over tagged fields; `read` may take one by its tag (the reader stands at its start). */
  tags(read?: (tag: number) => void): void {
    const count = this.unsignedVarint();
    for (let i = 0; i < count; i++) {
      const tag = this.unsignedVarint();
      const size = this.unsignedVarint();
      const end = this.take(size) + size;
      this.offset = end - size;
      read?.(tag);
      this.offset = end;
    }
  }

  /** Passes over `count` bytes and says where they start. */
  take(count: number): number {
    const start = this.offset;
    if (count < 0 || start + count > this.bytes.length) {
      this.broken(`it ends after ${this.bytes.length} bytes, ${count} more were expected at byte ${start}`);
    }
    this.offset = start + count;
    return start;
  }

  private elements<T>(count: number, read: () => T): T[] {
    // Every element has at least one byte: a length beyond the rest is garbage, and must not become an allocation.
    if (count > this.bytes.length - this.offset) this.broken(`a list of ${count} elements at byte ${this.offset}`);
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(read());
    return values;
  }

  private text(count: number): string {
    const at = this.take(count);
    return this.bytes.toString("utf8", at, at + count);
  }

  private broken(how: string): never {
    throw new KafkaError("UNKNOWN_SERVER_ERROR", `the answer to ${this.what} cannot be read: ${how}`, {
      hint: "The address may belong to something that is not a Kafka broker, or to one whose protocol differs.",
    });
  }
}
