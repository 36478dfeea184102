import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { didYouMean } from "../base/suggest.ts";
import type { SubtaskSnapshot } from "../checkpoint/metadata.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import { fixedRows, readStateRows, type StateRows } from "../state/state-rows.ts";
import { operatorFiles } from "../state/stored-states.ts";
import { T, type Field } from "../types/data-type.ts";
import { openCheckpointAt } from "./checkpoint-location.ts";
import { recordedOperators } from "./plan-record.ts";

export type { StateRows };

/** An operator as a checkpoint holds it. */
export interface StoredOperator {
  readonly operatorId: string;
  /** As EXPLAIN shows it; the id where the checkpoint does not say. */
  readonly description: string;
  /** Size of its state files as they are stored, and unpacked. */
  readonly bytes: number;
  readonly rawBytes: number;
  /** Read when asked for. Throws UNSUPPORTED where only a backend can read them. */
  states(): Promise<readonly StateRows[]>;
}

/** The operators of a checkpoint or savepoint that hold anything. Throws CHECKPOINT_NOT_FOUND, CHECKPOINT_INVALID. */
export async function storedOperators(
  path: string,
  values: ReadonlyMap<string, string> = new Map(),
): Promise<readonly StoredOperator[]> {
  const reader = await openCheckpointAt(path, values);
  const recorded = recordedOperators(reader.metadata);
  const ids = [...new Set(reader.metadata.snapshots.map((s) => s.operatorId))];
  return ids.flatMap((operatorId): StoredOperator[] => {
    const snapshots = reader.metadata.snapshots.filter((s) => s.operatorId === operatorId);
    const files = operatorFiles(reader, operatorId);
    const outside = [positionsOf(snapshots), outputOf(snapshots)].filter((rows) => rows.rowCount > 0);
    if (files.length === 0 && outside.length === 0) return [];
    const size = (of: "bytes" | "rawBytes"): number => files.reduce((sum, file) => sum + file[of], 0);
    return [
      {
        operatorId,
        description: recorded.get(operatorId)?.description ?? operatorId,
        bytes: size("bytes"),
        rawBytes: size("rawBytes"),
        states: async () => [...outside, ...(await keptStates(reader, operatorId, files.length))],
      },
    ];
  });
}

async function keptStates(reader: CheckpointReader, operatorId: string, files: number): Promise<readonly StateRows[]> {
  return files === 0 ? [] : await readStateRows(reader, operatorId);
}

const POSITION_FIELDS: readonly Field[] = [
  { name: "subtask", type: T.int(false) },
  { name: "position", type: T.string(false) },
];

/** Where a source stands, as JSON. */
function positionsOf(snapshots: readonly SubtaskSnapshot[]): StateRows {
  const rows = snapshots.flatMap(({ subtask, extra, positions }) => {
    const source = typeof extra === "object" && extra !== null && "source" in extra ? extra["source"] : undefined;
    if (source !== undefined) return [[subtask, JSON.stringify(source)]];
    return Object.entries(positions).map(([split, position]) => [subtask, JSON.stringify({ split, position })]);
  });
  return fixedRows("positions", POSITION_FIELDS, rows);
}

const OUTPUT_FIELDS: readonly Field[] = [
  { name: "subtask", type: T.int(false) },
  { name: "to_commit", type: T.string() },
  { name: "writer", type: T.string() },
];

/** What a sink commits, and what its writer goes on with, as JSON. */
function outputOf(snapshots: readonly SubtaskSnapshot[]): StateRows {
  const text = (value: Json): string | null => (value === null ? null : JSON.stringify(value));
  const rows = snapshots
    .filter((s) => s.committables.length > 0 || s.sinkState !== null)
    .flatMap(({ subtask, committables, sinkState }) => {
      const pending = committables.length === 0 ? [null] : committables;
      return pending.map((committable, i) => [subtask, text(committable), i === 0 ? text(sinkState) : null]);
    });
  return fixedRows("output", OUTPUT_FIELDS, rows);
}

/** The operator of that id, or of the one id that begins so. Throws CHECKPOINT_NOT_FOUND, naming those that are there. */
export function operatorNamed(operators: readonly StoredOperator[], name: string, path: string): StoredOperator {
  const exact = operators.find((o) => o.operatorId === name);
  const candidates = operators.filter((o) => o.operatorId.startsWith(name));
  const found = exact ?? (candidates.length === 1 ? candidates[0] : undefined);
  if (found !== undefined) return found;
  const ids = operators.map((o) => o.operatorId);
  throw new SqlError(
    "CHECKPOINT_NOT_FOUND",
    `${path} has ${candidates.length === 0 ? "no operator" : "several operators"} '${name}'; it holds:${listed(operators.map((o) => `${o.operatorId}  ${o.description}`))}`,
    { hint: didYouMean(name, ids) },
  );
}

/** The state of that name. Throws CHECKPOINT_NOT_FOUND, naming those that are there. */
export function stateNamed(states: readonly StateRows[], name: string, operator: StoredOperator): StateRows {
  const found = states.find((s) => s.name === name);
  if (found !== undefined) return found;
  throw new SqlError(
    "CHECKPOINT_NOT_FOUND",
    `the operator ${operator.operatorId} has no state '${name}'; it has:${listed(states.map(stateText))}`,
    {
      hint: didYouMean(
        name,
        states.map((s) => s.name),
      ),
    },
  );
}

/** `groups: 3 rows of product, COUNT(*)`. */
export function stateText({ name, rowCount, fields }: StateRows): string {
  return `${name}: ${rowCount} row${rowCount === 1 ? "" : "s"} of ${fields.map((f) => f.name).join(", ")}`;
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `\n  ${line}`).join("");
}
