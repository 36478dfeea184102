import type { FileStatus, FileSystem, OpenFile, SyncFileSystem } from "../../src/storage/file-system.ts";
import type { Machine } from "../../src/storage/machine.ts";
import type { OpenNode } from "./disk.ts";
import { fileError } from "./disk.ts";
import type { SimulatedProcess, World } from "./world.ts";

/** What the disk does to calls for a time. */
export interface Weather {
  /** Error of failing calls; undefined: all is well. */
  code: "EIO" | "ENOSPC" | "EACCES" | undefined;
  /** Of a call to fail. */
  probability: number;
  /** Of a call on the way, millis at most. */
  delayMillis: number;
  /** After so many calls something happens in the middle of one: before or after it took effect. */
  strike: { callsLeft: number; before: boolean; action(): void } | undefined;
}

/** Calls that only look do not fail for want of space. */
const READING = new Set(["read", "readdir", "stat", "open r"]);

/** A killed process gets no further. */
class Died extends Error {}

/** The machine as one of its processes sees it. */
export function machineOf(world: World, process: SimulatedProcess, weather: Weather): Machine {
  return {
    files: new ProcessFiles(world, process, weather),
    filesSync: new ProcessFilesSync(world, process, weather),
    processes: {
      self: () => ({ pid: process.pid, processStart: "1", bootId: process.bootId, host: process.host }),
      isRunning: (other) => world.isRunning(other.pid, other.bootId),
    },
  };
}

function failureOf(world: World, weather: Weather, call: string, path: string): NodeJS.ErrnoException | undefined {
  const { code, probability } = weather;
  // Permissions do not come and go within one process; that of folders above, which may be others', is not insisted on.
  if (code === "EACCES" && call === "open r") return undefined;
  if (code === undefined || (code === "ENOSPC" && READING.has(call)) || !world.chance(probability)) return undefined;
  return fileError(code, call, path);
}

/** True: the process does not live to see the call's end. */
function struck(weather: Weather, moment: "before" | "after"): boolean {
  const { strike } = weather;
  if (strike === undefined) return false;
  if (moment === "before") strike.callsLeft -= 1;
  if (strike.callsLeft > 0 || strike.before !== (moment === "before")) return false;
  weather.strike = undefined;
  strike.action();
  return true;
}

/** The path without the parts that are another in every run: of the run's name, of locks, of files' names, the process. */
function withoutRandom(path: string): string {
  return path.replace(
    /-[0-9a-f]{6}(?=\/|$)|\.[0-9a-f]{24}$|\.millrace-[0-9a-f]{18}$|-[0-9a-f]{12}(?=-)|\.?tmp-\d+$|\.\d+\.tmp$/g,
    "…",
  );
}

/** What of a write reaches the disk before it fails. */
function part(world: World, data: Uint8Array): Uint8Array {
  return data.subarray(0, Math.floor(world.random() * data.length));
}

/** Calls that take their time. */
class ProcessFiles implements FileSystem {
  readonly #world: World;
  readonly #process: SimulatedProcess;
  readonly #weather: Weather;

  constructor(world: World, process: SimulatedProcess, weather: Weather) {
    this.#world = world;
    this.#process = process;
    this.#weather = weather;
  }

  async open(path: string, flag: "r" | "r+" | "w" | "wx"): Promise<OpenFile> {
    const { disk } = this.#world;
    const node = await this.#call(flag === "r" ? "open r" : "open", path, () => disk.open(path, flag));
    return {
      writeFile: async (data) => {
        const bytes = typeof data === "string" ? Buffer.from(data) : data.slice();
        await this.#call(
          "write",
          path,
          () => disk.write(node, bytes),
          () => disk.write(node, part(this.#world, bytes)),
        );
      },
      sync: async () =>
        this.#call(
          "fsync",
          path,
          () => disk.sync(node),
          () => disk.syncFails(node),
        ),
      utimes: async (_, modified) => this.#call("utimes", path, () => disk.utimes(node, modified.getTime())),
      close: async () => this.#call("close", path, () => undefined),
    };
  }

  async readFile(path: string): Promise<Uint8Array> {
    return this.#call("read", path, () => this.#world.disk.readFile(path));
  }

  async *readPieces(path: string, from = 0): AsyncGenerator<Uint8Array> {
    yield (await this.readFile(path)).subarray(from);
  }

  async readdir(path: string): Promise<string[]> {
    return this.#call("readdir", path, () => this.#world.disk.readdir(path).map(({ name }) => name));
  }

  async stat(path: string): Promise<FileStatus> {
    return this.#call("stat", path, () => this.#world.disk.stat(path));
  }

  async mkdir(path: string): Promise<void> {
    await this.#call("mkdir", path, () => this.#world.disk.mkdir(path));
  }

