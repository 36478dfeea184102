import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import type { Element, Network, NetworkListener } from "./network.ts";
import { Openings } from "./openings.ts";

/** One message. */
interface Parcel {
  readonly opening: boolean;
  readonly elements: readonly (readonly [exchange: number, element: Element])[];
  /** Memory of batches that were processed. */
  readonly credits: readonly (readonly [exchange: number, buffer: ArrayBuffer])[];
}

interface Outbox {
  elements: [exchange: number, element: Element][];
  credits: [exchange: number, buffer: ArrayBuffer][];
  buffers: ArrayBuffer[];
}

/** Threads joined by message ports, one for each pair. Buffers change hands without a copy. */
export class PortNetwork implements Network {
  readonly subtask: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** By thread; none to this thread itself. */
  readonly #ports: readonly (MessagePort | undefined)[];
  readonly #outboxes: readonly Outbox[];
  readonly #openings: Openings<Parcel>;
  #listener: NetworkListener | undefined;

  constructor(subtask: number, maxParallelism: number, ports: readonly (MessagePort | undefined)[]) {
    this.subtask = subtask;
    this.parallelism = ports.length;
    this.maxParallelism = maxParallelism;
    this.#ports = ports;
    this.#outboxes = ports.map(() => ({ elements: [], credits: [], buffers: [] }));
    this.#openings = new Openings(ports.length - 1, (thread, parcel) => this.#take(thread, parcel));
  }

  listen(listener: NetworkListener): void {
    this.#listener = listener;
    this.#ports.forEach((port, thread) => {
      port?.on("message", (parcel: Parcel) => {
        this.#openings.arrive(thread, parcel);
        listener.wake();
      });
    });
  }

  send(target: number, exchange: number, element: Element): void {
    if (target === this.subtask) {
      this.#listener!.element(target, exchange, element);
      return;
    }
    const outbox = this.#outboxes[target]!;
    outbox.elements.push([exchange, element]);
    if (element.kind === "batch") outbox.buffers.push(element.buffer);
  }

  credit(sender: number, exchange: number, buffer: ArrayBuffer): void {
    if (sender === this.subtask) {
      this.#listener!.credit(sender, exchange, buffer);
      return;
    }
    const outbox = this.#outboxes[sender]!;
    outbox.credits.push([exchange, buffer]);
    outbox.buffers.push(buffer);
  }

  flush(): void {
    for (let thread = 0; thread < this.parallelism; thread++) {
      const { elements, credits } = this.#outboxes[thread]!;
      if (elements.length > 0 || credits.length > 0) this.#post(thread, false);
    }
  }

  opened(): void {
    for (let thread = 0; thread < this.parallelism; thread++) if (thread !== this.subtask) this.#post(thread, true);
  }

  #post(thread: number, opening: boolean): void {
    const outbox = this.#outboxes[thread]!;
    const parcel: Parcel = { opening, elements: outbox.elements, credits: outbox.credits };
    this.#ports[thread]!.postMessage(parcel, outbox.buffers);
    outbox.elements = [];
    outbox.buffers = [];
    outbox.credits = [];
  }

  poll(): void {
    for (let thread = 0; thread < this.parallelism; thread++) {
      const port = this.#ports[thread];
      if (port === undefined) continue;
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port))
        this.#openings.arrive(thread, got.message as Parcel);
    }
  }

  close(): void {
    for (const port of this.#ports) port?.close();
  }

  #take(thread: number, { elements, credits }: Parcel): void {
    for (const [exchange, element] of elements) this.#listener!.element(thread, exchange, element);
    for (const [exchange, buffer] of credits) this.#listener!.credit(thread, exchange, buffer);
  }
}
