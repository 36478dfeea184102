import { copyFile, link, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { SqlError } from "../../base/errors.ts";
import { Database } from "./database.ts";
import { MARKS_TABLE } from "./key-layout.ts";
import type { RocksOptions } from "./options.ts";

/** A compaction may take files away while they are linked; then the copy is made again. */
const MAX_TRIES = 10;

/** Key of the mark that each capture writes last and looks for in the copy. */
const MARK = Uint8Array.of(MARKS_TABLE >> 8, MARKS_TABLE & 0xff, 1);

/** A verified copy of a database in a folder of its own. */
export interface Captured {
  readonly folder: string;
  /** Names of the files that make up the database. */
  readonly files: readonly string[];
}

export interface CaptureOptions {
  readonly database: Database;
  /** Where the copy goes; it is removed and made anew. */
  readonly folder: string;
  readonly rocks: RocksOptions;
  /** Written into the database and looked for in the copy. */
  readonly mark: Uint8Array;
  /** Keys whose values are compared. */
  readonly samples: readonly Uint8Array[];
  /** For tests: called between the copy of the manifest and the linking of the files. */
  readonly betweenCopies?: (() => Promise<void>) | undefined;
}

/**
 * Copies a database that nobody writes to: flushes it, links its files, which never change, copies the short ones that do,
 * and opens the copy to see that it is whole. Throws CHECKPOINT_FAILED when no try gives a good copy.
 */
export async function capture(options: CaptureOptions): Promise<Captured> {
  const { database, folder, mark } = options;
  await database.write([{ kind: "put", key: MARK, value: mark }]);
  await database.flush();
  let last: unknown;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    try {
      await copyFiles(options);
      return { folder, files: await verify(options) };
    } catch (error) {
      // A full disk does not become emptier by trying again.
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw failed(database, error);
      last = error;
    }
  }
  await rm(folder, { recursive: true, force: true });
  throw failed(database, last);
}

function failed(database: Database, cause: unknown): SqlError {
  return new SqlError(
    "CHECKPOINT_FAILED",
    `no good copy of the RocksDB database ${database.path} could be made: ${(cause as Error).message}`,
    { cause, retryable: true },
  );
}

/** The manifest first: the files that it names are there, or are gone by a compaction since, which `verify` sees. */
async function copyFiles({ database, folder, betweenCopies }: CaptureOptions): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const names = await readdir(database.path);
  for (const name of names.filter(isShort)) await copyFile(join(database.path, name), join(folder, name));
  await betweenCopies?.();
  for (const name of (await readdir(database.path)).filter(isTable)) await linkOrCopy(database.path, folder, name);
}

async function linkOrCopy(from: string, to: string, name: string): Promise<void> {
  try {
    await link(join(from, name), join(to, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A compaction has removed it: the manifest that was copied needs it or not, `verify` sees.
    if (code === "ENOENT") return;
    if (code !== "EXDEV" && code !== "EPERM" && code !== "ENOTSUP") throw error;
    await copyFile(join(from, name), join(to, name));
  }
}

function isTable(name: string): boolean {
  return name.endsWith(".sst");
}

/** Files that RocksDB goes on writing to. */
function isShort(name: string): boolean {
  return name === "CURRENT" || name.startsWith("MANIFEST-") || name.startsWith("OPTIONS-");
}

/** Opens the copy; returns the files that it is made of. Throws when something is missing or is not what the database holds. */
async function verify({ database, folder, rocks, mark, samples }: CaptureOptions): Promise<string[]> {
  const copy = await Database.open(folder, rocks, true);
  try {
    const keys = [MARK, ...samples];
    const [expected, found] = [await database.getMany(keys), await copy.getMany(keys)];
    if (found[0] === null || Buffer.compare(found[0]!, mark) !== 0)
      throw new SqlError("CHECKPOINT_FAILED", `the copy ${folder} does not hold the last write`);
    for (const [i, value] of expected.entries()) {
      const same = value === null ? found[i] === null : found[i] !== null && Buffer.compare(value, found[i]!) === 0;
      if (!same) throw new SqlError("CHECKPOINT_FAILED", `the copy ${folder} does not hold what the database holds`);
    }
    const tables = (await copy.tableFiles()).map((number) => `${String(number).padStart(6, "0")}.sst`);
    const present = new Set(await readdir(folder));
    const missing = tables.filter((name) => !present.has(name));
    if (missing.length > 0) throw new SqlError("CHECKPOINT_FAILED", `the copy ${folder} has no ${missing.join(", ")}`);
    return [...[...present].filter(isShort).sort(), ...tables.sort()];
  } finally {
    await copy.close();
  }
}
