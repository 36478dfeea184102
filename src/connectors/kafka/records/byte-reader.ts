import { SqlError } from "../../../base/errors.ts";

/** Reads Kafka's variable-length numbers; `at` is where the next one stands. */
export class ByteReader {
  bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** A signed number of at most 32 bits. What is read may lie behind the end of a record: the caller compares `at`. */
  varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] as number;
    let value = byte & 0x7f;
    if (byte >= 0x80) {
      byte = bytes[this.at++] as number;
      value |= (byte & 0x7f) << 7;
      for (let shift = 14; byte >= 0x80; shift += 7) {
        if (shift > 28) throw brokenRecord();
        byte = bytes[this.at++] as number;
        value |= (byte & 0x7f) << shift;
      }
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** A signed number of at most 64 bits, exact up to 2^53. */
  varlong(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] as number;
    let value = byte & 0x7f;
    let scale = 128;
    for (let count = 1; byte >= 0x80; count++) {
      if (count === 10) throw brokenRecord();
      byte = bytes[this.at++] as number;
      value += (byte & 0x7f) * scale;
      scale *= 128;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** A record whose parts do not fit together. */
export function brokenRecord(): SqlError {
  return new SqlError("IO", "a record is broken");
}
