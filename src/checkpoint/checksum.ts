import { crc32 as zlibCrc32 } from "node:zlib";

/** CRC-32 of the bytes, going on from the checksum of what stood before (0 at the start); unsigned. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  return zlibCrc32(bytes, previous) >>> 0;
}
