/** A growing byte buffer that encoders write into. `bytes[0 .. length)` is what was written. */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;

  constructor(capacityBytes = 1 << 16) {
    this.bytes = new Uint8Array(capacityBytes);
  }

  /** Makes room for `count` more bytes; call before writing to `bytes` directly. */
  ensure(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.ensure(1);
    this.bytes[this.length++] = value;
  }

  /** Copies `length` bytes of `source` from `start`. */
  copy(source: Uint8Array, start: number, length: number): void {
    this.ensure(length);
    if (length < 32) {
      const target = this.bytes;
      let to = this.length;
      for (let i = start, end = start + length; i < end; i++) target[to++] = source[i] ?? 0;
    } else {
      this.bytes.set(source.subarray(start, start + length), this.length);
    }
    this.length += length;
  }

  /** Text as UTF-8. */
  text(value: string): void {
    this.ensure(value.length * 3);
    const target = this.bytes;
    let to = this.length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) {
        this.length = to + (utf8.encodeInto(value.slice(i), target.subarray(to)).written ?? 0);
        return;
      }
      target[to++] = code;
    }
    this.length = to;
  }

  clear(): void {
    this.length = 0;
  }
}

const utf8 = new TextEncoder();
