import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { SqlError } from "../../base/errors.ts";
import type { CheckpointKind } from "../../checkpoint/metadata.ts";
import type { Acknowledgement } from "../../checkpoint/participant.ts";
import type { SnapshotTarget } from "../../checkpoint/storage.ts";
import type { NumberedSplit } from "../../runtime/source-state.ts";
import type { NodeInspection } from "../../runtime/inspection.ts";
import type { CoordinatorMethods, ThreadAnswer, ThreadMethods, ThreadProgress, ThreadSetup } from "./protocol.ts";
import { Rpc } from "./rpc.ts";

/** How long a thread that is asked to close may take, millis. */
const CLOSE_MILLIS = 10_000;

/** What one thread tells the job that it is a part of. */
export interface ThreadListener {
  answer(answer: Acknowledgement): void;
  rows(subtask: number, rows: number): void | Promise<void>;
  stdout(text: string): unknown;
  stderr(text: string): void;
  collect(buffer: ArrayBuffer): void | Promise<void>;
  prepareCollected(checkpointId: number): void | Promise<void>;
}

/** The built package has the entry beside this code; sources are run with the one of the last build. */
function entry(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith(".ts") ? "../../../dist/worker.js" : WORKER_FROM_BUNDLE, here));
}

/** Bundled code lies in `dist` or in `dist/chunks`. */
const WORKER_FROM_BUNDLE = /\/chunks\/[^/]*$/.test(import.meta.url) ? "../worker.js" : "./worker.js";

/** One thread of a job, as the coordinating thread sees it. */
export class JobThread {
  readonly subtask: number;
  readonly #worker: Worker;
  readonly #rpc: Rpc<ThreadMethods, CoordinatorMethods>;
  readonly #targets = new Map<number, SnapshotTarget>();
  readonly #listener: ThreadListener;
  readonly #gone: Promise<void>;
  #closing = false;
  latest: ThreadProgress | undefined;

  constructor(setup: ThreadSetup, listener: ThreadListener) {
    this.subtask = setup.subtask;
    this.#listener = listener;
    this.#worker = new Worker(entry(), {
      workerData: setup,
      transferList: setup.ports.flatMap((port) => (port === undefined ? [] : [port])),
      name: `millrace ${setup.run.jobName} ${setup.subtask}`,
    });
    this.#rpc = new Rpc<ThreadMethods, CoordinatorMethods>(this.#worker, this.#methods());
    this.#gone = new Promise((resolve) => {
      this.#worker.once("error", (error) => this.#rpc.fail(this.#died(error)));
      this.#worker.once("exit", (status) => {
        this.#rpc.fail(this.#died(new Error(`it exited with status ${status}`)));
        resolve();
      });
    });
  }

  #died(cause: unknown): SqlError {
    const memory = (cause as { readonly code?: string }).code === "ERR_WORKER_OUT_OF_MEMORY";
    return new SqlError("THREAD_FAILED", `thread ${this.subtask} of the job has died: ${(cause as Error).message}`, {
      cause,
      retryable: true,
      ...(memory
        ? { hint: "it ran out of memory: limit the state, or start node with a larger --max-old-space-size" }
        : {}),
    });
  }

  #methods(): CoordinatorMethods {
    const listener = this.#listener;
    return {
      answer: (answer) => listener.answer(this.#acknowledgement(answer)),
      writeFile: async ({ key, name, stream }) => await this.#target(key).writeFile(name, this.#pieces(stream)),
      addFile: async ({ key, name, path }) => await this.#target(key).addFile(name, path),
      stdout: async (text) => void (await listener.stdout(text)),
      stderr: (text) => listener.stderr(text),
      collect: (buffer) => listener.collect(buffer),
      prepareCollected: (checkpointId) => listener.prepareCollected(checkpointId),
      rows: (rows) => listener.rows(this.subtask, rows),
      progress: (progress) => void (this.latest = progress),
    };
  }

  #target(key: number): SnapshotTarget {
    const target = this.#targets.get(key);
    if (target === undefined) throw new SqlError("CHECKPOINT_FAILED", "the checkpoint was given up");
    return target;
  }

  async *#pieces(stream: number): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = await this.#rpc.call("nextPiece", { stream });
      if (piece === undefined) return;
      // What was transferred arrives as the value itself.
      yield piece as unknown as Uint8Array;
    }
  }

  /** The state stays in the thread: it writes piece by piece what the coordinator asks for. */
  #acknowledgement({ stateKey: key, ...answer }: ThreadAnswer): Acknowledgement {
    if (key === undefined) return answer;
    const tell = (method: "stateCompleted" | "releaseState"): void => {
      this.#rpc.call(method, { key }).catch(() => undefined);
    };
    return {
      ...answer,
      state: {
        write: async (target) => {
          this.#targets.set(key, target);
          try {
            const { id: checkpointId, kind, isSegment = false } = target;
            return await this.#rpc.call("writeState", { key, checkpointId, kind, isSegment });
          } finally {
            this.#targets.delete(key);
          }
        },
        completed: () => tell("stateCompleted"),
        release: () => tell("releaseState"),
      },
    };
  }

  async open(): Promise<{ readonly bounded: boolean }> {
    return await this.#rpc.call("open", undefined);
  }

  async run(): Promise<"finished" | "stopped"> {
    return await this.#rpc.call("run", undefined);
  }

  async stop(drain: boolean): Promise<void> {
    await this.#rpc.call("stop", { drain });
  }

  async cut(checkpointId: number, kind: CheckpointKind): Promise<void> {
    await this.#rpc.call("cut", { checkpointId, kind });
  }

  async committed(sinkId: string, checkpointId: number): Promise<void> {
    await this.#rpc.call("committed", { sinkId, checkpointId });
  }

  async inspect(): Promise<readonly NodeInspection[]> {
    return await this.#rpc.call("inspect", undefined);
  }

  async addSplits(sourceId: string, splits: readonly NumberedSplit[]): Promise<void> {
    await this.#rpc.call("addSplits", { sourceId, splits });
  }

  /** Closes what the thread has open, then ends it; by force when that takes too long. */
  async close(aborted: boolean): Promise<void> {
    if (this.#closing) return await this.#gone;
    this.#closing = true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MILLIS)));
    try {
      await Promise.race([this.#rpc.call("close", { aborted }), late]);
      this.latest = (await Promise.race([this.#rpc.call("progress", undefined), late])) ?? this.latest;
    } finally {
      clearTimeout(timer);
      await this.#worker.terminate();
    }
  }
}
