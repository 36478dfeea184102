import { grownInts } from "./slot-store.ts";

/** Doubly linked lists of child slots per parent slot, in order of arrival. Links hold slot + 1; 0: none. */
export class ChildLinks {
  #head = new Int32Array(16);
  #tail = new Int32Array(16);
  #count = new Int32Array(16);
  /** `next[child]` − 1 is the following child. */
  next = new Int32Array(16);
  previous = new Int32Array(16);

  append(parent: number, child: number): void {
    if (parent >= this.#head.length) this.#growParents(parent);
    if (child >= this.next.length) this.#growChildren(child);
    const tail = this.#tail[parent]!;
    if (tail === 0) this.#head[parent] = child + 1;
    else this.next[tail - 1] = child + 1;
    this.previous[child] = tail;
    this.next[child] = 0;
    this.#tail[parent] = child + 1;
    this.#count[parent] = this.#count[parent]! + 1;
  }

  remove(parent: number, child: number): void {
    const next = this.next[child]!;
    const previous = this.previous[child]!;
    if (previous === 0) this.#head[parent] = next;
    else this.next[previous - 1] = next;
    if (next === 0) this.#tail[parent] = previous;
    else this.previous[next - 1] = previous;
    this.#count[parent] = this.#count[parent]! - 1;
  }

  /** First child, −1: none. */
  head(parent: number): number {
    return parent < this.#head.length ? this.#head[parent]! - 1 : -1;
  }

  tail(parent: number): number {
    return parent < this.#tail.length ? this.#tail[parent]! - 1 : -1;
  }

  count(parent: number): number {
    return parent < this.#count.length ? this.#count[parent]! : 0;
  }

  get memoryBytes(): number {
    return this.#head.byteLength * 3 + this.next.byteLength * 2;
  }

  #growParents(parent: number): void {
    const capacity = Math.max(parent + 1, this.#head.length * 2);
    this.#head = grownInts(this.#head, capacity);
    this.#tail = grownInts(this.#tail, capacity);
    this.#count = grownInts(this.#count, capacity);
  }

  #growChildren(child: number): void {
    const capacity = Math.max(child + 1, this.next.length * 2);
    this.next = grownInts(this.next, capacity);
    this.previous = grownInts(this.previous, capacity);
  }
}
