import { parentPort, workerData } from "node:worker_threads";
import { SqlError } from "../../base/errors.ts";
import type { PendingState } from "../../checkpoint/participant.ts";
import { gathered } from "../../checkpoint/compression.ts";
import type { SnapshotTarget } from "../../checkpoint/storage.ts";
import { PortNetwork } from "../../runtime/exchange/port-network.ts";
import type { Job } from "../../runtime/job.ts";
import type { OpenStateBackend } from "../../state/backend.ts";
import { BUILTINS } from "../builtin.ts";
import { openCheckpointAt } from "../checkpoint-location.ts";
import { createLocalJob } from "../local-job.ts";
import { withPresentIds } from "../plan-record.ts";
import { Session } from "../session.ts";
import { loadUserFunction } from "../user-functions.ts";
import type { CoordinatorMethods, ThreadMethods, ThreadProgress, ThreadSetup } from "./protocol.ts";
import { Rpc, Transferred } from "./rpc.ts";
import { threadCollector } from "./thread-collector.ts";

/** How often a thread says how far it is. */
const PROGRESS_MILLIS = 100;

/** One thread of a job: it does what the coordinating thread asks. */
class JobThread {
  readonly #setup: ThreadSetup;
  readonly #atEnd: () => void;
  readonly #rpc: Rpc<CoordinatorMethods, ThreadMethods>;
  readonly #pending = new Map<number, PendingState>();
  readonly #streams = new Map<number, AsyncIterator<Uint8Array>>();
  #nextKey = 1;
  #nextStream = 1;
  #job: Job | undefined;
  #backend: OpenStateBackend | undefined;
  #ticking: NodeJS.Timeout | undefined;

  constructor(setup: ThreadSetup, atEnd: () => void) {
    this.#setup = setup;
    this.#atEnd = atEnd;
    if (parentPort === null) throw new SqlError("BUG", "a job's thread was started as a process");
    this.#rpc = new Rpc<CoordinatorMethods, ThreadMethods>(parentPort, this.#methods());
  }

