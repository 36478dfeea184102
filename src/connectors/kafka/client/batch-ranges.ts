import { BATCH_LENGTH, int64, LAST_OFFSET_DELTA, LOG_OVERHEAD, MAGIC } from "../records/batch-header.ts";

/** The whole record batches at the start of a range, without looking into them. */
export interface WholeBatches {
  readonly end: number;
  /** Behind the last of them; `from` when there is none. */
  readonly nextOffset: number;
}

/** The smallest entry there is, a message of version 0: checksum, magic, attributes, two lengths. */
const LEAST_LENGTH = 14;

/**
 * Walks over the batch headers of `data[start, end)`. Brokers cut the last batch off where the size limit of the fetch
 * lies. Works for message sets before version 2 as well, whose entries start alike.
 */
export function wholeBatches(data: Uint8Array, start: number, end: number, from: number): WholeBatches {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = start;
  let nextOffset = from;
  while (at + LOG_OVERHEAD <= end) {
    const length = view.getInt32(at + BATCH_LENGTH);
    const behind = at + LOG_OVERHEAD + length;
    if (length < LEAST_LENGTH || behind > end) break;
    const delta = view.getInt8(at + MAGIC) >= 2 ? view.getInt32(at + LAST_OFFSET_DELTA) : 0;
    nextOffset = Math.max(nextOffset, int64(view, at) + delta + 1);
    at = behind;
  }
  return { end: at, nextOffset };
}
