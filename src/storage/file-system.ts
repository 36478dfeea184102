import * as sync from "node:fs";
import * as fs from "node:fs/promises";

/** What is known of a path. */
export interface FileStatus {
  /** Bytes. */
  readonly size: number;
  /** Time of the last change, epoch millis. */
  readonly mtimeMs: number;
  isDirectory(): boolean;
}

/** An open file or directory. */
export interface OpenFile {
  /** Writes all the bytes at the current position (a file opened for writing only moves forward). */
  writeFile(data: Uint8Array | string): Promise<void>;
  /** Makes the contents durable; of a directory: its entries. */
  sync(): Promise<void>;
  /** Also works after the path has come to mean another file. */
  utimes(accessed: Date, modified: Date): Promise<void>;
  close(): Promise<void>;
}

/**
 * The calls through which checkpoints reach a disk. They fail as node's do (an `Error` with `code`), and promise only
 * what POSIX does: contents are durable after `sync` of the file, names after `sync` of their directory.
 */
export interface FileSystem {
  /** `wx` fails with EEXIST when the file is there; `r` also opens directories. */
  open(path: string, flag: "r" | "r+" | "w" | "wx"): Promise<OpenFile>;
  readFile(path: string): Promise<Uint8Array>;
  /** The contents from there on, piece by piece, so that large files do not lie in memory as a whole. */
  readPieces(path: string, from?: number): AsyncIterable<Uint8Array>;
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<FileStatus>;
  /** Fails with EEXIST when something is there. */
  mkdir(path: string): Promise<void>;
  /** Makes the file when it is not there. */
  appendFile(path: string, text: string): Promise<void>;
  /** Replaces a file that is there. */
  rename(from: string, to: string): Promise<void>;
  /** Another name for a file; fails with EEXIST when the name is taken, EXDEV across file systems. */
  link(from: string, to: string): Promise<void>;
  copyFile(from: string, to: string): Promise<void>;
  /** Removes a file, or a directory with all that is in it; nothing there is fine. */
  rm(path: string): Promise<void>;
}

/** The calls through which file sinks write, between two batches and without waiting. As with `FileSystem`. */
export interface SyncFileSystem {
  /** A handle; `a` opens for appending and makes the file when it is not there, `w` also empties it. */
  open(path: string, flag: "r" | "a" | "w"): number;
  /** Writes some of `data[at .. at + length)` and says how many bytes. */
  write(file: number, data: Uint8Array, at: number, length: number): number;
  /** Reads at most `length` bytes from `position` of the file into the start of `into`, and says how many; 0: the end. */
  read(file: number, into: Uint8Array, position: number, length: number): number;
  truncate(file: number, length: number): void;
  sync(file: number): void;
  close(file: number): void;
  stat(path: string): FileStatus;
  readdir(path: string): readonly { readonly name: string; isDirectory(): boolean }[];
  mkdir(path: string): void;
  rename(from: string, to: string): void;
  copyFile(from: string, to: string): void;
  unlink(path: string): void;
}

/** The disks of this machine. */
export const nodeFiles: FileSystem = {
  open: async (path, flag) => fs.open(path, flag),
  readFile: async (path) => fs.readFile(path),
  readPieces: (path, from = 0) => sync.createReadStream(path, { start: from }) as AsyncIterable<Buffer>,
  readdir: async (path) => fs.readdir(path),
  stat: async (path) => fs.stat(path),
  mkdir: async (path) => fs.mkdir(path),
  appendFile: async (path, text) => fs.appendFile(path, text),
  rename: async (from, to) => fs.rename(from, to),
  link: async (from, to) => fs.link(from, to),
  copyFile: async (from, to) => fs.copyFile(from, to),
  rm: async (path) => fs.rm(path, { recursive: true, force: true }),
};

/** The disks of this machine, without waiting. */
export const nodeFilesSync: SyncFileSystem = {
  open: sync.openSync,
  write: sync.writeSync,
  read: (file, into, position, length) => sync.readSync(file, into, 0, length, position),
  truncate: sync.ftruncateSync,
  sync: sync.fsyncSync,
  close: sync.closeSync,
  stat: (path) => sync.statSync(path),
  readdir: (path) => sync.readdirSync(path, { withFileTypes: true }),
  mkdir: (path) => sync.mkdirSync(path),
  rename: sync.renameSync,
  copyFile: (from, to) => sync.copyFileSync(from, to),
  unlink: sync.unlinkSync,
};
