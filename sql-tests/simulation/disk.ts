import { posix } from "node:path";

/** How much of what was not synced is there after a power failure. */
export type CrashModel = "ordered" | "any";

/** Bytes that a disk writes as one: a torn write is torn between two of these. */
const SECTOR_BYTES = 64;

/** An error as node's file calls throw it. */
export function fileError(code: string, call: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated, ${call} '${path}'`), { code, syscall: call, path });
}

interface DirectoryChange {
  readonly name: string;
  /** The name that vanishes with the change: a rename is one change. */
  readonly instead?: string | undefined;
  /** Undefined: the name is removed. */
  readonly node: Node | undefined;
}

/** A file: its contents as processes see them, and what would be left of them without power. */
class FileNode {
  readonly kind = "file";
  content: Uint8Array = new Uint8Array(0);
  synced: Uint8Array = new Uint8Array(0);
  dirty = false;
  /** Bytes that a failed sync has given up: the disk never gets them, also not with a later sync that succeeds. */
  lost: { from: number; to: number } | undefined;
  mtimeMillis = 0;

  append(data: Uint8Array): void {
    const grown = new Uint8Array(this.content.length + data.length);
    grown.set(this.content);
    grown.set(data, this.content.length);
    this.content = grown;
    this.dirty = true;
  }

  truncate(length: number): void {
    const cut = new Uint8Array(length);
    cut.set(this.content.subarray(0, length));
    this.content = cut;
    this.dirty = true;
    if (this.lost !== undefined)
      this.lost = this.lost.from < length ? { ...this.lost, to: Math.min(this.lost.to, length) } : undefined;
  }

  sync(): void {
    this.synced = this.content.slice();
    if (this.lost !== undefined) this.synced.fill(0, this.lost.from, this.lost.to);
    this.dirty = this.lost !== undefined;
  }

  /** A sync fails, and the system takes its pages for written all the same. */
  syncFails(): void {
    const from = Math.min(this.synced.length, this.lost?.from ?? this.content.length);
    if (from < this.content.length) this.lost = { from, to: this.content.length };
  }

  /** Without power: per sector what was there at the last sync or what was written since; the length is one or the other. */
  crash(random: () => number): void {
    if (this.dirty) {
      const [old, fresh] = [this.synced, this.content];
      const choice = random();
      if (choice < 0.35) this.content = old;
      else if (choice >= 0.6 || this.lost !== undefined) {
        const longest = Math.max(old.length, fresh.length);
        const shortest = Math.min(old.length, fresh.length);
        const length = shortest + Math.floor(random() * (longest - shortest + 1));
        const torn = new Uint8Array(length);
        for (let at = 0; at < length; at += SECTOR_BYTES) {
          const from = random() < 0.5 && this.lost === undefined ? fresh : old;
          torn.set(from.subarray(at, Math.min(at + SECTOR_BYTES, length)), at);
        }
        this.content = torn;
      }
    }
    this.synced = this.content;
    this.dirty = false;
    this.lost = undefined;
  }
}

/** A directory: its names as processes see them, the durable ones, and the changes between the two. */
class DirectoryNode {
  readonly kind = "directory";
  entries = new Map<string, Node>();
  durable = new Map<string, Node>();
  changes: DirectoryChange[] = [];
  mtimeMillis = 0;

  change(change: DirectoryChange): void {
    apply(this.entries, change);
    this.changes.push(change);
  }

  sync(): void {
    this.durable = new Map(this.entries);
    this.changes = [];
  }

  crash(random: () => number, model: CrashModel): void {
    const kept = model === "ordered" ? this.changes.slice(0, Math.floor(random() * (this.changes.length + 1))) : [];
    if (model === "any") for (const change of this.changes) if (random() < 0.5) kept.push(change);
    for (const change of kept) apply(this.durable, change);
    this.entries = new Map(this.durable);
    this.changes = [];
    for (const node of this.entries.values()) node.crash(random, model);
  }
}

type Node = FileNode | DirectoryNode;

function apply(entries: Map<string, Node>, { name, instead, node }: DirectoryChange): void {
  if (instead !== undefined) entries.delete(instead);
  if (node === undefined) entries.delete(name);
  else entries.set(name, node);
}

/** What calls may ask of an open file. */
export interface OpenNode {
  readonly path: string;
  readonly node: FileNode | DirectoryNode;
}

/**
 * A disk that keeps POSIX's promises and nothing beyond: contents are durable after a sync of the file, names after a
 * sync of their directory; without power the rest is there, not there, or torn. Calls are as node's, and immediate.
 */
export class SimulatedDisk {
  readonly #root = new DirectoryNode();
  readonly #nowMillis: () => number;
  /** Syncs of these paths succeed and do nothing. */
  lies: (path: string) => boolean = () => false;
  /** Told of every name that appears. */
  onName: (path: string) => void = () => undefined;

  constructor(nowMillis: () => number) {
    this.#nowMillis = nowMillis;
  }

  /** The power fails. */
  crash(random: () => number, model: CrashModel): void {
    this.#root.crash(random, model);
  }

  open(path: string, flag: string): OpenNode {
    const found = this.#find(path);
    if (flag.startsWith("r")) {
      if (found === undefined) throw fileError("ENOENT", "open", path);
      if (found.kind === "directory" && flag !== "r") throw fileError("EISDIR", "open", path);
      return { path, node: found };
    }
    if (found?.kind === "directory") throw fileError("EISDIR", "open", path);
    if (found !== undefined && flag === "wx") throw fileError("EEXIST", "open", path);
    if (found !== undefined) {
      if (flag === "w") found.truncate(0);
      return { path, node: found };
    }
    const node = new FileNode();
    node.mtimeMillis = this.#nowMillis();
    this.#set(path, "open", node);
    return { path, node };
  }

  write({ path, node }: OpenNode, data: Uint8Array): void {
    if (node.kind === "directory") throw fileError("EISDIR", "write", path);
    node.append(data);
    node.mtimeMillis = this.#nowMillis();
  }

  read({ path, node }: OpenNode, position: number, length: number): Uint8Array {
    if (node.kind === "directory") throw fileError("EISDIR", "read", path);
    return node.content.slice(position, position + length);
  }

  truncate({ path, node }: OpenNode, length: number): void {
    if (node.kind === "directory") throw fileError("EISDIR", "ftruncate", path);
    node.truncate(length);
  }

  sync({ path, node }: OpenNode): void {
    if (!this.lies(path)) node.sync();
  }

  syncFails({ node }: OpenNode): void {
    if (node.kind === "file") node.syncFails();
  }

  utimes({ node }: OpenNode, millis: number): void {
    node.mtimeMillis = millis;
  }

  readFile(path: string): Uint8Array {
    const node = this.#find(path);
    if (node === undefined) throw fileError("ENOENT", "open", path);
    if (node.kind === "directory") throw fileError("EISDIR", "read", path);
    return node.content.slice();
  }

  exists(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  stat(path: string): { size: number; mtimeMs: number; isDirectory(): boolean } {
    const node = this.#find(path);
    if (node === undefined) throw fileError("ENOENT", "stat", path);
    return {
      size: node.kind === "file" ? node.content.length : 0,
      mtimeMs: node.mtimeMillis,
      isDirectory: () => node.kind === "directory",
    };
  }

  readdir(path: string): { name: string; isDirectory(): boolean }[] {
    const node = this.#find(path);
    if (node === undefined) throw fileError("ENOENT", "scandir", path);
    if (node.kind === "file") throw fileError("ENOTDIR", "scandir", path);
    return [...node.entries].map(([name, entry]) => ({ name, isDirectory: () => entry.kind === "directory" }));
  }

  mkdir(path: string): void {
    if (this.#find(path) !== undefined) throw fileError("EEXIST", "mkdir", path);
    this.#set(path, "mkdir", new DirectoryNode());
  }

  rename(from: string, to: string): void {
    const node = this.#find(from);
    if (node === undefined) throw fileError("ENOENT", "rename", from);
    if (posix.dirname(from) !== posix.dirname(to)) throw fileError("EXDEV", "rename", from);
    if (this.#find(to)?.kind === "directory") throw fileError("EISDIR", "rename", to);
    this.#parent(from, "rename").change({ name: posix.basename(to), instead: posix.basename(from), node });
    this.onName(to);
  }

  link(from: string, to: string): void {
    const node = this.#find(from);
    if (node === undefined) throw fileError("ENOENT", "link", from);
    if (this.#find(to) !== undefined) throw fileError("EEXIST", "link", to);
    this.#set(to, "link", node);
  }

  copyFile(from: string, to: string): void {
    const content = this.readFile(from);
    const target = this.open(to, "w");
    this.write(target, content);
  }

  unlink(path: string): void {
    const node = this.#find(path);
    if (node === undefined) throw fileError("ENOENT", "unlink", path);
    if (node.kind === "directory") throw fileError("EISDIR", "unlink", path);
    this.#parent(path, "unlink").change({ name: posix.basename(path), node: undefined });
  }

  rm(path: string): void {
    const node = this.#find(path);
    if (node === undefined) return;
    if (node.kind === "directory") for (const name of node.entries.keys()) this.rm(posix.join(path, name));
    this.#parent(path, "rm").change({ name: posix.basename(path), node: undefined });
  }

  #set(path: string, call: string, node: Node): void {
    this.#parent(path, call).change({ name: posix.basename(path), node });
    this.onName(path);
  }

  #parent(path: string, call: string): DirectoryNode {
    const parent = this.#find(posix.dirname(path));
    if (parent === undefined) throw fileError("ENOENT", call, path);
    if (parent.kind === "file") throw fileError("ENOTDIR", call, path);
    return parent;
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.split("/")) {
      if (name === "") continue;
      if (node === undefined) return undefined;
      if (node.kind === "file") throw fileError("ENOTDIR", "open", path);
      node = node.entries.get(name);
    }
    return node;
  }
}
