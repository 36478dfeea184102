/** Exit statuses, a contract with scripts. */
export const EXIT = {
  ok: 0,
  /** A job failed while running. */
  failed: 1,
  /** A statement was rejected: nothing of it ran. */
  rejected: 2,
  /** Wrong use of the command line. */
  usage: 64,
  /** Stopped by a signal, cleanly. */
  interrupted: 130,
} as const;
