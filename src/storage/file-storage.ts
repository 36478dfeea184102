import { createHash, randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { ByteStorage, Contents, StoredBytes, StoredName } from "./byte-storage.ts";
import { makeDirectories, syncDirectory } from "./durable-file.ts";
import type { FileSystem } from "./file-system.ts";
import { systemCode } from "./files.ts";

/** Replacing takes milliseconds; a guard this old was left behind by a process that died. */
const STALE_GUARD_MILLIS = 10_000;
const GUARD_WAIT_MILLIS = 10;
/** Names that begin so are this class's own. */
const OWN = ".millrace-";

/** Objects as files below a folder. */
export class FileStorage implements ByteStorage {
  readonly name: string;
  readonly #root: string;
  readonly #files: FileSystem;

  constructor(root: string, files: FileSystem) {
    this.name = `file:${root}`;
    this.#root = root;
    this.#files = files;
  }

  async create(path: string, contents: Contents): Promise<string | undefined> {
    const target = join(this.#root, path);
    return this.#withTemporary(target, contents, async (temporary, version) => {
      try {
        await this.#files.link(temporary, target);
      } catch (error) {
        if (systemCode(error) === "EEXIST") return undefined;
        throw error;
      }
      await syncDirectory(dirname(target), this.#files);
      return version;
    });
  }

  async replace(path: string, bytes: Uint8Array, version: string): Promise<string | undefined> {
    const target = join(this.#root, path);
    const guard = join(dirname(target), `${OWN}guard-${createHash("sha256").update(path).digest("hex").slice(0, 24)}`);
    return this.#withTemporary(target, bytes, async (temporary, next) => {
      await this.#takeGuard(guard);
      try {
        if ((await this.read(path))?.version !== version) return undefined;
        await this.#files.rename(temporary, target);
        await syncDirectory(dirname(target), this.#files);
        return next;
      } finally {
        await this.#files.rm(guard);
      }
    });
  }

  async put(path: string, bytes: Uint8Array): Promise<void> {
    const target = join(this.#root, path);
    await this.#withTemporary(target, bytes, async (temporary) => {
      await this.#files.rename(temporary, target);
      await syncDirectory(dirname(target), this.#files);
      return undefined;
    });
  }

  async read(path: string): Promise<StoredBytes | undefined> {
    const target = join(this.#root, path);
    return ifThere(async () => {
      const bytes = await this.#files.readFile(target);
      const { mtimeMs } = await this.#files.stat(target);
      return { bytes, version: versionOf(bytes), ageMillis: Math.max(0, Date.now() - mtimeMs) };
    });
  }

  async readRange(path: string, from: number, length: number): Promise<Uint8Array | undefined> {
    const target = join(this.#root, path);
    return ifThere(async () => {
      const { size } = await this.#files.stat(target);
      const wanted = Math.max(0, Math.min(length, size - from));
      const bytes = new Uint8Array(wanted);
      let at = 0;
      if (wanted > 0)
        for await (const piece of this.#files.readPieces(target, from)) {
          bytes.set(piece.subarray(0, wanted - at), at);
          at = Math.min(wanted, at + piece.length);
          if (at === wanted) break;
        }
      return bytes.subarray(0, at);
    });
  }

  async *list(prefix: string): AsyncGenerator<StoredName> {
    const at = prefix.lastIndexOf("/");
    const found: StoredName[] = [];
    await this.#collect(prefix.slice(0, Math.max(0, at)), found);
    yield* found
      .filter(({ path }) => path.startsWith(prefix))
      .sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
  }

  async children(folder: string): Promise<readonly string[]> {
    const names: string[] = [];
    for (const name of await this.#entries(folder)) {
      if (!(await this.#isFolder(join(folder, name)))) names.push(name);
      else if (await this.#holdsFile(join(folder, name))) names.push(`${name}/`);
    }
    return names.sort();
  }

  async remove(path: string): Promise<void> {
    await this.#files.rm(join(this.#root, path));
  }

  async removeFolder(folder: string): Promise<void> {
    await this.#files.rm(join(this.#root, folder));
  }

  async close(): Promise<void> {
    // There is nothing open.
  }

  /** Writes the contents durably under another name, which is gone afterwards. */
  async #withTemporary(
    target: string,
    contents: Contents,
    use: (temporary: string, version: string) => Promise<string | undefined>,
  ): Promise<string | undefined> {
    const temporary = join(dirname(target), `${OWN}${randomBytes(9).toString("hex")}`);
    await makeDirectories(dirname(target), this.#files);
    try {
      const file = await this.#files.open(temporary, "wx");
      const hash = createHash("sha256");
      try {
        for await (const piece of contents instanceof Uint8Array ? [contents] : contents) {
          hash.update(piece);
          await file.writeFile(piece);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      return await use(temporary, hash.digest("hex"));
    } finally {
      await this.#files.rm(temporary);
    }
  }

  async #takeGuard(guard: string): Promise<void> {
    for (let waitedMillis = 0; ; waitedMillis += GUARD_WAIT_MILLIS) {
      try {
        return await (await this.#files.open(guard, "wx")).close();
      } catch (error) {
        if (systemCode(error) !== "EEXIST") throw error;
      }
      // Its age alone would not do: the clock may have been set back since.
      const status = await ifThere(async () => this.#files.stat(guard));
      const age = Math.max(waitedMillis, Date.now() - (status?.mtimeMs ?? Date.now()));
      if (age > STALE_GUARD_MILLIS) await this.#files.rm(guard);
      else await new Promise((resolve) => setTimeout(resolve, GUARD_WAIT_MILLIS));
    }
  }

  async #collect(folder: string, into: StoredName[]): Promise<void> {
    for (const name of await this.#entries(folder)) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const status = await ifThere(async () => this.#files.stat(join(this.#root, path)));
      if (status?.isDirectory() === true) await this.#collect(path, into);
      else if (status !== undefined) into.push({ path, size: status.size, modifiedMillis: status.mtimeMs });
    }
  }

  async #holdsFile(folder: string): Promise<boolean> {
    for (const name of await this.#entries(folder))
      if (!(await this.#isFolder(join(folder, name))) || (await this.#holdsFile(join(folder, name)))) return true;
    return false;
  }

  async #isFolder(path: string): Promise<boolean> {
    return (await ifThere(async () => this.#files.stat(join(this.#root, path))))?.isDirectory() === true;
  }

  async #entries(folder: string): Promise<readonly string[]> {
    const names = await ifThere(async () => this.#files.readdir(join(this.#root, folder)));
    return (names ?? []).filter((name) => !name.startsWith(OWN));
  }
}

/** Removes from a folder what processes left there that died while they wrote; nobody else may be writing there. */
export async function removeTemporaries(folder: string, files: FileSystem): Promise<void> {
  const names = (await ifThere(async () => files.readdir(folder))) ?? [];
  for (const name of names) if (name.startsWith(OWN)) await files.rm(join(folder, name));
}

function versionOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function ifThere<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw error;
  }
}
