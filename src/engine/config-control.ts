import type { ConfigOption } from "./config.ts";

/** Options of when checkpoints are taken, of savepoints, and of what a job goes on from. */
export const CONTROL_OPTIONS: readonly ConfigOption[] = [
  {
    name: "execution.checkpointing.auto.min-interval",
    summary: "shortest and first interval of 'auto'",
    type: "duration",
    default: "1 s",
  },
  {
    name: "execution.checkpointing.auto.max-interval",
    summary: "longest interval of 'auto'",
    type: "duration",
    default: "10 min",
  },
  {
    name: "execution.checkpointing.savepoint-dir",
    summary: "where STOP JOB … WITH SAVEPOINT writes to",
    type: "string",
  },
  {
    name: "execution.checkpointing.interval-during-backlog",
    summary: "no effect: no source reports a backlog",
    type: "duration",
    effect: "none",
  },
  {
    name: "execution.checkpointing.externalized-checkpoint-retention",
    summary: "checkpoints always stay, whatever becomes of the job",
    type: ["RETAIN_ON_CANCELLATION", "DELETE_ON_CANCELLATION", "NO_EXTERNALIZED_CHECKPOINTS"],
    default: "RETAIN_ON_CANCELLATION",
    supported: ["RETAIN_ON_CANCELLATION"],
  },
  {
    name: "execution.checkpointing.create-subdir",
    summary: "each job and run has a folder of its own",
    type: "boolean",
    default: "true",
    supported: ["true"],
  },
  {
    name: "execution.checkpointing.cleaner.parallel-mode",
    summary: "no effect: old checkpoints are removed one by one, in the background",
    type: "boolean",
    effect: "none",
  },
  {
    name: "execution.checkpointing.local-backup.enabled",
    summary: "a second copy of checkpoints in the process",
    type: "boolean",
    default: "false",
    supported: ["false"],
  },
  {
    name: "execution.state-recovery.path",
    summary: "checkpoint or savepoint that a job begins with; --from wins",
    type: "string",
  },
  {
    name: "execution.state-recovery.claim-mode",
    summary: "a restored checkpoint is never deleted: the new run begins with a copy",
    type: ["NO_CLAIM", "CLAIM", "LEGACY"],
    default: "NO_CLAIM",
    supported: ["NO_CLAIM"],
  },
  {
    name: "execution.state-recovery.from-local",
    summary: "restore from a copy in the process",
    type: "boolean",
    default: "false",
    supported: ["false"],
  },
];
