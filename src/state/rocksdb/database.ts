import { SqlError } from "../../base/errors.ts";
import { loadBinding, type BindingDatabase } from "./binding.ts";
import type { RocksOptions } from "./options.ts";

/** Keys of one read: RocksDB holds the block of each until the last is found. */
const READ_KEYS = 1024;
/** Records an iterator fetches at once; the binding's own 8 is slow. */
const SCAN_CAPACITY = 1000;

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** One change of a write batch. `to`: all keys from `key` up to it (exclusive) go. */
export type Change =
  | { readonly kind: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly key: Uint8Array }
  | { readonly kind: "delete-range"; readonly key: Uint8Array; readonly to: Uint8Array };

/** Reads at one moment: the database itself, or a picture of it. */
export interface Reading {
  /** The values of the keys, in their order; null: not there. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | null)[]>;
  /** Entries with `from` ≤ key < `to`, ascending. */
  scan(from: Uint8Array, to: Uint8Array, limit?: number): AsyncGenerator<Entry, void, void>;
  /** Bytes of the records of a range, estimated. */
  sizeOf(from: Uint8Array, to: Uint8Array): Promise<number>;
}

/** Where the records behind the tables lie. */
export interface RecordStore extends Reading {
  /** All changes or none, in their order. */
  write(changes: readonly Change[]): Promise<void>;
}

/** A RocksDB database. Every failure of it is an IO error that names what was tried and where. */
export class Database implements RecordStore {
  readonly path: string;
  readonly #db: BindingDatabase;
  #closed = false;

  private constructor(path: string, db: BindingDatabase) {
    this.path = path;
    this.#db = db;
  }

  /** Opens the database in a folder, and makes it when there is none; `readOnly`: the folder stays as it is. */
  static async open(path: string, options: RocksOptions, readOnly = false): Promise<Database> {
    const RocksDB = await loadBinding();
    const columnFamily = new RocksDB.ColumnFamily("default", {
      writeBufferSize: options.writeBufferBytes,
      maxWriteBufferNumber: options.writeBufferCount,
      tableBlockSize: options.blockBytes,
      filterPolicy: options.bloomFilter ? new RocksDB.BloomFilterPolicy(options.bloomBitsPerKey) : null,
    });
    const db = new RocksDB(path, {
      columnFamily,
      readOnly,
      createIfMissing: !readOnly,
      maxBackgroundJobs: options.backgroundJobs,
      maxOpenFiles: options.openFiles,
      // What a checkpoint has not taken is not wanted again.
      avoidFlushDuringShutdown: true,
    });
    await wrapped(`cannot open the RocksDB database ${path}`, async () => db.ready());
    return new Database(path, db);
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | null)[]> {
    return getMany(this.#db, keys, this.path);
  }

  scan(from: Uint8Array, to: Uint8Array, limit?: number): AsyncGenerator<Entry, void, void> {
    return scan(this.#db, from, to, limit, this.path);
  }

  async sizeOf(from: Uint8Array, to: Uint8Array): Promise<number> {
    return sizeOf(this.#db, from, to, this.path);
  }

  async write(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    await wrapped(`cannot write to the RocksDB database ${this.path}`, async () => {
      const batch = this.#db.write({ capacity: changes.length });
      for (const change of changes) {
        if (change.kind === "put") batch.tryPut(change.key, change.value);
        else if (change.kind === "delete") batch.tryDelete(change.key);
        else batch.tryDeleteRange(change.key, change.to);
      }
      try {
        await batch.flush();
      } finally {
        batch.destroy();
      }
    });
  }

  /** Brings everything that was written into files. */
  async flush(): Promise<void> {
    await wrapped(`cannot flush the RocksDB database ${this.path}`, async () => this.#db.flush());
  }

  /** The contents of now, for as long as it is not released. */
  picture(): Picture {
    return new Picture(this.path, this.#db.snapshot());
  }

  /** A property such as `rocksdb.sstables`; undefined when there is no such one. */
  async property(name: string): Promise<string | undefined> {
    return wrapped(`cannot read ${name} of the RocksDB database ${this.path}`, async () => {
      const value = await this.#db.getProperty(name);
      return value === undefined ? undefined : String(value);
    });
  }

  /** Numbers of the files that hold the data now. */
  async tableFiles(): Promise<number[]> {
    const text = (await this.property("rocksdb.sstables")) ?? "";
    return [...text.matchAll(/^ (\d+):/gm)].map((match) => Number(match[1]));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await wrapped(`cannot close the RocksDB database ${this.path}`, async () => this.#db.close({ force: true }));
  }
}

/** A database as it was when the picture was made. Hold it shortly: files that it needs are not removed. */
export class Picture implements Reading {
  readonly #path: string;
  readonly #session: BindingDatabase;

  constructor(path: string, session: BindingDatabase) {
    this.#path = path;
    this.#session = session;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | null)[]> {
    return getMany(this.#session, keys, this.#path);
  }

  scan(from: Uint8Array, to: Uint8Array, limit?: number): AsyncGenerator<Entry, void, void> {
    return scan(this.#session, from, to, limit, this.#path);
  }

  async sizeOf(from: Uint8Array, to: Uint8Array): Promise<number> {
    return sizeOf(this.#session, from, to, this.#path);
  }

  async release(): Promise<void> {
    await this.#session.close();
  }
}

async function getMany(db: BindingDatabase, keys: readonly Uint8Array[], path: string): Promise<(Uint8Array | null)[]> {
  return wrapped(`cannot read the RocksDB database ${path}`, async () => {
    const all: (Uint8Array | null)[] = [];
    for (let from = 0; from < keys.length; from += READ_KEYS) {
      const some = keys.slice(from, from + READ_KEYS);
      const batch = db.read({ capacity: some.length, autoDestroy: true });
      const values = some.map((key) => batch.get(key));
      batch.tryFlush();
      for (const value of await Promise.all(values)) all.push(value);
    }
    return all;
  });
}

async function* scan(
  db: BindingDatabase,
  from: Uint8Array,
  to: Uint8Array,
  limit: number | undefined,
  path: string,
): AsyncGenerator<Entry, void, void> {
  const capacity = Math.max(1, Math.min(SCAN_CAPACITY, limit ?? SCAN_CAPACITY));
  const range = limit === undefined ? { gte: from, lt: to } : { gte: from, lt: to, limit };
  try {
    yield* db.iterator(range, { capacity });
  } catch (error) {
    throw ioError(`cannot read the RocksDB database ${path}`, error);
  }
}

async function sizeOf(db: BindingDatabase, from: Uint8Array, to: Uint8Array, path: string): Promise<number> {
  return wrapped(`cannot measure the RocksDB database ${path}`, async () =>
    Number(await db.approximateSize(from, to, { includeMemtables: true })),
  );
}

async function wrapped<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw ioError(what, error);
  }
}

function ioError(what: string, error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  const { message, cause } = error as Error;
  const detail = cause instanceof Error ? `${message}: ${cause.message}` : message;
  return new SqlError("IO", `${what}: ${detail}`, { cause: error, retryable: true });
}
