import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import type { Lookup, LookupAnswer } from "../../connectors/api.ts";
import type { DataType } from "../../types/data-type.ts";
import type { LookupJoinSpec } from "../spec.ts";
import type { Answers } from "./answers.ts";
import { KeyedRows } from "./keyed-rows.ts";
import { takeKeys } from "./table-answers.ts";

/** Before a failed look-up is tried again for the n-th time, n times this goes by. */
const RETRY_MILLIS = 1000;

/** When the answer to a key came, and when it was last used. */
interface Remembered {
  readonly writtenMillis: number;
  accessedMillis: number;
}

/** A table that is asked for keys: those of a batch together, each once, and only those that no cache remembers. */
export class AskedAnswers implements Answers {
  readonly #spec: LookupJoinSpec;
  readonly #lookup: Extract<Lookup, { kind: "keys" }>;
  readonly #nowMillis: () => number;
  readonly #columnTypes: readonly DataType[];
  readonly #keyTypes: readonly DataType[];
  rows: KeyedRows;
  /** By slot of the key, the least recently used first; only with a cache. */
  readonly #remembered = new Map<number, Remembered>();

  constructor(spec: LookupJoinSpec, lookup: Extract<Lookup, { kind: "keys" }>, nowMillis: () => number) {
    this.#spec = spec;
    this.#lookup = lookup;
    this.#nowMillis = nowMillis;
    this.#columnTypes = spec.columns.map(({ type }) => type);
    this.#keyTypes = spec.keys.map(({ column }) => spec.columns[column]!.type);
    this.rows = new KeyedRows(this.#keyTypes, this.#columnTypes);
  }

  ready(): boolean {
    return false;
  }

  async prepare(keys: readonly Column[], count: number): Promise<void> {
    if (this.#spec.cache.kind === "none") this.rows = new KeyedRows(this.#keyTypes, this.#columnTypes);
    else this.#forgetOld();
    const unknown = this.#unknown(keys, count);
    if (unknown.length === 0) return;
    const asked = takeKeys(keys, unknown);
    const slots = new Int32Array(unknown.length);
    void this.rows.table.prepare(asked, undefined, unknown.length, slots);
    let open = [...slots.keys()];
    const { retryMiss } = this.#spec;
    for (let attempt = 1; open.length > 0; attempt++) {
      const answer = await this.#ask(takeKeys(asked, open), open.length);
      this.#add(answer, open, slots);
      open = open.filter((key) => this.rows.lists.count(slots[key]!) === 0);
      if (retryMiss === undefined || attempt >= retryMiss.attempts) break;
      if (open.length > 0) await sleep(retryMiss.delayMillis);
    }
    this.#remember(slots);
  }

  /** Rows of the batch whose keys have no answer yet, one for each key. */
  #unknown(keys: readonly Column[], count: number): number[] {
    const rows = Int32Array.from({ length: count }, (_, row) => row).filter((row) =>
      keys.every((key) => key.nulls?.[row] !== 1),
    );
    const slots = new Int32Array(rows.length);
    void this.rows.table.find(keys, rows, rows.length, slots);
    const now = this.#nowMillis();
    for (const slot of slots) {
      const remembered = slot < 0 ? undefined : this.#remembered.get(slot);
      if (remembered === undefined) continue;
      remembered.accessedMillis = now;
      this.#remembered.delete(slot);
      this.#remembered.set(slot, remembered);
    }
    const missing = rows.filter((_, i) => slots[i]! < 0);
    const distinct = new KeyedRows(this.#keyTypes, []);
    const numbers = new Int32Array(missing.length);
    void distinct.table.prepare(keys, missing, missing.length, numbers);
    const seen = new Set<number>();
    const first: number[] = [];
    missing.forEach((row, i) => {
      if (seen.has(numbers[i]!)) return;
      seen.add(numbers[i]!);
      first.push(row);
    });
    return first;
  }

  #add({ rows, keyOf }: LookupAnswer, open: readonly number[], slots: Int32Array): void {
    for (let row = 0; row < rows.rowCount; row++) this.rows.lists.append(slots[open[keyOf[row]!]!]!, rows.columns, row);
  }

  async #ask(keys: readonly Column[], count: number): Promise<LookupAnswer> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#inTime(async () => await this.#lookup.find(keys, count));
      } catch (error) {
        if (attempt >= this.#spec.maxRetries) throw error;
        await sleep(RETRY_MILLIS * (attempt + 1));
      }
    }
  }

  async #inTime(find: () => Promise<LookupAnswer>): Promise<LookupAnswer> {
    const { timeoutMillis, table } = this.#spec;
    if (timeoutMillis === 0) return await find();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new SqlError("IO", `table '${table.table}' has not answered a look-up within ${timeoutMillis} ms`));
      }, timeoutMillis);
    });
    try {
      return await Promise.race([find(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #remember(slots: Int32Array): void {
    const { cache } = this.#spec;
    if (cache.kind !== "partial") return;
    const now = this.#nowMillis();
    for (const slot of slots) {
      if (!cache.cacheMissingKey && this.rows.lists.count(slot) === 0) this.rows.table.remove(slot);
      else this.#remembered.set(slot, { writtenMillis: now, accessedMillis: now });
    }
  }

  /** Between two batches, so that what a batch has asked for stays until it is done. */
  #forgetOld(): void {
    const { cache } = this.#spec;
    if (cache.kind !== "partial") return;
    const now = this.#nowMillis();
    const { maxRows = Infinity, expireAfterWriteMillis = Infinity, expireAfterAccessMillis = Infinity } = cache;
    for (const [slot, { writtenMillis, accessedMillis }] of this.#remembered) {
      const old = now - writtenMillis >= expireAfterWriteMillis || now - accessedMillis >= expireAfterAccessMillis;
      if (!old && this.#remembered.size <= maxRows) {
        if (expireAfterWriteMillis === Infinity) break;
        continue;
      }
      this.#remembered.delete(slot);
      this.rows.table.remove(slot);
    }
  }

  async close(): Promise<void> {
    await this.#lookup.close?.();
  }
}

function sleep(millis: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, millis);
  });
}
