import type { Change, RecordStore } from "./database.ts";
import { RecordBuffer } from "./record-buffer.ts";

/** Changes of one write to the database at most. */
const MAX_CHANGES = 4096;
/** A buffer of up to this size is used again. */
const SPARE_BYTES = 16 << 20;
const KIND_PUT = 0;
const KIND_DELETE = 1;
const KIND_DELETE_RANGE = 2;
/** Keys that are kept to compare a copy of the database with it. */
const SAMPLES = 16;

/** Changes collected for one go. */
class Pile {
  readonly buffer = new RecordBuffer(1 << 16);
  #starts = new Int32Array(1024);
  #middles = new Int32Array(1024);
  #kinds = new Uint8Array(1024);
  count = 0;

  add(kind: number, start: number, middle: number): void {
    if (this.count === this.#starts.length) this.#grow();
    this.#starts[this.count] = start;
    this.#middles[this.count] = middle;
    this.#kinds[this.count++] = kind;
  }

  change(at: number): Change {
    const start = this.#starts[at]!;
    const middle = this.#middles[at]!;
    const end = at + 1 < this.count ? this.#starts[at + 1]! : this.buffer.length;
    const key = this.buffer.bytes.subarray(start, middle);
    const rest = this.buffer.bytes.subarray(middle, end);
    if (this.#kinds[at] === KIND_PUT) return { kind: "put", key, value: rest };
    return this.#kinds[at] === KIND_DELETE ? { kind: "delete", key } : { kind: "delete-range", key, to: rest };
  }

  clear(): void {
    this.count = 0;
    this.buffer.clear();
  }

  #grow(): void {
    const starts = new Int32Array(2 * this.count);
    starts.set(this.#starts);
    this.#starts = starts;
    const middles = new Int32Array(2 * this.count);
    middles.set(this.#middles);
    this.#middles = middles;
    const kinds = new Uint8Array(2 * this.count);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
  }
}

/**
 * Collects changes to the database and writes them in order, many at once. Who puts a record remembers the number of its
 * batch (`current`): the record can be read from the database once `completed` has reached it.
 */
export class RecordWriter {
  /** Number of the batch that changes go to now; rises with each `flush` that has something to write. */
  current = 1;
  /** All changes of batches up to this one are in the database. */
  completed = 0;
  /** Keys of some of the records since `restartSamples`, each with the same chance. */
  readonly samples: Uint8Array[] = [];
  readonly #db: RecordStore;
  #pile = new Pile();
  #spare: Pile | undefined;
  #chain: Promise<void> = Promise.resolve();
  #failure: unknown;
  #sampled = 0;

  constructor(db: RecordStore) {
    this.#db = db;
  }

  /** Where keys and values are written: first the key from `buffer.length` on, then the value, then `put`. */
  get buffer(): RecordBuffer {
    return this.#pile.buffer;
  }

  /** Bytes that wait. */
  get waitingBytes(): number {
    return this.#pile.buffer.length;
  }

  /** The record whose key stands in the buffer from `start`, its value from `middle` to the end. */
  put(start: number, middle: number): void {
    this.#pile.add(KIND_PUT, start, middle);
    this.#sample(start, middle);
  }

  /** The key that stands in the buffer from `start` to the end goes. */
  remove(start: number): void {
    this.#pile.add(KIND_DELETE, start, this.buffer.length);
  }

  /** All keys from `from` up to `to` (exclusive) go. */
  removeRange(from: Uint8Array, to: Uint8Array): void {
    const { buffer } = this;
    const start = buffer.length;
    buffer.copy(from, 0, from.length);
    const middle = buffer.length;
    buffer.copy(to, 0, to.length);
    this.#pile.add(KIND_DELETE_RANGE, start, middle);
  }

  /** Writes what has been collected, behind what is being written. Throws IO; from then on always. */
  async flush(): Promise<void> {
    if (this.#pile.count > 0) {
      const pile = this.#pile;
      const number = this.current++;
      this.#pile = this.#spare ?? new Pile();
      this.#spare = undefined;
      this.#chain = this.#chain.then(async () => this.#write(pile, number));
      // Whoever waits hears of it.
      this.#chain.catch(() => undefined);
    }
    await this.#chain;
  }

  /** Runs the action while nothing is written; what is collected meanwhile waits. */
  async exclusively<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#chain.then(action);
    this.#chain = result.then(
      () => undefined,
      () => {
        if (this.#failure !== undefined) throw this.#failure;
      },
    );
    this.#chain.catch(() => undefined);
    return result;
  }

  /** Forgets the samples: those of the next records count. */
  restartSamples(): void {
    this.samples.length = 0;
    this.#sampled = 0;
  }

  async #write(pile: Pile, number: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      for (let from = 0; from < pile.count; from += MAX_CHANGES) {
        const changes: Change[] = [];
        for (let at = from; at < Math.min(pile.count, from + MAX_CHANGES); at++) changes.push(pile.change(at));
        await this.#db.write(changes);
      }
    } catch (error) {
      // Slots count as written: nothing can go on from here but a restart from the last checkpoint.
      this.#failure = error;
      throw error;
    }
    this.completed = number;
    pile.clear();
    // A buffer that has grown out of the usual is let go.
    if (pile.buffer.bytes.length <= SPARE_BYTES) this.#spare = pile;
  }

  #sample(start: number, middle: number): void {
    const number = this.#sampled++;
    const place = number < SAMPLES ? number : (Math.imul(number, 0x9e3779b1) >>> 0) % (number + 1);
    if (place >= SAMPLES) return;
    this.samples[place] = this.buffer.bytes.slice(start, middle);
  }
}
