/** First eight bytes of the state of an operator in a checkpoint of the rocksdb backend; the database's own files come behind it. */
export const ROCKSDB_MAGIC = new TextEncoder().encode("MILLROC1");

/** True when a state file is a manifest of the rocksdb backend. */
export function isRocksdbManifest(bytes: Uint8Array): boolean {
  return ROCKSDB_MAGIC.every((byte, i) => bytes[i] === byte);
}
