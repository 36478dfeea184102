import type { RoundWindow } from "./checkpoint-round.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { RocksOperatorState } from "./rocks-operator-state.ts";

/** Arrays double when they grow: rows may fill this part of the limit, the rest is room for that. */
const FILL = 0.5;
/** Rows are dropped down to this part of what they may fill, so that it is not done for each batch. */
const AFTER_EVICTION = 0.95;
/** Removed keys that may wait before the database is told of them. */
const MAX_REMOVED = 10_000;
/** Bytes that may wait in the writer. */
const MAX_WAITING_BYTES = 4 << 20;

/** Keeps the tables of a thread within `state.memory.limit`. */
export class MemoryLimit {
  readonly #fillBytes: number;
  readonly #operators: readonly RocksOperatorState[];
  readonly #writer: RecordWriter;
  readonly #round: () => RoundWindow | undefined;

  constructor(
    limitBytes: number,
    operators: readonly RocksOperatorState[],
    writer: RecordWriter,
    round: () => RoundWindow | undefined,
  ) {
    this.#fillBytes = limitBytes * FILL;
    this.#operators = operators;
    this.#writer = writer;
    this.#round = round;
  }

  /** True when `makeRoom` has something to do. */
  isShort(operator: RocksOperatorState): boolean {
    return (
      operator.removedCount > MAX_REMOVED ||
      this.#writer.waitingBytes > MAX_WAITING_BYTES ||
      this.#usedBytes() > this.#fillBytes
    );
  }

  /** Before a batch of the operator; undefined: there is room. */
  makeRoom(operator: RocksOperatorState): Promise<void> | undefined {
    if (operator.removedCount > MAX_REMOVED) operator.sendRemoved();
    if (this.#usedBytes() > this.#fillBytes) return this.#evict(operator);
    return this.#writer.waitingBytes > MAX_WAITING_BYTES ? this.#writer.flush() : undefined;
  }

  async #evict(operator: RocksOperatorState): Promise<void> {
    // What others hold of a batch in hand stays.
    const candidates = this.#operators.filter((each) => each === operator || !each.busy);
    for (;;) {
      const excess = this.#usedBytes() - this.#fillBytes * AFTER_EVICTION;
      const droppable = candidates.reduce((sum, each) => sum + each.droppableBytes, 0);
      if (droppable === 0) return;
      for (const each of candidates) {
        const share = each.droppableBytes / droppable;
        if (each === operator || !each.busy) each.evict(excess * share);
      }
      await this.#writer.flush();
      for (const each of candidates) if (each === operator || !each.busy) each.dropLeaving();
      if (this.#usedBytes() <= this.#fillBytes) return;
      // What is newer than a checkpoint that is being written has to wait for it. While some operator has not seen the
      // barrier nobody waits: it might be one that this one holds up.
      const round = this.#round();
      const waits = round !== undefined && !round.isFreezing && !round.isOver && candidates.some((c) => c.isFrozen);
      if (!waits) return;
      await round.closed;
    }
  }

  #usedBytes(): number {
    let bytes = 0;
    for (const operator of this.#operators) bytes += operator.usedBytes;
    return bytes;
  }
}
