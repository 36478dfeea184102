import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { takenArrays, type TakenArrays } from "../../batch/take.ts";
import { compilePredicate, type BatchPredicate } from "../../expressions/project.ts";
import { usedColumns } from "../../expressions/walk.ts";
import type { OperatorContext } from "../operator.ts";
import type { JoinSpec } from "../spec.ts";
import { roomFor } from "./emit.ts";
import { inputColumn, storedColumn } from "./join-output.ts";
import type { JoinSide } from "./join-side.ts";

/** The input whose rows meet stored ones, and the side where those are. */
interface Meeting {
  readonly own: JoinSide;
  readonly other: JoinSide;
  readonly isLeft: boolean;
}

/** Pairs of a join: rows of the batch in hand with stored rows of the other side, in the order of the batch. */
export class MetPairs {
  readonly #spec: Pick<JoinSpec, "left" | "right">;
  readonly #condition: BatchPredicate | undefined;
  readonly #conditionColumns: readonly number[];
  /** For the columns of left ++ right. */
  readonly #taken: readonly TakenArrays[];
  #selected = new Int32Array(0);
  count = 0;
  /** Rows of the batch, and slots of the rows that they have met; `count` of each. */
  rows = new Int32Array(1024);
  stored = new Int32Array(1024);

  constructor(spec: Pick<JoinSpec, "left" | "right" | "condition">, context: OperatorContext) {
    const { left, right, condition } = spec;
    this.#spec = spec;
    this.#taken = takenArrays(left.length + right.length);
    this.#condition =
      condition &&
      compilePredicate(condition, [...left, ...right], context.functions, context.session, {
        compile: context.compileExpressions,
        onFallback: () => context.count("interpretedExpressions", 1),
      });
    this.#conditionColumns = condition === undefined ? [] : usedColumns([condition]);
  }

  add(row: number, stored: number): void {
    const at = this.count++;
    if (at === this.rows.length) {
      this.rows = roomFor(this.rows, 2 * at, true);
      this.stored = roomFor(this.stored, 2 * at, true);
    }
    this.rows[at] = row;
    this.stored[at] = stored;
  }

  /** Keeps the pairs that satisfy the condition, if there is one. */
  filter(meeting: Meeting, batch: RecordBatch): void {
    const { rows, stored, count } = this;
    if (this.#condition === undefined || count === 0) return;
    const columns: Column[] = [];
    for (const column of this.#conditionColumns)
      columns[column] = this.#column(meeting, batch.columns, column, rows, stored, count);
    const selected = (this.#selected = roomFor(this.#selected, count));
    this.count = this.#condition({ rowCount: count, columns, kinds: undefined, steps: undefined }, selected);
    for (let i = 0; i < this.count; i++) {
      rows[i] = rows[selected[i]!]!;
      stored[i] = stored[selected[i]!]!;
    }
  }

  /**
   * The columns of left ++ right for rows of the batch and stored rows; the masks say where a side is NULL. Good until
   * the next call.
   */
  columns(
    meeting: Meeting,
    batch: RecordBatch,
    rows: Int32Array,
    stored: Int32Array,
    count: number,
    padInput?: Uint8Array,
    padStored?: Uint8Array,
  ): Column[] {
    return this.#taken.map((_, column) =>
      this.#column(meeting, batch.columns, column, rows, stored, count, padInput, padStored),
    );
  }

  #column(
    meeting: Meeting,
    columns: readonly Column[],
    column: number,
    rows: Int32Array,
    stored: Int32Array,
    count: number,
    padInput?: Uint8Array,
    padStored?: Uint8Array,
  ): Column {
    const into = this.#taken[column];
    const leftCount = this.#spec.left.length;
    const ofLeft = column < leftCount;
    const index = ofLeft ? column : column - leftCount;
    return ofLeft === meeting.isLeft
      ? inputColumn(columns, index, rows, count, padInput, into)
      : storedColumn(meeting, index, stored, columns, rows, count, padStored, into);
  }
}
