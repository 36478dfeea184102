import { SqlError } from "../base/errors.ts";
import { piecesOf, type ByteStorage, type StagedObject, type StagedWrite, type Staging } from "./byte-storage.ts";
import { PushedPieces } from "./pushed-pieces.ts";

/** How objects of a storage are staged: in its own way, or under a hidden name, from which they are copied. */
export function stagingOf(storage: ByteStorage): Staging {
  return storage.staging ?? new CopiedStaging(storage);
}

/** Names of staged bytes begin so: readers of tables pass over names with a dot in front. */
const HIDDEN = ".staged-";

class CopiedStaging implements Staging {
  readonly #storage: ByteStorage;

  constructor(storage: ByteStorage) {
    this.#storage = storage;
  }

  async begin(path: string): Promise<StagedWrite> {
    const storage = this.#storage;
    const name = hiddenPath(path);
    return pushedWrite(
      path,
      async (pieces) => {
        if ((await storage.create(name, pieces)) === undefined)
          throw new SqlError("IO", `cannot write '${storage.name}/${name}': it exists already`);
        return null;
      },
      async () => storage.remove(name),
    );
  }

  async publish({ path }: StagedObject): Promise<boolean> {
    const staged = hiddenPath(path);
    const pieces = await piecesOf(this.#storage, staged);
    // Names are used once: what is there under this one was made of these bytes.
    if (pieces === undefined) return (await this.#storage.readRange(path, 0, 1)) !== undefined;
    await this.#storage.create(path, pieces);
    await this.#storage.remove(staged);
    return true;
  }

  async *list(prefix: string): AsyncGenerator<StagedObject> {
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    for await (const { path } of this.#storage.list(folder)) {
      const at = path.lastIndexOf("/") + 1;
      if (!path.startsWith(HIDDEN, at)) continue;
      const published = path.slice(0, at) + path.slice(at + HIDDEN.length);
      if (published.startsWith(prefix)) yield { path: published, token: null };
    }
  }

  async discard({ path }: StagedObject): Promise<void> {
    await this.#storage.remove(hiddenPath(path));
  }
}

function hiddenPath(path: string): string {
  const at = path.lastIndexOf("/") + 1;
  return `${path.slice(0, at)}${HIDDEN}${path.slice(at)}`;
}

/** A staged write over a call that takes all pieces. `store` answers the token; `remove` takes away what it left when it was cut off. */
export function pushedWrite(
  path: string,
  store: (pieces: AsyncIterable<Uint8Array>) => Promise<StagedObject["token"]>,
  remove: () => Promise<void>,
): StagedWrite {
  const pieces = new PushedPieces();
  const stored = store(pieces);
  // Whoever writes next hears of it.
  stored.catch((error: unknown) => pieces.fail(error));
  return {
    write: async (bytes) => pieces.push(bytes),
    finish: async () => {
      pieces.end();
      return { path, token: await stored };
    },
    abort: async () => {
      pieces.end();
      await stored.catch(() => undefined);
      await remove();
    },
  };
}
