import { SqlError } from "../base/errors.ts";
import { setImmediate } from "node:timers/promises";
import type { FrozenPages } from "./pages.ts";

/** How long background work, all of it together, may hold the event loop in one go. */
const STEP_MILLIS = 4;

/** When the background work of this turn of the event loop began. */
let since = performance.now();
/** The next turn, for all that have to wait for it. */
let turn: Promise<void> | undefined;

async function nextTurn(): Promise<void> {
  await setImmediate();
  since = performance.now();
  turn = undefined;
}

/**
 * Cuts background work into short steps, between which the stream goes on. The snapshots of all operators share one step:
 * if each had its own, then a turn of the event loop would last as long as the steps of all of them.
 */
export class Pace {
  /** After each piece of work: yields when the step has been long enough. Throws when the snapshot was given up meanwhile. */
  async step(frozen?: FrozenPages): Promise<void> {
    if (performance.now() - since >= STEP_MILLIS) {
      turn ??= nextTurn();
      await turn;
    }
    if (frozen?.released === true)
      throw new SqlError("CHECKPOINT_FAILED", "the snapshot was given up while it was written");
  }
}
