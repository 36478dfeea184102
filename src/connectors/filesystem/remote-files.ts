import { Readable } from "node:stream";
import { SqlError } from "../../base/errors.ts";
import type { ByteStorage } from "../../storage/byte-storage.ts";
import type { Place } from "../../storage/place.ts";
import { CompressedInput, isCompressed, shrunk, type ByteInput } from "./byte-input.ts";
import { isHidden, type ListRequest, type TableFile } from "./listing.ts";
import { globPattern, globRoot, isGlob } from "./location.ts";
import { parsePartitionName, type PartitionTexts } from "./partition-value.ts";
import type { FileSplit, OpenedSplit, TableFiles } from "./table-files.ts";

/** So much is asked for at once; while it is decoded the next is on its way. */
const BLOCK_BYTES = 4 << 20;
/** Lines are looked for in pieces of this size. */
const LINE_BYTES = 64 << 10;

/** Objects of a storage below a folder, as the files of a table. Their paths are whole: `s3://bucket/folder/file`. */
export class RemoteFiles implements TableFiles {
  readonly #place: Promise<Place>;
  readonly #request: Omit<ListRequest, "path">;

  constructor(place: Promise<Place>, request: Omit<ListRequest, "path">) {
    this.#place = place;
    // Whoever asks first hears of it.
    place.catch(() => undefined);
    this.#request = request;
  }

  async list(mayBeMissing = false): Promise<readonly TableFile[]> {
    const { storage, path, location } = await this.#place;
    const { pattern } = this.#request;
    const glob = isGlob(path) ? globPattern(path) : undefined;
    const root = glob === undefined ? path : globRoot(path);
    const base = root === "/" ? "" : root;
    const above = location.slice(0, location.length - path.length);
    const files: TableFile[] = [];
    let found = false;
    for await (const { path: key, size, modifiedMillis } of storage.list(base)) {
      const names = namesBelow(key, base);
      // Another object whose name begins so.
      if (names === undefined) continue;
      found = true;
      // Folders of some tools are objects whose names end with a slash.
      if (names.some((name) => name === "" || isHidden(name))) continue;
      if (glob !== undefined && !matches(glob, key, names)) continue;
      const partition = this.#partitionOf(names);
      if (partition === undefined || (pattern !== undefined && !pattern.test(`/${key}`))) continue;
      files.push({ path: above + key, sizeBytes: size, modifiedMillis: Math.floor(modifiedMillis ?? 0), partition });
    }
    if (!found && !mayBeMissing) throw notFound(location);
    return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /** Undefined: no file of the table, or of a partition that is not wanted. */
  #partitionOf(names: readonly string[]): PartitionTexts | undefined {
    const { partitionKeys, defaultPartition, partitionFilter } = this.#request;
    if (partitionKeys.length === 0) return {};
    if (names.length <= partitionKeys.length) return undefined;
    const partition: Record<string, string | null> = {};
    for (const [level, key] of partitionKeys.entries()) {
      const part = parsePartitionName(names[level]!);
      if (part?.key !== key) return undefined;
      partition[key] = part.value === defaultPartition ? null : part.value;
    }
    return partitionFilter?.(partition) === false ? undefined : partition;
  }

  async open(split: FileSplit, restored: number | undefined): Promise<OpenedSplit> {
    const { storage, path, location } = await this.#place;
    const object = { storage, key: split.path.slice(location.length - path.length), location: split.path };
    if (isCompressed(split.path)) {
      const stream = Readable.from(blocks(object, split.size));
      return { input: new CompressedInput(split.path, stream, restored ?? 0), offset: restored ?? 0 };
    }
    const limit = await lineStart(object, split.end, split.size);
    const offset = restored ?? (await lineStart(object, split.start, split.size));
    return { input: new RemoteInput(object, offset, limit), offset };
  }

  async close(): Promise<void> {
    await (await this.#place.catch(() => undefined))?.storage.close();
  }
}

interface RemoteObject {
  readonly storage: ByteStorage;
  readonly key: string;
  readonly location: string;
}

/** Names from the folder down to the object; none: it is the object itself. Undefined: it lies elsewhere. */
function namesBelow(key: string, folder: string): string[] | undefined {
  if (folder === "") return key.split("/");
  if (key === folder) return [];
  return key.startsWith(`${folder}/`) ? key.slice(folder.length + 1).split("/") : undefined;
}

/** The glob names the object, or a folder that it lies in. */
function matches(glob: RegExp, key: string, names: readonly string[]): boolean {
  let path = key;
  for (let i = 0; i < names.length; i++) {
    if (glob.test(path)) return true;
    path = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  }
  return false;
}

function notFound(location: string): SqlError {
  const isFile = /\.[A-Za-z0-9]+$/.test(location);
  return new SqlError(isFile ? "FILE_NOT_FOUND" : "IO", `the path '${location}' of the table does not exist`, {
    hint: isFile ? undefined : "the folder appears when something is written into the table",
  });
}

async function* blocks(object: RemoteObject, size: number): AsyncGenerator<Uint8Array> {
  const input = new RemoteInput(object, 0, size);
  for (;;) {
    const block = await input.block();
    if (block === undefined) return;
    yield block;
  }
}

/** As `nextLineStart` of a local file. */
async function lineStart({ storage, key, location }: RemoteObject, offset: number, size: number): Promise<number> {
  if (offset === 0 || offset >= size) return offset;
  for (let at = offset - 1; at < size;) {
    const bytes = await storage.readRange(key, at, Math.min(LINE_BYTES, size - at));
    if (bytes === undefined || bytes.length === 0) throw shrunk(location);
    const found = bytes.indexOf(10);
    if (found >= 0) return at + found + 1;
    at += bytes.length;
  }
  return size;
}

/** Bytes `[start, limit)` of an object; the next block is on its way while the one before is read. */
export class RemoteInput implements ByteInput {
  readonly #object: RemoteObject;
  readonly #limit: number;
  #next: Promise<Uint8Array | undefined>;
  #asked: number;
  #block: Uint8Array = new Uint8Array(0);
  #isClosed = false;

  constructor(object: RemoteObject, start: number, limit: number) {
    this.#object = object;
    this.#limit = limit;
    this.#asked = start;
    this.#next = this.#ask();
  }

  read(target: Uint8Array, at: number): number | Promise<number> {
    if (this.#block.length > 0) return this.#take(target, at);
    return this.block().then((block) => {
      if (block === undefined) return 0;
      this.#block = block;
      return this.#take(target, at);
    });
  }

  close(): void {
    this.#isClosed = true;
  }

  /** The next bytes, in memory of their own; undefined: the end. */
  async block(): Promise<Uint8Array | undefined> {
    const block = await this.#next;
    if (block !== undefined) this.#next = this.#ask();
    return block;
  }

  #take(target: Uint8Array, at: number): number {
    const count = Math.min(this.#block.length, target.length - at);
    target.set(this.#block.subarray(0, count), at);
    this.#block = this.#block.subarray(count);
    return count;
  }

  #ask(): Promise<Uint8Array | undefined> {
    const from = this.#asked;
    const wanted = Math.min(BLOCK_BYTES, this.#limit - from);
    if (wanted <= 0 || this.#isClosed) return Promise.resolve(undefined);
    this.#asked += wanted;
    const { storage, key, location } = this.#object;
    const asked = storage.readRange(key, from, wanted).then((bytes) => {
      if (bytes === undefined || bytes.length < wanted) throw shrunk(location);
      return bytes;
    });
    // Whoever reads hears of it; nobody does when the reader is closed.
    asked.catch(() => undefined);
    return asked;
  }
}