  async appendFile(path: string, text: string): Promise<void> {
    const { disk } = this.#world;
    const bytes = Buffer.from(text);
    await this.#call(
      "append",
      path,
      () => disk.write(disk.open(path, "a"), bytes),
      () => disk.write(disk.open(path, "a"), part(this.#world, bytes)),
    );
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#call("rename", from, () => this.#world.disk.rename(from, to));
  }

  async link(from: string, to: string): Promise<void> {
    await this.#call("link", from, () => this.#world.disk.link(from, to));
  }

  async copyFile(from: string, to: string): Promise<void> {
    await this.#call("copy", from, () => this.#world.disk.copyFile(from, to));
  }

  async rm(path: string): Promise<void> {
    await this.#call("rm", path, () => this.#world.disk.rm(path));
  }

  /** One call: takes effect, or fails, some time later. `half`: what a failing call does nevertheless. */
  #call<T>(call: string, path: string, effect: () => T, half?: () => void): Promise<T> {
    const world = this.#world;
    const process = this.#process;
    return new Promise<T>((resolve, reject) => {
      // A process that is no more waits for ever.
      if (process.state === "dead") return;
      const onTheWay = (): void => {
        try {
          effect();
        } catch {
          // Nobody is left to hear of it.
        }
      };
      process.calls.add(onTheWay);
      world.schedule(process, world.between(0.01, this.#weather.delayMillis), () => {
        world.note(`${call} ${withoutRandom(path)}`);
        if (struck(this.#weather, "before")) return;
        process.calls.delete(onTheWay);
        const failure = call === "close" ? undefined : failureOf(world, this.#weather, call, path);
        if (failure !== undefined) {
          half?.();
          reject(failure);
          return;
        }
        try {
          const result = effect();
          if (struck(this.#weather, "after")) return;
          resolve(result);
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }
}

/** Calls that take no time. */
class ProcessFilesSync implements SyncFileSystem {
  readonly #world: World;
  readonly #process: SimulatedProcess;
  readonly #weather: Weather;
  readonly #open = new Map<number, OpenNode>();
  #nextHandle = 3;

  constructor(world: World, process: SimulatedProcess, weather: Weather) {
    this.#world = world;
    this.#process = process;
    this.#weather = weather;
  }

  open(path: string, flag: "r" | "a" | "w"): number {
    const node = this.#call(flag === "r" ? "open r" : "open", path, () => this.#world.disk.open(path, flag));
    const handle = this.#nextHandle++;
    this.#open.set(handle, node);
    return handle;
  }

  write(file: number, data: Uint8Array, at: number, length: number): number {
    const node = this.#node(file);
    // Now and then a write takes less than all of it, as POSIX allows.
    const taken = this.#world.chance(0.05) ? Math.max(1, Math.floor(length / 2)) : length;
    const bytes = data.slice(at, at + taken);
    this.#call(
      "write",
      node.path,
      () => this.#world.disk.write(node, bytes),
      () => this.#world.disk.write(node, part(this.#world, bytes)),
    );
    return taken;
  }

  read(file: number, into: Uint8Array, position: number, length: number): number {
    const node = this.#node(file);
    const bytes = this.#call("read", node.path, () => this.#world.disk.read(node, position, length));
    into.set(bytes);
    return bytes.length;
  }

  truncate(file: number, length: number): void {
    const node = this.#node(file);
    this.#call("ftruncate", node.path, () => this.#world.disk.truncate(node, length));
  }

  sync(file: number): void {
    const node = this.#node(file);
    this.#call(
      "fsync",
      node.path,
      () => this.#world.disk.sync(node),
      () => this.#world.disk.syncFails(node),
    );
  }

  close(file: number): void {
    this.#node(file);
    this.#open.delete(file);
  }

  stat(path: string): FileStatus {
    return this.#call("stat", path, () => this.#world.disk.stat(path));
  }

  readdir(path: string): readonly { readonly name: string; isDirectory(): boolean }[] {
    return this.#call("readdir", path, () => this.#world.disk.readdir(path));
  }

  mkdir(path: string): void {
    this.#call("mkdir", path, () => this.#world.disk.mkdir(path));
  }

  rename(from: string, to: string): void {
    this.#call("rename", from, () => this.#world.disk.rename(from, to));
  }

  copyFile(from: string, to: string): void {
    this.#call("copy", from, () => this.#world.disk.copyFile(from, to));
  }

  unlink(path: string): void {
    this.#call("unlink", path, () => this.#world.disk.unlink(path));
  }

  #node(file: number): OpenNode {
    const node = this.#open.get(file);
    if (node === undefined) throw fileError("EBADF", "use", String(file));
    return node;
  }

  #call<T>(call: string, path: string, effect: () => T, half?: () => void): T {
    if (this.#process.state === "dead") throw new Died();
    this.#world.note(`${call} ${withoutRandom(path)}`);
    if (struck(this.#weather, "before")) throw new Died();
    const failure = failureOf(this.#world, this.#weather, call, path);
    if (failure !== undefined) {
      half?.();
      throw failure;
    }
    const result = effect();
    if (struck(this.#weather, "after")) throw new Died();
    return result;
  }
}
