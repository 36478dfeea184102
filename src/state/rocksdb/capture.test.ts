import { cp, mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { capture, type CaptureOptions } from "./capture.ts";
import { Database } from "./database.ts";
import { rocksOptions } from "./options.ts";
import { withFolder } from "./test-support.ts";

const rocks = rocksOptions(new Map([["state.backend.rocksdb.writebuffer.size", "64 kb"]]));

function key(number: number): Uint8Array {
  return Buffer.from(`key ${String(number).padStart(8, "0")}`);
}

async function fill(database: Database, from: number, to: number, text: string): Promise<void> {
  const changes = Array.from({ length: to - from }, (_, i) => ({
    kind: "put" as const,
    key: key(from + i),
    value: Buffer.from(`${text} ${from + i}`),
  }));
  await database.write(changes);
}

async function withDatabase(
  action: (database: Database, options: CaptureOptions, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const database = await Database.open(join(folder, "db"), rocks);
    try {
      await fill(database, 0, 2000, "first");
      const samples = [key(0), key(1999), key(5000)];
      const mark = Buffer.from("mark 1");
      await action(database, { database, folder: join(folder, "copy"), rocks, mark, samples }, folder);
    } finally {
      await database.close();
    }
  });
}

test("a copy holds what was written, and nothing that comes later", async () => {
  await withDatabase(async (database, options) => {
    const copy = await capture(options);
    await fill(database, 0, 2000, "later");
    await database.flush();
    const opened = await Database.open(copy.folder, rocks, true);
    const values = await opened.getMany([key(0), key(1999), key(5000)]);
    expect(values.map((value) => value && Buffer.from(value).toString())).toEqual(["first 0", "first 1999", null]);
    await opened.close();
    expect(copy.files).toEqual(expect.arrayContaining(["CURRENT", expect.stringMatching(/^MANIFEST-/)]));
    expect(copy.files.filter((name) => !name.endsWith(".sst")).length).toBe(3);
    const present = await readdir(copy.folder);
    for (const name of copy.files) expect(present).toContain(name);
  });
});

test("a file that a compaction takes away meanwhile: the copy is made again", async () => {
  await withDatabase(async (database, options, folder) => {
    await database.flush();
    let tries = 0;
    const aside = join(folder, "aside");
    await mkdir(aside);
    // As a compaction does it: the manifest that was copied names files that are gone. Here they come back.
    const move = async (from: string, to: string): Promise<void> => {
      for (const name of await readdir(from))
        if (name.endsWith(".sst")) {
          await cp(join(from, name), join(to, name));
          await rm(join(from, name));
        }
    };
    const copy = await capture({
      ...options,
      betweenCopies: async () => {
        tries += 1;
        if (tries === 1) await move(database.path, aside);
        else if (tries === 2) await move(aside, database.path);
      },
    });
    expect(tries).toBe(2);
    const opened = await Database.open(copy.folder, rocks, true);
    expect(await opened.getMany([key(7)])).not.toEqual([null]);
    await opened.close();
  });
});

test.each([
  ["a file that is cut off", async (path: string) => truncate(path, 10)],
  ["a file with other contents", async (path: string) => writeFile(path, "nothing of the kind")],
])("%s is refused", async (_, damage) => {
  await withDatabase(async (database, options) => {
    await database.flush();
    const [name] = (await readdir(database.path)).filter((each) => each.endsWith(".sst"));
    await damage(join(database.path, name!));
    await expect(capture(options)).rejects.toMatchObject({ code: "CHECKPOINT_FAILED", retryable: true });
    expect(await readdir(join(options.folder, "..")).then((names) => names.includes("copy"))).toBe(false);
  });
});
