import type { TaskGraph } from "./task-graph.ts";

/** Wakes the operators of one thread at the processing times that they ask for, between batches. */
export class Timers {
  readonly #tasks: TaskGraph;
  readonly #now: () => number;
  /** A node must not emit now: rows behind it would come out on the wrong side of a barrier, or find no room. */
  readonly #mayFire: (nodeId: string) => boolean;

  constructor(tasks: TaskGraph, now: () => number, mayFire: (nodeId: string) => boolean) {
    this.#tasks = tasks;
    this.#now = now;
    this.#mayFire = mayFire;
  }

  /** Fires what is due, sources' side first; false: nothing was. */
  fire(): boolean {
    const { timed } = this.#tasks;
    if (timed.length === 0) return false;
    const now = this.#now();
    let fired = false;
    for (const { node, fire } of timed) {
      if (node.nextTimer() > now || !this.#mayFire(node.id)) continue;
      fire();
      fired = true;
    }
    return fired;
  }

  /** How long until the next timer, millis; those that must wait for something else do not count. */
  waitMillis(): number {
    let next = Infinity;
    for (const { node } of this.#tasks.timed) if (this.#mayFire(node.id)) next = Math.min(next, node.nextTimer());
    return Math.max(1, next - this.#now());
  }
}
