import { faultPoint } from "../base/fault-point.ts";
import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { METADATA_FORMAT, type CheckpointKind, type CheckpointMetadata } from "./metadata.ts";
import type { Acknowledgement, CommittedSnapshot, CompletionListener, Participant } from "./participant.ts";
import { PendingCheckpoint, subtaskKey } from "./pending-checkpoint.ts";
import type { SavepointTarget } from "./savepoint-writer.ts";
import { StatisticsKeeper, type CheckpointRecord, type CheckpointStatistics } from "./statistics.ts";
import type { CheckpointWriter, RunStorage } from "./storage.ts";
import type { Timer } from "./timer.ts";

export interface CoordinatorOptions {
  /** `execution.checkpointing.interval`, to begin with; 0: only when asked. */
  readonly intervalMillis: number;
  /** `execution.checkpointing.min-pause`: from the end of one to the start of the next periodic one. */
  readonly minPauseMillis: number;
  /** `execution.checkpointing.timeout`. */
  readonly timeoutMillis: number;
  /** `execution.checkpointing.tolerable-failed-checkpoints`: so many failures in a row are borne. */
  readonly tolerableFailures: number;
  /** `execution.checkpointing.num-retained`. */
  readonly retained: number;
}

export interface CoordinatorSetup {
  readonly run: RunStorage;
  readonly options: CoordinatorOptions;
  readonly timer: Timer;
  readonly participants: readonly Participant[];
  /** In the order in which they act after a completion. */
  readonly listeners: readonly CompletionListener[];
  readonly maxParallelism: number;
  /** Counts over all attempts of the run. */
  readonly statistics?: StatisticsKeeper | undefined;
  /** Goes into the metadata. */
  readonly properties: { readonly [name: string]: Json };
  /** The number of the next checkpoint: above all that the run has seen (`RunStorage.highestId`). */
  readonly firstId: number;
  /** The job must fail: too many failed checkpoints, a failed commit, or the run was taken over. Called once. */
  onFatal(error: SqlError): void;
  /** A failed checkpoint that is borne, and other things to say aloud. */
  onWarning(message: string): void;
  /** A checkpoint or savepoint is complete and committed. */
  onCompleted?(record: CheckpointRecord): void;
}

/** A savepoint that is asked for. */
export interface SavepointRequest extends SavepointTarget {
  /**
   * The job ends with it, so sinks commit. Otherwise the job goes on, and what sinks prepared is committed with the next
   * checkpoint (and by who restores the savepoint): a savepoint has no effects of its own, as in Flink.
   */
  readonly last: boolean;
}

/** A complete checkpoint and where it lies. */
export interface CompletedCheckpoint extends CheckpointMetadata {
  readonly location: string;
}

interface Waiting {
  readonly kind: CheckpointKind;
  readonly savepoint?: SavepointRequest | undefined;
  /** The interval asks for it, nobody waits. */
  readonly periodic: boolean;
  /** It goes into the log: what the storage keeps, and what is counted, differs from a checkpoint; the rest does not. */
  readonly segment?: boolean | undefined;
  resolve(checkpoint: CompletedCheckpoint): void;
  reject(error: unknown): void;
}

/**
 * Runs the checkpoints of one job, one at a time: trigger → answers → state durable → metadata durable → commit. Knows
 * tasks only as `Participant`s. What sinks prepared for a checkpoint that was then aborted is carried into the next one,
 * so that nothing prepared is forgotten.
 */
export class CheckpointCoordinator {
  readonly #setup: CoordinatorSetup;
  /** Prepared for aborted checkpoints and not committed yet, by subtask. */
  readonly #carried = new Map<string, Json[]>();
  /** Aborted checkpoints that subtasks may still answer, and the subtasks that have. */
  readonly #aborted = new Map<number, Set<string>>();
  readonly #statistics: StatisticsKeeper;
  #nextId: number;
  #intervalMillis: number;
  /** When the interval was last counted from. */
  #intervalStart = 0;
  #pending: PendingCheckpoint | undefined;
  #pendingRequest: Waiting | undefined;
  readonly #requests: Waiting[] = [];
  #cancelInterval: (() => void) | undefined;
  #cancelTimeout: (() => void) | undefined;
  #failuresInARow = 0;
  #lastEndMillis = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #started = false;
  /** Entries go into the history one after another. */
  #history: Promise<void> = Promise.resolve();
  /** Storage work that still goes on. */
  #background: Promise<unknown> = Promise.resolve();

