import type { ByteWriter } from "../../../base/byte-writer.ts";
import { SqlError } from "../../../base/errors.ts";

/** Compressed bytes that are not what their codec writes. */
export function broken(codec: string): SqlError {
  return new SqlError("IO", `the ${codec} data is broken`);
}

/** Throws when a batch would decompress to more than is allowed, before the memory is taken. */
export function checkSize(bytes: number, limit: number): void {
  if (bytes <= limit) return;
  throw new SqlError("OUT_OF_MEMORY", "the batch decompresses to more bytes than one batch may have", {
    hint: "a batch of this size was hardly meant; if it was, lower batch.size at its producer",
  });
}

/** Appends bytes of the input as they stand; there is room. */
export function appendLiteral(out: ByteWriter, bytes: Uint8Array, start: number, length: number): void {
  const target = out.bytes;
  const at = out.length;
  if (length < 32) for (let i = 0; i < length; i++) target[at + i] = bytes[start + i] as number;
  else target.set(bytes.subarray(start, start + length), at);
  out.length = at + length;
}

/** Appends `length` bytes again that stand `distance` before the end, which may overlap with what is appended; there is room. */
export function appendMatch(out: ByteWriter, distance: number, length: number): void {
  const target = out.bytes;
  const at = out.length;
  const from = at - distance;
  if (length >= 64 && distance >= length) target.copyWithin(at, from, from + length);
  else for (let i = 0; i < length; i++) target[at + i] = target[from + i] as number;
  out.length = at + length;
}
