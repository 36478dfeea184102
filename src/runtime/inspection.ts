import type { StateSize } from "../state/backend.ts";

/** What an operator holds back until event time has gone on. */
export interface Waiting {
  readonly what: "windows" | "rows";
  readonly count: number;
  /** The watermark at which the next of them goes out, epoch millis; +Infinity: none waits. */
  readonly nextMillis: number;
}

/** One input of a node. */
export interface InputInspection {
  /** −Infinity: none yet. */
  readonly watermarkMillis: number;
  /** It is silent and holds nobody back. */
  readonly idle: boolean;
  readonly ended: boolean;
}

/** Where a source stands. */
export interface SourceInspection {
  /** The part that is being read; undefined: none. */
  readonly split: string | undefined;
  readonly ended: boolean;
  /** Since rows came last, millis. */
  readonly silentMillis: number;
}

/** How a node of a running job is doing, in one thread or (merged) in all. */
export interface NodeInspection {
  readonly id: string;
  /** Of a source: rows read. */
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly inputs: readonly InputInspection[];
  /** The last watermark passed on. */
  readonly watermarkMillis: number;
  /** `lateRows` and the like. */
  readonly counters: Readonly<Record<string, number>>;
  readonly state: StateSize | undefined;
  readonly waiting: Waiting | undefined;
  readonly source: SourceInspection | undefined;
}

/** The same nodes in several threads as one: rows are added, the slowest watermark counts. */
export function mergedInspections(threads: readonly (readonly NodeInspection[])[]): readonly NodeInspection[] {
  const byId = new Map<string, NodeInspection>();
  for (const node of threads.flat()) {
    const known = byId.get(node.id);
    byId.set(node.id, known === undefined ? node : merged(known, node));
  }
  return [...byId.values()];
}

function merged(a: NodeInspection, b: NodeInspection): NodeInspection {
  return {
    id: a.id,
    rowsIn: a.rowsIn + b.rowsIn,
    rowsOut: a.rowsOut + b.rowsOut,
    inputs: a.inputs.map((input, i) => mergedInput(input, b.inputs[i] ?? input)),
    watermarkMillis: Math.min(a.watermarkMillis, b.watermarkMillis),
    counters: addedCounters(a.counters, b.counters),
    state: mergedState(a.state, b.state),
    waiting: mergedWaiting(a.waiting, b.waiting),
    source: mergedSource(a.source, b.source),
  };
}

/** Of several threads, one that is idle or has ended holds nobody back. */
function mergedInput(a: InputInspection, b: InputInspection): InputInspection {
  const mark = (input: InputInspection): number => (input.idle ? Infinity : input.watermarkMillis);
  return {
    watermarkMillis: a.idle && b.idle ? Math.min(a.watermarkMillis, b.watermarkMillis) : Math.min(mark(a), mark(b)),
    idle: a.idle && b.idle,
    ended: a.ended && b.ended,
  };
}

function mergedState(a: StateSize | undefined, b: StateSize | undefined): StateSize | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { elements: a.elements + b.elements, estimatedBytes: a.estimatedBytes + b.estimatedBytes };
}

function mergedWaiting(a: Waiting | undefined, b: Waiting | undefined): Waiting | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { what: a.what, count: a.count + b.count, nextMillis: Math.min(a.nextMillis, b.nextMillis) };
}

function mergedSource(a: SourceInspection | undefined, b: SourceInspection | undefined): SourceInspection | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    split: a.ended ? b.split : (a.split ?? b.split),
    ended: a.ended && b.ended,
    silentMillis: Math.min(a.silentMillis, b.silentMillis),
  };
}

/** Sums by name. */
export function addedCounters(...parts: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const part of parts) for (const [name, value] of Object.entries(part)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}
