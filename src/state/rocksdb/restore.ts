import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { must } from "../../base/assert.ts";
import { SqlError } from "../../base/errors.ts";
import type { StateFile } from "../../checkpoint/metadata.ts";
import type { CheckpointReader } from "../../checkpoint/storage.ts";
import type { BackendContext } from "../backend.ts";
import { Database } from "./database.ts";
import { importSnapshots } from "./import.ts";
import type { OperatorManifest } from "./manifest.ts";
import type { RocksOptions } from "./options.ts";
import { RecordWriter } from "./record-writer.ts";
import type { KeyGroupRange } from "../restored-state.ts";
import { readStates, sameRange, sharedRange } from "./restored-records.ts";
import { laterPath } from "./rocks-files.ts";
import { sliceEnds } from "./slice-ends.ts";
import type { TableRegistry } from "./table-registry.ts";
import { rangeOfGroups } from "./key-layout.ts";

/** Records that are waiting to be written while a database is filled, bytes. */
const PORTION_BYTES = 4 << 20;

/** A database with what the checkpoint holds for this thread. */
export interface RestoredDatabase {
  readonly database: Database;
  readonly writer: RecordWriter;
  /** Files of the database that lie in the run already, by name. */
  readonly base: ReadonlyMap<string, StateFile>;
}

/** The database of one former subtask in a checkpoint. */
interface StoredDatabase {
  readonly manifest: OperatorManifest;
  readonly files: readonly { readonly name: string; readonly file: StateFile }[];
}

/** Opens the database of an attempt in `folder`: empty, or with what a checkpoint or savepoint of any backend holds. */
export async function restoreInto(
  folder: string,
  context: BackendContext,
  options: RocksOptions,
  registry: TableRegistry,
): Promise<RestoredDatabase> {
  const path = join(folder, "db");
  const found = await readStates("rocksdb", context);
  const databases = found.carriers.map(({ manifest, files }) => storedDatabase(manifest, files, context.restore!));
  const own = databases.length === 1 && sameRange(databases[0]!.manifest.keyGroups, context.keyGroups);
  const only = own && found.canonical.size === 0 ? databases[0]! : undefined;
  for (const manifest of found.manifests) {
    for (const table of manifest.tables) registry.restore(manifest.operatorId, table, only !== undefined);
    registry.restoreNumbers(manifest.operatorId, manifest.numbers);
  }
  if (only !== undefined) {
    await fetchDatabase(context.restore!, only, path);
    const database = await openFetched(path, options, context.restore!, false);
    return { database, writer: new RecordWriter(database), base: baseOf(context, only) };
  }
  const database = await Database.open(path, options);
  try {
    const writer = new RecordWriter(database);
    for (const [i, stored] of databases.entries()) {
      const groups = sharedRange(stored.manifest.keyGroups, context.keyGroups);
      if (groups === undefined) continue;
      const from = join(folder, `former-${i}`);
      await fetchDatabase(context.restore!, stored, from);
      await copyGroups(from, stored, groups, found.manifests, { context, options, registry, writer });
      await rm(from, { recursive: true, force: true });
    }
    for (const [operatorId, files] of found.canonical)
      await importSnapshots(operatorId, files, { context, registry, writer });
    await writer.flush();
    return { database, writer, base: new Map() };
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
}

function storedDatabase(
  manifest: OperatorManifest,
  files: readonly StateFile[],
  restore: CheckpointReader,
): StoredDatabase {
  const names = must(manifest.databaseFiles, "files of a database");
  if (files.length !== names.length) {
    throw new SqlError(
      "CHECKPOINT_INVALID",
      `the checkpoint ${restore.location} names ${names.length} files of a database and has ${files.length}`,
    );
  }
  return { manifest, files: names.map((name, i) => ({ name, file: files[i]! })) };
}

/** Files with data are linked where that is possible; those that RocksDB writes on are copied. */
async function fetchDatabase(restore: CheckpointReader, { files }: StoredDatabase, path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const { name, file } of files) {
    if (!/^[A-Za-z0-9-]+(\.sst)?$/.test(name))
      throw new SqlError(
        "CHECKPOINT_INVALID",
        `the checkpoint ${restore.location} names a file '${name}' of a database`,
      );
    if (name.endsWith(".sst")) await restore.fetchFile(file, join(path, name));
    else await writeFile(join(path, name), await restore.readFile(file));
  }
}

async function openFetched(
  path: string,
  options: RocksOptions,
  restore: CheckpointReader,
  readOnly: boolean,
): Promise<Database> {
  try {
    return await Database.open(path, options, readOnly);
  } catch (cause) {
    if (cause instanceof SqlError && cause.code !== "IO") throw cause;
    throw new SqlError(
      "CHECKPOINT_INVALID",
      `the RocksDB database in the checkpoint ${restore.location} cannot be opened: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Files that a later checkpoint of the same run need not store again. */
function baseOf({ restore, workDirectory }: BackendContext, { files }: StoredDatabase): Map<string, StateFile> {
  const base = new Map<string, StateFile>();
  if (restore === undefined || dirname(resolve(restore.location)) !== dirname(resolve(workDirectory))) return base;
  for (const { name, file } of files) if (restore.isCurrent(file)) base.set(name, laterPath(file, restore.metadata.id));
  return base;
}

interface Filling {
  readonly context: BackendContext;
  readonly options: RocksOptions;
  readonly registry: TableRegistry;
  readonly writer: RecordWriter;
}

/** Copies the records of these key groups out of the database of a former subtask. */
async function copyGroups(
  path: string,
  { manifest: carrier }: StoredDatabase,
  groups: KeyGroupRange,
  manifests: readonly OperatorManifest[],
  { context, options, registry, writer }: Filling,
): Promise<void> {
  const from = await openFetched(path, options, must(context.restore, "checkpoint"), true);
  try {
    for (const { operatorId, subtask, tables } of manifests) {
      if (subtask !== carrier.subtask) continue;
      for (const table of tables) {
        const number = registry.restore(operatorId, table, false);
        const ends = table.schema.kind === "slices" ? sliceEnds(from, table.number) : noSlices();
        for await (const end of ends) {
          const [first, last] = rangeOfGroups(table.number, end, groups);
          for await (const { key, value } of from.scan(first, last)) {
            const { buffer } = writer;
            const start = buffer.length;
            buffer.u16(number);
            buffer.copy(key, 2, key.length - 2);
            const middle = buffer.length;
            buffer.copy(value, 0, value.length);
            writer.put(start, middle);
            if (writer.waitingBytes > PORTION_BYTES) await writer.flush();
          }
        }
      }
    }
    await writer.flush();
  } finally {
    await from.close();
  }
}

async function* noSlices(): AsyncGenerator<undefined> {
  yield undefined;
}
