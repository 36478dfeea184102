import type { Json } from "../base/json.ts";

/** An object as it was at one moment. */
export interface StoredBytes {
  readonly bytes: Uint8Array;
  /** Changes with every change of the object; for `replace`. */
  readonly version: string;
  /** Time since the last change, by the storage's own clock; undefined: it does not say. */
  readonly ageMillis: number | undefined;
}

/** An object in a list. */
export interface StoredName {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Epoch millis by the storage's clock; undefined: it does not say. */
  readonly modifiedMillis?: number | undefined;
}

/** What is written: all at once, or piece by piece. */
export type Contents = Uint8Array | AsyncIterable<Uint8Array>;

/** Bytes that are durable and seen by nobody, until they are published as the object `path`, or discarded. Plain data. */
export interface StagedObject {
  readonly path: string;
  /** What the storage has to know of it. */
  readonly token: Json;
}

/** Bytes on their way to be staged. */
export interface StagedWrite {
  /** The memory may be used again when the promise has settled. */
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<StagedObject>;
  /** Nothing stays. */
  abort(): Promise<void>;
}

/** Objects that are written first and seen later. Their names are used once. */
export interface Staging {
  begin(path: string): Promise<StagedWrite>;
  /** Makes the object; again is fine. False: there are neither the staged bytes nor the object that was made of them. */
  publish(staged: StagedObject): Promise<boolean>;
  /** What is staged, or began to be, for paths that begin so. */
  list(prefix: string): AsyncIterable<StagedObject>;
  /** Nothing there is fine. */
  discard(staged: StagedObject): Promise<void>;
}

/**
 * A place that holds bytes under names: `/` parts the names of folders, which are there as long as something is in them.
 * What is answered is durable, and seen by every reader afterwards. Calls that fail after retries throw IO; what they
 * were to do may or may not have happened, and a caller who asks again gets the answer that fits.
 */
export interface ByteStorage {
  /** For messages, such as `s3://bucket`: no secrets. */
  readonly name: string;
  /**
   * Makes an object: nobody ever sees a part of it. Answers its version; undefined: there is one already, and nothing
   * has changed.
   */
  create(path: string, contents: Contents): Promise<string | undefined>;
  /** Replaces the contents, if they are still of that version. Answers the new version; undefined: they are not. */
  replace(path: string, bytes: Uint8Array, version: string): Promise<string | undefined>;
  /** Makes or replaces an object that has one writer; readers see the old contents or the new ones. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** Undefined: there is none. */
  read(path: string): Promise<StoredBytes | undefined>;
  /** At most `length` bytes from `from`; fewer: the end. Undefined: there is no such object. */
  readRange(path: string, from: number, length: number): Promise<Uint8Array | undefined>;
  /** All objects whose path begins so, by path. */
  list(prefix: string): AsyncIterable<StoredName>;
  /** What lies directly in a folder (its path without `/` at the end, "" the top), by name; folders end with `/`. */
  children(folder: string): Promise<readonly string[]>;
  /** Removes an object; nothing there is fine. */
  remove(path: string): Promise<void>;
  /** Of storages that can show an object later without writing it twice; `stagingOf` has it for all. */
  readonly staging?: Staging | undefined;
  /** Removes all that lies below a folder, and the folder; only where one by one would be dear, or leave it there. */
  removeFolder?(folder: string): Promise<void>;
  close(): Promise<void>;
}

/** So much of an object is read at once. */
const RANGE_BYTES = 8 << 20;

/** The contents of an object piece by piece, so that large ones do not lie in memory as a whole. Undefined: there is none. */
export async function piecesOf(storage: ByteStorage, path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
  const first = await storage.readRange(path, 0, RANGE_BYTES);
  return first === undefined ? undefined : following(storage, path, first);
}

async function* following(storage: ByteStorage, path: string, first: Uint8Array): AsyncGenerator<Uint8Array> {
  yield first;
  let at = first.length;
  for (let last = first; last.length === RANGE_BYTES; at += last.length) {
    // An object that is removed meanwhile ends early: who reads it compares sizes.
    last = (await storage.readRange(path, at, RANGE_BYTES)) ?? new Uint8Array(0);
    if (last.length > 0) yield last;
  }
}

/** Removes everything whose path begins with the folder's. */
export async function removeFolder(storage: ByteStorage, folder: string): Promise<void> {
  if (storage.removeFolder !== undefined) return await storage.removeFolder(folder);
  const paths: string[] = [];
  for await (const { path } of storage.list(`${folder}/`)) paths.push(path);
  await Promise.all(paths.map(async (path) => storage.remove(path)));
}
