import type { KeyedTable, OperatorState, RowLists } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";

const NUMBER = { type: T.double(false), initial: 0 } as const;

/** More than one session. */
export const SEVERAL = -2;

const NONE: readonly number[] = [];

/**
 * Open sessions per partition: start, end (exclusive, wall clock) and a number that names the session in its partition
 * for ever.
 */
export class Sessions {
  readonly table: KeyedTable;
  readonly lists: RowLists;
  readonly #gapMillis: number;
  #nextId: number;

  constructor(state: OperatorState, keys: Parameters<OperatorState["table"]>[0]["keys"], gapMillis: number) {
    this.table = state.table({ name: "partitions", keys, fields: [], ttlMillis: 0, resident: "always" });
    this.lists = state.lists(this.table, "sessions", [
      { name: "start", ...NUMBER },
      { name: "end", ...NUMBER },
      { name: "id", ...NUMBER },
    ]);
    this.#gapMillis = gapMillis;
    this.#nextId = state.number("nextSession", "highest", 1, () => this.#nextId);
  }

  /** Column values by session (row slot); other arrays after sessions were opened. */
  starts(): Float64Array {
    return (this.lists.columns[0] as { values: Float64Array }).values;
  }

  ends(): Float64Array {
    return (this.lists.columns[1] as { values: Float64Array }).values;
  }

  ids(): Float64Array {
    return (this.lists.columns[2] as { values: Float64Array }).values;
  }

  /** The one session of the partition that a row at `time` joins; −1: there is none, `SEVERAL`: `touching` says which. */
  joined(partition: number, time: number): number {
    const starts = this.starts();
    const ends = this.ends();
    let found = -1;
    for (let session = this.lists.head(partition); session >= 0; session = this.lists.next(session)) {
      if (time > ends[session]! || time + this.#gapMillis < starts[session]!) continue;
      if (found >= 0) return SEVERAL;
      found = session;
    }
    return found;
  }

  /** The sessions of the partition that a row at `time` joins (ends that touch join too), by ascending start. */
  touching(partition: number, time: number): number[] {
    const starts = this.starts();
    const ends = this.ends();
    const found: number[] = [];
    for (let session = this.lists.head(partition); session >= 0; session = this.lists.next(session)) {
      if (time <= ends[session]! && time + this.#gapMillis >= starts[session]!) found.push(session);
    }
    return found.length < 2 ? found : found.sort((a, b) => starts[a]! - starts[b]!);
  }

  /** The session of the partition with the number. */
  withId(partition: number, id: number): number {
    const ids = this.ids();
    let session = this.lists.head(partition);
    while (session >= 0 && ids[session] !== id) session = this.lists.next(session);
    return session;
  }

  /** The end of the session that a row at `time` would be in. */
  endWith(sessions: readonly number[], time: number): number {
    const ends = this.ends();
    return sessions.reduce((end, session) => Math.max(end, ends[session]!), time + this.#gapMillis);
  }

  /** The same for one session (−1: none). */
  endOf(session: number, time: number): number {
    const end = time + this.#gapMillis;
    return session < 0 ? end : Math.max(end, this.ends()[session]!);
  }

  open(partition: number, time: number): number {
    const session = this.lists.append(partition, [], 0);
    this.starts()[session] = time;
    this.ends()[session] = time + this.#gapMillis;
    this.ids()[session] = this.#nextId++;
    return session;
  }

  /** Widens the session to hold the time and the other sessions, which are removed. */
  extend(session: number, time: number, merged = NONE): void {
    const starts = this.starts();
    const ends = this.ends();
    let start = Math.min(starts[session]!, time);
    let end = Math.max(ends[session]!, time + this.#gapMillis);
    for (const other of merged) {
      start = Math.min(start, starts[other]!);
      end = Math.max(end, ends[other]!);
    }
    if (start !== starts[session] || end !== ends[session]) {
      this.lists.touchRow(session);
      starts[session] = start;
      ends[session] = end;
    }
    for (const other of merged) this.lists.removeRow(other);
  }

  /** Removes a session; its partition goes with the last one. */
  close(session: number): void {
    const partition = this.lists.parentOf(session);
    this.lists.removeRow(session);
    if (this.lists.count(partition) === 0) this.table.remove(partition);
  }
}
