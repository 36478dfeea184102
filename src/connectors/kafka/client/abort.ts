import { setMaxListeners } from "node:events";

/** A signal that aborts with the first of these; `release` when the work is over, as signals live longer than calls. */
export function abortable(
  own: AbortSignal,
  other: AbortSignal | undefined,
): { readonly signal: AbortSignal; release(): void } {
  if (other === undefined) return { signal: own, release: () => {} };
  const either = new AbortController();
  const abort = (event: Event): void => either.abort((event.target as AbortSignal).reason);
  const release = (): void => {
    for (const signal of [own, other]) signal.removeEventListener("abort", abort);
  };
  for (const signal of [own, other]) {
    listenedByMany(signal);
    if (signal.aborted) either.abort(signal.reason);
    else signal.addEventListener("abort", abort, { once: true });
  }
  return { signal: either.signal, release };
}

/** The promise, or the signal's reason as soon as it is aborted; what comes of the promise later is dropped. */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    listenedByMany(signal);
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    const settle = (): void => signal.removeEventListener("abort", abort);
    promise.then(resolve, reject).finally(settle);
  });
}

/** Each call under way listens, and stops when it is over: more than ten are no leak, of which Node would warn. */
function listenedByMany(signal: AbortSignal): void {
  setMaxListeners(0, signal);
}
