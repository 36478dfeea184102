import { SqlError } from "../base/errors.ts";
import { setImmediate } from "node:timers/promises";
import type { FrozenPages } from "./pages.ts";

/** How long background work may hold the event loop in one go. */
const STEP_MILLIS = 4;

/** Cuts background work into short steps, between which the stream goes on. */
export class Pace {
  #since = performance.now();

  /** After each piece of work: yields when the step has been long enough. Throws when the snapshot was given up meanwhile. */
  async step(frozen?: FrozenPages): Promise<void> {
    if (performance.now() - this.#since >= STEP_MILLIS) {
      await setImmediate();
      this.#since = performance.now();
    }
    if (frozen?.released === true)
      throw new SqlError("CHECKPOINT_FAILED", "the snapshot was given up while it was written");
  }
}
