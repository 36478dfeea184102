import { SqlError } from "../base/errors.ts";
import { checkConfigOption } from "../engine/config.ts";

/** One way to run a case; all ways have the one expected file. */
export interface Mode {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  /** Jobs are given up at pseudo-random points and restored. */
  readonly crashes?: true | undefined;
  /** The parallelism of one attempt of a job after another, from the beginning again when there are more. */
  readonly rescales?: readonly number[] | undefined;
}

export const PLAIN: Mode = { name: "plain", config: {} };

/** Crashes of one job in a mode with crashes. */
export const MAX_CRASHES = 3;

/** Checkpoints every few rows, given up and restored: on a state backend, with another number of threads after each restore. */
function restored(backend: string, threads: number): Mode {
  const rescales = threads === 1 ? [1, 3, 2] : [3, 1, 2];
  return {
    name: `restored-${backend}-${threads}`,
    config: {
      ...(backend === "memory" ? {} : { "state.backend.type": backend }),
      ...(threads === 1 ? {} : { "parallelism.default": String(threads) }),
      "execution.checkpointing.records": "2",
      "execution.batch-rows": "1",
      "restart-strategy.type": "fixed-delay",
      "restart-strategy.fixed-delay.attempts": String(MAX_CRASHES),
      "restart-strategy.fixed-delay.delay": "0 ms",
    },
    crashes: true,
    // Where a build has no threads, the modes of one thread stay with it.
    rescales: isSupported("parallelism.default", "3") ? rescales : undefined,
  };
}

/** Barriers overtake the rows between threads, which then belong to the checkpoint; as many threads take them up, or others. */
function overtaken(): Mode {
  const { config, ...mode } = restored("memory", 3);
  return {
    ...mode,
    name: "restored-unaligned-3",
    config: { ...config, "execution.checkpointing.unaligned.enabled": "true" },
    rescales: mode.rescales && [3, 3, 2],
  };
}

/** As `restored`, with a log of what changes between checkpoints that are further apart. */
function logged(threads: number): Mode {
  const { config, ...mode } = restored("memory", threads);
  return {
    ...mode,
    name: `restored-log-${threads}`,
    config: {
      ...config,
      "execution.checkpointing.records": "7",
      "state.synchronization": "continuous",
      "state.synchronization.interval": "1 ms",
    },
  };
}

/** The modes of `--chaos`. What a build does not support is skipped and says so (`unsupported`). */
export const CHAOS_MODES: readonly Mode[] = [
  { name: "interpreted", config: { "table.exec.compile-expressions": "false" } },
  { name: "batch-1", config: { "execution.batch-rows": "1" } },
  { name: "batch-7", config: { "execution.batch-rows": "7" } },
  { name: "batch-7-interpreted", config: { "execution.batch-rows": "7", "table.exec.compile-expressions": "false" } },
  { name: "checkpoints", config: { "execution.checkpointing.records": "3", "execution.batch-rows": "2" } },
  { name: "threads-3", config: { "parallelism.default": "3" } },
  ...["memory", "filesystem", "rocksdb"].flatMap((backend) => [restored(backend, 1), restored(backend, 3)]),
  overtaken(),
  logged(1),
  logged(3),
];

/** Why this build cannot run a mode; undefined: it can. */
export function unsupported(mode: Mode): string | undefined {
  for (const [key, value] of Object.entries(mode.config)) {
    if (!isSupported(key, value)) return `'${key}' = '${value}' is not supported yet`;
  }
  return undefined;
}

function isSupported(key: string, value: string): boolean {
  try {
    checkConfigOption(key, value);
    return true;
  } catch (error) {
    if (error instanceof SqlError && error.code === "UNSUPPORTED") return false;
    throw error;
  }
}
