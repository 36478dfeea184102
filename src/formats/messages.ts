import type { ByteWriter } from "../base/byte-writer.ts";
import type { Messages } from "./api.ts";

/** The bytes of the messages `[from .. to)`, one behind the other in memory of their own, and where each starts. */
export function joinMessages(
  { data, starts, lengths }: Messages,
  from: number,
  to: number,
): { readonly data: Uint8Array; readonly starts: Int32Array; readonly length: number } {
  let length = 0;
  for (let i = from; i < to; i++) length += Math.max(0, lengths[i]!);
  const joined = new Uint8Array(length + 1);
  const joinedStarts = new Int32Array(to - from);
  let at = 0;
  for (let i = from; i < to; i++) {
    const start = starts[i]!;
    const size = lengths[i]!;
    joinedStarts[i - from] = at;
    if (size <= 0) continue;
    joined.set(data.subarray(start, start + size), at);
    at += size;
  }
  return { data: joined, starts: joinedStarts, length };
}

/** The bytes of the messages `[from .. to)` in `out`, each with a line end behind it, but for those that are NULL. */
export function joinAsLines(
  out: ByteWriter,
  { data, starts, lengths }: Messages,
  from: number,
  to: number,
): ByteWriter {
  out.clear();
  for (let i = from; i < to; i++) {
    const length = lengths[i]!;
    if (length < 0) continue;
    out.ensure(length + 1);
    out.copy(data, starts[i]!, length);
    out.bytes[out.length++] = 10;
  }
  // Scanners look ahead.
  out.ensure(256);
  return out;
}
