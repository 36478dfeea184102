import { expect, test } from "vitest";
import { piecesOf, removeFolder, type ByteStorage, type StagedObject } from "./byte-storage.ts";
import { stagingOf } from "./staging.ts";

const BIG_BYTES = 20 << 20;

/** What every storage has to do; `fresh`: an empty one, or an empty part of one. */
export function storageConformance(fresh: () => ByteStorage): void {
  test("an object is made once", async () => {
    const storage = fresh();
    const version = await storage.create("a/b", text("first"));
    expect(version).toEqual(expect.any(String));
    expect(await storage.create("a/b", text("second"))).toBeUndefined();
    expect(await storage.create("a/b", pieces(text("third")))).toBeUndefined();
    const read = await storage.read("a/b");
    expect(wordsOf(read?.bytes)).toBe("first");
    expect(read?.version).toBe(version);
  });

  test("of many that make one object, one does", async () => {
    const storage = fresh();
    const all = Array.from({ length: 16 }, (_, i) => `writer ${i}`);
    const made = await Promise.all(all.map(async (words) => storage.create("race", text(words))));
    const winners = all.filter((_, i) => made[i] !== undefined);
    expect(winners).toHaveLength(1);
    expect(wordsOf((await storage.read("race"))?.bytes)).toBe(winners[0]);
  });

  test("of many that replace one version, one does", async () => {
    const storage = fresh();
    const first = await storage.create("lock", text("0"));
    const made = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => storage.replace("lock", text(`owner ${i}`), first!)),
    );
    expect(made.filter((version) => version !== undefined)).toHaveLength(1);
    const read = await storage.read("lock");
    expect(read?.version).toBe(made.find((version) => version !== undefined));
    expect(wordsOf(read?.bytes)).toBe(`owner ${made.findIndex((version) => version !== undefined)}`);
    expect(await storage.replace("lock", text("late"), first!)).toBeUndefined();
    expect(await storage.replace("nothing", text("x"), first!)).toBeUndefined();
    expect(await storage.read("nothing")).toBeUndefined();
  });

  test("staged objects are seen when they are published, and once", async () => {
    const storage = fresh();
    const staging = stagingOf(storage);
    const staged = async (path: string, ...contents: readonly Uint8Array[]): Promise<StagedObject> => {
      const write = await staging.begin(path);
      for (const piece of contents) await write.write(piece);
      return write.finish();
    };
    const big = new Uint8Array(BIG_BYTES).fill(7);
    const one = await staged("table/day=1/part-1", text("a"), text("b"));
    const two = await staged("table/day=1/part-2", big.subarray(0, 9 << 20), big.subarray(9 << 20));
    const three = await staged("table/day=2/part-3", text("c"));
    const aborted = await staging.begin("table/part-4");
    await aborted.write(text("d"));
    await aborted.abort();
    const begun = await staging.begin("table/part-5");
    await begun.write(text("e"));
    const visible = async (): Promise<string[]> => {
      const names: string[] = [];
      for await (const { path } of storage.list("table/"))
        if (!path.split("/").some((name) => name.startsWith("."))) names.push(path);
      return names;
    };
    expect(await visible()).toEqual([]);
    // What is sent to another process and comes back is the same.
    const plain = (object: StagedObject): StagedObject => JSON.parse(JSON.stringify(object)) as StagedObject;
    for (let again = 0; again < 2; again++) expect(await staging.publish(plain(one))).toBe(true);
    expect(await staging.publish(plain(two))).toBe(true);
    expect(await visible()).toEqual(["table/day=1/part-1", "table/day=1/part-2"]);
    expect(wordsOf((await storage.read("table/day=1/part-1"))?.bytes)).toBe("ab");
    expect(Buffer.compare(await whole(storage, "table/day=1/part-2"), big)).toBe(0);
    const waiting: StagedObject[] = [];
    for await (const object of staging.list("table/")) waiting.push(object);
    const paths = waiting.map(({ path }) => path);
    expect(paths).toContain("table/day=2/part-3");
    expect(paths).not.toContain("table/day=1/part-1");
    expect(paths).not.toContain("table/part-4");
    for (const object of [...waiting, three]) await staging.discard(object);
    expect(await staging.publish(three)).toBe(false);
    await begun.abort();
    for await (const object of staging.list("")) expect.fail(`still there: ${object.path}`);
    expect(await visible()).toHaveLength(2);
  });

  test("what is written says how old it is", async () => {
    const storage = fresh();
    await storage.create("young", text("x"));
    const age = (await storage.read("young"))?.ageMillis;
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(10_000);
  });

  test("put makes and replaces", async () => {
    const storage = fresh();
    await storage.put("p/q", text("one"));
    await storage.put("p/q", text("two"));
    expect(wordsOf((await storage.read("p/q"))?.bytes)).toBe("two");
  });

  test("parts of an object", async () => {
    const storage = fresh();
    await storage.create("parts", text("0123456789"));
    const part = async (from: number, length: number): Promise<string> =>
      wordsOf(await storage.readRange("parts", from, length));
    expect(await part(0, 4)).toBe("0123");
    expect(await part(7, 100)).toBe("789");
    expect(await part(10, 5)).toBe("");
    expect(await part(3, 0)).toBe("");
    expect(await storage.readRange("none", 0, 5)).toBeUndefined();
  });

  test("empty objects", async () => {
    const storage = fresh();
    expect(await storage.create("empty", new Uint8Array(0))).toEqual(expect.any(String));
    expect(await storage.create("empty-pieces", pieces())).toEqual(expect.any(String));
    for (const name of ["empty", "empty-pieces"]) {
      expect((await storage.read(name))?.bytes.length).toBe(0);
      expect((await whole(storage, name)).length).toBe(0);
    }
  });

  test("a big object, in pieces of all sizes, appears as a whole", async () => {
    const storage = fresh();
    const bytes = noise(BIG_BYTES);
    let seenEarly = false;
    const slowly = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0, size = 1; at < bytes.length; at += size, size = Math.min(size * 3, 3_000_000)) {
        yield bytes.slice(at, at + size);
        if (at > BIG_BYTES / 2 && !seenEarly) seenEarly = (await storage.read("big")) !== undefined;
      }
    };
    expect(await storage.create("big", slowly())).toEqual(expect.any(String));
    expect(seenEarly).toBe(false);
    expect(Buffer.compare(await whole(storage, "big"), bytes)).toBe(0);
    expect(
      Buffer.compare(bytes.subarray(9_000_000, 9_000_500), (await storage.readRange("big", 9_000_000, 500))!),
    ).toBe(0);
    expect(await storage.create("big", slowly())).toBeUndefined();
    expect(Buffer.compare(await whole(storage, "big"), bytes)).toBe(0);
  });

  test("what fails while it is written leaves nothing", async () => {
    const storage = fresh();
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield noise(9 << 20);
      yield noise(9 << 20);
      throw new Error("no more");
    };
    await expect(storage.create("f/half", failing())).rejects.toThrow("no more");
    expect(await storage.read("f/half")).toBeUndefined();
    expect(await namesOf(storage, "f/")).toEqual([]);
  });

  test("lists, folders, and names that need escaping", async () => {
    const storage = fresh();
    const names = [
      "job a%20b+c/r1/x&y<z>",
      "job/r1/chk-1/_metadata",
      "job/r1/chk-10/d'é",
      "job/r1/_lock",
      "job/r2/x",
      "jobs",
    ];
    for (const name of names) await storage.create(name, text(name));
    expect((await namesOf(storage, "")).sort()).toEqual([...names].sort());
    expect(await namesOf(storage, "job/r1/chk-1")).toEqual(["job/r1/chk-1/_metadata", "job/r1/chk-10/d'é"]);
    expect(await namesOf(storage, "job/r1/chk-1/")).toEqual(["job/r1/chk-1/_metadata"]);
    expect(await storage.children("")).toEqual(["job a%20b+c/", "job/", "jobs"]);
    expect(await storage.children("job")).toEqual(["r1/", "r2/"]);
    expect(await storage.children("job/r1")).toEqual(["_lock", "chk-1/", "chk-10/"]);
    expect(await storage.children("nowhere")).toEqual([]);
    for (const name of names) expect(wordsOf((await storage.read(name))?.bytes)).toBe(name);
  });

  test("removed is gone, and may be made again", async () => {
    const storage = fresh();
    for (const name of ["d/1", "d/2", "d/e/3", "dd"]) await storage.create(name, text(name));
    await storage.remove("d/1");
    await storage.remove("d/1");
    expect(await storage.read("d/1")).toBeUndefined();
    expect(await storage.create("d/1", text("again"))).toEqual(expect.any(String));
    await removeFolder(storage, "d");
    expect(await namesOf(storage, "")).toEqual(["dd"]);
    expect(await storage.children("")).toEqual(["dd"]);
  });
}

