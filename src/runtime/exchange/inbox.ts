import type { Element } from "./network.ts";

/** One channel: what has come along an exchange from one sender, in order. */
class Channel {
  readonly exchange: number;
  readonly sender: number;
  /** Its barrier has come: what follows waits until the nodes behind have passed the checkpoint. */
  blocked = false;
  /** Its end was taken. */
  ended = false;
  #items: { readonly arrival: number; readonly element: Element }[] = [];
  #head = 0;

  constructor(exchange: number, sender: number) {
    this.exchange = exchange;
    this.sender = sender;
  }

  push(arrival: number, element: Element): void {
    this.#items.push({ arrival, element });
  }

  get first(): { readonly arrival: number; readonly element: Element } | undefined {
    return this.#items[this.#head];
  }

  get waiting(): readonly { readonly arrival: number; readonly element: Element }[] {
    return this.#items.slice(this.#head);
  }

  take(): Element {
    const { element } = this.#items[this.#head]!;
    this.ended ||= element.kind === "end";
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    }
    return element;
  }
}

/**
 * What a thread has received and not processed yet. Of all channels that may be read the oldest element is next, so that
 * the streams of one sender stay in the order in which it sent them. Bounded by the credits of the senders.
 */
export class Inbox {
  readonly #channels = new Map<string, Channel>();
  readonly #list: Channel[] = [];
  #arrivals = 0;

  /** A channel of an exchange, to be there before its first element comes. */
  add(exchange: number, sender: number): void {
    const channel = new Channel(exchange, sender);
    this.#channels.set(`${exchange}/${sender}`, channel);
    this.#list.push(channel);
  }

  push(exchange: number, sender: number, element: Element): void {
    this.#channel(exchange, sender).push(this.#arrivals++, element);
  }

  /** The oldest element that is not blocked and that `mayRun`; it is taken out. */
  next(
    mayRun: (exchange: number, element: Element) => boolean,
  ): { readonly exchange: number; readonly sender: number; readonly element: Element } | undefined {
    let oldest: Channel | undefined;
    let arrival = Infinity;
    for (const channel of this.#list) {
      if (channel.blocked) continue;
      const { first } = channel;
      if (first === undefined || first.arrival > arrival || !mayRun(channel.exchange, first.element)) continue;
      oldest = channel;
      ({ arrival } = first);
    }
    if (oldest === undefined) return undefined;
    return { exchange: oldest.exchange, sender: oldest.sender, element: oldest.take() };
  }

  block(exchange: number, sender: number): void {
    this.#channel(exchange, sender).blocked = true;
  }

  /** All channels of an exchange may be read again. */
  unblock(exchange: number): void {
    for (const channel of this.#list) if (channel.exchange === exchange) channel.blocked = false;
  }

  channels(): readonly Pick<Channel, "exchange" | "sender" | "ended">[] {
    return this.#list;
  }

  /** All that waits, in order of its arrival. */
  waiting(): readonly { readonly exchange: number; readonly sender: number; readonly element: Element }[] {
    return this.#list
      .flatMap(({ exchange, sender, waiting }) => waiting.map((item) => ({ exchange, sender, ...item })))
      .sort((a, b) => a.arrival - b.arrival);
  }

  get empty(): boolean {
    return this.#list.every((channel) => channel.first === undefined);
  }

  #channel(exchange: number, sender: number): Channel {
    return this.#channels.get(`${exchange}/${sender}`)!;
  }
}
