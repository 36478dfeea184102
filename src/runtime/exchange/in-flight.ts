import { SqlError } from "../../base/errors.ts";

/** A batch that was between two threads when a checkpoint overtook it. */
export interface InFlightBatch {
  /** Input of the node that it was on its way to. */
  readonly input: number;
  readonly sender: number;
  /** As `batch-codec.ts` writes it. */
  readonly buffer: ArrayBuffer;
}

/** First word of the file; a change of the form is another one. */
const MAGIC = 0x4d46_4c31;
const WORDS = 4;

/** The batches as a file: four words each (magic, input, sender, bytes), then the batch. */
export function encodeInFlight(batches: readonly InFlightBatch[]): Uint8Array {
  const size = batches.reduce((sum, { buffer }) => sum + 4 * WORDS + buffer.byteLength, 0);
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const { input, sender, buffer } of batches) {
    [MAGIC, input, sender, buffer.byteLength].forEach((word, i) => view.setUint32(at + 4 * i, word, true));
    at += 4 * WORDS;
    out.set(new Uint8Array(buffer), at);
    at += buffer.byteLength;
  }
  return out;
}

/** Throws CHECKPOINT_INVALID. */
export function decodeInFlight(bytes: Uint8Array): InFlightBatch[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const batches: InFlightBatch[] = [];
  for (let at = 0; at < bytes.length;) {
    const word = (i: number): number => (at + 4 * i + 4 <= bytes.length ? view.getUint32(at + 4 * i, true) : 0);
    const [magic, input, sender, length] = [word(0), word(1), word(2), word(3)];
    const start = at + 4 * WORDS;
    if (magic !== MAGIC || start + length > bytes.length)
      throw new SqlError("CHECKPOINT_INVALID", "the rows in flight of a checkpoint are damaged");
    // In memory of its own, also where the bytes are a Buffer, whose slices share theirs.
    batches.push({ input, sender, buffer: new Uint8Array(bytes.subarray(start, start + length)).buffer });
    at = start + length;
  }
  return batches;
}

/**
 * What comes along the channels to one node from the moment when a checkpoint overtook them until each has delivered its
 * barrier: it belongs to the checkpoint, since the senders have it behind them and the node does not have it yet.
 */
export class InFlightRecord {
  readonly batches: InFlightBatch[] = [];
  /** Channels whose barrier is still to come: `exchange/sender`. */
  readonly #open = new Set<string>();

  open(exchange: number, sender: number): void {
    this.#open.add(`${exchange}/${sender}`);
  }

  isOpen(exchange: number, sender: number): boolean {
    return this.#open.has(`${exchange}/${sender}`);
  }

  /** Copied, since the batch itself is processed, and its memory used again. */
  add(input: number, sender: number, buffer: ArrayBuffer): void {
    this.batches.push({ input, sender, buffer: buffer.slice(0) });
  }

  /** The barrier of a channel has come. */
  close(exchange: number, sender: number): void {
    this.#open.delete(`${exchange}/${sender}`);
  }

  get complete(): boolean {
    return this.#open.size === 0;
  }
}
