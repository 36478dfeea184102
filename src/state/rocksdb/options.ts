import { SqlError } from "../../base/errors.ts";
import { parseMemoryBytes } from "../../base/memory-size.ts";

/** What of Flink's RocksDB options the binding can be told. */
export interface RocksOptions {
  /** Bytes that the tables in memory may take, all threads of the job together. */
  readonly memoryLimitBytes: number;
  readonly writeBufferBytes: number;
  readonly writeBufferCount: number;
  readonly blockBytes: number;
  readonly backgroundJobs: number;
  /** −1: all. */
  readonly openFiles: number;
  /** Checkpoints name files of the one before. */
  readonly incremental: boolean;
  readonly bloomFilter: boolean;
  readonly bloomBitsPerKey: number;
  /** Where databases lie instead of in the run's folder. */
  readonly localDirectory: string | undefined;
}

/** Default of `state.memory.limit`. */
export const DEFAULT_MEMORY_LIMIT = "192 mb";

/** `state.memory.limit`. Throws OPTION_INVALID. */
export function memoryLimitBytes(values: ReadonlyMap<string, string>): number {
  return sizeOption(values, "state.memory.limit", DEFAULT_MEMORY_LIMIT);
}

function sizeOption(values: ReadonlyMap<string, string>, key: string, fallback: string): number {
  const text = values.get(key) ?? fallback;
  const parsed = parseMemoryBytes(text);
  if (parsed === undefined || parsed <= 0)
    throw new SqlError("OPTION_INVALID", `'${key}' is a size such as '256 mb', not '${text}'`);
  return parsed;
}

/** The options of a job, which `engine/config.ts` has checked. Throws OPTION_INVALID. */
export function rocksOptions(values: ReadonlyMap<string, string>): RocksOptions {
  const bytes = (key: string, fallback: string): number => sizeOption(values, key, fallback);
  const count = (key: string, fallback: number, least: number): number => {
    const text = values.get(key) ?? String(fallback);
    const parsed = Number(text);
    if (!Number.isInteger(parsed) || parsed < least)
      throw new SqlError("OPTION_INVALID", `'${key}' is a whole number from ${least}, not '${text}'`);
    return parsed;
  };
  return {
    memoryLimitBytes: memoryLimitBytes(values),
    writeBufferBytes: bytes("state.backend.rocksdb.writebuffer.size", "32 mb"),
    writeBufferCount: count("state.backend.rocksdb.writebuffer.count", 2, 2),
    blockBytes: bytes("state.backend.rocksdb.block.blocksize", "8 kb"),
    backgroundJobs: count("state.backend.rocksdb.thread.num", 2, 1),
    openFiles: count("state.backend.rocksdb.files.open", -1, -1),
    incremental: (values.get("execution.checkpointing.incremental") ?? "true").trim().toLowerCase() === "true",
    bloomFilter: (values.get("state.backend.rocksdb.use-bloom-filter") ?? "true").trim().toLowerCase() === "true",
    bloomBitsPerKey: count("state.backend.rocksdb.bloom-filter.bits-per-key", 10, 1),
    localDirectory: values.get("state.backend.rocksdb.localdir"),
  };
}
