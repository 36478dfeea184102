import { groupedDigits } from "../base/grouped-digits.ts";
import type { JobHandle } from "../engine/job-request.ts";

/** Millis between two progress lines: on a terminal the line is rewritten, in a log it is rare. */
const TERMINAL_MILLIS = 500;
const LOG_MILLIS = 5000;
/** A log of the changes that is behind by so much is worth a word. */
const LAG_MILLIS = 2000;

/** Shows how a job goes on stderr until it ends: rows, rows/s, watermark, last checkpoint. */
export function showProgress(job: JobHandle, stderr: NodeJS.WriteStream): () => void {
  const terminal = stderr.isTTY === true;
  let lastRows = job.progress().rows;
  let lastTime = performance.now();
  const interval = job.progress().checkpointIntervalMillis;
  let shown = false;
  const show = (): void => {
    const progress = job.progress();
    const now = performance.now();
    // A job that has restarted counts from its checkpoint again.
    const rate = (Math.max(0, progress.rows - lastRows) * 1000) / Math.max(1, now - lastTime);
    lastRows = progress.rows;
    lastTime = now;
    const parts = [`${job.name}: ${groupedDigits(progress.rows)} rows`, `${groupedDigits(Math.round(rate))} rows/s`];
    if (Number.isFinite(progress.watermarkMillis))
      parts.push(`watermark ${new Date(progress.watermarkMillis).toISOString().slice(0, 19).replace("T", " ")}`);
    if (progress.lastCheckpoint !== undefined) {
      const every = progress.checkpointIntervalMillis;
      // The one of 'auto' changes.
      const changed = every === undefined || every === interval ? "" : ` every ${(every / 1000).toFixed(1)} s`;
      const failed = job.statistics()?.failed ?? 0;
      parts.push(`checkpoint ${progress.lastCheckpoint}${changed}${failed === 0 ? "" : ` (${failed} failed)`}`);
    }
    const age = progress.log?.ageMillis;
    if (age !== undefined && age >= LAG_MILLIS) parts.push(`log ${(age / 1000).toFixed(1)} s behind`);
    const late = progress.counters["lateRows"] ?? 0;
    if (late > 0) parts.push(`${groupedDigits(late)} late`);
    const line = parts.join(" · ");
    stderr.write(terminal ? `\r\u001b[K${line}` : `${line}\n`);
    shown = true;
  };
  const timer = setInterval(show, terminal ? TERMINAL_MILLIS : LOG_MILLIS);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (shown) {
      show();
      if (terminal) stderr.write("\n");
    }
  };
}
