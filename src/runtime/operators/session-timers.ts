import type { Sessions } from "./sessions.ts";
import { TimeHeap } from "./time-heap.ts";
import type { WindowClock } from "./windows.ts";

/** When open sessions close: by an end that is not later than the real one, since sessions grow. Made again from the sessions. */
export class SessionTimers {
  readonly #sessions: Sessions;
  readonly #clock: WindowClock;
  readonly #heap = new TimeHeap();

  constructor(sessions: Sessions, clock: WindowClock) {
    this.#sessions = sessions;
    this.#clock = clock;
    const { table, lists } = sessions;
    const open: number[] = [];
    for (const partition of table.liveSlots())
      for (let s = lists.head(partition); s >= 0; s = lists.next(s)) open.push(s);
    const ids = sessions.ids();
    open.sort((a, b) => ids[a]! - ids[b]!);
    for (const session of open) this.opened(session);
  }

  /** No session closes before the watermark is here. */
  get first(): number {
    return this.#heap.first;
  }

  opened(session: number): void {
    this.#heap.push(this.#clock.fireTime(this.#sessions.ends()[session]!), session);
  }

  /** Takes out the sessions that the watermark has passed, by ascending end. */
  due(watermark: number): number[] {
    const ids = this.#sessions.ids();
    const ends = this.#sessions.ends();
    const passed = new Set<number>();
    while (this.#heap.size > 0 && this.#heap.first <= watermark) {
      const time = this.#heap.first;
      const session = this.#heap.pop();
      // A session that was merged away is gone, and its place may be another's; one that has grown waits on.
      if (ids[session] === 0) continue;
      const end = this.#clock.fireTime(ends[session]!);
      if (end > time) this.#heap.push(end, session);
      else passed.add(session);
    }
    return [...passed].sort((a, b) => ends[a]! - ends[b]! || ids[a]! - ids[b]!);
  }
}
