import type { RecordWriter } from "./record-writer.ts";

/** Keys of one batch of the writer. */
interface Sent {
  readonly batch: number;
  readonly keys: ReadonlySet<string>;
}

/**
 * Keys that are in the database and not in the state any more. Until the database has heard of it, a look into it would
 * find what is gone.
 */
export class RemovedKeys {
  #waiting = new Set<string>();
  #sent: Sent[] = [];

  /** Keys that the writer has not been told of. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  add(bytes: Uint8Array, from: number, to: number): void {
    this.#waiting.add(textOf(bytes, from, to));
  }

  has(bytes: Uint8Array, from: number, to: number, writer: RecordWriter): boolean {
    while (this.#sent.length > 0 && this.#sent[0]!.batch <= writer.completed) this.#sent.shift();
    if (this.#waiting.size === 0 && this.#sent.length === 0) return false;
    const key = textOf(bytes, from, to);
    return this.#waiting.has(key) || this.#sent.some(({ keys }) => keys.has(key));
  }

  /** Tells the writer; before any newer record of these keys. */
  send(writer: RecordWriter): void {
    if (this.#waiting.size === 0) return;
    for (const key of this.#waiting) {
      const { buffer } = writer;
      const start = buffer.length;
      buffer.ensure(key.length);
      buffer.length += Buffer.from(buffer.bytes.buffer, start, key.length).write(key, "latin1");
      writer.remove(start);
    }
    this.#sent.push({ batch: writer.current, keys: this.#waiting });
    this.#waiting = new Set();
  }
}

/** Bytes as a text of as many characters. */
function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
}
