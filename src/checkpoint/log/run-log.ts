import { faultPoint } from "../../base/fault-point.ts";
import { SqlError } from "../../base/errors.ts";
import { type CheckpointMetadata, type Compression, type StateFile, type SubtaskSnapshot } from "../metadata.ts";
import { neededFolders } from "../checkpoint-directory.ts";
import { subtaskKey } from "../pending-checkpoint.ts";
import type { CheckpointWriter, SegmentLog, SegmentLogStatus } from "../storage.ts";
import { compressedForm, type StoredAs } from "../stored-form.ts";
import { LogStatistics } from "./log-statistics.ts";
import { LogStore, type LogView } from "./log-store.ts";
import { fromAnywhere } from "./replay.ts";
import { encodeIndex, partPath, placeOfPart, RECORD_HEAD } from "./segment.ts";

/** A segment lies in memory until it is whole; where more has changed a full checkpoint, which does not, takes its place. */
const MAX_SEGMENT_BYTES = 64 << 20;
/** A log of this size is short, however small the state: so much more is read by a restore at most … */
const SHORT_LOG_BYTES = 64 << 20;
/** … unless the state is larger: the log may be as large as so many copies of it. */
const LOG_PART = 2;
/** Each is a read of its own for a restore. */
const MAX_SEGMENTS = 500;

interface RunLogSetup {
  readonly view: LogView;
  readonly compression: Compression;
  nowMillis(): number;
  /** Throws RUN_TAKEN_OVER. */
  assertOwned(): Promise<void>;
}

/** What the next segment builds on. */
interface Head {
  /** State files by paths that hold in the whole run. */
  readonly metadata: CheckpointMetadata;
  /** The full checkpoint that it goes back to; 0: none. */
  readonly base: number;
}

/** A full checkpoint of this process that is still there. */
interface Kept {
  readonly id: number;
  /** Numbers of the checkpoints that it builds on. */
  readonly needs: readonly number[];
  /** Segments up to this place came before it. */
  readonly place: number;
  /** Places of the segments that hold some of its state. */
  readonly parts: ReadonlySet<number>;
}

/**
 * The log of a run, for its owner: writes segments, each the next object of the log, which nobody else can have made, and
 * removes those that no checkpoint needs any more.
 */
export class RunLog implements SegmentLog {
  readonly #setup: RunLogSetup;
  readonly #store: LogStore;
  readonly #storedAs: StoredAs;
  readonly #statistics: LogStatistics;
  /** Oldest first. */
  #kept: readonly Kept[] = [];
  #head: Head | undefined;
  #nextPlace = 1;
  /** Segments cannot build on what is there: a full checkpoint comes first. */
  #interrupted = false;
  /** Since the newest full checkpoint. */
  #segments = 0;
  #bytes = 0;
  /** All state in the newest full checkpoint. */
  #checkpointBytes = 0;
  #highestId = 0;

  constructor(setup: RunLogSetup) {
    this.#setup = setup;
    this.#store = new LogStore(setup.view);
    this.#storedAs = { compression: setup.compression, keys: setup.view.keys };
    this.#statistics = new LogStatistics(() => setup.nowMillis());
  }

  /** What is to come next: a full checkpoint where no segment can build on what is there, or the log has become long. */
  get due(): "segment" | "checkpoint" {
    const stateBytes = this.#checkpointBytes;
    const long = this.#segments >= MAX_SEGMENTS || this.#bytes > Math.max(SHORT_LOG_BYTES, LOG_PART * stateBytes);
    return this.#interrupted || long ? "checkpoint" : "segment";
  }

  /** The highest number of a cut that the log has seen. */
  get highestId(): number {
    return this.#highestId;
  }

  get status(): SegmentLogStatus {
    return this.#statistics.status(this.#segments, this.#bytes);
  }

  /** A new attempt goes on from a cut; `lastPlace`: the highest that is taken, `highestId`: of a cut. */
  begin(lastPlace: number, highestId: number): void {
    this.#head = undefined;
    this.#nextPlace = lastPlace + 1;
    this.#highestId = Math.max(this.#highestId, highestId);
    // Slots may be numbered anew: what changes from now on does not fit to what is there.
    this.#interrupted = true;
    this.#statistics.begin();
  }

  /** Begins a segment. Throws CHECKPOINT_FAILED when a full checkpoint is due. */
  segment(id: number): CheckpointWriter {
    if (this.#interrupted)
      throw new SqlError("CHECKPOINT_FAILED", "the log goes on after a full checkpoint", { retryable: true });
    const place = this.#nextPlace;
    return new SegmentWriter(id, place, this.#store.location(place), this.#storedAs, {
      complete: async (metadata, writer) => this.#complete(metadata, writer),
      tooLarge: () => {
        this.#interrupted = true;
      },
    });
  }

