import type { StateBackend } from "../backend.ts";

/** State in a RocksDB database for each thread, with tables in memory in front; everything of it loads on first use. */
export const ROCKSDB: StateBackend = {
  names: ["rocksdb"],
  summary: "state larger than memory in RocksDB (npm package rocksdb-native); checkpoints hold what is new",
  open: async (context) => (await import("./rocks-backend.ts")).openRocksBackend(context),
};
