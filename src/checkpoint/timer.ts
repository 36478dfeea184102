/** Time for the coordinator: the system's, or one that a test moves by hand. */
export interface Timer {
  nowMillis(): number;
  /** Runs the action once after the delay; the answer cancels it. */
  after(delayMillis: number, action: () => void): () => void;
}

/** Real time. Timers do not keep the process alive. */
export const systemTimer: Timer = {
  nowMillis: () => Date.now(),
  after: (delayMillis, action) => {
    const handle = setTimeout(action, delayMillis);
    handle.unref();
    return () => clearTimeout(handle);
  },
};
