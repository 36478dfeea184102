/** A transaction that the broker says was aborted: records of the producer from this offset to its abort marker. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** Which batches of an answer belong to aborted transactions; batches are asked for in the order of their offsets. */
export class AbortedTransactions {
  readonly #waiting: readonly AbortedTransaction[];
  #next = 0;
  readonly #open = new Set<number>();

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#waiting = transactions.toSorted((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Whether the producer's batch, which ends at `lastOffset`, was aborted. A marker of an abort ends the transaction. */
  isAborted(producerId: number, lastOffset: number, isAbortMarker: boolean): boolean {
    for (; this.#next < this.#waiting.length; this.#next++) {
      const transaction = this.#waiting[this.#next];
      if (transaction === undefined || transaction.firstOffset > lastOffset) break;
      this.#open.add(transaction.producerId);
    }
    if (isAbortMarker) {
      this.#open.delete(producerId);
      return false;
    }
    return this.#open.has(producerId);
  }
}
