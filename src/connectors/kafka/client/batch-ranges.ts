/** The whole record batches at the start of a range, without looking into them. */
export interface WholeBatches {
  readonly end: number;
  /** Behind the last of them; `from` when there is none. */
  readonly nextOffset: number;
}

/**
 * Walks over the batch headers of `data[start, end)`. Brokers cut the last batch off where the size limit of the fetch
 * lies. Works for message sets before version 2 as well, whose entries start alike.
 */
export function wholeBatches(data: Uint8Array, start: number, end: number, from: number): WholeBatches {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = start;
  let nextOffset = from;
  while (at + HEADER_BYTES <= end) {
    const length = view.getInt32(at + 8);
    const behind = at + HEADER_BYTES + length;
    if (length < MIN_LENGTH || behind > end) break;
    const base = view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
    const delta = view.getInt8(at + 16) >= 2 ? view.getInt32(at + 23) : 0;
    nextOffset = Math.max(nextOffset, base + delta + 1);
    at = behind;
  }
  return { end: at, nextOffset };
}

/** Offset and length. */
const HEADER_BYTES = 12;
/** The smallest entry there is, a message of version 0: checksum, magic, attributes, two lengths. */
const MIN_LENGTH = 14;
