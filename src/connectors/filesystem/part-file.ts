import { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError } from "../../base/errors.ts";
import type { SyncFileSystem } from "../../storage/file-system.ts";
import { ioError, makeDirectory, statIfExists, writeFully } from "../../storage/files.ts";
import { inProgressName } from "./part-names.ts";

/** An open part file in a writer's state. */
export interface PartState {
  readonly directory: string;
  readonly part: string;
  /** Durable bytes; what stands behind them was written later and is cut off on restore. */
  readonly length: number;
  readonly createdMillis: number;
}

/** A closed part file that waits for its checkpoint: becomes visible by a rename. */
export interface PendingPart {
  readonly directory: string;
  readonly part: string;
  readonly length: number;
}

/** A part file that is being written: buffers encoded bytes, then appends them to the hidden in-progress file. */
export class PartFile {
  readonly directory: string;
  readonly part: string;
  readonly createdMillis: number;
  /** When rows were last written; for the inactivity interval. */
  lastWriteMillis: number;
  /** Encoders append here. */
  readonly buffer: ByteWriter;
  private readonly path: string;
  private readonly files: SyncFileSystem;
  private file: number | undefined;
  private written: number;
  private synced: boolean;

  private constructor(state: PartState, file: number, nowMillis: number, files: SyncFileSystem) {
    this.directory = state.directory;
    this.part = state.part;
    this.createdMillis = state.createdMillis;
    this.lastWriteMillis = nowMillis;
    this.path = `${state.directory}/${inProgressName(state.part)}`;
    this.buffer = new ByteWriter(8192);
    this.files = files;
    this.file = file;
    this.written = state.length;
    this.synced = false;
  }

  /** Begins a new file; its directory is made when it is not there. */
  static create(directory: string, part: string, nowMillis: number, files: SyncFileSystem): PartFile {
    makeDirectory(directory, files);
    const path = `${directory}/${inProgressName(part)}`;
    const state = { directory, part, length: 0, createdMillis: nowMillis };
    return new PartFile(state, openForAppend(path, "w", files), nowMillis, files);
  }

  /** Opens an in-progress file again and cuts off what was written after the checkpoint. */
  static reopen(state: PartState, nowMillis: number, files: SyncFileSystem): PartFile {
    const path = `${state.directory}/${inProgressName(state.part)}`;
    checkLength(path, state.length, files);
    const file = openForAppend(path, "a", files);
    try {
      files.truncate(file, state.length);
    } catch (error) {
      files.close(file);
      throw ioError("truncate", path, error);
    }
    return new PartFile(state, file, nowMillis, files);
  }

  /** Bytes of the file, buffered ones included. */
  get length(): number {
    return this.written + this.buffer.length;
  }

  /** Hands the buffered bytes to the operating system. */
  flush(): void {
    if (this.buffer.length === 0) return;
    this.file ??= openForAppend(this.path, "a", this.files);
    writeFully(this.file, this.path, this.buffer.bytes, this.buffer.length, this.files);
    this.written += this.buffer.length;
    this.buffer.clear();
    this.synced = false;
  }

  /** Makes all bytes durable. */
  sync(): void {
    this.flush();
    if (this.synced) return;
    this.file ??= openForAppend(this.path, "a", this.files);
    try {
      this.files.sync(this.file);
    } catch (error) {
      throw ioError("synchronise", this.path, error);
    }
    this.synced = true;
  }

  /** Gives the file handle back; the next write opens the file again. */
  release(): void {
    this.sync();
    this.closeHandle();
  }

  /** Closes the file durably; it now waits for its commit. */
  finish(): PendingPart {
    this.release();
    return { directory: this.directory, part: this.part, length: this.written };
  }

  /** What a checkpoint holds of this file; after `sync`. */
  state(): PartState {
    return { directory: this.directory, part: this.part, length: this.written, createdMillis: this.createdMillis };
  }

  /** Closes without writing what is buffered; the bytes after the last checkpoint will be cut off by a restore. */
  abandon(): void {
    this.buffer.clear();
    this.closeHandle();
  }

  private closeHandle(): void {
    if (this.file !== undefined) this.files.close(this.file);
    this.file = undefined;
  }
}

function openForAppend(path: string, flag: "a" | "w", files: SyncFileSystem): number {
  try {
    return files.open(path, flag);
  } catch (error) {
    throw ioError("write", path, error);
  }
}

/** The file's length; throws IO when the file is not there or shorter than a checkpoint says. */
export function checkLength(path: string, length: number, files: SyncFileSystem): number {
  const size = statIfExists(path, files)?.size;
  if (size === undefined)
    throw new SqlError("IO", `the in-progress file '${path}' of the checkpoint does not exist any more`);
  if (size < length) {
    throw new SqlError(
      "IO",
      `the in-progress file '${path}' has ${size} bytes, but the checkpoint knows ${length}: data is lost`,
    );
  }
  return size;
}

/** Cuts a file to its first `length` bytes, durably. */
export function cutFile(path: string, length: number, files: SyncFileSystem): void {
  const file = openForAppend(path, "a", files);
  try {
    files.truncate(file, length);
    files.sync(file);
  } catch (error) {
    throw ioError("truncate", path, error);
  } finally {
    files.close(file);
  }
}

/** Copies the first `length` bytes of a file, durably. */
export function copyPrefix(from: string, to: string, length: number, files: SyncFileSystem): void {
  checkLength(from, length, files);
  try {
    files.copyFile(from, to);
  } catch (error) {
    throw ioError("copy", from, error);
  }
  cutFile(to, length, files);
}

/** Deletes a file; one that is not there is fine. */
export function deleteFile(path: string, files: SyncFileSystem): void {
  try {
    files.unlink(path);
  } catch (error) {
    if (statIfExists(path, files) !== undefined) throw ioError("delete", path, error);
  }
}
