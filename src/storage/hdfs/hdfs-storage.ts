import { randomBytes } from "node:crypto";
import { SqlError } from "../../base/errors.ts";
import type { ByteStorage, Contents, StoredBytes, StoredName } from "../byte-storage.ts";
import { HdfsClient } from "./client.ts";
import { HdfsFiles, type FileStatus } from "./files.ts";
import { replayable } from "./replayable.ts";
import type { HdfsSettings } from "./settings.ts";

/** Names that begin so are this class's own. */
const OWN = ".millrace-";
/** An object that is replaced each time before it can be read. */
const READ_ATTEMPTS = 20;

/**
 * Objects as files of HDFS. A file is written under a name of its own and takes its place by renaming, so
 * nobody sees a part of one. Its version is the number of its inode, which HDFS never gives away twice.
 *
 * HDFS replaces a file under no condition. `replace` makes one of what it has, renaming that does not overwrite: who wants
 * to replace version V has to give its file the name `.millrace-next-V` first. Only one can, and only it comes to the
 * object's place.
 *
 * - If the object still is V after the name was taken, it was so when the name was taken (a number never comes back), and
 *   stays so until the one who has the name replaces it: nobody else may.
 * - If it is not, either the name was free again because V had been replaced (then it counts for nothing: the object will
 *   never be V again), or someone else has brought the file to its place already.
 * - A file is brought to its place by its number (`/.reserved/.inodes/N`), not its name. So anyone may do it for a writer
 *   that died in between, and a writer that wakes up late finds its file at its place, or gone: it overwrites nothing.
 *
 * `put` goes the same way, so that it cannot be undone by such a writer. An object must not be removed while others
 * replace it.
 */
export class HdfsStorage implements ByteStorage {
  readonly name: string;
  /** Nothing above it is removed. */
  readonly #folder: string;
  readonly #client: HdfsClient;
  readonly #files: HdfsFiles;

  constructor(settings: HdfsSettings) {
    this.name = settings.name;
    this.#folder = settings.folder;
    this.#client = new HdfsClient(settings);
    this.#files = new HdfsFiles(this.#client);
  }

