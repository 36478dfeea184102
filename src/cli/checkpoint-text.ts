import type { CheckpointInfo, RunInfo } from "../engine/inspect-checkpoints.ts";

type SubtaskSnapshot = NonNullable<CheckpointInfo["metadata"]>["snapshots"][number];

/** Failed checkpoints that are listed; older ones are counted. */
const LISTED_FAILURES = 10;

/** A run and one line for each of its checkpoints. */
export function listedRun(run: RunInfo): string {
  const { shown, hidden } = split(run.checkpoints);
  const more = hidden === 0 ? "" : `  (${hidden} older failed ones are not shown)\n`;
  const lines = shown.map((c) => `  ${line(c)}\n`).join("");
  return head(run) + logLines(run) + more + (lines === "" ? "  no checkpoint yet\n" : lines);
}

/** A run and everything that is known about each of its checkpoints. */
export function shownRun(run: RunInfo): string {
  return head(run) + logLines(run) + split(run.checkpoints).shown.map(shownCheckpoint).join("");
}

function split(checkpoints: readonly CheckpointInfo[]): {
  readonly shown: readonly CheckpointInfo[];
  readonly hidden: number;
} {
  const failed = checkpoints.filter((c) => c.status === "failed");
  const old = new Set(failed.slice(0, -LISTED_FAILURES));
  return { shown: checkpoints.filter((c) => !old.has(c)), hidden: old.size };
}

function head({ job, run, status, attempt, summary }: RunInfo): string {
  const lines = [status === "" ? `${job}  ${run}` : `${job}  ${run}  ${status}, attempt ${attempt}`];
  const { completed, failed, successRatio, intervalMillis, expectedLossMillis, bytesPerSecond } = summary;
  if (successRatio !== undefined)
    lines.push(
      `  ${completed} of ${completed + failed} checkpoints completed (success ratio ${successRatio.toFixed(3)})`,
    );
  if (intervalMillis !== undefined && expectedLossMillis !== undefined)
    lines.push(
      `  one every ${duration(intervalMillis)}: a failure repeats ${duration(expectedLossMillis)} of work on average (T/2)`,
    );
  if (bytesPerSecond !== undefined) lines.push(`  state is written with ${size(bytesPerSecond)}/s (duration = S/B)`);
  for (const { location, held, missed, successRatio: ratio, newest, problem } of summary.places) {
    const last = newest === undefined ? "" : `, the newest is chk-${newest}`;
    const why = problem === undefined ? "" : `; it missed one: ${problem}`;
    lines.push(
      `  ${location} got ${held} of ${held + missed} checkpoints (success ratio ${ratio.toFixed(3)})${last}${why}`,
    );
  }
  const { recoveries, lastRecovery } = summary;
  if (lastRecovery !== undefined) {
    const { restoredMillis, firstRowMillis, cause } = lastRecovery;
    const rows = firstRowMillis === undefined ? "" : `, first rows after ${duration(firstRowMillis)}`;
    lines.push(
      `  ${recoveries} ${recoveries === 1 ? "recovery" : "recoveries"}, the last one restored in ${duration(restoredMillis)}${rows}${cause === undefined ? "" : `: ${cause}`}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Where the log stands, and what a failure would cost. */
function logLines({ log, status }: RunInfo): string {
  if (log === undefined) return "";
  const { segments, bytes, last, gapMillis, problems } = log;
  const lines = [`  log: ${segments} ${segments === 1 ? "segment" : "segments"}, ${size(bytes)}`];
  if (last !== undefined) {
    const when = new Date(last.triggeredMillis).toISOString();
    const age = status === "running" ? `, ${duration(Math.max(0, Date.now() - last.triggeredMillis))} ago` : "";
    lines.push(`  its last segment is checkpoint ${last.checkpointId} of ${when}${age}: ${last.location}`);
  }
  if (gapMillis !== undefined)
    lines.push(
      `  a failure repeats the work of at most ${duration(gapMillis)} (the longest of late until a segment was durable); exactly-once sinks lose and double nothing`,
    );
  for (const problem of problems) lines.push(`  ${problem}`);
  return `${lines.join("\n")}\n`;
}

function line(checkpoint: CheckpointInfo): string {
  const { id, status, metadata, bytes, newBytes, problem, record, location } = checkpoint;
  const because = problem === undefined ? "" : `: ${problem}`;
  if (status === "elsewhere") return `chk-${id}  savepoint  ${location}`;
  if (metadata === undefined) {
    const when = record === undefined ? "" : `  ${new Date(record.triggeredMillis).toISOString()}`;
    return `chk-${id}  ${status}${when}${because}`;
  }
  const took = metadata.completedMillis - metadata.triggeredMillis;
  const when = new Date(metadata.completedMillis).toISOString();
  const increment = newBytes === bytes ? "" : ` (${size(newBytes)} new)`;
  return `chk-${id}  ${status}  ${metadata.kind}  ${when}  ${took} ms  ${size(bytes)}${increment}${because}`;
}

function shownCheckpoint(checkpoint: CheckpointInfo): string {
  const { metadata, record } = checkpoint;
  const lines = [`  ${line(checkpoint)}`, `    ${checkpoint.location}`];
  const statement = metadata?.properties["statement"];
  if (typeof statement === "string") lines.push(`    ${statement.replaceAll("\n", " ")}`);
  if (record !== undefined) {
    const { answeredMillis, pauseMillis, writeMillis, durationMillis, acknowledged, participants } = record;
    lines.push(
      `    answered ${acknowledged} of ${participants}${answeredMillis === undefined ? "" : ` after ${duration(answeredMillis)}`}` +
        `${pauseMillis === undefined ? "" : `, stream stood still ${duration(pauseMillis)}`}` +
        `, writing ${duration(writeMillis)}, committed after ${duration(durationMillis)}`,
    );
  }
  for (const snapshot of metadata?.snapshots ?? []) lines.push(...snapshotLines(snapshot, checkpoint));
  return `${lines.join("\n")}\n`;
}

function snapshotLines(snapshot: SubtaskSnapshot, { metadata, record }: CheckpointInfo): string[] {
  const { operatorId, subtask, stateFiles, committables, extra } = snapshot;
  const bytes = stateFiles.reduce((sum, f) => sum + f.bytes, 0);
  const raw = stateFiles.reduce((sum, f) => sum + f.rawBytes, 0);
  const sums = stateFiles.map((f) => f.crc32.toString(16)).join(" ");
  const state = stateFiles.length === 0 ? "no state" : `${size(bytes)} (${size(raw)} unpacked, crc32 ${sums})`;
  const prepared = committables.length === 0 ? "" : `, ${committables.length} to commit`;
  const plan = metadata?.properties["plan"] as Readonly<Record<string, unknown>> | undefined;
  const known = plan?.[operatorId];
  const counted = record?.operators.find((operator) => operator.operatorId === operatorId);
  const lines = [`      ${operatorId}${subtask === 0 ? "" : `#${subtask}`}: ${state}${prepared}`];
  if (typeof known === "string") lines.push(`        ${known}`);
  if (subtask === 0 && counted?.elements !== undefined && counted.estimatedBytes !== undefined)
    lines.push(`        ${counted.elements} elements, by the sizes of their types ${size(counted.estimatedBytes)}`);
  if (extra !== null) lines.push(`        ${JSON.stringify(extra)}`);
  return lines;
}

function duration(millis: number): string {
  return millis < 1000 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(1)} s`;
}

function size(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
