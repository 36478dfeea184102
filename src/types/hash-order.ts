import type { SqlMap } from "./data-type.ts";

/** Java's HashMap grows when more than this part of its buckets is taken. */
const LOAD_FACTOR = 0.75;

/**
 * The entries of a map with texts as keys in the order in which Java's HashMap lists them, which is that of Flink's rows:
 * by the bucket of the key's hash, within a bucket as they came. The table has `capacity` buckets (a power of two) to begin with.
 */
export function inHashOrder(entries: SqlMap, capacity: number, hash: (key: string) => number): SqlMap {
  if (entries.length < 2) return entries;
  let buckets = capacity;
  while (entries.length > buckets * LOAD_FACTOR) buckets *= 2;
  const bucketOf = (key: string): number => {
    const code = hash(key);
    return (code ^ (code >>> 16)) & (buckets - 1);
  };
  return entries
    .map((entry) => ({ entry, bucket: bucketOf(entry[0] as string) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ entry }) => entry);
}

/** The entries in the order of a map that Flink reads from JSON or Avro: a HashMap as it begins, of texts of rows. */
export function inReadOrder(entries: SqlMap): SqlMap {
  return inHashOrder(entries, 16, flinkTextHash);
}

/** `String.hashCode` of Java. */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

const utf8 = new TextEncoder();

/**
 * Flink's hash of a text in a row: murmur3 of its UTF-8 bytes with seed 42, where each byte behind the last whole word is a
 * word of its own.
 */
function flinkTextHash(text: string): number {
  const bytes = utf8.encode(text);
  const words = bytes.length - (bytes.length % 4);
  let hash = 42;
  for (let i = 0; i < words; i += 4)
    hash = mixed(hash, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  for (let i = words; i < bytes.length; i++) hash = mixed(hash, (bytes[i]! << 24) >> 24);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mixed(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