  async create(path: string, contents: Contents): Promise<string | undefined> {
    const target = at(path);
    return await this.#written(target, contents, async (file, id) => {
      const taken = await this.#take(file, id, target);
      if (taken === "gone") throw removed(target);
      return taken === "yes";
    });
  }

  async replace(path: string, bytes: Uint8Array, version: string): Promise<string | undefined> {
    const target = at(path);
    if ((await this.#files.status(target))?.id !== version) return undefined;
    const claim = `${parentOf(target)}/${OWN}next-${version}`;
    return await this.#written(target, bytes, async (file, id) => {
      const taken = await this.#take(file, id, claim);
      if (taken === "no") {
        await this.#bringNext(claim, target, version);
        return false;
      }
      const current = await this.#files.status(target);
      // Brought to its place by another writer, and replaced by the next.
      if (taken === "gone" && current !== undefined && current.id !== version) return true;
      if (taken === "gone") throw removed(target);
      if (current?.id !== version) return (await this.#files.status(claim))?.id !== id;
      await this.#bring(id, target);
      return true;
    });
  }

  async put(path: string, bytes: Uint8Array): Promise<void> {
    const target = at(path);
    for (;;) {
      const found = await this.#files.status(target);
      const version = await (found === undefined ? this.create(path, bytes) : this.replace(path, bytes, found.id));
      if (version !== undefined) return;
    }
  }

  async read(path: string): Promise<StoredBytes | undefined> {
    const target = at(path);
    for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt++) {
      const found = await this.#files.status(target);
      if (found === undefined || found.isFolder) return undefined;
      const { id, size, ageMillis } = found;
      const bytes = size === 0 ? new Uint8Array(0) : await this.#files.read(byNumber(id), 0, size);
      // It was replaced in between.
      if (bytes === undefined) continue;
      return { bytes: whole(bytes, size, target), version: id, ageMillis };
    }
    throw new SqlError("IO", `${this.name}/${path} is replaced faster than it can be read`, { retryable: true });
  }

  async readRange(path: string, from: number, length: number): Promise<Uint8Array | undefined> {
    if (length === 0) return new Uint8Array(0);
    return await this.#files.read(at(path), from, length);
  }

  async *list(prefix: string): AsyncGenerator<StoredName> {
    yield* this.#below(prefix.slice(0, Math.max(0, prefix.lastIndexOf("/"))), prefix);
  }

  async children(folder: string): Promise<readonly string[]> {
    const names: string[] = [];
    for (const entry of await this.#entries(folder)) {
      // A folder that is made for a file, and one that was left behind empty, holds nothing yet or any more.
      if (!entry.isFolder || entry.children > 0) names.push(entry.isFolder ? `${entry.name}/` : entry.name);
    }
    return names.sort();
  }

  async remove(path: string): Promise<void> {
    await this.#files.remove(at(path), { recursive: false });
    await this.#removeEmpty(parentOf(path));
  }

  async removeFolder(folder: string): Promise<void> {
    await this.#files.remove(at(folder), { recursive: true });
    await this.#removeEmpty(parentOf(folder));
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  /**
   * Writes a file beside the target; `use` renames it and says whether it did. Answers its number then; undefined, and
   * the file is gone: it did not.
   */
  async #written(
    target: string,
    contents: Contents,
    use: (file: string, id: string) => Promise<boolean>,
  ): Promise<string | undefined> {
    const { body, close } = await replayable(contents);
    const name = `${parentOf(target)}/${OWN}${randomBytes(9).toString("hex")}`;
    let file: string | undefined;
    let settled = false;
    try {
      file = await this.#files.write((attempt) => `${name}-${attempt}`, body);
      const status = await this.#files.status(file);
      if (status?.size !== body.length)
        throw new SqlError("IO", `${file} was removed while it was written`, { retryable: true });
      const { id } = status;
      const used = await use(file, id);
      settled = true;
      // Whatever its name is by now.
      if (!used) await this.#files.tryRemove(byNumber(id));
      return used ? id : undefined;
    } finally {
      await close();
      // A file that has another name may be in its place already, or be brought there.
      if (file !== undefined && !settled) await this.#files.tryRemove(file);
    }
  }

  /**
   * Gives a file a name that nobody has. `no`: somebody has it. `gone`: the file is nowhere; it had got the name, with an
   * answer that was lost, and others went on from there, or its folder was removed.
   */
  async #take(file: string, id: string, name: string): Promise<"yes" | "no" | "gone"> {
    const { result, repeated } = await this.#files.rename(file, name, { overwrite: false });
    if (result === "done") return "yes";
    const found = result === "exists" && !repeated ? undefined : await this.#files.status(name);
    if (found?.id === id) return "yes";
    if (result === "exists") return "no";
    // Who has the name may have been brought on to another place by someone else.
    return (await this.#files.status(byNumber(id))) === undefined ? "gone" : "yes";
  }

  /** A file replaces the object; one that has done so already, or was itself replaced since, is left alone. */
  async #bring(id: string, target: string): Promise<void> {
    await this.#files.rename(byNumber(id), target, { overwrite: true });
  }

  /** Does it for another writer, which may be dead. */
  async #bringNext(claim: string, target: string, version: string): Promise<void> {
    const next = await this.#files.status(claim);
    // In this order: what had the name while the object still was this version, had it rightly.
    if (next !== undefined && (await this.#files.status(target))?.id === version) await this.#bring(next.id, target);
  }

  /** Files in the order of their paths, of which the folders' names are a part. */
  async *#below(folder: string, prefix: string): AsyncGenerator<StoredName> {
    const paths = (await this.#entries(folder)).map((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      return { path: entry.isFolder ? `${path}/` : path, entry };
    });
    for (const { path, entry } of paths.sort((a, b) => (a.path < b.path ? -1 : 1))) {
      if (!path.startsWith(prefix)) continue;
      if (entry.isFolder) yield* this.#below(path.slice(0, -1), prefix);
      else yield { path, size: entry.size };
    }
  }

  async #entries(folder: string): Promise<readonly FileStatus[]> {
    const entries = await this.#files.entries(at(folder));
    // The list of a file is the file, without a name.
    return entries.filter(({ name }) => name !== "" && !name.startsWith(OWN));
  }

  /** Folders in which nothing is any more, as far as they lie below the one for which the storage was opened. */
  async #removeEmpty(folder: string): Promise<void> {
    const above = this.#folder === "" ? "" : `${this.#folder}/`;
    for (let path = folder; path !== "" && path.startsWith(above); path = parentOf(path))
      if (!(await this.#files.remove(at(path), { recursive: false }))) return;
  }
}

function removed(target: string): SqlError {
  return new SqlError("IO", `${target} or its folder was removed while it was written`, { retryable: true });
}

function at(path: string): string {
  return `/${path}`;
}

function byNumber(id: string): string {
  return `/.reserved/.inodes/${id}`;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function whole(bytes: Uint8Array, size: number, path: string): Uint8Array {
  if (bytes.length === size) return bytes;
  throw new SqlError("IO", `${path}: ${bytes.length} bytes of ${size} were answered`, { retryable: true });
}
