import type { RecordBatch } from "../../batch/record-batch.ts";
import { takeBatch } from "../../batch/take.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { LimitSpec } from "../spec.ts";
import { emitBatch, roomFor } from "./emit.ts";
import { RANK } from "./rank.ts";

/** The first rows of an append-only input. */
class Limit implements Operator {
  readonly #from: number;
  readonly #to: number;
  #seen: number;
  #selected = new Int32Array(0);

  constructor(spec: LimitSpec, context: OperatorContext) {
    this.#from = spec.offset;
    this.#to = lastRank(spec);
    this.#seen = context.state.number("seen", "highest", 0, () => this.#seen);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    this.#selected = roomFor(this.#selected, batch.rowCount);
    const first = Math.min(batch.rowCount, Math.max(0, this.#from - this.#seen));
    const end = Math.min(batch.rowCount, Math.max(first, this.#to - this.#seen));
    for (let row = first; row < end; row++) this.#selected[row - first] = row;
    this.#seen = Math.min(this.#to, this.#seen + batch.rowCount);
    emitBatch(out, takeBatch(batch, this.#selected, end - first));
  }
}

function lastRank(spec: LimitSpec): number {
  return spec.fetch < 0 ? Number.MAX_SAFE_INTEGER : spec.offset + spec.fetch;
}

/** LIMIT without ORDER BY; over a changelog a Top-N in order of arrival. */
export const LIMIT: OperatorDefinition<LimitSpec> = {
  kind: "limit",
  create(spec, context) {
    if (!spec.retracting) return new Limit(spec, context);
    return RANK.create(
      {
        kind: "rank",
        input: spec.input,
        inputNames: spec.inputNames,
        partition: [],
        order: [],
        from: spec.offset + 1,
        to: lastRank(spec),
        outputRank: false,
        retracting: true,
        updateBefore: true,
        ttlMillis: 0,
      },
      context,
    );
  },
};
