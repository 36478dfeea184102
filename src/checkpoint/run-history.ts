import { join } from "node:path";
import { SqlError } from "../base/errors.ts";
import { nodeFiles, type FileSystem } from "../storage/file-system.ts";
import { replaceFile } from "../storage/durable-file.ts";
import {
  EMPTY_HISTORY,
  type CheckpointRecord,
  type PlaceCounts,
  type PlaceRecord,
  type RecoveryRecord,
  type RunHistory,
} from "./statistics.ts";

/** What became of each checkpoint of a run, failed ones too: one JSON object a line, oldest first. */
export const HISTORY_FILE = "_history.jsonl";

export type HistoryEntry =
  | { readonly type: "checkpoint"; readonly record: CheckpointRecord }
  | { readonly type: "recovery"; readonly record: RecoveryRecord }
  | { readonly type: "place"; readonly record: PlaceRecord };

/** What stands in the place of a message. */
const WITHHELD = "not kept, since the checkpoints are encrypted";

/** The entry for a history that anyone may read: messages of failures can quote rows. */
export function withoutMessages(entry: HistoryEntry): HistoryEntry {
  if (entry.type === "recovery") {
    const { record } = entry;
    return record.cause === undefined ? entry : { type: "recovery", record: { ...record, cause: WITHHELD } };
  }
  if (entry.type === "place") return entry;
  const { record } = entry;
  return record.failure === undefined ? entry : { type: "checkpoint", record: { ...record, failure: WITHHELD } };
}

/** Counts of entries that were dropped to keep the file small. */
export interface Dropped {
  readonly type: "dropped";
  readonly completed: number;
  readonly failed: number;
  readonly recoveries: number;
  readonly places?: readonly PlaceCounts[] | undefined;
}

/** The file is rewritten when it has so many lines, and then keeps the newest half. */
const MAX_LINES = 2000;

/** The history of a run's folder. Lines that cannot be read (torn by a crash) are left out; a missing file is an empty history. */
export async function readHistory(directory: string, files: FileSystem = nodeFiles): Promise<RunHistory> {
  return summarised(await readLines(directory, files));
}

async function readLines(directory: string, files: FileSystem): Promise<readonly (HistoryEntry | Dropped)[]> {
  const path = join(directory, HISTORY_FILE);
  let text: string;
  try {
    text = new TextDecoder().decode(await files.readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new SqlError("IO", `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  return entriesIn(text);
}

/** The entries of a history; lines that cannot be read are left out. */
export function entriesIn(text: string): readonly (HistoryEntry | Dropped)[] {
  return text.split("\n").flatMap((line) => entryOf(line) ?? []);
}

/** The newest entries, with a note of how many were dropped, as text. */
export function shortened(entries: readonly (HistoryEntry | Dropped)[], count: number): string {
  const kept = entries.slice(-count);
  const { completed, failed, recoveries, places } = summarised(entries.slice(0, entries.length - kept.length));
  const dropped: Dropped = { type: "dropped", completed, failed, recoveries, ...(places.length > 0 ? { places } : {}) };
  const lines = kept.length === entries.length ? kept : [dropped, ...kept];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function entryOf(line: string): HistoryEntry | Dropped | undefined {
  if (line === "") return undefined;
  try {
    const entry = JSON.parse(line) as HistoryEntry | Dropped;
    if (entry.type === "dropped") return typeof entry.completed === "number" ? entry : undefined;
    if (entry.type === "place") return typeof entry.record?.location === "string" ? entry : undefined;
    const known = entry.type === "checkpoint" || entry.type === "recovery";
    return known && typeof entry.record?.attempt === "number" ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** What the entries say together. */
export function summarised(entries: readonly (HistoryEntry | Dropped)[]): RunHistory {
  let { completed, failed, recoveries } = EMPTY_HISTORY;
  const checkpoints: CheckpointRecord[] = [];
  const recovered: RecoveryRecord[] = [];
  const places = new Map<string, PlaceCounts>();
  for (const entry of entries) {
    if (entry.type === "dropped") {
      completed += entry.completed;
      failed += entry.failed;
      recoveries += entry.recoveries;
      for (const counts of entry.places ?? []) places.set(counts.location, counts);
    } else if (entry.type === "recovery") {
      recoveries += 1;
      recovered.push(entry.record);
    } else if (entry.type === "place") {
      places.set(entry.record.location, counted(places.get(entry.record.location), entry.record));
    } else {
      if (entry.record.status === "completed") completed += 1;
      else failed += 1;
      checkpoints.push(entry.record);
    }
  }
  return { completed, failed, recoveries, checkpoints, recovered, places: [...places.values()] };
}

function counted(before: PlaceCounts | undefined, { location, checkpoint, held, problem }: PlaceRecord): PlaceCounts {
  return {
    location,
    held: (before?.held ?? 0) + (held ? 1 : 0),
    missed: (before?.missed ?? 0) + (held ? 0 : 1),
    newest: held ? checkpoint : before?.newest,
    problem: problem ?? before?.problem,
  };
}

/** Appends to the history of a run. Not synced: it informs, nothing depends on it. Calls must not overlap. */
export class HistoryWriter {
  readonly #directory: string;
  readonly #files: FileSystem;
  /** Undefined: not counted yet. */
  #lines: number | undefined;

  constructor(directory: string, files: FileSystem = nodeFiles) {
    this.#directory = directory;
    this.#files = files;
  }

  /** Throws IO. */
  async append(entry: HistoryEntry): Promise<void> {
    const path = join(this.#directory, HISTORY_FILE);
    if (this.#lines === undefined) {
      // A crash may have left half a line.
      const text = new TextDecoder().decode(await this.#files.readFile(path).catch(() => new Uint8Array(0)));
      this.#lines = text.split("\n").length - 1;
      if (text !== "" && !text.endsWith("\n")) await this.#files.appendFile(path, "\n");
    }
    try {
      await this.#files.appendFile(path, `${JSON.stringify(entry)}\n`);
      this.#lines += 1;
      if (this.#lines > MAX_LINES) await this.#shorten(path);
    } catch (cause) {
      throw new SqlError("IO", `cannot write ${path}: ${(cause as Error).message}`, { cause });
    }
  }

  async #shorten(path: string): Promise<void> {
    const entries = await readLines(this.#directory, this.#files);
    const text = shortened(entries, MAX_LINES / 2);
    await replaceFile(path, text, this.#files);
    this.#lines = text.split("\n").length - 1;
  }
}
