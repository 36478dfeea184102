import { readFileSync } from "node:fs";
import { join } from "node:path";
import { partitioned, twoSinks } from "./scripts.ts";
import type { ScriptOptions } from "./scripts.ts";
import type { Scene } from "./support.ts";

/** A moment at which a process dies. */
export interface Moment {
  readonly name: string;
  readonly faults: readonly string[];
  /** There is such a moment only with several places. */
  readonly replica?: true | undefined;
}

/**
 * The moments at which a process must be able to die, each as the fault points (`faultPoint`) of one process after
 * another; a last process then runs to the end. A new moment is a new line.
 */
const MOMENTS: readonly Moment[] = [
  { name: "a: the state of a checkpoint is not durable", faults: ["checkpoint.state-not-durable:3"] },
  { name: "a: the state is durable, the metadata is not", faults: ["checkpoint.before-durable:2"] },
  { name: "b: durable, not marked complete", faults: ["checkpoint.durable-not-complete:2"] },
  { name: "b: complete in one place", faults: ["checkpoint.complete-not-replicated:2"], replica: true },
  { name: "c: complete, nothing committed", faults: ["checkpoint.complete-not-committed:2"] },
  { name: "d: between the files of a sink", faults: ["filesystem.commit:2"] },
  { name: "d: between two sinks", faults: ["commit.between:2"] },
  { name: "e: while restoring", faults: ["checkpoint.complete-not-committed:2", "restore:2"] },
  {
    name: "f: while committing after a restore",
    faults: ["checkpoint.complete-not-committed:2", "commit.after-restore"],
  },
  { name: "at the end, all committed", faults: ["run.before-finished"] },
  {
    name: "one after another",
    faults: [
      "filesystem.commit:3",
      "restore",
      "checkpoint.durable-not-complete",
      "commit.after-restore",
      "run.before-finished",
    ],
  },
];

/** Jobs by their sinks. */
export const JOBS: Readonly<Record<string, (options: ScriptOptions) => string>> = {
  "two tables": twoSinks,
  "a partitioned table": partitioned,
};

/** How a job is run. */
export interface Setting {
  readonly backend: string;
  readonly threads: number;
  /** Checkpoints are kept in two places. */
  readonly replica?: true | undefined;
  /** With the key of `KEY_VARIABLE`. */
  readonly encrypted?: true | undefined;
}

/** The environment variable with the key of encrypted settings. */
export const KEY_VARIABLE = "MILLRACE_KILL_KEY";

/** State in memory, and a log of its changes beside the checkpoints. */
const LOGGED = "memory with a log";

export const SETTINGS: readonly Setting[] = [
  ...["memory", "rocksdb", LOGGED].flatMap((backend) => [1, 2].map((threads) => ({ backend, threads }))),
  { backend: "memory", threads: 1, replica: true },
  { backend: "rocksdb", threads: 2, replica: true, encrypted: true },
  { backend: "memory", threads: 2, encrypted: true },
];

/** The settings with the moments that they have. */
export function momentsOf<S extends Setting>(
  settings: readonly S[],
): readonly { readonly setting: S; readonly moment: Moment }[] {
  return settings.flatMap((setting) =>
    MOMENTS.filter((moment) => moment.replica === undefined || setting.replica === true).map((moment) => ({
      setting,
      moment,
    })),
  );
}

/** The SETs of a setting; what is the default anyway is not set, so that builds without it run the rest. */
export function settingStatements({ backend, threads, replica, encrypted }: Setting): string {
  return [
    ...(backend === "memory" || backend === LOGGED ? [] : [`SET 'state.backend.type' = '${backend}';`]),
    ...(backend === LOGGED
      ? ["SET 'state.synchronization' = 'continuous'; SET 'state.synchronization.interval' = '1 ms';"]
      : []),
    ...(threads === 1 ? [] : [`SET 'parallelism.default' = '${threads}';`]),
    ...(replica === true ? ["SET 'execution.checkpointing.replicas' = '${tmp}/replica.d';"] : []),
    ...(encrypted === true ? [`SET 'execution.checkpointing.encryption-key' = 'env:${KEY_VARIABLE}';`] : []),
  ].join(" ");
}

/** The order of rows is the same in every run: with one thread, and state whose rows are back in their places after a restore. */
export function isOrdered({ backend, threads }: Setting): boolean {
  return threads === 1 && (backend === "memory" || backend === LOGGED);
}

/** What readers see of a scene, by folder of a table: in the order of the files, or as a sorted bag of rows. */
export function output(scene: Scene, setting: Setting): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const visit = (...folder: string[]): void => {
    const names = scene.folders(...folder);
    const text = scene.visible(join(...folder));
    if (text !== "") texts.set(join(...folder), isOrdered(setting) ? text : text.split("\n").toSorted().join("\n"));
    for (const name of names) {
      if (name.includes("=")) visit(...folder, name);
      if (name === "_SUCCESS")
        texts.set(join(...folder, name), readFileSync(join(scene.directory, ...folder, name), "utf8"));
    }
  };
  for (const name of scene.folders()) if (name !== "checkpoints" && !name.includes(".")) visit(name);
  return texts;
}

/** Whether readers saw only rows of the whole output, none more often than there: how it begins where order is defined. */
export function isPart(part: string, whole: string, setting: Setting): boolean {
  if (isOrdered(setting)) return whole.startsWith(part);
  const counts = new Map<string, number>();
  for (const row of whole.split("\n")) counts.set(row, (counts.get(row) ?? 0) + 1);
  for (const row of part.split("\n")) counts.set(row, (counts.get(row) ?? 0) - 1);
  return [...counts.values()].every((left) => left >= 0);
}

/** Files that were begun and never finished. */
export function leftovers(scene: Scene): readonly string[] {
  const found: string[] = [];
  const visit = (...folder: string[]): void => {
    for (const name of scene.folders(...folder)) {
      if (name.startsWith(".")) found.push(join(...folder, name));
      if (name.includes("=")) visit(...folder, name);
    }
  };
  for (const name of scene.folders()) if (name !== "checkpoints" && !name.includes(".")) visit(name);
  return found;
}