  /** A full checkpoint of the run is complete: segments build on it. */
  checkpointCompleted(metadata: CheckpointMetadata): void {
    const whole = fromAnywhere(metadata);
    this.#head = { metadata: whole, base: metadata.id };
    this.#interrupted = false;
    this.#segments = 0;
    this.#bytes = 0;
    this.#checkpointBytes = metadata.snapshots
      .flatMap(({ stateFiles }) => stateFiles)
      .reduce((sum, { bytes }) => sum + bytes, 0);
    this.#highestId = Math.max(this.#highestId, metadata.id);
    const kept = { id: metadata.id, needs: neededFolders(metadata), place: this.#nextPlace - 1, parts: partsOf(whole) };
    this.#kept = [...this.#kept, kept];
    this.#statistics.durable(metadata.triggeredMillis);
  }

  /** A savepoint is complete: whether its files stay is its owner's business, so nothing builds on it. */
  savepointCompleted(): void {
    this.#interrupted = true;
  }

  /**
   * Removes the segments that none of the newest `count` full checkpoints needs, nor one that they build on (these are there
   * still, and may be gone on from), nor who falls back to one of them.
   */
  async retain(count: number): Promise<void> {
    const newest = this.#kept.slice(-count);
    const there = new Set(newest.map(({ id }) => id));
    // What is added on the way is looked at too.
    for (const id of there)
      for (const needed of this.#kept.find((each) => each.id === id)?.needs ?? []) there.add(needed);
    this.#kept = this.#kept.filter(({ id }) => there.has(id));
    // There is nothing in it.
    if (this.#nextPlace === 1) return;
    // Which segments older checkpoints need, of a process before this one, is not known.
    if (newest.length < count) return;
    const upTo = newest[0]?.place ?? 0;
    const records = await this.#store.list();
    // The last one stays: places are never given out anew, so that a sleeper that wakes up finds its own taken.
    for (const { place } of records.slice(0, -1)) {
      if (place > upTo) break;
      if (this.#kept.some(({ parts }) => parts.has(place))) continue;
      await this.#store.remove(place);
      faultPoint("log.truncating");
    }
  }

  async #complete(metadata: CheckpointMetadata, writer: SegmentWriter): Promise<void> {
    const { place } = writer;
    const head = this.#head;
    const { kept, snapshots } = withoutKept(metadata.snapshots, head?.metadata.snapshots ?? []);
    if (head !== undefined && isUnchanged(metadata, snapshots, kept, head.metadata)) {
      this.#head = { ...head, metadata: { ...head.metadata, triggeredMillis: metadata.triggeredMillis } };
      return this.#statistics.durable(metadata.triggeredMillis);
    }
    const sameProperties = head !== undefined && same(metadata.properties, head.metadata.properties);
    const index = encodeIndex(
      {
        type: "segment",
        after: head?.metadata.id ?? 0,
        base: head?.base ?? 0,
        kept,
        sameProperties,
        gapMillis: this.#statistics.gapMillis,
        metadata: { ...metadata, snapshots, properties: sameProperties ? {} : metadata.properties },
      },
      this.#setup.view.keys,
    );
    faultPoint("log.before-segment");
    if (!(await this.#store.create(place, writer.pieces(index)))) {
      await this.#setup.assertOwned();
      // One of this process, whose answer was lost, has come to stand there: it counts, and this one comes behind it.
      this.#nextPlace = place + 1;
      throw new SqlError("CHECKPOINT_FAILED", `the segment ${this.#store.location(place)} was there already`, {
        retryable: true,
      });
    }
    faultPoint("log.durable-not-acknowledged");
    this.#nextPlace = place + 1;
    // Who took the run over first decided what this place holds; then its object may be gone again, and this one nobody's.
    await this.#setup.assertOwned();
    this.#head = { metadata, base: head?.base ?? 0 };
    this.#segments += 1;
    this.#bytes += writer.size + index.length;
    this.#highestId = metadata.id;
    this.#statistics.written(metadata, writer.rawBytes);
  }
}

/** The log as a segment that is written knows it. */
interface SegmentOwner {
  complete(metadata: CheckpointMetadata, writer: SegmentWriter): Promise<void>;
  /** More has changed than may lie in memory: a full checkpoint has to hold it. */
  tooLarge(): void;
}

/** A segment while it is written: its state gathers in memory, compressed, and becomes one object. */
class SegmentWriter implements CheckpointWriter {
  readonly id: number;
  readonly kind = "checkpoint";
  readonly isSegment = true;
  readonly place: number;
  readonly location: string;
  readonly #storedAs: StoredAs;
  readonly #owner: SegmentOwner;
  #parts: Uint8Array[] = [];
  /** Of finished parts, and where the next one begins. */
  size = RECORD_HEAD.length;
  /** State before compression. */
  rawBytes = 0;
  /** Of parts that are still being written, too. */
  #gathered = 0;

  constructor(id: number, place: number, location: string, storedAs: StoredAs, owner: SegmentOwner) {
    this.id = id;
    this.place = place;
    this.location = location;
    this.#storedAs = storedAs;
    this.#owner = owner;
  }

  async writeFile(name: string, pieces: AsyncIterable<Uint8Array>): Promise<StateFile> {
    const form = compressedForm(name, pieces, this.#storedAs);
    const blocks: Uint8Array[] = [];
    for await (const block of form.blocks) {
      this.#gathered += block.length;
      if (this.#gathered > MAX_SEGMENT_BYTES) {
        this.#owner.tooLarge();
        const reason = `the segment ${this.location} would be larger than ${MAX_SEGMENT_BYTES} bytes`;
        throw new SqlError("CHECKPOINT_FAILED", reason, { retryable: true });
      }
      blocks.push(block);
    }
    const file = { ...form.file(), path: partPath(this.place), offset: this.size };
    this.#parts.push(...blocks);
    this.size += file.bytes;
    this.rawBytes += file.rawBytes;
    return file;
  }

  async addFile(): Promise<StateFile> {
    throw new SqlError("UNSUPPORTED", "files of a backend's own form cannot go into a log");
  }

  /** The object. */
  async *pieces(index: Uint8Array): AsyncGenerator<Uint8Array> {
    yield Buffer.concat([RECORD_HEAD, ...this.#parts, index]);
    faultPoint("log.not-durable");
  }

  async complete(metadata: CheckpointMetadata): Promise<void> {
    await this.#owner.complete(metadata, this);
    this.#parts = [];
  }

  async abort(): Promise<void> {
    // What may still come to stand in the log is a whole cut.
    this.#parts = [];
  }
}

/** The snapshots with their new state files only, and how many of the first ones are those of the cut before. */
function withoutKept(
  snapshots: readonly SubtaskSnapshot[],
  before: readonly SubtaskSnapshot[],
): { readonly kept: Record<string, number>; readonly snapshots: readonly SubtaskSnapshot[] } {
  const filesBefore = new Map(before.map((s) => [subtaskKey(s), s.stateFiles]));
  const kept: Record<string, number> = {};
  const fresh = snapshots.map((snapshot) => {
    const key = subtaskKey(snapshot);
    const known = filesBefore.get(key) ?? [];
    const { stateFiles } = snapshot;
    let shared = 0;
    while (shared < stateFiles.length && isSameFile(stateFiles[shared]!, known[shared])) shared += 1;
    if (shared > 0) kept[key] = shared;
    return { ...snapshot, stateFiles: stateFiles.slice(shared) };
  });
  return { kept, snapshots: fresh };
}

function isSameFile(file: StateFile, other: StateFile | undefined): boolean {
  return other !== undefined && file.path === other.path && file.offset === other.offset;
}

/** Nothing has happened since the cut before: it says all that this one would. */
function isUnchanged(
  metadata: CheckpointMetadata,
  fresh: readonly SubtaskSnapshot[],
  kept: Readonly<Record<string, number>>,
  before: CheckpointMetadata,
): boolean {
  const filesBefore = before.snapshots.reduce((sum, { stateFiles }) => sum + stateFiles.length, 0);
  const filesKept = Object.values(kept).reduce((sum, count) => sum + count, 0);
  if (filesKept !== filesBefore || !same(metadata.properties, before.properties)) return false;
  if (fresh.some((snapshot) => snapshot.stateFiles.length + snapshot.committables.length > 0)) return false;
  const rest = (snapshots: readonly SubtaskSnapshot[]): unknown =>
    snapshots.map((snapshot) => ({ ...snapshot, stateFiles: [], committables: [] }));
  return same(rest(fresh), rest(before.snapshots));
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function partsOf({ snapshots }: CheckpointMetadata): ReadonlySet<number> {
  return new Set(snapshots.flatMap(({ stateFiles }) => stateFiles.flatMap((file) => placeOfPart(file) ?? [])));
}
