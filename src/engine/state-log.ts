import type { CheckpointCoordinator } from "../checkpoint/coordinator.ts";
import { LogSchedule } from "../checkpoint/log/log-schedule.ts";
import type { RunStorage } from "../checkpoint/storage.ts";
import { systemTimer } from "../checkpoint/timer.ts";
import type { SqlError } from "../base/errors.ts";
import type { NamedJob } from "./job-request.ts";

/** Asks for one segment of the log after another from now on; undefined: the job has no log. */
export function startLog(
  { name, options, launcher }: NamedJob,
  { log }: RunStorage,
  coordinator: CheckpointCoordinator,
  onFatal: (error: SqlError) => void,
): LogSchedule | undefined {
  if (log === undefined || options.logIntervalMillis === undefined) return undefined;
  const schedule = new LogSchedule({
    log,
    coordinator,
    timer: systemTimer,
    intervalMillis: options.logIntervalMillis,
    timeoutMillis: options.timeoutMillis,
    onWarning: (message) => launcher.note(`${name}: ${message}`),
    onFatal,
  });
  schedule.start();
  return schedule;
}
