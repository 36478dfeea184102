import { SqlError } from "../../base/errors.ts";

/** What was between two threads when a checkpoint overtook it: a batch, or that the channel counted no longer or again. */
export type InFlight = InFlightBatch | InFlightIdleness;

interface InFlightChannel {
  /** Input of the node that it was on its way to. */
  readonly input: number;
  readonly sender: number;
}

export interface InFlightBatch extends InFlightChannel {
  /** As `batch-codec.ts` writes it. */
  readonly buffer: ArrayBuffer;
}

/** From here on the channel holds the watermark of the others back (false), or it is idle or at its end (true). */
export interface InFlightIdleness extends InFlightChannel {
  readonly idle: boolean;
}

/** First word of a batch, and of an idleness; a change of the form is another one. */
const BATCH = 0x4d46_4c31;
const IDLENESS = 0x4d46_4c32;
const WORDS = 4;

/** As a file: four words each (what it is, input, sender, bytes or 1 for idle), then the batch. */
export function encodeInFlight(elements: readonly InFlight[]): Uint8Array {
  const size = elements.reduce((sum, e) => sum + 4 * WORDS + ("buffer" in e ? e.buffer.byteLength : 0), 0);
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const element of elements) {
    const { input, sender } = element;
    const last = "buffer" in element ? [BATCH, element.buffer.byteLength] : [IDLENESS, element.idle ? 1 : 0];
    [last[0]!, input, sender, last[1]!].forEach((word, i) => view.setUint32(at + 4 * i, word, true));
    at += 4 * WORDS;
    if (!("buffer" in element)) continue;
    out.set(new Uint8Array(element.buffer), at);
    at += element.buffer.byteLength;
  }
  return out;
}

/** Throws CHECKPOINT_INVALID. */
export function decodeInFlight(bytes: Uint8Array): InFlight[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: InFlight[] = [];
  for (let at = 0; at < bytes.length;) {
    const word = (i: number): number => (at + 4 * i + 4 <= bytes.length ? view.getUint32(at + 4 * i, true) : 0);
    const [kind, input, sender, last] = [word(0), word(1), word(2), word(3)];
    const start = at + 4 * WORDS;
    const end = kind === BATCH ? start + last : start;
    if ((kind !== BATCH && kind !== IDLENESS) || end > bytes.length)
      throw new SqlError("CHECKPOINT_INVALID", "the rows in flight of a checkpoint are damaged");
    elements.push(
      kind === BATCH
        ? // In memory of its own, also where the bytes are a Buffer, whose slices share theirs.
          { input, sender, buffer: new Uint8Array(bytes.subarray(start, end)).buffer }
        : { input, sender, idle: last === 1 },
    );
    at = end;
  }
  return elements;
}

/**
 * What comes along the channels to one node from the moment when a checkpoint overtook them until each has delivered its
 * barrier: it belongs to the checkpoint, since the senders have it behind them and the node does not have it yet.
 */
export class InFlightRecord {
  readonly elements: InFlight[] = [];
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
    this.elements.push({ input, sender, buffer: buffer.slice(0) });
  }

  /** The channel holds the watermark back no longer, or again. */
  idle(input: number, sender: number, idle: boolean): void {
    this.elements.push({ input, sender, idle });
  }

  get hasRows(): boolean {
    return this.elements.some((element) => "buffer" in element);
  }

  /** The barrier of a channel has come. */
  close(exchange: number, sender: number): void {
    this.#open.delete(`${exchange}/${sender}`);
  }

  get complete(): boolean {
    return this.#open.size === 0;
  }
}
