import type { JobHandle } from "../engine/job-request.ts";
import { reasonsForSilence } from "../engine/job-explanation.ts";

/** How often it is looked whether rows have come. */
const LOOK_MILLIS = 1000;
/** Silence after which it is said why, millis; while it lasts, again after six times as long. */
const FIRST_MILLIS = 10_000;
const FACTOR = 6;

/** Says why a job has put out no rows for a while, until the answer is called. */
export function explainSilence(
  job: JobHandle,
  say: (text: string) => void,
  nowMillis: () => number = Date.now,
): () => void {
  let rows = job.progress().sinkRows;
  let since = nowMillis();
  let patience = FIRST_MILLIS;
  const timer = setInterval(() => {
    const { sinkRows } = job.progress();
    const now = nowMillis();
    if (sinkRows !== rows) {
      rows = sinkRows;
      since = now;
      patience = FIRST_MILLIS;
    } else if (now - since >= patience) {
      patience *= FACTOR;
      void explain(job, now - since, say);
    }
  }, LOOK_MILLIS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Nothing to say: nobody knows, or the job has just ended. */
async function explain(job: JobHandle, silentMillis: number, say: (text: string) => void): Promise<void> {
  try {
    const inspection = await job.inspect();
    const reasons = inspection === undefined ? [] : reasonsForSilence(inspection);
    if (reasons.length > 0)
      say(
        [`${job.name}: no rows for ${Math.round(silentMillis / 1000)} s`, ...reasons.map((r) => `  ${r}`)].join("\n"),
      );
  } catch {
    // As above.
  }
}
