import { createHash } from "node:crypto";
import type { RunIdentity } from "../api.ts";

/**
 * Names of part files. Everything that recovery has to know stands in the name: whose file it is (`uid`: job, run and
 * sink) and after which checkpoint it was begun. `attempt`, `subtask` and `number` make it unique, so that a rename
 * never meets a finished file.
 */
export interface PartIdentity {
  readonly uid: string;
  readonly attempt: number;
  /** The newest checkpoint that had been prepared when the file was begun; 0 before the first. */
  readonly checkpoint: number;
  readonly subtask: number;
  readonly number: number;
}

/** Twelve hex digits that stand for one sink of one run in file names. */
export function sinkUid(run: RunIdentity): string {
  return createHash("sha256").update(`${run.jobName}\0${run.runId}\0${run.operatorId}`).digest("hex").slice(0, 12);
}

/** `part-<uid>-<attempt>-<checkpoint>-<subtask>-<number>`: the finished file. */
export function partName(part: PartIdentity): string {
  return `part-${part.uid}-${part.attempt}-${part.checkpoint}-${part.subtask}-${part.number}`;
}

/** `.part-….inprogress`: the same file while it is written or waits for its checkpoint; hidden from readers. */
export function inProgressName(part: string): string {
  return `.${part}.inprogress`;
}

/** `.part-….superseded`: a finished file that was taken back because an older checkpoint was restored. */
export function supersededName(part: string): string {
  return `.${part}.superseded`;
}

/** By writer, then in the order in which it began the files. */
export function comparePartNames(a: string, b: string): number {
  const [x, y] = [parsePartName(a)?.identity, parsePartName(b)?.identity];
  if (x === undefined || y === undefined) return a < b ? -1 : Number(a > b);
  return x.attempt - y.attempt || x.subtask - y.subtask || x.checkpoint - y.checkpoint || x.number - y.number;
}

/** `compacted-part-…`: several files of one checkpoint as one, named after the first of them. */
export function compactedName(firstPart: string): string {
  return `compacted-${firstPart}`;
}

const NAME = /^(\.?)((?:compacted-)?part-([0-9a-f]{12})-(\d+)-(\d+)-(\d+)-(\d+))(\.inprogress)?$/;

/** What a file name says; undefined for names that are no (in-progress or finished) part. */
export function parsePartName(
  name: string,
): { readonly part: string; readonly identity: PartIdentity; readonly inProgress: boolean } | undefined {
  const match = NAME.exec(name);
  if (match === null || (match[1] === ".") !== (match[8] !== undefined)) return undefined;
  return {
    part: match[2] ?? "",
    inProgress: match[8] !== undefined,
    identity: {
      uid: match[3] ?? "",
      attempt: Number(match[4]),
      checkpoint: Number(match[5]),
      subtask: Number(match[6]),
      number: Number(match[7]),
    },
  };
}
