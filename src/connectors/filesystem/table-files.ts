import { closeSync, createReadStream } from "node:fs";
import {
  CompressedInput,
  isCompressed,
  nextLineStart,
  openFile,
  PlainInput,
  shrunk,
  type ByteInput,
} from "./byte-input.ts";
import { statIfExists } from "../../storage/files.ts";
import { listFiles, type ListRequest, type TableFile } from "./listing.ts";
import type { PartitionTexts } from "./partition-value.ts";

/** What a split says: a byte range of a file as it was listed. */
export interface FileSplit {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly modified: number;
  readonly partition: PartitionTexts;
}

/** The bytes of a split; `offset`: of its first record that is still to be read. */
export interface OpenedSplit {
  readonly input: ByteInput;
  readonly offset: number;
}

/** Where the files of a table lie, and how they are read. */
export interface TableFiles {
  /** The data files, sorted by path. Throws FILE_NOT_FOUND, IO; `mayBeMissing`: a path that is not there has none. */
  list(mayBeMissing?: boolean): readonly TableFile[] | Promise<readonly TableFile[]>;
  /** `restored`: an offset in the file, or in the plain bytes of a compressed one. Throws IO. */
  open(split: FileSplit, restored: number | undefined): OpenedSplit | Promise<OpenedSplit>;
  close(): void | Promise<void>;
}

/** Files of this machine, read synchronously. */
export class LocalFiles implements TableFiles {
  readonly #request: ListRequest;

  constructor(request: ListRequest) {
    this.#request = request;
  }

  list(mayBeMissing = false): readonly TableFile[] {
    if (mayBeMissing && statIfExists(this.#request.path) === undefined) return [];
    return listFiles(this.#request);
  }

  open(split: FileSplit, restored: number | undefined): OpenedSplit {
    if (!isCompressed(split.path)) return openRange(split, restored);
    const stream = createReadStream(split.path, { highWaterMark: 256 * 1024 });
    return { input: new CompressedInput(split.path, stream, restored ?? 0), offset: restored ?? 0 };
  }

  close(): void {
    // Each input closes its own file.
  }
}

function openRange(split: FileSplit, restored: number | undefined): OpenedSplit {
  const { file, size } = openFile(split.path);
  try {
    if (size < split.size || size < (restored ?? 0)) throw shrunk(split.path);
    // A file that has grown since is read up to the line that was its last one.
    const limit = nextLineStart(file, split.path, split.end);
    const offset = restored ?? nextLineStart(file, split.path, split.start);
    return { input: new PlainInput(split.path, file, offset, limit), offset };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}