  constructor(setup: CoordinatorSetup) {
    this.#setup = setup;
    this.#statistics = setup.statistics ?? new StatisticsKeeper();
    this.#nextId = setup.firstId;
    this.#intervalMillis = setup.options.intervalMillis;
  }

  /** Starts the periodic checkpoints. */
  start(): void {
    this.#started = true;
    this.#scheduleNext(this.#intervalMillis);
  }

  /** Another time between two periodic checkpoints, counted from the last one's trigger. */
  setIntervalMillis(millis: number): void {
    if (millis === this.#intervalMillis) return;
    this.#intervalMillis = millis;
    this.#scheduleNext(Math.max(0, this.#intervalStart + millis - this.#setup.timer.nowMillis()));
  }

  /**
   * A checkpoint now (after the running one); resolves when it is complete and committed, rejects when it fails. A
   * `final` one, or a savepoint that is the last, is followed by no periodic ones. A savepoint that fails fails nothing else.
   */
  async trigger(kind: "checkpoint" | "segment" | "final"): Promise<CompletedCheckpoint>;
  async trigger(kind: "savepoint", savepoint: SavepointRequest): Promise<CompletedCheckpoint>;
  async trigger(kind: CheckpointKind | "segment", savepoint?: SavepointRequest): Promise<CompletedCheckpoint> {
    const segment = kind === "segment";
    if (this.#stopped || (segment && this.ended))
      throw new SqlError("CHECKPOINT_FAILED", "the job has ended; there are no more checkpoints");
    if (kind === "final" || savepoint?.last === true) {
      this.#started = false;
      this.#cancelInterval?.();
      for (const request of this.#requests.filter((each) => each.segment === true)) this.#withdraw(request);
    }
    return new Promise((resolve, reject) => {
      const cut = segment ? "checkpoint" : kind;
      this.#requests.push({ kind: cut, savepoint, periodic: false, segment, resolve, reject });
      this.#startNext();
    });
  }

  /** Nothing comes any more but what was asked for. */
  get ended(): boolean {
    return this.#stopped || !this.#started;
  }

  /** A subtask's answer. One that comes too late is let go, but what it prepared for commit goes into the next checkpoint. */
  acknowledge(acknowledgement: Acknowledgement): void {
    const pending = this.#pending;
    const key = subtaskKey(acknowledgement);
    if (
      pending?.id !== acknowledgement.checkpointId ||
      pending.phase !== "collecting" ||
      !pending.claim(acknowledgement)
    ) {
      acknowledgement.state?.release();
      const answered = this.#aborted.get(acknowledgement.checkpointId);
      if (answered === undefined || answered.has(key)) return;
      answered.add(key);
      this.#carry(acknowledgement);
      return;
    }
    // A subtask answers in order: what it left uncommitted is complete when it answers the next checkpoint.
    const carried = this.#carried.get(key) ?? [];
    this.#work(async () => {
      try {
        await pending.store(acknowledgement, carried);
      } catch (error) {
        acknowledgement.state?.release();
        return this.#fail(pending, error);
      }
      if (pending.isComplete) await this.#complete(pending);
    });
  }

  /** A subtask cannot take part. */
  decline(checkpointId: number, reason: SqlError): void {
    const pending = this.#pending;
    if (pending?.id === checkpointId) this.#fail(pending, reason);
  }

  /** Ends: aborts a running checkpoint, rejects waiting requests, waits for storage. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#started = false;
    this.#cancelInterval?.();
    const ended = new SqlError("CHECKPOINT_FAILED", "the job ended before the checkpoint was complete");
    const pending = this.#pending;
    if (pending?.phase === "collecting") this.#abort(pending, ended);
    for (const request of this.#requests.splice(0)) request.reject(ended);
    await this.settled();
  }

  /** When all storage work and commits begun so far have ended. */
  async settled(): Promise<void> {
    for (let seen: unknown; seen !== this.#background;) {
      seen = this.#background;
      await this.#background;
    }
  }

  statistics(): CheckpointStatistics {
    return this.#statistics.summary(this.#pending?.record("in progress"));
  }

  #scheduleNext(delayMillis: number): void {
    const { timer } = this.#setup;
    this.#cancelInterval?.();
    if (!this.#started || this.#intervalMillis <= 0) return;
    this.#intervalStart = timer.nowMillis() + delayMillis - this.#intervalMillis;
    this.#cancelInterval = timer.after(delayMillis, () => {
      this.#scheduleNext(this.#intervalMillis);
      // One at a time: while one runs, the next waits for its end.
      if (this.#requests.some((request) => request.kind === "checkpoint" && request.segment !== true)) return;
      this.#requests.push({ kind: "checkpoint", periodic: true, resolve: () => undefined, reject: () => undefined });
      this.#startNext();
    });
  }

