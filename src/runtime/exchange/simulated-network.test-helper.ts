import type { Element, Network, NetworkListener } from "./network.ts";

interface Parcel {
  readonly elements: readonly (readonly [exchange: number, element: Element])[];
  readonly credits: readonly (readonly [exchange: number, buffer: ArrayBuffer])[];
}

/**
 * Threads that are none: jobs in one thread, joined by wires that are as slow as chance will have it. As with message
 * ports, what is sent arrives in order, while the receiver waits for something or when it polls; buffers change hands.
 */
export class SimulatedNetwork {
  readonly networks: readonly Network[];
  readonly #wires: Parcel[][][];
  readonly #listeners: (NetworkListener | undefined)[];
  readonly #random: () => number;
  /** How likely a parcel is to arrive at a turn of the event loop. */
  readonly #speed: number;
  #closed = false;

  constructor(parallelism: number, maxParallelism: number, random: () => number, speed: number) {
    this.#random = random;
    this.#speed = speed;
    this.#wires = Array.from({ length: parallelism }, () => Array.from({ length: parallelism }, () => []));
    this.#listeners = Array.from({ length: parallelism }, () => undefined);
    this.networks = this.#wires.map((_, subtask) => this.#network(subtask, parallelism, maxParallelism));
    this.#turn();
  }

  close(): void {
    this.#closed = true;
  }

  #network(subtask: number, parallelism: number, maxParallelism: number): Network {
    const out = this.#wires.map(() => ({
      elements: [] as [number, Element][],
      credits: [] as [number, ArrayBuffer][],
    }));
    return {
      subtask,
      parallelism,
      maxParallelism,
      listen: (listener) => void (this.#listeners[subtask] = listener),
      send: (target, exchange, element) => {
        if (target === subtask) this.#listeners[subtask]!.element(subtask, exchange, element);
        else if (element.kind !== "batch") out[target]!.elements.push([exchange, element]);
        else out[target]!.elements.push([exchange, { ...element, buffer: handedOver(element.buffer) }]);
      },
      credit: (sender, exchange, buffer) => {
        if (sender === subtask) this.#listeners[subtask]!.credit(subtask, exchange, buffer);
        else out[sender]!.credits.push([exchange, handedOver(buffer)]);
      },
      flush: () => {
        out.forEach(({ elements, credits }, target) => {
          if (elements.length + credits.length === 0) return;
          this.#wires[subtask]![target]!.push({ elements: elements.splice(0), credits: credits.splice(0) });
        });
      },
      poll: () => this.#deliver(subtask),
      close: () => undefined,
    };
  }

  /** Every wire to the thread may bring one parcel. */
  #deliver(target: number): boolean {
    let delivered = false;
    const listener = this.#listeners[target];
    // Until the thread listens, the port keeps what has come.
    if (listener === undefined) return false;
    this.#wires.forEach((wires, sender) => {
      const parcel = this.#random() < this.#speed ? wires[target]!.shift() : undefined;
      if (parcel === undefined) return;
      delivered = true;
      for (const [exchange, element] of parcel.elements) listener.element(sender, exchange, element);
      for (const [exchange, buffer] of parcel.credits) listener.credit(sender, exchange, buffer);
    });
    return delivered;
  }

  #turn(): void {
    if (this.#closed) return;
    for (let target = 0; target < this.#listeners.length; target++)
      if (this.#deliver(target)) this.#listeners[target]!.wake();
    setImmediate(() => this.#turn());
  }
}

/** The sender has it no longer. */
function handedOver(buffer: ArrayBuffer): ArrayBuffer {
  return structuredClone(buffer, { transfer: [buffer] });
}
