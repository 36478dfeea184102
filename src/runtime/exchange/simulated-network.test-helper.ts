import type { Element, Network, NetworkListener } from "./network.ts";
import { Openings } from "./openings.ts";

interface Parcel {
  readonly opening: boolean;
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
  readonly #openings: readonly Openings<Parcel>[];
  readonly #random: () => number;
  /** How likely a parcel is to arrive at a turn of the event loop. */
  readonly #speed: number;
  #closed = false;

  constructor(parallelism: number, maxParallelism: number, random: () => number, speed: number) {
    this.#random = random;
    this.#speed = speed;
    this.#wires = Array.from({ length: parallelism }, () => Array.from({ length: parallelism }, () => []));
    this.#listeners = Array.from({ length: parallelism }, () => undefined);
    this.#openings = this.#wires.map(
      (_, target) => new Openings(parallelism - 1, (sender, parcel) => this.#hear(target, sender, parcel)),
    );
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
    const post = (target: number, opening: boolean): void => {
      const { elements, credits } = out[target]!;
      this.#wires[subtask]![target]!.push({ opening, elements: elements.splice(0), credits: credits.splice(0) });
    };
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
          if (elements.length + credits.length > 0) post(target, false);
        });
      },
      opened: () => out.forEach((_, target) => (target === subtask ? undefined : post(target, true))),
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
      // All threads have opened before one runs: their openings are there.
      const comes = wires[target]![0]?.opening === true || this.#random() < this.#speed;
      const parcel = comes ? wires[target]!.shift() : undefined;
      if (parcel === undefined) return;
      delivered = true;
      this.#openings[target]!.arrive(sender, parcel);
    });
    return delivered;
  }

  #hear(target: number, sender: number, { elements, credits }: Parcel): void {
    const listener = this.#listeners[target]!;
    for (const [exchange, element] of elements) listener.element(sender, exchange, element);
    for (const [exchange, buffer] of credits) listener.credit(sender, exchange, buffer);
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
