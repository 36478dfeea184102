import { SqlError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { Decoded, Decoder } from "../../formats/api.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import type { Polled, SplitReader } from "../api.ts";
import type { ByteInput } from "./byte-input.ts";
import { constantColumn } from "./constant-column.ts";

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

/** Size of a workbench's buffer at first. */
const CHUNK_BYTES = 1024 * 1024;
/** Room behind the bytes, so that scanners can look ahead at the last line too. */
const SLACK_BYTES = 1024;

/** A buffer for a workbench. */
export function chunkBuffer(size = CHUNK_BYTES): Uint8Array {
  return new Uint8Array(size + SLACK_BYTES).subarray(0, size);
}
const MAX_RECORD_BYTES = 256 * 1024 * 1024;

/**
 * Reads the records of one byte range: chunks go into one reused buffer, whole records are decoded in place, the rest
 * of a chunk moves to the front before the next chunk.
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
  private hungry = true;
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
    for (;;) {
      if (!this.hungry || this.ended) {
        const batch = this.decode(maxRows);
        if (batch !== undefined) return batch;
        if (this.ended && this.start === this.end) return "end";
      }
      const count = this.fill();
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
    // Fewer rows than asked: what is left is (nearly always) a part of a record. A large rest is tried once more,
    // because decoders may stop early.
    this.hungry = batch.rowCount < maxRows && !this.ended && (this.end - this.start) * 4 < this.buffer.length;
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

  private fill(): number | Promise<number> {
    if (this.start > 0) {
      this.buffer.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    } else if (this.end === this.buffer.length) {
      if (this.end >= MAX_RECORD_BYTES) {
        throw new SqlError(
          "BAD_RECORD",
          `a record of more than 256 MB starts at byte ${this.offset} of '${this.path}'`,
        );
      }
      const grown = chunkBuffer(this.buffer.length * 2);
      grown.set(this.buffer);
      this.buffer = grown;
    }
    return this.input.read(this.buffer, this.end);
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
