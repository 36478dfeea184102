/** From this size on buffers are used again. */
const POOLED_BYTES = 1 << 16;
/** Kept for reuse; what comes back beyond is left to the garbage collector. */
const KEPT_BUFFERS = 8;
/** A larger buffer than this times the size is too good for it. */
const WASTE = 4;

/**
 * Buffers for answers. Fresh ones of a megabyte each would make the collector mark the whole heap every few answers: those
 * that are given back are used again.
 */
export class AnswerBuffers {
  private readonly free: ArrayBufferLike[] = [];
  private readonly lent = new WeakSet<ArrayBufferLike>();

  /** A buffer of that size, with anything in it. */
  take(bytes: number): Buffer {
    if (bytes < POOLED_BYTES) return Buffer.allocUnsafe(bytes);
    const found = this.free.findIndex(({ byteLength }) => byteLength >= bytes && byteLength <= bytes * WASTE);
    const [memory] = found < 0 ? [Buffer.allocUnsafeSlow(roomFor(bytes)).buffer] : this.free.splice(found, 1);
    const buffer = Buffer.from(memory ?? new ArrayBuffer(bytes), 0, bytes);
    this.lent.add(buffer.buffer);
    return buffer;
  }

  /** The memory of a buffer that nobody looks at any more; memory that is not from here is left alone. */
  give(memory: ArrayBufferLike): void {
    if (!this.lent.delete(memory)) return;
    this.free.push(memory);
    if (this.free.length > KEPT_BUFFERS) this.free.shift();
  }
}

/** Answers differ a little in size: the next one is to fit as well. */
function roomFor(bytes: number): number {
  return Math.ceil((bytes * 1.25) / POOLED_BYTES) * POOLED_BYTES;
}
