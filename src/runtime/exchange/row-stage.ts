import { copyBytes } from "../../batch/bytes.ts";
import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { remapSteps, StepsBuilder } from "../../batch/steps.ts";
import type { Storage, Value } from "../../types/data-type.ts";

type FixedValues = Uint8Array | Int32Array | BigInt64Array | Float64Array;

/** A column that rows are copied into, again and again. */
type StageColumn =
  | {
      readonly storage: "bool" | "i32" | "i64" | "f64" | "i128";
      readonly values: FixedValues;
      readonly nulls: Uint8Array;
      hasNulls: boolean;
    }
  | {
      readonly storage: "bytes";
      readonly starts: Int32Array;
      readonly lengths: Int32Array;
      data: Uint8Array;
      used: number;
      readonly nulls: Uint8Array;
      hasNulls: boolean;
    }
  | { readonly storage: "any"; values: Value[]; readonly nulls: Uint8Array; hasNulls: boolean };

/**
 * Rows on their way to one thread, gathered until they are worth a message: what follows in the other thread works on
 * full batches, however the rows were divided.
 */
export class RowStage {
  readonly #capacity: number;
  readonly #columns: readonly StageColumn[];
  readonly #kinds: Uint8Array;
  readonly #steps = new StepsBuilder();
  #hasKinds = false;
  #hasSteps = false;
  #count = 0;

  constructor(storages: readonly Storage[], capacity: number) {
    this.#capacity = capacity;
    this.#columns = storages.map((storage) => createColumn(storage, capacity));
    this.#kinds = new Uint8Array(capacity);
  }

  get isEmpty(): boolean {
    return this.#count === 0 && !this.#hasSteps;
  }

  get room(): number {
    return this.#capacity - this.#count;
  }

