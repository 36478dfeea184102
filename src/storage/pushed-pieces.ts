/** Pieces that one side hands over one by one and the other takes: at most one waits. */
export class PushedPieces implements AsyncIterable<Uint8Array> {
  #piece: Uint8Array | undefined;
  #ended = false;
  #failure: unknown;
  /** Wakes the side that takes. */
  #wake: (() => void) | undefined;
  /** Of the side that gives: the piece has been taken, or nobody will take it. */
  #taken: { resolve(): void; reject(error: unknown): void } | undefined;

  /** Resolves when the piece is no longer needed. Throws what `fail` was given. */
  async push(piece: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((resolve, reject) => {
      this.#piece = piece;
      this.#taken = { resolve, reject };
      this.#wake?.();
    });
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Whoever takes has failed: the other side hears of it. */
  fail(error: unknown): void {
    this.#failure = error;
    this.#taken?.reject(error);
    this.#taken = undefined;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#piece;
      if (piece !== undefined) {
        yield piece;
        this.#piece = undefined;
        const taken = this.#taken;
        this.#taken = undefined;
        taken?.resolve();
      } else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    }
  }
}