  #startNext(): void {
    const { options, timer, participants } = this.#setup;
    if (this.#pending !== undefined || this.#stopped) return;
    // A segment has the last turn: whatever else is asked for holds all that it would.
    const asked = this.#requests.find(({ periodic, segment }) => !periodic && segment !== true);
    let request = asked ?? this.#requests.find(({ periodic }) => periodic) ?? this.#requests[0];
    const pauseLeft = request?.periodic === true ? this.#lastEndMillis + options.minPauseMillis - timer.nowMillis() : 0;
    if (pauseLeft > 0) {
      timer.after(pauseLeft, () => this.#startNext());
      request = this.#requests.find(({ segment }) => segment === true);
    }
    if (request === undefined) return;
    this.#requests.splice(this.#requests.indexOf(request), 1);
    this.#pendingRequest = request;
    const { attempt } = this.#setup.run;
    const pending = new PendingCheckpoint(this.#nextId++, request.kind, attempt, participants, () => timer.nowMillis());
    this.#pending = pending;
    this.#cancelTimeout = timer.after(options.timeoutMillis, () => {
      if (pending.phase !== "collecting") return;
      const missing = pending.missing();
      const waited =
        missing.length === 0 ? "its state was still being written" : `no answer from ${missing.join(", ")}`;
      const error = new SqlError(
        "CHECKPOINT_FAILED",
        `checkpoint ${pending.id} was not complete after ${options.timeoutMillis} ms: ${waited}`,
      );
      this.#fail(pending, error);
    });
    this.#work(async () => this.#begin(pending, request));
  }

  async #begin(pending: PendingCheckpoint, { savepoint, segment }: Waiting): Promise<void> {
    try {
      const writer = await this.#writer(pending, savepoint, segment === true);
      if (pending.phase !== "collecting") return await writer.abort();
      pending.writer = writer;
      for (const participant of this.#setup.participants)
        participant.trigger?.({ checkpointId: pending.id, kind: pending.kind });
      if (pending.isComplete) await this.#complete(pending);
    } catch (error) {
      this.#fail(pending, error);
    }
  }

