import { SqlError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { Decoded, Decoder } from "../../formats/api.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import type { Polled, SplitReader } from "../api.ts";
import type { ByteInput } from "./byte-input.ts";
import { constantColumn } from "../../batch/constant-column.ts";

/** Where a column of the batches comes from. */
export type ReaderColumn =
  | { readonly kind: "decoded"; readonly index: number }
  | { readonly kind: "constant"; readonly type: DataType; readonly value: Value };

/**
 * What readers use one after the other, so that the next split finds a decoder that knows the lines already; occupied
 * while `reader` is there.
 */
export interface Workbench {
  readonly decoder: Decoder;
  buffer: Uint8Array;
  reader: FileReader | undefined;
}

/** What is read at once at least. */
const CHUNK_BYTES = 1024 * 1024;
/** Batches of longer rows than this allows for come with fewer rows than asked for. */
const MAX_BATCH_BYTES = 4 * CHUNK_BYTES;
/** Room behind the bytes, so that scanners can look ahead at the last line too. */
const SLACK_BYTES = 1024;

/** A buffer for a workbench. */
export function chunkBuffer(size = CHUNK_BYTES): Uint8Array {
  return new Uint8Array(size + SLACK_BYTES).subarray(0, size);
}

const MAX_RECORD_BYTES = 256 * 1024 * 1024;

/**
 * Reads the records of one byte range: chunks go into one reused buffer, whole records are decoded in place, the rest
 * of a chunk moves to the front before the next chunk. A chunk is what a full batch will need.
 */
export class FileReader implements SplitReader {
  readonly path: string;
  private readonly decoder: Decoder;
  private readonly workbench: Workbench;
  private readonly input: ByteInput;
  private readonly columns: readonly ReaderColumn[];
  private readonly constants: (Column | undefined)[] = [];
  private constantRows = 0;
  private buffer: Uint8Array;
  /** `buffer[start .. end)` is not decoded yet; `offset` is the place of `buffer[start]` in the file. */
  private start = 0;
  private end = 0;
  private offset: number;
  /** What is there does not make a record. */
  private hungry = true;
  private bytesPerRow = 0;
  private ended = false;
  private closed = false;

  constructor(path: string, input: ByteInput, offset: number, workbench: Workbench, columns: readonly ReaderColumn[]) {
    this.path = path;
    this.input = input;
    this.offset = offset;
    this.columns = columns;
    this.workbench = workbench;
    this.decoder = workbench.decoder;
    this.buffer = workbench.buffer;
    workbench.reader = this;
  }

  poll(maxRows: number): Polled | Promise<Polled> {
    const wanted = Math.min(MAX_BATCH_BYTES, Math.ceil(maxRows * this.bytesPerRow * 1.05));
    for (;;) {
      if (this.ended || (!this.hungry && this.end - this.start >= wanted)) {
        const batch = this.decode(maxRows);
        if (batch !== undefined) return batch;
        if (this.ended && this.start === this.end) return "end";
        if (!this.hungry) continue;
      }
      const count = this.fill(Math.max(wanted, CHUNK_BYTES));
      if (typeof count !== "number") {
        return count.then((n) => {
          this.filled(n);
          return this.poll(maxRows);
        });
      }
      this.filled(count);
    }
  }

  position(): Json {
    return { offset: this.offset };
  }

  /** Offset in the file of `buffer[0]`: what a decoder's offsets are counted from. */
  get bufferOffset(): number {
    return this.offset - this.start;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.input.close();
    this.workbench.buffer = this.buffer;
    this.workbench.reader = undefined;
  }

  private decode(maxRows: number): RecordBatch | undefined {
    let decoded: Decoded;
    try {
      decoded = this.decoder.decode(this.buffer, this.start, this.end, maxRows, this.ended);
    } catch (error) {
      throw this.withPlace(error);
    }
    const { batch, consumed } = decoded;
    this.start += consumed;
    this.offset += consumed;
    if (consumed === 0 && batch.rowCount === 0) {
      if (this.ended && this.start < this.end) {
        throw new SqlError("BUG", `the decoder left ${this.end - this.start} bytes at the end of '${this.path}'`);
      }
      this.hungry = true;
      return undefined;
    }
    if (batch.rowCount > 0) this.bytesPerRow = consumed / batch.rowCount;
    return batch.rowCount === 0 ? undefined : this.assemble(batch);
  }

  private withPlace(error: unknown): unknown {
    if (!(error instanceof SqlError) || error.code !== "BAD_RECORD") return error;
    return new SqlError("BAD_RECORD", `${error.message} (in '${this.path}')`, {
      span: error.span,
      hint: error.hint,
      cause: error.cause,
    });
  }

  /** Reads until there are `wanted` bytes, or more when those there do not make a record. */
  private fill(wanted: number): number | Promise<number> {
    const rest = this.end - this.start;
    const size = this.hungry && 2 * rest > wanted ? 2 * rest : wanted;
    if (size > this.buffer.length) {
      if (rest >= MAX_RECORD_BYTES) {
        throw new SqlError(
          "BAD_RECORD",
          `a record of more than 256 MB starts at byte ${this.offset} of '${this.path}'`,
        );
      }
      const grown = chunkBuffer(Math.max(size, this.buffer.length + CHUNK_BYTES));
      grown.set(this.buffer.subarray(this.start, this.end));
      this.buffer = grown;
    } else this.buffer.copyWithin(0, this.start, this.end);
    this.start = 0;
    this.end = rest;
    return this.input.read(this.buffer.subarray(0, size), rest);
  }

  private filled(count: number): void {
    this.end += count;
    this.hungry = false;
    this.ended = count === 0;
  }

  private assemble(batch: RecordBatch): RecordBatch {
    if (this.columns.every((column, i) => column.kind === "decoded" && column.index === i)) return batch;
    if (batch.rowCount > this.constantRows) {
      this.constantRows = Math.max(batch.rowCount, 1024);
      this.constants.length = 0;
    }
    const columns = this.columns.map((column, i) =>
      column.kind === "decoded"
        ? batch.columns[column.index]!
        : (this.constants[i] ??= constantColumn(column.type, column.value, this.constantRows)),
    );
    return { rowCount: batch.rowCount, columns, kinds: batch.kinds, steps: batch.steps };
  }
}
