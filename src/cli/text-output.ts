/** A stream of text that makes its writers wait when its reader is slow, so that what is not read does not pile up in memory. */
export class TextOutput {
  readonly #stream: NodeJS.WritableStream;
  #release: (() => void) | undefined;
  #drained: Promise<void> | undefined;
  #released = false;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  /** A promise: the reader is behind; it resolves when it has caught up. */
  write(text: string | Uint8Array): void | Promise<void> {
    if (this.#stream.write(text) || this.#released) return;
    this.#drained ??= new Promise((resolve) => {
      const done = (): void => {
        this.#stream.off("drain", done);
        this.#drained = undefined;
        resolve();
      };
      this.#release = done;
      this.#stream.on("drain", done);
    });
    return this.#drained;
  }

  /** Nobody waits any more: the program is to stop. */
  release(): void {
    this.#released = true;
    this.#release?.();
  }
}