  async #writer(
    { id, kind }: PendingCheckpoint,
    savepoint: SavepointRequest | undefined,
    segment: boolean,
  ): Promise<CheckpointWriter> {
    const { run } = this.#setup;
    if (segment && run.log !== undefined) return run.log.segment(id);
    return savepoint === undefined ? run.begin(id, kind) : run.beginSavepoint(id, savepoint);
  }

  async #complete(pending: PendingCheckpoint): Promise<void> {
    const { run, listeners, options, timer } = this.#setup;
    const { savepoint, segment } = this.#pendingRequest ?? {};
    if (pending.phase !== "collecting") return;
    pending.phase = "committing";
    this.#cancelTimeout?.();
    const metadata: CheckpointMetadata = {
      format: METADATA_FORMAT,
      job: run.job,
      run: run.run,
      attempt: run.attempt,
      id: pending.id,
      kind: pending.kind,
      triggeredMillis: pending.triggeredMillis,
      completedMillis: timer.nowMillis(),
      maxParallelism: this.#setup.maxParallelism,
      properties: this.#setup.properties,
      snapshots: pending.snapshots(),
    };
    faultPoint("checkpoint.before-durable");
    try {
      await pending.writer!.complete(metadata);
    } catch (error) {
      return this.#fail(pending, error);
    }
    for (const { state } of pending.answered.values()) {
      // No increment builds on a savepoint.
      if (savepoint === undefined) state?.completed?.();
      else state?.release();
    }
    if (segment !== true) this.#failuresInARow = 0;
    if (savepoint?.last === false) {
      for (const acknowledgement of pending.answered.values()) this.#carry(acknowledgement);
    } else {
      this.#carried.clear();
      this.#aborted.clear();
      faultPoint(savepoint === undefined ? "checkpoint.complete-not-committed" : "savepoint.complete-not-committed");
      try {
        await notifyListeners(metadata, listeners, "commit.between");
      } catch (error) {
        const failure = asError(`the commit of checkpoint ${pending.id} failed`, error);
        this.#remember(pending.record("completed"));
        this.#end(pending);
        this.#fatal(failure);
        return this.#settleRequest((request) => request.reject(failure));
      }
      try {
        if (segment !== true) await run.retain(options.retained);
      } catch (error) {
        this.#setup.onWarning((error as Error).message);
      }
    }
    const record = pending.record("completed");
    this.#remember(record);
    this.#end(pending);
    if (segment !== true) this.#setup.onCompleted?.(record);
    this.#settleRequest((request) => request.resolve({ ...metadata, location: pending.writer!.location }));
    this.#startNext();
  }

  #fail(pending: PendingCheckpoint, error: unknown): void {
    if (pending.phase === "ended") return;
    const segment = this.#pendingRequest?.segment === true;
    const failure = asError(`checkpoint ${pending.id} failed`, error);
    this.#abort(pending, failure);
    const tolerable = this.#setup.options.tolerableFailures;
    if (failure.code === "RUN_TAKEN_OVER" || failure.code === "BUG") this.#fatal(failure);
    // Who asked for a savepoint hears of it; it says nothing about the job's checkpoints.
    // Of a segment too: the next one holds all that it would have.
    else if (pending.kind === "savepoint" || segment) return this.#startNext();
    if (this.#stopped) return;
    if (++this.#failuresInARow > tolerable) {
      this.#fatal(
        new SqlError(
          "CHECKPOINT_FAILED",
          `${failure.message} (failure ${this.#failuresInARow} in a row, ${tolerable} are borne)`,
          {
            cause: failure,
            retryable: true,
            hint: "'execution.checkpointing.tolerable-failed-checkpoints' says how many failures in a row are borne",
          },
        ),
      );
    } else this.#setup.onWarning(failure.message);
    this.#startNext();
  }

  /** Ends a checkpoint that did not complete; what sinks prepared for it stays to be committed later. */
  #abort(pending: PendingCheckpoint, failure: SqlError): void {
    this.#remember(pending.record("failed", failure.message));
    this.#aborted.set(pending.id, new Set(pending.answered.keys()));
    for (const acknowledgement of pending.answered.values()) {
      acknowledgement.state?.release();
      this.#carry(acknowledgement);
    }
    for (const participant of this.#setup.participants) participant.aborted?.(pending.id);
    const { writer } = pending;
    if (writer !== undefined) {
      this.#work(async () => {
        try {
          await writer.abort();
        } catch (error) {
          this.#setup.onWarning((error as Error).message);
        }
      });
    }
    this.#end(pending);
    this.#settleRequest((request) => request.reject(failure));
  }

  /** Counts a checkpoint that has ended, and writes it into the history of the run. */
  #remember(record: CheckpointRecord): void {
    // Segments are many; the log says of itself where it stands.
    if (this.#pendingRequest?.segment === true) return;
    this.#statistics.add(record);
    const { run, onWarning } = this.#setup;
    this.#history = this.#history
      .then(async () => run.remember({ type: "checkpoint", record }))
      .catch((error: unknown) => {
        // The history only informs. That the run was taken over is said by what matters.
        if (!(error instanceof SqlError && error.code === "RUN_TAKEN_OVER")) onWarning((error as Error).message);
      });
    this.#background = Promise.all([this.#background, this.#history]);
  }

  #carry(acknowledgement: Acknowledgement): void {
    const committables = acknowledgement.committables ?? [];
    if (committables.length === 0) return;
    const key = subtaskKey(acknowledgement);
    this.#carried.set(key, [...(this.#carried.get(key) ?? []), ...committables]);
  }

  #end(pending: PendingCheckpoint): void {
    pending.phase = "ended";
    this.#cancelTimeout?.();
    if (this.#pendingRequest?.segment !== true) this.#lastEndMillis = this.#setup.timer.nowMillis();
    if (this.#pending === pending) this.#pending = undefined;
  }

  /** A segment that a last cut takes the place of. */
  #withdraw(request: Waiting): void {
    this.#requests.splice(this.#requests.indexOf(request), 1);
    request.reject(new SqlError("CHECKPOINT_FAILED", "the last checkpoint takes the place of the segment"));
  }

  #settleRequest(settle: (request: Waiting) => void): void {
    const request = this.#pendingRequest;
    this.#pendingRequest = undefined;
    if (request !== undefined) settle(request);
  }

  #fatal(error: SqlError): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#started = false;
    this.#cancelInterval?.();
    for (const request of this.#requests.splice(0)) request.reject(error);
    this.#setup.onFatal(error);
  }

  #work(action: () => Promise<void>): void {
    const done = action().catch((error: unknown) => this.#fatal(asError("checkpointing failed", error)));
    this.#background = Promise.all([this.#background, done]);
  }
}

