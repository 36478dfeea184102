/** Backends whose checkpoints hold records in a form of their own. */
export type RecordBackendName = "rocksdb" | "jdbc";

/** First eight bytes of the state of an operator in a checkpoint of such a backend; what the manifest names comes behind it. */
export const MANIFEST_MAGIC: Readonly<Record<RecordBackendName, Uint8Array>> = {
  rocksdb: new TextEncoder().encode("MILLROC1"),
  jdbc: new TextEncoder().encode("MILLJDB1"),
};

/** The backend whose manifest a state file is; undefined: it is a snapshot that every backend reads. */
export function manifestOwner(bytes: Uint8Array): RecordBackendName | undefined {
  return (["rocksdb", "jdbc"] as const).find((name) => MANIFEST_MAGIC[name].every((byte, i) => bytes[i] === byte));
}
