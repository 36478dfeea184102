import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { BadRecord } from "../formats/api.ts";
import { T } from "../types/data-type.ts";
import type { SinkTask } from "./sink-task.ts";

type Located = BadRecord & { readonly source: string };

/** Carries records that could not be read from their source to the table that `errors.table` names. */
export class BadRecordRouter {
  readonly #waiting = new Map<string, Located[]>();

  add(scanId: string, record: Located): void {
    const list = this.#waiting.get(scanId);
    if (list === undefined) this.#waiting.set(scanId, [record]);
    else list.push(record);
  }

  /** Writes what has come since the last call, so that it is in the same checkpoint as the rows around it. */
  flush(scanId: string, sink: SinkTask): void {
    const records = this.#waiting.get(scanId);
    if (records === undefined || records.length === 0) return;
    this.#waiting.set(scanId, []);
    const batch: RecordBatch = {
      rowCount: records.length,
      columns: [
        columnOf(
          T.string(),
          records.map((r) => r.raw),
        ),
        columnOf(
          T.string(),
          records.map((r) => r.reason),
        ),
        columnOf(
          T.string(),
          records.map((r) => r.source),
        ),
        columnOf(
          T.bigint(),
          records.map((r) => BigInt(r.offset)),
        ),
      ],
      kinds: undefined,
      steps: undefined,
    };
    sink.batch(0, batch);
  }
}
