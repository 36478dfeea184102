/** How often a call is tried, and how long is waited between. */
export interface RetryPolicy {
  /** All of them, the first included. */
  readonly attempts: number;
  /** Before the second; doubles from then on. */
  readonly firstDelayMillis: number;
}

const LONGEST_DELAY_MILLIS = 5_000;

/** Thrown (or wrapped) by a call that may go well when it is tried again. */
export class Transient extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/**
 * Calls until it goes well, as long as it fails with `Transient`. `attempt` counts from 1: from the second on, the one
 * before may have done its work without being able to say so.
 */
export async function withRetries<T>(
  { attempts, firstDelayMillis }: RetryPolicy,
  call: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(attempt);
    } catch (error) {
      if (!(error instanceof Transient) || attempt >= attempts) throw error;
      const delay = Math.min(firstDelayMillis * 2 ** (attempt - 1), LONGEST_DELAY_MILLIS);
      // Not all clients at the same moment.
      await new Promise((resolve) => setTimeout(resolve, delay * (0.5 + Math.random() / 2)));
    }
  }
}
