import type { OptionDeclaration } from "../base/options.ts";

/** Options of Flink's RocksDB backend; `supported` is empty where the binding has no place for them. */
interface RocksdbOption extends OptionDeclaration {
  readonly minimum?: number | undefined;
  readonly supported?: readonly string[] | undefined;
}

const HONOURED: readonly RocksdbOption[] = [
  {
    name: "state.memory.limit",
    summary: "memory for rows of state that lie in rocksdb too, of all threads of a job",
    type: "memory",
    default: "192 mb",
  },
  {
    name: "state.backend.rocksdb.localdir",
    summary:
      "where databases lie while a job runs; default: in the run's folder, where files are linked instead of copied",
    type: "string",
  },
  {
    name: "state.backend.rocksdb.writebuffer.size",
    summary: "what is written is collected in memory up to this size",
    type: "memory",
    default: "32 mb",
  },
  {
    name: "state.backend.rocksdb.writebuffer.count",
    summary: "write buffers at once",
    type: "int",
    default: "2",
    minimum: 2,
  },
  {
    name: "state.backend.rocksdb.block.blocksize",
    summary: "what is read from a file at once",
    type: "memory",
    default: "8 kb",
  },
  {
    name: "state.backend.rocksdb.thread.num",
    summary: "background jobs that flush and compact",
    type: "int",
    default: "2",
    minimum: 1,
  },
  {
    name: "state.backend.rocksdb.files.open",
    summary: "files that stay open; -1: all",
    type: "int",
    default: "-1",
    minimum: -1,
  },
  {
    name: "state.backend.rocksdb.use-bloom-filter",
    summary: "a filter says which files cannot hold a key",
    type: "boolean",
    default: "true",
  },
  {
    name: "state.backend.rocksdb.bloom-filter.bits-per-key",
    summary: "size of the filter",
    type: "int",
    default: "10",
    minimum: 1,
  },
];

/** Options that the binding cannot be told. */
const REFUSED: readonly string[] = [
  "block.cache-size",
  "block.metadata-blocksize",
  "bloom-filter.block-based-mode",
  "checkpoint.transfer.thread.num",
  "compaction.level.max-size-level-base",
  "compaction.level.target-file-size-base",
  "compaction.level.use-dynamic-size",
  "compaction.style",
  "compression.per.level",
  "log.dir",
  "log.file-num",
  "log.level",
  "log.max-file-size",
  "memory.fixed-per-slot",
  "memory.high-prio-pool-ratio",
  "memory.managed",
  "memory.partitioned-index-filters",
  "memory.write-buffer-ratio",
  "options-factory",
  "predefined-options",
  "rescaling.use-delete-files-in-range",
  "timer-service.cache-size",
  "timer-service.factory",
  "use-ingest-db-restore-mode",
  "write-batch-size",
  "writebuffer.number-to-merge",
];

/** Everything about RocksDB that SET takes or refuses by name. */
export const ROCKSDB_OPTIONS: readonly RocksdbOption[] = [
  ...HONOURED,
  ...REFUSED.map((name) => ({
    name: `state.backend.rocksdb.${name}`,
    summary: "the RocksDB binding has no such setting",
    type: "string" as const,
    supported: [],
  })),
];