  /** Copies the chosen rows (undefined: the first `count`), which must fit. Steps do not come along. */
  append({ columns, kinds }: RecordBatch, rows: Int32Array | undefined, count: number): void {
    const at = this.#count;
    for (let c = 0; c < columns.length; c++) appendColumn(this.#columns[c]!, columns[c]!, rows, count, at);
    if (kinds !== undefined) {
      if (!this.#hasKinds) this.#kinds.fill(0, 0, at);
      this.#hasKinds = true;
      take(this.#kinds, kinds, rows, count, at);
    } else if (this.#hasKinds) this.#kinds.fill(0, at, at + count);
    this.#count = at + count;
  }

  /** The watermark becomes this behind the rows that are here. */
  mark(watermarkMillis: number): void {
    this.#steps.add(this.#count, watermarkMillis);
    this.#hasSteps = true;
  }

  /** The steps of a batch as they stand among its chosen rows, which are the next to be appended. */
  markAmong(steps: NonNullable<RecordBatch["steps"]>, rows: Int32Array | undefined, count: number): void {
    const own = rows === undefined ? steps : remapSteps(steps, rows, count);
    for (let k = 0; k < own.count; k++) this.#steps.add(this.#count + own.rows[k]!, own.watermarks[k]!);
    this.#hasSteps ||= own.count > 0;
  }

  /** All that is here as a batch, its texts dense, valid until the next `append`; the stage is empty afterwards. */
  finish(): RecordBatch {
    const rowCount = this.#count;
    const batch: RecordBatch = {
      rowCount,
      columns: this.#columns.map(finishColumn),
      kinds: this.#hasKinds ? this.#kinds : undefined,
      steps: this.#steps.finish(),
    };
    this.#count = 0;
    this.#hasKinds = false;
    this.#hasSteps = false;
    return batch;
  }
}

function createColumn(storage: Storage, capacity: number): StageColumn {
  const common = { nulls: new Uint8Array(capacity), hasNulls: false };
  switch (storage) {
    case "bool":
      return { storage, values: new Uint8Array(capacity), ...common };
    case "i32":
      return { storage, values: new Int32Array(capacity), ...common };
    case "i64":
      return { storage, values: new BigInt64Array(capacity), ...common };
    case "f64":
      return { storage, values: new Float64Array(capacity), ...common };
    case "i128":
      return { storage, values: new BigInt64Array(2 * capacity), ...common };
    case "bytes":
      return {
        storage,
        starts: new Int32Array(capacity),
        lengths: new Int32Array(capacity),
        data: new Uint8Array(16 * capacity),
        used: 0,
        ...common,
      };
    case "any":
      return { storage, values: [], ...common };
  }
}

function appendColumn(to: StageColumn, from: Column, rows: Int32Array | undefined, count: number, at: number): void {
  const { nulls } = from;
  if (nulls !== undefined) {
    if (!to.hasNulls) to.nulls.fill(0, 0, at);
    to.hasNulls = true;
    take(to.nulls, nulls, rows, count, at);
  } else if (to.hasNulls) to.nulls.fill(0, at, at + count);
  switch (to.storage) {
    case "bool":
      return take(to.values as Uint8Array, (from as { values: Uint8Array }).values, rows, count, at);
    case "i32":
      return takeInts(to.values as Int32Array, (from as { values: Int32Array }).values, rows, count, at);
    case "i64":
      return takeLongs(to.values as BigInt64Array, (from as { values: BigInt64Array }).values, rows, count, at);
    case "f64":
      return takeDoubles(to.values as Float64Array, (from as { values: Float64Array }).values, rows, count, at);
    case "i128":
      return takePairs(to.values as BigInt64Array, (from as { values: BigInt64Array }).values, rows, count, at);
    case "bytes":
      return takeTexts(to, from as Extract<Column, { storage: "bytes" }>, rows, count, at);
    case "any": {
      const { values } = from as Extract<Column, { storage: "any" }>;
      for (let i = 0; i < count; i++) to.values[at + i] = values[rows === undefined ? i : rows[i]!] ?? null;
    }
  }
}

function finishColumn(column: StageColumn): Column {
  const nulls = column.hasNulls ? column.nulls : undefined;
  column.hasNulls = false;
  switch (column.storage) {
    case "bytes": {
      const { starts, lengths } = column;
      const data = column.data.subarray(0, column.used);
      column.used = 0;
      return { storage: "bytes", starts, lengths, data, nulls };
    }
    case "any": {
      const { values } = column;
      column.values = [];
      return { storage: "any", values, nulls };
    }
    default:
      return { storage: column.storage, values: column.values, nulls } as Column;
  }
}

function take(to: Uint8Array, from: Uint8Array, rows: Int32Array | undefined, count: number, at: number): void {
  if (rows === undefined) to.set(from.subarray(0, count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[rows[i]!]!;
}

function takeInts(to: Int32Array, from: Int32Array, rows: Int32Array | undefined, count: number, at: number): void {
  if (rows === undefined) to.set(from.subarray(0, count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[rows[i]!]!;
}

function takeLongs(
  to: BigInt64Array,
  from: BigInt64Array,
  rows: Int32Array | undefined,
  count: number,
  at: number,
): void {
  if (rows === undefined) to.set(from.subarray(0, count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[rows[i]!]!;
}

function takeDoubles(
  to: Float64Array,
  from: Float64Array,
  rows: Int32Array | undefined,
  count: number,
  at: number,
): void {
  if (rows === undefined) to.set(from.subarray(0, count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[rows[i]!]!;
}

function takePairs(
  to: BigInt64Array,
  from: BigInt64Array,
  rows: Int32Array | undefined,
  count: number,
  at: number,
): void {
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i]!;
    to[2 * (at + i)] = from[2 * row]!;
    to[2 * (at + i) + 1] = from[2 * row + 1]!;
  }
}

function takeTexts(
  to: Extract<StageColumn, { storage: "bytes" }>,
  { starts, lengths, data, nulls }: Extract<Column, { storage: "bytes" }>,
  rows: Int32Array | undefined,
  count: number,
  at: number,
): void {
  let end = to.used;
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i]!;
    const length = nulls !== undefined && nulls[row] === 1 ? 0 : lengths[row]!;
    if (end + length > to.data.length) growData(to, end, length);
    to.starts[at + i] = end;
    to.lengths[at + i] = length;
    copyBytes(data, starts[row]!, length, to.data, end);
    end += length;
  }
  to.used = end;
}

function growData(column: { data: Uint8Array }, used: number, more: number): void {
  const data = new Uint8Array(Math.max(used + more, 2 * column.data.length));
  data.set(column.data.subarray(0, used));
  column.data = data;
}