/** Lets every listener act on a complete checkpoint, in order. */
async function notifyListeners(
  metadata: { readonly id: number; readonly snapshots: readonly CommittedSnapshot[] },
  listeners: readonly CompletionListener[],
  fault: string,
): Promise<void> {
  const byOperator = new Map<string, CommittedSnapshot[]>();
  for (const snapshot of metadata.snapshots) {
    const known = byOperator.get(snapshot.operatorId);
    if (known === undefined) byOperator.set(snapshot.operatorId, [snapshot]);
    else known.push(snapshot);
  }
  for (const [i, listener] of listeners.entries()) {
    if (i > 0) faultPoint(fault);
    await listener.checkpointComplete(metadata.id, byOperator.get(listener.operatorId) ?? []);
  }
}

/** Commits again what a restored checkpoint holds: the commit after its completion may not have happened. Before any new write. */
export async function commitRestored(
  metadata: CheckpointMetadata,
  listeners: readonly CompletionListener[],
): Promise<void> {
  await notifyListeners(metadata, listeners, "commit.after-restore");
  faultPoint("commit.after-restore");
}

/** For a job without checkpoints: what its sinks prepared at the end becomes visible. */
export async function commitAnswers(
  checkpointId: number,
  answers: readonly Acknowledgement[],
  listeners: readonly CompletionListener[],
): Promise<void> {
  const snapshots = answers.map(({ operatorId, subtask, committables, positions }) => ({
    operatorId,
    subtask,
    committables: committables ?? [],
    positions: positions ?? {},
  }));
  await notifyListeners({ id: checkpointId, snapshots }, listeners, "commit.between");
}

function asError(what: string, error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  return new SqlError("CHECKPOINT_FAILED", `${what}: ${(error as Error).message}`, { cause: error, retryable: true });
}
