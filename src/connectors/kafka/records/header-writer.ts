import { ByteWriter } from "../../../base/byte-writer.ts";
import { putVarint } from "./varint.ts";

/** The headers of one record, encoded; `clear` and fill it again for the next. */
export class HeaderWriter {
  count = 0;
  readonly #out = new ByteWriter(256);

  /** `bytes[0 .. length)` is what was written. */
  get bytes(): Uint8Array {
    return this.#out.bytes;
  }

  get length(): number {
    return this.#out.length;
  }

  /** A header from ranges of bytes; its value may be NULL, its key may not. */
  add(
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array | null,
    valueStart: number,
    valueEnd: number,
  ): void {
    this.count += 1;
    this.#part(key, keyStart, keyEnd);
    this.#part(value, valueStart, valueEnd);
  }

  clear(): void {
    this.count = 0;
    this.#out.clear();
  }

  #part(bytes: Uint8Array | null, start: number, end: number): void {
    const out = this.#out;
    out.ensure(5);
    out.length = putVarint(out.bytes, out.length, bytes === null ? -1 : end - start);
    if (bytes !== null) out.copy(bytes, start, end - start);
  }
}
