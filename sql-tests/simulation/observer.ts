import { posix } from "node:path";
import type { FileSystem } from "../../src/storage/file-system.ts";
import type { SimulatedDisk } from "./disk.ts";

/** The disk without delays and faults of calls: for those who look at it, and for tests of single steps. */
export function calmFiles(disk: SimulatedDisk): FileSystem {
  return {
    open: async (path, flag) => {
      const node = disk.open(path, flag);
      return {
        writeFile: async (data) => disk.write(node, typeof data === "string" ? Buffer.from(data) : data),
        sync: async () => disk.sync(node),
        utimes: async (_, modified) => disk.utimes(node, modified.getTime()),
        close: async () => undefined,
      };
    },
    readFile: async (path) => disk.readFile(path),
    readPieces: async function* (path, from = 0) {
      yield disk.readFile(path).subarray(from);
    },
    readdir: async (path) => disk.readdir(path).map(({ name }) => name),
    stat: async (path) => disk.stat(path),
    mkdir: async (path) => disk.mkdir(path),
    appendFile: async (path, text) => {
      disk.write(disk.open(path, "a"), Buffer.from(text));
    },
    rename: async (from, to) => disk.rename(from, to),
    link: async (from, to) => disk.link(from, to),
    copyFile: async (from, to) => disk.copyFile(from, to),
    rm: async (path) => disk.rm(path),
  };
}

/** What readers of tables see, by folder: its finished files in the order in which they were begun, one after another. */
export function visibleOutput(disk: SimulatedDisk, root: string): ReadonlyMap<string, string> {
  const output = new Map<string, string>();
  const visit = (folder: string): void => {
    const entries = disk.readdir(folder);
    for (const entry of entries) if (entry.isDirectory()) visit(posix.join(folder, entry.name));
    const names = entries.filter((e) => !e.isDirectory() && !/^[._]/.test(e.name)).map((e) => e.name);
    names.sort(compareParts);
    const text = names.map((name) => Buffer.from(disk.readFile(posix.join(folder, name))).toString()).join("");
    if (text !== "") output.set(posix.relative(root, folder), text);
    if (entries.some((e) => e.name === "_SUCCESS")) output.set(`${posix.relative(root, folder)}/_SUCCESS`, "");
  };
  if (disk.exists(root)) visit(root);
  return output;
}

/** `part-<uid>-<attempt>-<checkpoint>-<subtask>-<number>`: the order in which files were begun. */
function compareParts(a: string, b: string): number {
  const [x = [], y = []] = [a, b].map((name) => name.split("-").slice(2).map(Number));
  return x.map((value, i) => value - (y[i] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
