import { setTimeout as sleep } from "node:timers/promises";
import { KafkaError } from "./errors.ts";
import type { Repetition } from "./error-codes.ts";

export interface RetryPolicy {
  /** First pause between two attempts; it doubles up to the highest. */
  readonly backoffMillis: number;
  readonly maxBackoffMillis: number;
}

export interface RetryRequest {
  readonly policy: RetryPolicy;
  /** All attempts together. */
  readonly deadlineMillis: number;
  readonly signal: AbortSignal;
  /** Completes "… did not succeed in 60 s": what is being done, for messages. */
  readonly what: string;
  /** Called before the next attempt: forgets what has moved. */
  forget?(repetition: Repetition): void;
}

/** Pauses for CONCURRENT_TRANSACTIONS and loading coordinators, which are over within milliseconds. */
const SHORT_MILLIS = 2;

/**
 * Repeats `attempt` while it throws KafkaErrors that may pass, until the deadline. The last error is then thrown, with the
 * time it took in its message. An abort ends waiting at once.
 */
export async function retry<T>(request: RetryRequest, attempt: (remainingMillis: number) => Promise<T>): Promise<T> {
  const started = performance.now();
  let backoffMillis = request.policy.backoffMillis;
  let shortMillis = SHORT_MILLIS;
  for (;;) {
    request.signal.throwIfAborted();
    const remaining = request.deadlineMillis - (performance.now() - started);
    try {
      return await attempt(Math.max(1, remaining));
    } catch (error) {
      request.signal.throwIfAborted();
      if (!(error instanceof KafkaError) || error.repetition === undefined) throw error;
      const short = error.fault === "CONCURRENT_TRANSACTIONS" && shortMillis < request.policy.backoffMillis;
      const pause = short ? shortMillis : jittered(backoffMillis);
      if (performance.now() - started + pause >= request.deadlineMillis) throw tooLate(error, request);
      request.forget?.(error.repetition);
      await sleep(pause, undefined, { signal: request.signal }).catch(() => request.signal.throwIfAborted());
      if (short) shortMillis *= 2;
      else backoffMillis = Math.min(backoffMillis * 2, request.policy.maxBackoffMillis);
    }
  }
}

/** Many clients that lost the same broker do not come back in step. */
function jittered(millis: number): number {
  return millis * (0.8 + Math.random() * 0.4);
}

function tooLate(error: KafkaError, request: RetryRequest): KafkaError {
  const seconds = Math.round(request.deadlineMillis / 100) / 10;
  return new KafkaError(error.fault, `${request.what} did not succeed in ${seconds} s; last: ${error.message}`, {
    hint: error.hint,
    cause: error,
    retryable: true,
  });
}
