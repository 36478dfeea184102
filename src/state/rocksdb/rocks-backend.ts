import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { crc32 } from "../../checkpoint/checksum.ts";
import type { CheckpointKind, StateFile } from "../../checkpoint/metadata.ts";
import type { SnapshotTarget } from "../../checkpoint/storage.ts";
import { SqlError } from "../../base/errors.ts";
import type { BackendContext, OpenStateBackend } from "../backend.ts";
import { capture, type Captured } from "./capture.ts";
import type { Database, Picture } from "./database.ts";
import { encodeManifest, manifestPieces, type OperatorManifest } from "./manifest.ts";
import { rocksOptions, type RocksOptions } from "./options.ts";
import { OpenRecordBackend, type RecordMedium } from "./record-backend.ts";
import { restoreInto } from "./restore.ts";
import { laterPath } from "./rocks-files.ts";
import { TableRegistry } from "./table-registry.ts";

/** Files of a checkpoint by name, with paths as a later checkpoint names them. */
type StoredFiles = ReadonlyMap<string, StateFile>;

/** Records in a RocksDB database in a folder of the thread; a checkpoint has hard links of its files. */
class RocksMedium implements RecordMedium<Captured, StoredFiles> {
  readonly store: Database;
  readonly #options: RocksOptions;
  readonly #folder: string;
  #captures = 0;
  /** Of the newest completed checkpoint. */
  #base: StoredFiles;

  constructor(store: Database, options: RocksOptions, folder: string, base: StoredFiles) {
    this.store = store;
    this.#options = options;
    this.#folder = folder;
    this.#base = options.incremental ? base : new Map();
  }

  async capture(samples: readonly Uint8Array[]): Promise<Captured> {
    const folder = join(this.#folder, `copy-${++this.#captures}`);
    const mark = Buffer.from(`${folder} ${process.hrtime.bigint()}`);
    return capture({ database: this.store, folder, rocks: this.#options, mark, samples });
  }

  async discard({ folder }: Captured): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  }

  picture(): Picture {
    return this.store.picture();
  }

  async carry(
    manifest: OperatorManifest,
    copy: Captured | undefined,
    target: SnapshotTarget,
  ): Promise<{ readonly files: readonly StateFile[]; readonly carried: StoredFiles | undefined }> {
    const { operatorId, subtask } = manifest;
    const bytes = encodeManifest("rocksdb", { ...manifest, databaseFiles: copy?.files });
    const written = [await target.writeFile(`${operatorId}#${subtask}`, manifestPieces(bytes))];
    if (copy === undefined) return { files: written, carried: undefined };
    const files = new Map<string, StateFile>();
    const base = this.#base;
    for (const name of copy.files) {
      // Files with data never change under their name; the others are written anew each time.
      const known = name.endsWith(".sst") ? base.get(name) : undefined;
      const file = known ?? (await target.addFile(`rocksdb-${subtask}-${name}`, join(copy.folder, name)));
      written.push(file);
      files.set(name, laterPath(file, target.id));
    }
    // Retention may have removed the files of a checkpoint that is no longer the newest.
    if (this.#base !== base) {
      throw new SqlError(
        "CHECKPOINT_FAILED",
        "another checkpoint was completed while one that builds on the one before it was written",
        {
          retryable: true,
        },
      );
    }
    return { files: written, carried: files };
  }

  completed(kind: CheckpointKind | undefined, carried: StoredFiles | undefined): void {
    // Whether the files of a savepoint stay is its owner's business; and checkpoints before it may be removed.
    if (kind === "savepoint" || !this.#options.incremental) this.#base = new Map();
    else if (carried !== undefined) this.#base = carried;
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.#folder, { recursive: true, force: true });
    // The last thread to leave takes the empty folder with it.
    await rmdir(dirname(this.#folder)).catch(() => undefined);
  }
}

/** Opens the backend in a folder of its own; what dead attempts left behind is removed. */
export async function openRocksBackend(context: BackendContext): Promise<OpenStateBackend> {
  const options = rocksOptions(context.options);
  // A folder that jobs share is not cleaned up for others.
  const parent =
    options.localDirectory === undefined
      ? resolve(context.workDirectory)
      : join(resolve(options.localDirectory), `millrace-${crc32(Buffer.from(resolve(context.workDirectory)))}`);
  const folder = await prepareFolder(parent, context);
  const registry = new TableRegistry("rocksdb");
  let database: Database | undefined;
  try {
    const restored = await restoreInto(folder, context, options, registry);
    database = restored.database;
    const medium = new RocksMedium(database, options, folder, restored.base);
    const { memoryLimitBytes } = options;
    return new OpenRecordBackend({ context, medium, writer: restored.writer, registry, memoryLimitBytes });
  } catch (error) {
    await database?.close().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

const OWN_FOLDER = /^rocksdb-(\d+)-/;

async function prepareFolder(parent: string, { subtask, parallelism }: BackendContext): Promise<string> {
  try {
    await mkdir(parent, { recursive: true });
    for (const name of await readdir(parent)) {
      const owner = Number(OWN_FOLDER.exec(name)?.[1] ?? -1);
      const left = owner === subtask || (subtask === 0 && owner >= parallelism);
      if (left) await rm(join(parent, name), { recursive: true, force: true });
    }
    const folder = join(parent, `rocksdb-${subtask}-${process.pid}-${process.hrtime.bigint()}`);
    await mkdir(folder);
    return folder;
  } catch (error) {
    throw new SqlError(
      "IO",
      `cannot make a folder for the RocksDB database in ${parent}: ${(error as Error).message}`,
      {
        cause: error,
        retryable: true,
      },
    );
  }
}
