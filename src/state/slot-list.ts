import { ByteWriter } from "../base/byte-writer.ts";
import { SqlError } from "../base/errors.ts";
import type { Pace } from "./pace.ts";

/** Slots found between two looks at the clock. */
const STRIDE = 1 << 15;

/**
 * The slots of a mask (1: in the list) as bytes: the distance to the slot before (at first: to −1), less one, seven bits
 * to a byte, lowest first, the high bit says that more follow.
 */
export async function encodeSlots(mask: Uint8Array, limit: number, pace: Pace): Promise<Uint8Array> {
  const out = new ByteWriter(1024);
  let last = -1;
  let found = 0;
  for (let slot = mask.indexOf(1); slot >= 0 && slot < limit;) {
    out.ensure(5);
    let gap = slot - last - 1;
    for (; gap >= 0x80; gap >>>= 7) out.bytes[out.length++] = (gap & 0x7f) | 0x80;
    out.bytes[out.length++] = gap;
    last = slot;
    slot = mask[slot + 1] === 1 ? slot + 1 : mask.indexOf(1, slot + 1);
    if (++found % STRIDE === 0) await pace.step();
  }
  return out.bytes.subarray(0, out.length);
}

/** Adds the slots of a list to a mask, which is made longer where that is necessary. */
export function addSlots(list: Uint8Array, mask: Uint8Array): Uint8Array {
  let out = mask;
  let slot = -1;
  for (let at = 0; at < list.length;) {
    let gap = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = list[at++];
      if (byte === undefined || shift > 28)
        throw new SqlError("CHECKPOINT_INVALID", "a list of slots in a state file is damaged");
      gap |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    slot += gap + 1;
    if (slot >= out.length) {
      const grown = new Uint8Array(Math.max(slot + 1, 2 * out.length));
      grown.set(out);
      out = grown;
    }
    out[slot] = 1;
  }
  return out;
}
