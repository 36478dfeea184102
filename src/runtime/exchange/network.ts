/** What travels from one thread to another along a channel (an exchange, from one sender to one target). */
export type Element =
  /** Rows, watermark steps: see `batch-codec.ts`. */
  | {
      readonly kind: "batch";
      readonly buffer: ArrayBuffer;
      /** From a checkpoint: no sender waits for its memory. */
      readonly restored?: boolean;
    }
  /** `overtakes`: an unaligned checkpoint, which does not wait for what is in front of the barrier. */
  | { readonly kind: "barrier"; readonly checkpointId: number; readonly overtakes: boolean }
  | { readonly kind: "idle"; readonly idle: boolean }
  | { readonly kind: "end" };

/** What a thread hears. */
export interface NetworkListener {
  element(sender: number, exchange: number, element: Element): void;
  /** The target has processed a batch of this exchange; its memory comes back. */
  credit(target: number, exchange: number, buffer: ArrayBuffer): void;
  /** Something has arrived while nobody polled. */
  wake(): void;
}

/** The threads of a job as one of them sees them. What is sent keeps its order from one thread to another, over all exchanges. */
export interface Network {
  readonly subtask: number;
  readonly parallelism: number;
  /** Number of key groups, which are divided among the threads. */
  readonly maxParallelism: number;
  listen(listener: NetworkListener): void;
  /** Sent with the next `flush`. A batch's buffer is handed over. */
  send(target: number, exchange: number, element: Element): void;
  /** Tells the sender that a batch of this exchange was processed, and gives its memory back, with the next `flush`. */
  credit(sender: number, exchange: number, buffer: ArrayBuffer): void;
  flush(): void;
  /** In place of the first `flush`: every thread hears what was sent so far before anything that any thread flushes later. */
  opened(): void;
  /** Hands over what has arrived, without waiting. */
  poll(): void;
  close(): void;
}

/** Batches that may be under way in one channel: enough to keep the target busy, few enough to bound its memory. */
export const CHANNEL_CREDITS = 8;
