import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { SqlError } from "../../base/errors.ts";
import { ioError, systemCode } from "../../storage/files.ts";

/** The bytes of a file from some offset on. */
export interface ByteInput {
  /** Reads into `target[at ..)`; the number of bytes, 0 at the end. A promise where bytes have to be waited for. */
  read(target: Uint8Array, at: number): number | Promise<number>;
  close(): void;
}

/** Bytes `[start, limit)` of a plain file, read synchronously. */
export class PlainInput implements ByteInput {
  private readonly path: string;
  private readonly file: number;
  private readonly limit: number;
  private offset: number;

  constructor(path: string, file: number, start: number, limit: number) {
    this.path = path;
    this.file = file;
    this.offset = start;
    this.limit = limit;
  }

  read(target: Uint8Array, at: number): number {
    const wanted = Math.min(target.length - at, this.limit - this.offset);
    if (wanted <= 0) return 0;
    const count = readAt(this.file, this.path, target, at, wanted, this.offset);
    this.offset += count;
    return count;
  }

  close(): void {
    closeSync(this.file);
  }
}

/** Opens a file for reading; `size` is its present length. */
export function openFile(path: string): { readonly file: number; readonly size: number } {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw ioError("read", path, error);
  }
  return { file, size: fstatSync(file).size };
}

function readAt(file: number, path: string, target: Uint8Array, at: number, length: number, offset: number): number {
  try {
    return readSync(file, target, at, length, offset);
  } catch (error) {
    throw ioError("read", path, error);
  }
}

/** The offset just behind the first line end at or after `offset - 1`: where the first record of a byte range starts. */
export function nextLineStart(file: number, path: string, offset: number): number {
  if (offset === 0) return 0;
  const chunk = Buffer.allocUnsafe(64 * 1024);
  for (let position = offset - 1; ;) {
    const count = readAt(file, path, chunk, 0, chunk.length, position);
    if (count === 0) return position;
    const found = chunk.subarray(0, count).indexOf(10);
    if (found >= 0) return position + found + 1;
    position += count;
  }
}

const DECOMPRESSED = [
  { suffix: ".gz", make: createGunzip },
  { suffix: ".gzip", make: createGunzip },
  { suffix: ".deflate", make: createInflate },
] as const;

const UNKNOWN_COMPRESSION = [".bz2", ".xz", ".zst", ".snappy", ".lz4"];

/** True for files that are read through a decompressor; throws UNSUPPORTED for compressions that are not there. */
export function isCompressed(path: string): boolean {
  const unknown = UNKNOWN_COMPRESSION.find((suffix) => path.endsWith(suffix));
  if (unknown !== undefined) {
    throw new SqlError(
      "UNSUPPORTED",
      `'${path}' is compressed as ${unknown}; the filesystem connector reads .gz and .deflate`,
    );
  }
  return DECOMPRESSED.some(({ suffix }) => path.endsWith(suffix));
}

/** A compressed file as a stream of plain bytes; offsets count the plain bytes. */
export class CompressedInput implements ByteInput {
  private readonly path: string;
  private readonly source: Readable;
  private readonly stream: Readable;
  private chunk: Uint8Array = new Uint8Array(0);
  private ended = false;
  private failure: unknown;
  private wake: (() => void) | undefined;
  private skip: number;

  /** `source`: the compressed bytes. `skip`: plain bytes to pass over (the position of a checkpoint). */
  constructor(path: string, source: Readable, skip: number) {
    const kind = DECOMPRESSED.find(({ suffix }) => path.endsWith(suffix)) ?? DECOMPRESSED[0];
    this.path = path;
    this.skip = skip;
    this.source = source;
    const inflate = kind.make({ chunkSize: 256 * 1024 });
    this.stream = this.source.pipe(inflate);
    const fail = (error: unknown): void => {
      this.failure = error;
      this.wake?.();
    };
    this.source.on("error", fail);
    inflate.on("error", fail);
    inflate.on("readable", () => this.wake?.());
    inflate.on("end", () => {
      this.ended = true;
      this.wake?.();
    });
  }

  read(target: Uint8Array, at: number): number | Promise<number> {
    for (;;) {
      if (this.failure !== undefined) throw this.failed();
      if (this.chunk.length === 0) {
        const next: unknown = this.stream.read();
        if (next instanceof Uint8Array) this.chunk = next;
        else if (this.ended) return this.finish();
        else return this.wait().then(() => this.read(target, at));
      }
      if (this.skip > 0) {
        const passed = Math.min(this.skip, this.chunk.length);
        this.skip -= passed;
        this.chunk = this.chunk.subarray(passed);
      } else {
        const count = Math.min(this.chunk.length, target.length - at);
        target.set(this.chunk.subarray(0, count), at);
        this.chunk = this.chunk.subarray(count);
        return count;
      }
    }
  }

  close(): void {
    this.source.destroy();
    this.stream.destroy();
  }

  private finish(): number {
    if (this.skip > 0) throw shrunk(this.path);
    return 0;
  }

  private wait(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private failed(): SqlError {
    const code = systemCode(this.failure);
    if (code !== undefined && code.startsWith("Z_")) {
      return new SqlError("IO", `'${this.path}' is not a complete compressed file: ${String(this.failure)}`, {
        cause: this.failure,
      });
    }
    return ioError("read", this.path, this.failure);
  }
}

/** A file is shorter than the position from which it should go on. */
export function shrunk(path: string): SqlError {
  return new SqlError("IO", `the file '${path}' has become shorter since it was listed or since the checkpoint`, {
    hint: "files of a table must not change while a job reads them or restores from them",
  });
}
