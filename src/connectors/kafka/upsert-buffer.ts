import type { Piece } from "./produce-queue.ts";

export interface BufferOptions {
  readonly maxRows: number;
  readonly intervalMillis: number;
}

/** A record that is kept back. */
interface Kept {
  readonly timestampMillis: number;
  readonly key: Piece;
  readonly value: Piece;
}

/** Takes a record that goes out. */
export type Emit = (timestampMillis: number, key: Piece, value: Piece) => void;

/** Keeps records of an upsert topic back for a while: of each key only the last one goes out (`sink.buffer-flush.*`). */
export class UpsertBuffer {
  readonly #options: BufferOptions;
  readonly #emit: Emit;
  readonly #kept = new Map<string, Kept>();
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;

  constructor(options: BufferOptions, emit: Emit) {
    this.#options = options;
    this.#emit = emit;
  }

  /** Copies what it keeps. Throws what failed when the clock let records out. */
  put(timestampMillis: number, key: Piece, value: Piece): void {
    if (this.#failure !== undefined) throw this.#failure;
    const name = Buffer.from(key.bytes.buffer, key.bytes.byteOffset + key.start, key.end - key.start).toString(
      "latin1",
    );
    // The order is that of the last records, as without a buffer.
    this.#kept.delete(name);
    this.#kept.set(name, { timestampMillis, key: copyOf(key), value: copyOf(value) });
    if (this.#kept.size >= this.#options.maxRows) this.flush();
    else this.#timer ??= setTimeout(() => this.#onTime(), this.#options.intervalMillis);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { timestampMillis, key, value } of this.#kept.values()) this.#emit(timestampMillis, key, value);
    this.#kept.clear();
  }

  /** What is kept is given up. */
  close(): void {
    clearTimeout(this.#timer);
    this.#kept.clear();
  }

  #onTime(): void {
    try {
      this.flush();
    } catch (error) {
      this.#failure = error;
    }
  }
}

function copyOf({ isNull, bytes, start, end }: Piece): Piece {
  return { isNull, bytes: isNull ? bytes : bytes.slice(start, end), start: 0, end: isNull ? 0 : end - start };
}
