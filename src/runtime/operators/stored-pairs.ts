import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS } from "../../batch/record-batch.ts";
import { compilePredicate, type BatchPredicate } from "../../expressions/project.ts";
import { usedColumns } from "../../expressions/walk.ts";
import type { OperatorContext, Output } from "../operator.ts";
import type { JoinSpec } from "../spec.ts";
import { kindsOf } from "./emit.ts";
import { storedSideColumn } from "./join-output.ts";
import type { JoinSide } from "./join-side.ts";

type Sides = Pick<JoinSpec, "type" | "left" | "right" | "condition">;

/** Rows of a join whose two sides are both in the state: pairs of stored rows, or one row whose other side is NULL. */
export class StoredPairs {
  readonly left = new Int32Array(BATCH_ROWS);
  readonly right = new Int32Array(BATCH_ROWS);
  readonly #keys = new Int32Array(BATCH_ROWS);
  readonly #kinds = new Uint8Array(BATCH_ROWS);
  readonly #selected = new Int32Array(BATCH_ROWS);
  readonly #sides: readonly [JoinSide, JoinSide];
  readonly #columns: readonly number[];
  readonly #condition: BatchPredicate | undefined;
  readonly #conditionColumns: readonly number[];
  #count = 0;

  constructor(spec: Sides, sides: readonly [JoinSide, JoinSide], context: OperatorContext) {
    this.#sides = sides;
    const semi = spec.type === "semi" || spec.type === "anti";
    this.#columns = [...spec.left, ...(semi ? [] : spec.right)].map((_, column) => column);
    this.#condition =
      spec.condition &&
      compilePredicate(spec.condition, [...spec.left, ...spec.right], context.functions, context.session, {
        compile: context.compileExpressions,
        onFallback: () => context.count("interpretedExpressions", 1),
      });
    this.#conditionColumns = spec.condition === undefined ? [] : usedColumns([spec.condition]);
  }

  get count(): number {
    return this.#count;
  }

  /** One more, with the slot of its key; −1: the side is NULL. Returns how many there are, BATCH_ROWS at most. */
  add(left: number, right: number, keySlot: number, kind = 0): number {
    const at = this.#count++;
    this.left[at] = left;
    this.right[at] = right;
    this.#keys[at] = keySlot;
    this.#kinds[at] = kind;
    return this.#count;
  }

  /** Keeps the pairs that satisfy the condition. */
  filter(): void {
    const kept = this.#select(undefined);
    if (kept === this.#count) return;
    for (let i = 0; i < kept; i++) {
      const from = this.#selected[i]!;
      this.left[i] = this.left[from]!;
      this.right[i] = this.right[from]!;
      this.#keys[i] = this.#keys[from]!;
      this.#kinds[i] = this.#kinds[from]!;
    }
    this.#count = kept;
  }

  /** Takes the right row away where the condition does not hold. */
  padUnmatched(): void {
    if (this.#condition === undefined || this.#count === 0) return;
    const missing = absent(this.right, this.#count);
    const kept = this.#select(missing);
    for (let i = 0, next = 0; i < this.#count; i++) {
      const holds = next < kept && this.#selected[next] === i;
      if (holds) next += 1;
      if (!holds || missing?.[i] === 1) this.right[i] = -1;
    }
  }

  /** Numbers of the pairs that satisfy the condition. */
  #select(padRight: Uint8Array | undefined): number {
    if (this.#condition === undefined || this.#count === 0) return this.#count;
    const columns: Column[] = [];
    for (const column of this.#conditionColumns) columns[column] = this.#column(column, undefined, padRight);
    return this.#condition({ rowCount: this.#count, columns, kinds: undefined, steps: undefined }, this.#selected);
  }

  clear(): void {
    this.#count = 0;
  }

  /** Emits what is there, and forgets it. */
  flush(out: Output): void {
    const count = this.#count;
    if (count === 0) return;
    const padLeft = absent(this.left, count);
    const padRight = absent(this.right, count);
    const columns = this.#columns.map((column) => this.#column(column, padLeft, padRight));
    this.#count = 0;
    out.batch({ rowCount: count, columns, kinds: kindsOf(this.#kinds.slice(0, count), count), steps: undefined });
  }

  #column(column: number, padLeft: Uint8Array | undefined, padRight: Uint8Array | undefined): Column {
    const [left, right] = this.#sides;
    const width = left.types.length;
    return column < width
      ? storedSideColumn(left, column, this.left, this.#keys, this.#count, padLeft)
      : storedSideColumn(right, column - width, this.right, this.#keys, this.#count, padRight);
  }
}

/** Where a side has no row; undefined: everywhere is one. */
function absent(rows: Int32Array, count: number): Uint8Array | undefined {
  let mask: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    if (rows[i]! >= 0) continue;
    mask ??= new Uint8Array(count);
    mask[i] = 1;
    // A row that is there, so that there is something to read under the NULL.
    rows[i] = 0;
  }
  return mask;
}
