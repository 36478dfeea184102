import { setTimeout as sleep } from "node:timers/promises";
import { abortable } from "./abort.ts";
import type { Repetition } from "./error-codes.ts";
import { KafkaError } from "./errors.ts";

export interface RetryPolicy {
  /** First pause between two attempts; it doubles up to the highest. */
  readonly backoffMillis: number;
  readonly maxBackoffMillis: number;
}

export interface RetryRequest {
  readonly policy: RetryPolicy;
  /** All attempts together; one that is under way then is left. */
  readonly deadlineMillis: number;
  /** No attempt begins later than this; default: the deadline. */
  readonly lastStartMillis?: number | undefined;
  readonly signal: AbortSignal;
  /** Completes "… did not succeed in 60 s": what is being done, for messages. */
  readonly what: string;
  /** Called before the next attempt: forgets what has moved. */
  forget(repetition: Repetition): void;
}

/** First pause for CONCURRENT_TRANSACTIONS, which is over within milliseconds. */
const SHORT_MILLIS = 2;

/**
 * Repeats `attempt` while it throws KafkaErrors that may pass, until the deadline. The last error is then thrown, with the
 * time it took in its message. An abort ends waiting at once.
 */
export async function retry<T>(request: RetryRequest, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController();
  const ended = abortable(request.signal, deadline.signal);
  const timer = setTimeout(() => deadline.abort(new Error("deadline")), request.deadlineMillis);
  try {
    return await repeat(request, deadline.signal, ended.signal, attempt);
  } finally {
    clearTimeout(timer);
    ended.release();
  }
}

async function repeat<T>(
  request: RetryRequest,
  deadline: AbortSignal,
  ended: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  let backoffMillis = request.policy.backoffMillis;
  let shortMillis = SHORT_MILLIS;
  let last: KafkaError | undefined;
  for (;;) {
    request.signal.throwIfAborted();
    try {
      return await attempt(ended);
    } catch (error) {
      request.signal.throwIfAborted();
      if (deadline.aborted) throw tooLate(last, request, elapsed());
      if (!(error instanceof KafkaError) || error.repetition === undefined) throw error;
      last = error;
    }
    const short = last.fault === "CONCURRENT_TRANSACTIONS" && shortMillis < request.policy.backoffMillis;
    const pause = short ? shortMillis : jittered(backoffMillis);
    if (elapsed() + pause >= (request.lastStartMillis ?? request.deadlineMillis))
      throw tooLate(last, request, elapsed());
    if (last.repetition !== undefined) request.forget(last.repetition);
    await sleep(pause, undefined, { signal: request.signal }).catch(() => request.signal.throwIfAborted());
    if (short) shortMillis *= 2;
    else backoffMillis = Math.min(backoffMillis * 2, request.policy.maxBackoffMillis);
  }
}

/** Many clients that lost the same broker do not come back in step. */
function jittered(millis: number): number {
  return millis * (0.8 + Math.random() * 0.4);
}

function tooLate(last: KafkaError | undefined, { what }: RetryRequest, elapsedMillis: number): KafkaError {
  const failed = `${what} did not succeed in ${Math.round(elapsedMillis / 100) / 10} s`;
  if (last === undefined) return new KafkaError("NO_ANSWER_IN_TIME", `${failed}: no answer came`);
  const details = { hint: last.hint, cause: last, retryable: true };
  return new KafkaError(last.fault, `${failed}; last: ${last.message}`, details);
}
