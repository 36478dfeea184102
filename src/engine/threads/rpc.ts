import type { MessagePort, TransferListItem, Worker } from "node:worker_threads";
import { contextOf, locate, type ErrorContext } from "../../base/error-context.ts";
import { SqlError, type ErrorCode } from "../../base/errors.ts";

/** Methods by name; each takes one argument. */
export type Methods<T> = { readonly [K in keyof T]: (argument: never) => unknown };

type Argument<F> = F extends (argument: infer A) => unknown ? A : never;
type Answer<F> = F extends (argument: never) => infer R ? Awaited<R> : never;

type Message =
  | { readonly kind: "call"; readonly id: number; readonly method: string; readonly argument: unknown }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: PlainError };

/** An error as it travels between threads. */
interface PlainError {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly stack: string | undefined;
  readonly cause: PlainError | undefined;
  /** Where in the job it happened. */
  readonly context: ErrorContext | undefined;
}

/** A value whose buffers change hands instead of being copied. */
export class Transferred<T> {
  readonly value: T;
  readonly list: TransferListItem[];

  constructor(value: T, list: TransferListItem[]) {
    this.value = value;
    this.list = list;
  }
}

/** Calls between two threads, in both directions; calls are taken up in the order in which they were made. */
export class Rpc<Remote extends Methods<Remote>, Local extends Methods<Local>> {
  readonly #port: MessagePort | Worker;
  readonly #local: Local;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  #next = 1;
  #failure: unknown;

  constructor(port: MessagePort | Worker, local: Local) {
    this.#port = port;
    this.#local = local;
    (port as MessagePort).on("message", (message: Message) => this.#take(message));
  }

  call<K extends keyof Remote & string>(
    method: K,
    argument: Argument<Remote[K]>,
    transfer: TransferListItem[] = [],
  ): Promise<Answer<Remote[K]>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#port.postMessage({ kind: "call", id, method, argument } satisfies Message, transfer);
    });
  }

  /** The other side is gone: everything that waits for it fails. */
  fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #take(message: Message): void {
    switch (message.kind) {
      case "call":
        void this.#answer(message.id, message.method, message.argument);
        return;
      case "answer":
        this.#settle(message.id)?.resolve(message.value);
        return;
      case "error":
        this.#settle(message.id)?.reject(fromPlain(message.error));
    }
  }

  #settle(id: number): { resolve(value: unknown): void; reject(error: unknown): void } | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  async #answer(id: number, method: string, argument: unknown): Promise<void> {
    try {
      const answer = await (this.#local[method as keyof Local] as (argument: never) => unknown)(argument as never);
      const [value, list] = answer instanceof Transferred ? [answer.value as unknown, answer.list] : [answer, []];
      this.#port.postMessage({ kind: "answer", id, value } satisfies Message, list);
    } catch (error) {
      this.#port.postMessage({ kind: "error", id, error: toPlain(error) } satisfies Message);
    }
  }
}

function toPlain(error: unknown): PlainError {
  const isError = error instanceof Error;
  return {
    code: error instanceof SqlError ? error.code : undefined,
    message: isError ? error.message : String(error),
    hint: error instanceof SqlError ? error.hint : undefined,
    retryable: error instanceof SqlError && error.retryable,
    stack: isError ? error.stack : undefined,
    cause: isError && error.cause instanceof Error ? toPlain(error.cause) : undefined,
    context: contextOf(error),
  };
}

function fromPlain(plain: PlainError): Error {
  const { code, message, hint, retryable } = plain;
  const cause = plain.cause === undefined ? undefined : fromPlain(plain.cause);
  const error =
    code === undefined ? new Error(message, { cause }) : new SqlError(code, message, { hint, retryable, cause });
  if (plain.stack !== undefined) error.stack = plain.stack;
  return plain.context === undefined ? error : locate(error, plain.context);
}
