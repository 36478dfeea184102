import { SqlError } from "../../base/errors.ts";
import { importModule } from "../../base/import-module.ts";

/** Part of the API of `rocksdb-native` that is used; the package has no types of its own. */
export interface Binding {
  new (path: string, options: BindingOptions): BindingDatabase;
  readonly ColumnFamily: new (name: string, options: ColumnFamilyOptions) => object;
  readonly BloomFilterPolicy: new (bitsPerKey: number) => object;
}

export interface ColumnFamilyOptions {
  readonly tableBlockSize?: number | undefined;
  readonly writeBufferSize?: number | undefined;
  readonly maxWriteBufferNumber?: number | undefined;
  readonly numLevels?: number | undefined;
  readonly filterPolicy?: object | null | undefined;
}

export interface BindingOptions {
  readonly columnFamily: object;
  readonly readOnly?: boolean | undefined;
  readonly createIfMissing?: boolean | undefined;
  readonly maxBackgroundJobs?: number | undefined;
  readonly maxOpenFiles?: number | undefined;
  readonly avoidFlushDuringShutdown?: boolean | undefined;
}

export interface BindingReads {
  get(key: Uint8Array): Promise<Uint8Array | null>;
  tryFlush(): void;
}

export interface BindingWrites {
  tryPut(key: Uint8Array, value: Uint8Array): void;
  tryDelete(key: Uint8Array): void;
  tryDeleteRange(from: Uint8Array, to: Uint8Array): void;
  flush(): Promise<void>;
  destroy(): void;
}

export interface BindingRange {
  readonly gte?: Uint8Array | undefined;
  readonly lt?: Uint8Array | undefined;
  readonly limit?: number | undefined;
}

export interface BindingDatabase {
  ready(): Promise<void>;
  close(options?: { readonly force?: boolean }): Promise<void>;
  read(options: { readonly capacity: number; readonly autoDestroy: boolean }): BindingReads;
  write(options: { readonly capacity: number }): BindingWrites;
  iterator(
    range: BindingRange,
    options: { readonly capacity: number },
  ): AsyncIterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>;
  flush(): Promise<void>;
  snapshot(): BindingDatabase;
  getProperty(name: string): Promise<string | undefined>;
  approximateSize(
    from: Uint8Array,
    to: Uint8Array,
    options: { readonly includeMemtables: boolean },
  ): Promise<number | bigint>;
}

const INSTALL = "npm install rocksdb-native@^3.18.1";

/** Where the package comes from; tests put something else here. */
type Loader = () => Promise<unknown>;

/** The package is large and rarely wanted: it is an optional peer, loaded on first use. */
const fromPackage: Loader = () => importModule("rocksdb-native");

/** RocksDB. Throws UNSUPPORTED, with the line that mends it, when the package is not there or does not load. */
export async function loadBinding(load: Loader = fromPackage): Promise<Binding> {
  let loaded: unknown;
  try {
    loaded = await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const missing =
      (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message.includes("rocksdb-native");
    if (missing) {
      throw new SqlError(
        "UNSUPPORTED",
        "the state backend 'rocksdb' needs the package rocksdb-native, which is not installed",
        {
          hint: `run '${INSTALL}', or set 'state.backend.type' to memory or filesystem`,
          cause,
        },
      );
    }
    const linux =
      process.platform === "linux"
        ? " (on Linux it needs libatomic1, 'apt-get install libatomic1', and glibc 2.34)"
        : "";
    throw new SqlError("UNSUPPORTED", `the package rocksdb-native does not load: ${message}${linux}`, {
      hint: `install it anew with '${INSTALL}', or set 'state.backend.type' to memory or filesystem`,
      cause,
    });
  }
  const found = (loaded as { readonly default?: unknown }).default ?? loaded;
  if (typeof found !== "function")
    throw new SqlError("UNSUPPORTED", "the package rocksdb-native is not the one that is expected", {
      hint: `run '${INSTALL}'`,
    });
  return found as Binding;
}
