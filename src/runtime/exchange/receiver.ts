import type { RecordBatch } from "../../batch/record-batch.ts";
import type { DataType, Storage } from "../../types/data-type.ts";
import { storageOf } from "../../types/data-type.ts";
import { InputGate } from "../input-gate.ts";
import { watermarkBatch, type Receiver } from "../node.ts";
import { decodeBatch } from "./batch-codec.ts";
import type { Element } from "./network.ts";

/** The receiving end of an exchange in one thread: the channels of all senders become one input of a node. */
export class ExchangeReceiver {
  readonly exchange: number;
  readonly input: number;
  readonly #to: Receiver;
  readonly #types: readonly DataType[];
  readonly #storages: readonly Storage[];
  readonly #gate: InputGate;

  constructor(exchange: number, to: Receiver, input: number, types: readonly DataType[], channels: number) {
    this.exchange = exchange;
    this.#to = to;
    this.input = input;
    this.#types = types;
    this.#storages = types.map(storageOf);
    this.#gate = new InputGate(channels);
  }

  /** All senders have ended. */
  get ended(): boolean {
    return this.#gate.ended;
  }

  /** The sender has said that nothing comes from it for now. */
  isIdle(sender: number): boolean {
    return this.#gate.isIdle(sender);
  }

  /** A restored job goes on at this watermark; senders that are further say so when they begin. */
  restore(watermarkMillis: number): void {
    this.#gate.restore(this.#gate.watermarks().map(() => watermarkMillis));
  }

  /** The barrier passes by all channels at once, whatever waits in them. */
  overtake(checkpointId: number): void {
    if (!this.ended) this.#to.barrier(this.input, checkpointId);
  }

  /** Rows that were in flight at a checkpoint. */
  decode(buffer: ArrayBuffer): RecordBatch {
    return decodeBatch(buffer, this.#storages);
  }

  accept(channel: number, element: Element): void {
    switch (element.kind) {
      case "batch": {
        const batch = this.decode(element.buffer);
        const steps = this.#gate.combine(channel, batch.steps);
        if (batch.rowCount > 0 || steps !== undefined) this.#to.batch(this.input, { ...batch, steps });
        return;
      }
      case "barrier":
        if (!element.overtakes && this.#gate.barrier(channel, element.checkpointId))
          this.#to.barrier(this.input, element.checkpointId);
        return;
      case "idle": {
        const { watermark, changed } = this.#gate.idle(channel, element.idle);
        if (watermark !== undefined) this.#to.batch(this.input, watermarkBatch(this.#types, watermark));
        if (changed !== undefined) this.#to.idle(this.input, changed);
        return;
      }
      case "end": {
        const { all, barrier } = this.#gate.end(channel);
        if (barrier !== undefined) this.#to.barrier(this.input, barrier);
        if (all) this.#to.end(this.input);
      }
    }
  }
}
