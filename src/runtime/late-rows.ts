import { ByteWriter } from "../base/byte-writer.ts";
import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { Encoder } from "../formats/api.ts";
import { T } from "../types/data-type.ts";
import type { SinkTask } from "./sink-task.ts";

const TEXT = new TextDecoder();

/** Carries the rows that an operator drops because they are late to the table that `late-rows.table` names. */
export class LateRows {
  readonly #sink: SinkTask;
  readonly #operator: string;
  /** JSON of the rows, one for each input. */
  readonly #encoders: readonly Encoder[];
  readonly #buffer = new ByteWriter(1024);

  /** `operator`: its line in EXPLAIN. */
  constructor(sink: SinkTask, operator: string, encoders: readonly Encoder[]) {
    this.#sink = sink;
    this.#operator = operator;
    this.#encoders = encoders;
  }

  /** Written at once, so that it is in the same checkpoint as the rows around it. Late rows are few. */
  add(batch: RecordBatch, row: number, input: number, watermarkMillis: number): void {
    this.#buffer.clear();
    this.#encoders[input]!.rowWriter(batch, this.#buffer)(row);
    const text = TEXT.decode(this.#buffer.bytes.subarray(0, this.#buffer.length));
    this.#sink.batch(0, {
      rowCount: 1,
      columns: [
        columnOf(T.string(), [this.#operator]),
        columnOf(T.timestamp(3), [Number.isFinite(watermarkMillis) ? watermarkMillis : null]),
        columnOf(T.string(), [text]),
      ],
      kinds: undefined,
      steps: undefined,
    });
  }
}
