import { SqlError } from "../../base/errors.ts";
import { checkpointFolder } from "../checkpoint-directory.ts";
import { isEarlierFile, type CheckpointMetadata, type StateFile } from "../metadata.ts";
import { subtaskKey } from "../pending-checkpoint.ts";
import type { CheckpointReader } from "../storage.ts";
import { LogStore, type ListedRecord, type LogView } from "./log-store.ts";
import type { LogRecord, LogStart, Segment } from "./segment.ts";

/** A segment may build on one of so many cuts before it: one whose answer was lost may have come in between. */
const REMEMBERED_CUTS = 16;

/** What a log says, read from its beginning to its end. */
export interface Replayed {
  /** The newest cut; undefined: the log has none that is newer than the checkpoint that the reading began with. */
  readonly reader: CheckpointReader | undefined;
  /** Number of the newest cut, in the log or the checkpoint; 0: there is none. */
  readonly cut: number;
  /** The highest place that is taken; 0: the log is empty. */
  readonly lastPlace: number;
  /** The highest number of a cut that the log speaks of. */
  readonly highestId: number;
  /** Why segments at the end are not used, in words. */
  readonly problems: readonly string[];
}

interface ReplayOptions {
  /** Every part of every segment is read and compared. */
  readonly verify: boolean;
  /** The last place that is read; undefined: all. */
  readonly upTo?: number | undefined;
}

/** A cut that is known: a checkpoint, or what segments made of one. */
interface Cut {
  /** State files by paths that hold in the whole run. */
  readonly metadata: CheckpointMetadata;
  /** 0: it is the checkpoint that the reading began with. */
  readonly place: number;
}

/**
 * Goes through a log: from a full checkpoint (undefined: the job's beginning) as far as each segment is whole and builds
 * on what came before. Reads only.
 */
export async function replay(
  view: LogView,
  base: CheckpointReader | undefined,
  { verify, upTo = Infinity }: ReplayOptions,
): Promise<Replayed> {
  const store = new LogStore(view);
  const records = (await store.list()).filter(({ place }) => place <= upTo);
  const walk = new Walk(base);
  let highestId = base?.metadata.id ?? 0;
  for (const listed of records) {
    let record: LogRecord;
    try {
      record = await (verify ? store.verified(listed) : store.index(listed));
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== "CHECKPOINT_INVALID") throw error;
      walk.damaged(error.message);
      continue;
    }
    highestId = Math.max(highestId, record.type === "start" ? record.firstId - 1 : record.metadata.id);
    if (record.type === "segment") walk.segment(record, listed.place, store.location(listed.place));
    else walk.start(record);
  }
  const { current } = walk;
  return {
    reader:
      current === undefined || current.place === 0
        ? undefined
        : { ...view.reader(current.metadata), location: store.location(current.place) },
    cut: current?.metadata.id ?? 0,
    lastPlace: records.at(-1)?.place ?? 0,
    highestId,
    problems: walk.problems,
  };
}

/** Where a reading of the log stands. */
class Walk {
  current: Cut | undefined;
  /** What is not used since the newest usable segment. */
  problems: string[] = [];
  readonly #base: number;
  /** Of those that are at work at this place. */
  #attempt = 0;
  readonly #cuts = new Map<number, Cut | undefined>();

  constructor(base: CheckpointReader | undefined) {
    this.current = base === undefined ? undefined : { metadata: fromAnywhere(base.metadata), place: 0 };
    this.#base = base?.metadata.id ?? 0;
    this.#cuts.set(this.#base, this.current);
  }

  damaged(problem: string): void {
    this.problems.push(problem);
  }

  segment(segment: Segment, place: number, location: string): void {
    const { id } = segment.metadata;
    // The full checkpoint holds it, or its writer was asleep while another one took the run over.
    if (id <= this.#base || segment.metadata.attempt < this.#attempt) return;
    if (!this.#cuts.has(segment.after)) {
      const problem = `it builds on cut ${segment.after}, which is not there`;
      return void this.problems.push(`the segment ${location} of the log is not used: ${problem}`);
    }
    this.current = { metadata: built(segment, this.#cuts.get(segment.after)?.metadata), place };
    this.problems = [];
    this.#cuts.set(id, this.current);
    const [oldest] = this.#cuts.keys();
    if (this.#cuts.size > REMEMBERED_CUTS) this.#cuts.delete(oldest!);
  }

  /** An attempt went on from a cut: what came behind it does not count. */
  start({ from, firstId, attempt }: LogStart): void {
    this.#attempt = attempt;
    // The full checkpoint is newer.
    if (this.#base >= firstId || !this.#cuts.has(from)) return;
    this.current = this.#cuts.get(from);
    this.problems = [];
    for (const id of this.#cuts.keys()) if (id > from) this.#cuts.delete(id);
  }
}

/** The whole cut that a segment stands for. */
function built(
  { kept, sameProperties, metadata }: Segment,
  before: CheckpointMetadata | undefined,
): CheckpointMetadata {
  const filesBefore = new Map((before?.snapshots ?? []).map((s) => [subtaskKey(s), s.stateFiles]));
  return {
    ...metadata,
    properties: sameProperties ? (before?.properties ?? {}) : metadata.properties,
    snapshots: metadata.snapshots.map((snapshot) => {
      const key = subtaskKey(snapshot);
      const shared = (filesBefore.get(key) ?? []).slice(0, kept[key] ?? 0);
      return { ...snapshot, stateFiles: [...shared, ...snapshot.stateFiles] };
    }),
  };
}

/** The metadata of a full checkpoint with paths that hold in the whole run. */
export function fromAnywhere(metadata: CheckpointMetadata): CheckpointMetadata {
  const path = (file: StateFile): StateFile =>
    isEarlierFile(file) ? file : { ...file, path: `../${checkpointFolder(metadata.id)}/${file.path}` };
  return {
    ...metadata,
    snapshots: metadata.snapshots.map((snapshot) => ({ ...snapshot, stateFiles: snapshot.stateFiles.map(path) })),
  };
}

/** Opens the cut of one segment. Throws CHECKPOINT_NOT_FOUND, CHECKPOINT_INVALID. */
export async function openSegment(view: LogView, place: number): Promise<CheckpointReader> {
  const store = new LogStore(view);
  const location = store.location(place);
  const listed = (await store.list()).find((each: ListedRecord) => each.place === place);
  const record = listed === undefined ? undefined : await store.index(listed);
  if (record?.type !== "segment")
    throw new SqlError("CHECKPOINT_NOT_FOUND", `${location} is no segment of a log`, {
      hint: "'millrace checkpoints list' says where the log of a run stands",
    });
  const base = record.base === 0 ? undefined : await view.checkpoint(record.base);
  const { reader, problems } = await replay(view, base, { verify: false, upTo: place });
  if (reader?.metadata.id === record.metadata.id && reader.location === location) return reader;
  throw new SqlError(
    "CHECKPOINT_INVALID",
    `the segment ${location} of the log cannot be gone on from: ${problems.at(-1) ?? "an attempt of the job has passed it over"}`,
  );
}
