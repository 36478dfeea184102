import { SqlError } from "../../base/errors.ts";
import { LogStore, type LogView } from "./log-store.ts";
import type { Segment } from "./segment.ts";

/** Where the log of a run stands, as its objects say. Millis, bytes as stored. */
export interface LogInfo {
  /** Objects of the log, and their size. */
  readonly segments: number;
  readonly bytes: number;
  /** The newest segment; undefined: there is none. */
  readonly last:
    | {
        readonly location: string;
        readonly checkpointId: number;
        /** Epoch. */
        readonly triggeredMillis: number;
        readonly completedMillis: number;
        readonly committables: number;
      }
    | undefined;
  /** The longest of late that work was only in memory before a cut of it was durable: what a failure repeats at most. */
  readonly gapMillis: number | undefined;
  /** What is damaged, in words. */
  readonly problems: readonly string[];
}

/** Looks at the log of a run; undefined: it has none. `verify`: every part of every segment is read and compared. */
export async function logInfo(view: LogView, verify: boolean): Promise<LogInfo | undefined> {
  const store = new LogStore(view);
  const records = await store.list();
  if (records.length === 0) return undefined;
  const problems: string[] = [];
  let last: Segment | undefined;
  let place = 0;
  // From the newest on: without `verify` one segment is all that is wanted.
  for (const listed of records.toReversed()) {
    if (last !== undefined && !verify) break;
    try {
      const record = await (verify ? store.verified(listed) : store.index(listed));
      if (record.type !== "segment" || last !== undefined) continue;
      last = record;
      place = listed.place;
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      if (error.code === "ENCRYPTION_KEY") {
        // Without the key the list says how many there are, and that is all.
        if (verify) problems.push(error.message);
        break;
      }
      if (error.code !== "CHECKPOINT_INVALID") throw error;
      problems.push(error.message);
    }
  }
  return {
    segments: records.length,
    bytes: records.reduce((sum, { size }) => sum + size, 0),
    last:
      last === undefined
        ? undefined
        : {
            location: store.location(place),
            checkpointId: last.metadata.id,
            triggeredMillis: last.metadata.triggeredMillis,
            completedMillis: last.metadata.completedMillis,
            committables: last.metadata.snapshots.reduce((sum, { committables }) => sum + committables.length, 0),
          },
    gapMillis: last?.gapMillis,
    problems,
  };
}