  get job(): Job {
    if (this.#job === undefined) throw new SqlError("BUG", "the thread's job is not open");
    return this.#job;
  }

  #methods(): ThreadMethods {
    return {
      open: () => this.#open(),
      run: async () => {
        this.#ticking = setInterval(() => this.#tell(), PROGRESS_MILLIS);
        try {
          return await this.job.run();
        } finally {
          clearInterval(this.#ticking);
          this.#tell();
        }
      },
      stop: ({ drain }) => this.job.stop(drain),
      cut: async ({ checkpointId, kind }) =>
        await this.job.cut(checkpointId, kind, ({ state, ...answer }) => {
          const stateKey = state === undefined ? undefined : this.#nextKey++;
          if (state !== undefined) this.#pending.set(stateKey!, state);
          this.#send("answer", { ...answer, stateKey });
        }),
      addSplits: ({ sourceId, splits }) => this.job.addSplits(sourceId, splits),
      writeState: async ({ key, checkpointId: id, kind, isSegment }) =>
        (await this.#pending.get(key)?.write(this.#target(key, { id, kind, isSegment }))) ?? [],
      stateCompleted: ({ key }) => {
        this.#pending.get(key)?.completed?.();
        this.#pending.delete(key);
      },
      releaseState: ({ key }) => {
        this.#pending.get(key)?.release();
        this.#pending.delete(key);
      },
      committed: async ({ sinkId, checkpointId }) => await this.job.committed(sinkId, checkpointId),
      nextPiece: async ({ stream }) => await this.#nextPiece(stream),
      progress: () => this.#progress(),
      inspect: async () => await this.job.inspect(),
      close: async ({ aborted }) => {
        try {
          await this.#job?.close(aborted);
        } finally {
          await this.#backend?.close();
          this.#atEnd();
        }
      },
    };
  }

  async #open(): Promise<{ readonly bounded: boolean }> {
    const setup = this.#setup;
    const functions = await Promise.all(
      setup.functions.map((f) => loadUserFunction(f.name, f.identifier, f.directory ?? setup.baseDirectory, undefined)),
    );
    const { fixedMillis } = setup;
    const session = new Session({
      builtins: {
        ...BUILTINS,
        scalars: [...BUILTINS.scalars, ...functions.flatMap((f) => (f.kind === "scalar" ? [f.fn] : []))],
        tables: [...BUILTINS.tables, ...functions.flatMap((f) => (f.kind === "table" ? [f.fn] : []))],
      },
      config: setup.sessionValues,
      baseDirectory: setup.baseDirectory,
      stdout: async (text) => await this.#rpc.call("stdout", text),
      stderr: (text) => this.#send("stderr", text),
      ...(fixedMillis === undefined ? {} : { nowMillis: () => fixedMillis }),
    });
    for (const extension of setup.extensions) await session.extensions.load(extension);
    const { job, backend } = await createLocalJob({
      ...setup,
      nowMillis: () => session.nowMillis(),
      restore:
        setup.restore === undefined
          ? undefined
          : withPresentIds(await openCheckpointAt(setup.restore, setup.values), setup.graph),
      services: {
        functions: session.functions,
        session: session.facts(),
        compileExpressions: setup.values.get("table.exec.compile-expressions")?.toLowerCase() !== "false",
        connectorOf: (table) => session.connectorOf(table),
        connectors: session.connectorContext(),
        run: setup.run,
        collector: setup.collects
          ? threadCollector({
              collect: async (buffer) => await this.#rpc.call("collect", buffer, [buffer]),
              prepareCollected: async (checkpointId) => await this.#rpc.call("prepareCollected", checkpointId),
            })
          : undefined,
        batchRows: setup.batchRows,
        onRows: setup.reportsRows ? async (rows) => await this.#rpc.call("rows", rows) : undefined,
        network: new PortNetwork(setup.subtask, setup.maxParallelism, setup.ports),
        alignBarriers: setup.alignBarriers,
        unalignedBarriers: setup.unalignedBarriers,
        splitsOf: (sourceId) => setup.splits[sourceId] ?? [],
      },
    });
    this.#job = job;
    this.#backend = backend;
    await job.open(setup.freshRun);
    return { bounded: job.bounded };
  }

  #target(key: number, cut: Pick<SnapshotTarget, "id" | "kind" | "isSegment">): SnapshotTarget {
    return {
      ...cut,
      writeFile: async (name, pieces) => {
        const stream = this.#nextStream++;
        this.#streams.set(stream, gathered(pieces)[Symbol.asyncIterator]());
        try {
          return await this.#rpc.call("writeFile", { key, name, stream });
        } finally {
          this.#streams.delete(stream);
        }
      },
      addFile: async (name, path) => await this.#rpc.call("addFile", { key, name, path }),
    };
  }

  async #nextPiece(stream: number): Promise<Transferred<Uint8Array> | undefined> {
    const piece = await this.#streams.get(stream)?.next();
    if (piece === undefined || piece.done === true) return undefined;
    const bytes = piece.value.slice();
    return new Transferred(bytes, [bytes.buffer]);
  }

  #progress(): ThreadProgress {
    const { job } = this;
    return { progress: job.progress(), summaries: job.sinkSummaries(), pauseMillis: job.lastPauseMillis };
  }

  #tell(): void {
    this.#send("progress", this.#progress());
  }

  /** Nothing depends on the answer: when the other side is gone, so is this thread. */
  #send<K extends "answer" | "stderr" | "progress">(method: K, argument: Parameters<CoordinatorMethods[K]>[0]): void {
    this.#rpc.call(method, argument as never).catch(() => undefined);
  }
}

/** Starts the thread that `workerData` describes. `atEnd` is called when its job is closed. */
export function startThread(atEnd: () => void): void {
  // The object lives as long as its port.
  void new JobThread(workerData as ThreadSetup, atEnd);
}
