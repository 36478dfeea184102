import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { SqlError } from "../base/errors.ts";
import { neededFolders } from "./checkpoint-directory.ts";
import { crc32 } from "./checksum.ts";
import {
  decodeMetadata,
  encodeMetadata,
  type CheckpointKind,
  type CheckpointMetadata,
  type StateFile,
} from "./metadata.ts";
import type { HistoryEntry } from "./run-history.ts";
import type { RunStatus } from "./run-state.ts";
import { beginSavepoint, type SavepointTarget } from "./savepoint-writer.ts";
import { EMPTY_HISTORY, type RunHistory } from "./statistics.ts";
import type { CheckpointReader, CheckpointWriter, RunStorage } from "./storage.ts";

interface Stored {
  readonly files: Map<string, Uint8Array>;
  metadata: string | undefined;
}

/**
 * A run whose checkpoints live as long as the process: for jobs without a checkpoint directory (their sinks still commit
 * through a final checkpoint), for restarts inside one process, and for tests.
 */
export class MemoryRun implements RunStorage {
  readonly job: string;
  readonly run: string;
  readonly location = "memory";
  readonly workDirectory: string;
  attempt = 1;
  status: RunStatus = "running";
  readonly ownerMayLive = false;
  /** What was remembered, for tests. */
  readonly entries: HistoryEntry[] = [];
  readonly #checkpoints = new Map<number, Stored>();

  constructor(job: string, run: string) {
    this.job = job;
    this.run = run;
    this.workDirectory = join(tmpdir(), `millrace-${run}`);
  }

  async nextAttempt(): Promise<number> {
    this.attempt += 1;
    return this.attempt;
  }

  async begin(checkpointId: number, kind: CheckpointKind): Promise<CheckpointWriter> {
    const stored: Stored = { files: new Map(), metadata: undefined };
    this.#checkpoints.set(checkpointId, stored);
    const keep = (name: string, bytes: Uint8Array): StateFile => {
      stored.files.set(name, bytes);
      return { path: name, compression: "none", bytes: bytes.length, rawBytes: bytes.length, crc32: crc32(bytes) };
    };
    return {
      id: checkpointId,
      kind,
      location: `memory checkpoint ${checkpointId}`,
      writeFile: async (name, pieces) => {
        const parts: Uint8Array[] = [];
        for await (const piece of pieces) parts.push(piece);
        return keep(name, Buffer.concat(parts));
      },
      addFile: async (name, localPath) => keep(name, await readFile(localPath)),
      complete: async (metadata: CheckpointMetadata) => {
        stored.metadata = encodeMetadata(metadata);
      },
      abort: async () => {
        this.#checkpoints.delete(checkpointId);
      },
    };
  }

  /** A savepoint lies in files in any case. */
  async beginSavepoint(checkpointId: number, target: SavepointTarget): Promise<CheckpointWriter> {
    return beginSavepoint(checkpointId, this.job, target, async () => undefined);
  }

  async adopt({ metadata, readFile }: CheckpointReader): Promise<void> {
    const stored: Stored = { files: new Map(), metadata: encodeMetadata(metadata) };
    for (const file of metadata.snapshots.flatMap((snapshot) => snapshot.stateFiles))
      stored.files.set(file.path, await readFile(file));
    this.#checkpoints.set(metadata.id, stored);
  }

  async newest(): Promise<CheckpointReader | undefined> {
    for (const [id, stored] of [...this.#checkpoints].sort(([a], [b]) => b - a)) {
      if (stored.metadata === undefined) continue;
      const location = `memory checkpoint ${id}`;
      return {
        metadata: decodeMetadata(stored.metadata, location),
        location,
        readFile: async (file) => this.#read(stored, file),
        stored: (file) => Readable.from([this.#read(stored, file)]),
        contents: (file) => Readable.from([this.#read(stored, file)]),
        isCurrent: () => true,
        fetchFile: async (file, localPath) => writeFile(localPath, this.#read(stored, file)),
      };
    }
    return undefined;
  }

  async highestId(): Promise<number> {
    return Math.max(0, ...this.#checkpoints.keys());
  }

  async retain(count: number): Promise<void> {
    const completed = [...this.#checkpoints].filter(([, stored]) => stored.metadata !== undefined).map(([id]) => id);
    const kept = new Set(completed.sort((a, b) => b - a).slice(0, count));
    const newest = Math.max(0, ...kept);
    // What is added on the way is looked at too.
    for (const id of kept) {
      const metadata = this.#checkpoints.get(id)?.metadata;
      if (metadata === undefined) continue;
      for (const needed of neededFolders(decodeMetadata(metadata, `memory checkpoint ${id}`))) kept.add(needed);
    }
    for (const id of this.#checkpoints.keys()) if (id < newest && !kept.has(id)) this.#checkpoints.delete(id);
  }

  async setStatus(status: RunStatus): Promise<void> {
    this.status = status;
  }

  async assertOwned(): Promise<void> {
    // Nobody else can come to it.
  }

  async history(): Promise<RunHistory> {
    return EMPTY_HISTORY;
  }

  async remember(entry: HistoryEntry): Promise<void> {
    this.entries.push(entry);
  }

  onLost(): void {
    // Nobody else can come to it.
  }

  async release(): Promise<void> {
    // Nobody else can come to it.
  }

  /** A file of the checkpoint, or of an earlier one: `../chk-3/name`. */
  #read(own: Stored, file: StateFile): Uint8Array {
    const earlier = /^\.\.\/chk-(\d+)\/(.*)$/s.exec(file.path);
    const stored = earlier === null ? own : this.#checkpoints.get(Number(earlier[1]));
    const bytes = stored?.files.get(earlier?.[2] ?? file.path);
    if (bytes === undefined) throw new SqlError("CHECKPOINT_INVALID", `there is no state file ${file.path}`);
    return bytes;
  }
}
