import type { Acknowledgement } from "../checkpoint/participant.ts";
import { SqlError } from "../base/errors.ts";

/**
 * A checkpoint on its way through the nodes of a thread: each answers once, when the barrier has passed it. A barrier of
 * another thread may come before this thread was told of the checkpoint; answers then wait for somebody to take them.
 */
export class RunningCut {
  readonly id: number;
  /** The barrier was sent from the sources of this thread. */
  injected = false;
  startedMillis = 0;
  readonly #waiting: Set<string>;
  readonly #early: Acknowledgement[] = [];
  #take: ((answer: Acknowledgement) => void) | undefined;
  #settle: { resolve(): void; reject(error: unknown): void } | undefined;

  constructor(id: number, nodeIds: Iterable<string>) {
    this.id = id;
    this.#waiting = new Set(nodeIds);
  }

  /** Somebody asks for the checkpoint: answers go to `take`; resolves when all nodes have answered. */
  request(take: (answer: Acknowledgement) => void): Promise<void> {
    this.#take = take;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      for (const answer of this.#early.splice(0)) take(answer);
      if (this.#waiting.size === 0) resolve();
    });
  }

  get requested(): boolean {
    return this.#take !== undefined;
  }

  get complete(): boolean {
    return this.#waiting.size === 0;
  }

  isWaitingFor(nodeId: string): boolean {
    return this.#waiting.has(nodeId);
  }

  answer(answer: Acknowledgement): void {
    if (!this.#waiting.delete(answer.operatorId)) return;
    if (this.#take === undefined) this.#early.push(answer);
    else this.#take(answer);
    if (this.#waiting.size === 0) this.#settle?.resolve();
  }

  /** A later one has begun; what is still to be answered never will be. */
  giveUp(laterId: number): void {
    for (const { state } of this.#early) state?.release();
    this.fail(
      new SqlError("CHECKPOINT_FAILED", `checkpoint ${laterId} came before the cut of checkpoint ${this.id} was made`),
    );
  }

  fail(error: unknown): void {
    this.#settle?.reject(error);
  }
}
