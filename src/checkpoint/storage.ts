import type { SqlError } from "../base/errors.ts";
import type { CheckpointKind, CheckpointMetadata, StateFile } from "./metadata.ts";
import type { HistoryEntry } from "./run-history.ts";
import type { RunState, RunStatus } from "./run-state.ts";
import type { SavepointTarget } from "./savepoint-writer.ts";
import type { RunHistory } from "./statistics.ts";

/** Where state goes while a checkpoint is written. */
export interface SnapshotTarget {
  readonly id: number;
  /** A savepoint is canonical and complete in itself: no increments, no files in a backend's own form. */
  readonly kind: CheckpointKind;
  /** A segment of the log: only what has changed, however long the chain of increments has become. */
  readonly isSegment?: boolean | undefined;
  /** Writes a data file durably; `name` is any text, unique in the checkpoint. */
  writeFile(name: string, pieces: AsyncIterable<Uint8Array>): Promise<StateFile>;
  /** Takes over a finished local file that nobody writes any more: by a hard link where that is possible, else as a copy. */
  addFile(name: string, localPath: string): Promise<StateFile>;
}

/** One checkpoint being written. */
export interface CheckpointWriter extends SnapshotTarget {
  /** Where it lies, for messages. */
  readonly location: string;
  /** Writes the metadata: the only commit point. Throws RUN_TAKEN_OVER when another process has taken the run over. */
  complete(metadata: CheckpointMetadata): Promise<void>;
  /** Removes what was written. */
  abort(): Promise<void>;
}

/** A completed checkpoint, to restore from. */
export interface CheckpointReader {
  readonly metadata: CheckpointMetadata;
  /** Where it lies, for messages. */
  readonly location: string;
  /** Contents of a data file, decompressed. Throws CHECKPOINT_INVALID when the file is missing or damaged. */
  readFile(file: StateFile): Promise<Uint8Array>;
  /** A data file as it is stored. Throws CHECKPOINT_INVALID when it is missing. */
  readonly stored: (file: StateFile) => AsyncIterable<Uint8Array>;
  /** The same decrypted and checked: fails at the end at the latest. Throws CHECKPOINT_INVALID, ENCRYPTION_KEY. */
  readonly contents: (file: StateFile) => AsyncIterable<Uint8Array>;
  /** Stored as a checkpoint of now stores its files: not under a former key, nor without one. Later ones may build on it. */
  readonly isCurrent: (file: StateFile) => boolean;
  /** Puts the contents of a data file into a local file: by a hard link where that is possible, else as a copy. */
  fetchFile(file: StateFile, localPath: string): Promise<void>;
}

/** Other places that may have what is missing or damaged in a run. */
export interface Mender {
  /** Numbers of checkpoints there. */
  ids(): Promise<readonly number[]>;
  /** Puts a valid copy into the place of a checkpoint that is missing or damaged, durably. False: there is none. */
  mend(id: number): Promise<boolean>;
}

/** Where a log stands. Millis, bytes as stored. */
export interface SegmentLogStatus {
  /** Since the newest full checkpoint. */
  readonly segments: number;
  readonly bytes: number;
  /** The newest segment: its cut's number, when it was taken (epoch); undefined: there is none yet. */
  readonly lastId: number | undefined;
  readonly lastMillis: number | undefined;
  /** How old the work is that only memory holds: since the newest durable cut was taken. */
  readonly ageMillis: number | undefined;
  /** The longest that it was, just before a cut became durable, over the last of them: what a failure repeats at most. */
  readonly gapMillis: number | undefined;
  /** State in the newest segment, before compression. */
  readonly lastRawBytes: number;
}

/** What changes between two checkpoints, written down as it comes (`state.synchronization`); see `log/`. */
export interface SegmentLog {
  /** What the next cut has to be: a full checkpoint where segments cannot build on what is there, or are many. */
  readonly due: "segment" | "checkpoint";
  readonly status: SegmentLogStatus;
  /** Begins a segment, which is all that a checkpoint is. Throws CHECKPOINT_FAILED when a full checkpoint is due. */
  segment(checkpointId: number): CheckpointWriter;
}

/** A run of a job, owned by this process. */
export interface RunStorage {
  readonly job: string;
  readonly run: string;
  /** Rises with each restart, so that what an earlier attempt left behind can be told apart. */
  readonly attempt: number;
  /** Where it lies, for messages. */
  readonly location: string;
  /** A local folder for working files of the state; not made yet. */
  readonly workDirectory: string;
  /** Present: segments are written between the checkpoints. */
  readonly log?: SegmentLog | undefined;
  /** Throws RUN_TAKEN_OVER when another process has taken the run over. */
  assertOwned(): Promise<void>;
  /** Another attempt of this process. */
  nextAttempt(): Promise<number>;
  begin(checkpointId: number, kind: CheckpointKind): Promise<CheckpointWriter>;
  /** Begins a savepoint in a folder of its own, outside of the run, which retention never touches. */
  beginSavepoint(checkpointId: number, target: SavepointTarget): Promise<CheckpointWriter>;
  /** Copies a checkpoint from elsewhere into the run, as its own. */
  adopt(reader: CheckpointReader): Promise<void>;
  /** The newest valid checkpoint; `onInvalid` is told, in words, of each newer one that is not. */
  newest(onInvalid: (reason: string) => void, mender?: Mender): Promise<CheckpointReader | undefined>;
  /** Highest checkpoint number that was ever begun, also of aborted ones still to be seen; 0: none. */
  highestId(): Promise<number>;
  /** Keeps the newest completed checkpoints and all that they need, removes the rest and leftovers of aborted ones. */
  retain(count: number): Promise<void>;
  setStatus(status: RunStatus): Promise<void>;
  /** What became of its checkpoints so far, failed ones too. */
  history(): Promise<RunHistory>;
  /** Adds to the history. Throws RUN_TAKEN_OVER when another process has taken the run over. */
  remember(entry: HistoryEntry): Promise<void>;
  /** An earlier owner of the run was only presumed dead: it may wake up and still write into what it has open. */
  readonly ownerMayLive: boolean;
  /** Tells, once, that another process has taken the run over; noticed within seconds. */
  onLost(listener: (error: SqlError) => void): void;
  /** Gives the run up, so that another process may go on in it. */
  release(): Promise<void>;
}

/** A run as `--from latest` finds it. */
export interface FoundRun {
  readonly run: string;
  readonly state: RunState;
}

/** Where the checkpoints of all jobs lie. */
export interface CheckpointStorage {
  /** Starts a new run of the job. */
  createRun(job: string): Promise<RunStorage>;
  /** The newest run of the job, whoever owns it. */
  newestRun(job: string): Promise<FoundRun | undefined>;
  /**
   * The newest valid checkpoint of a run, without a lock and without writing; `verify` false: state files are not looked at.
   * `onInvalid` is told, in words, of each newer one that is not valid.
   */
  newestOf(
    found: FoundRun,
    onInvalid: (reason: string) => void,
    verify: boolean,
  ): Promise<CheckpointReader | undefined>;
  /** Where a run lies, for messages. */
  locationOf(found: FoundRun): string;
  /** Goes on in a run. Throws RUN_LOCKED while another live process owns it, CHECKPOINT_NOT_FOUND when it is not there. */
  openRun(job: string, run: string): Promise<RunStorage>;
}
