/** Numbers by time, earliest first; equal times in the order they were put in. */
export class TimeHeap {
  #times: number[] = [];
  #orders: number[] = [];
  #items: number[] = [];
  #nextOrder = 0;

  get size(): number {
    return this.#items.length;
  }

  /** The earliest time, +Infinity when empty. */
  get first(): number {
    return this.#times[0] ?? Infinity;
  }

  push(time: number, item: number): void {
    let at = this.#items.length;
    const order = this.#nextOrder++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#times[parent]! <= time) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, time, order, item);
  }

  /** Takes the earliest item out. */
  pop(): number {
    const item = this.#items[0]!;
    const time = this.#times.pop()!;
    const order = this.#orders.pop()!;
    const last = this.#items.pop()!;
    const size = this.#items.length;
    if (size === 0) return item;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isBefore(child + 1, child)) child += 1;
      if (time < this.#times[child]! || (time === this.#times[child]! && order < this.#orders[child]!)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, time, order, last);
    return item;
  }

  #isBefore(a: number, b: number): boolean {
    return (
      this.#times[a]! < this.#times[b]! || (this.#times[a] === this.#times[b] && this.#orders[a]! < this.#orders[b]!)
    );
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from]!, this.#orders[from]!, this.#items[from]!);
  }

  #put(at: number, time: number, order: number, item: number): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#items[at] = item;
  }
}