/** A storage that sees only what is below a folder of another. */
export function below(storage: ByteStorage, folder: string): ByteStorage {
  const prefix = `${folder}/`;
  return {
    name: storage.name,
    create: async (path, contents) => storage.create(prefix + path, contents),
    replace: async (path, bytes, version) => storage.replace(prefix + path, bytes, version),
    put: async (path, bytes) => storage.put(prefix + path, bytes),
    read: async (path) => storage.read(prefix + path),
    readRange: async (path, from, length) => storage.readRange(prefix + path, from, length),
    list: async function* (start) {
      for await (const { path, size } of storage.list(prefix + start)) yield { path: path.slice(prefix.length), size };
    },
    children: async (path) => storage.children(path === "" ? folder : prefix + path),
    remove: async (path) => storage.remove(prefix + path),
    ...(storage.removeFolder === undefined
      ? {}
      : { removeFolder: async (path: string) => storage.removeFolder?.(prefix + path) }),
    close: async () => storage.close(),
  };
}

/** What a number that some writers raise so often is in the end; each replaces only what it has read. */
export async function countTogether(storage: ByteStorage, writers: number, times: number): Promise<string> {
  await storage.create("counter", text("0"));
  const raise = async (): Promise<void> => {
    for (;;) {
      const found = await storage.read("counter");
      const next = text(String(Number(wordsOf(found?.bytes)) + 1));
      if ((await storage.replace("counter", next, found!.version)) !== undefined) return;
    }
  };
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let i = 0; i < times; i++) await raise();
    }),
  );
  return wordsOf((await storage.read("counter"))?.bytes);
}

export function text(words: string): Uint8Array {
  return Buffer.from(words);
}

export function wordsOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "(nothing)" : Buffer.from(bytes).toString();
}

export async function whole(storage: ByteStorage, path: string): Promise<Uint8Array> {
  const found: Uint8Array[] = [];
  for await (const piece of (await piecesOf(storage, path)) ?? []) found.push(piece.slice());
  return Buffer.concat(found);
}

export async function namesOf(storage: ByteStorage, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { path } of storage.list(prefix)) names.push(path);
  return names;
}

/** Bytes that no two places of have in common. */
export function noise(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 2_654_435_761);
  return new Uint8Array(words.buffer, 0, length);
}

async function* pieces(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}
