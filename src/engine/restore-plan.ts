import { SqlError } from "../base/errors.ts";
import type { SubtaskSnapshot } from "../checkpoint/metadata.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import { createOperator } from "../runtime/operators/index.ts";
import type { PhysicalNode } from "../runtime/spec.ts";
import { MOVING_KEYS, partEvolution, type DeclaredPart } from "../state/evolution.ts";
import { createOperatorState } from "../state/operator-state.ts";
import { RestoredState } from "../state/restored-state.ts";
import type { PartSchema } from "../state/snapshot-manifest.ts";
import { storedSchemas, type StoredSchemas } from "../state/stored-states.ts";
import type { NamedJob } from "./job-request.ts";
import { recordedOperators, withPresentIds } from "./plan-record.ts";
import { removedSink } from "./removed-sinks.ts";
import { overtakingThreads } from "./unaligned-rescale.ts";

/** What becomes of something that a checkpoint holds, or that a script has. */
export type Fate = "kept" | "converted" | "starts empty" | "dropped" | "incompatible";

/** One thing with its fate; `text` says what and why. */
export interface FateLine {
  readonly fate: Fate;
  readonly text: string;
}

/** What becomes of one operator. */
export interface OperatorFate extends FateLine {
  readonly operatorId: string;
  /** Its states, as far as they are not just kept. */
  readonly details: readonly FateLine[];
}

/** What a restore would do, decided before anything starts. */
export interface RestorePlan {
  readonly job: string;
  /** Undefined: the job starts at its beginning. */
  readonly from: { readonly checkpointId: number; readonly location: string } | undefined;
  /** Why it starts at its beginning, or has nothing to do. */
  readonly note: string | undefined;
  readonly operators: readonly OperatorFate[];
  /** Something is dropped that may only be dropped when that is allowed. */
  readonly needsPermission: boolean;
  readonly startable: boolean;
}

/** `execution.state-recovery.ignore-unclaimed-state`, on the command line `--allow-dropped-state`. */
export function dropsAllowed(request: NamedJob): boolean {
  return request.values.get("execution.state-recovery.ignore-unclaimed-state")?.toLowerCase() === "true";
}

/** Compares a checkpoint with the operators of a job. Reads the indexes of its state files; starts and writes nothing. */
export async function planRestore(request: NamedJob, checkpoint: CheckpointReader): Promise<RestorePlan> {
  const { nodes } = request.graph;
  const reader = withPresentIds(checkpoint, request.graph);
  const snapshots = new Map<string, SubtaskSnapshot[]>();
  for (const snapshot of reader.metadata.snapshots)
    snapshots.set(snapshot.operatorId, [...(snapshots.get(snapshot.operatorId) ?? []), snapshot]);
  const operators: OperatorFate[] = [];
  for (const node of nodes) {
    const fate = await fateOf(node, snapshots.get(node.id), reader, request);
    if (fate !== undefined) operators.push(fate);
  }
  const present = new Set(nodes.map((n) => n.id));
  const recorded = recordedOperators(reader.metadata);
  let needsPermission = operators.some((o) => o.details.some((d) => d.fate === "dropped"));
  for (const [operatorId, parts] of snapshots) {
    if (present.has(operatorId)) continue;
    const description = recorded.get(operatorId)?.description ?? operatorId;
    const removed = await removedFate(operatorId, parts, description, request, reader);
    if (removed === undefined) continue;
    operators.push(removed.fate);
    needsPermission ||= removed.needsPermission;
  }
  const incompatible = operators.some((o) => [o, ...o.details].some((line) => line.fate === "incompatible"));
  return {
    job: request.name,
    from: { checkpointId: reader.metadata.id, location: reader.location },
    note: undefined,
    operators,
    needsPermission,
    startable: !incompatible && (!needsPermission || dropsAllowed(request)),
  };
}

async function fateOf(
  node: PhysicalNode,
  stored: readonly SubtaskSnapshot[] | undefined,
  reader: CheckpointReader,
  request: NamedJob,
): Promise<OperatorFate | undefined> {
  const { spec, id: operatorId } = node;
  const fate = (of: Fate, text: string, details: readonly FateLine[] = []): OperatorFate => ({
    operatorId,
    fate: of,
    text,
    details,
  });
  if (spec.kind === "sink") {
    if (spec.target.type === "collect") return undefined;
    const text = `sink ${spec.target.table.table}`;
    return stored === undefined ? fate("starts empty", `${text}: it is new`) : fate("kept", text);
  }
  if (spec.kind === "scan" || spec.kind === "values") {
    const text = spec.kind === "scan" ? `source ${spec.table.table}` : `source ${node.description}`;
    if (stored === undefined) return fate("starts empty", `${text}: it is read from its beginning`);
    return fate("kept", `${text}: it goes on after ${rowsRead(stored)} rows`);
  }
  const declared = declaredStates(node, request);
  if (declared.parts.length === 0 && declared.numbers.length === 0) return undefined;
  if (stored === undefined) return fate("starts empty", `${node.description}: the checkpoint has no state of it`);
  if (hasRowsInFlight(stored)) return fate("incompatible", `${node.description}: ${IN_FLIGHT}`);
  const schemas = await storedSchemas(reader, operatorId);
  const foreign = foreignForm(schemas, request);
  if (foreign !== undefined) return fate("incompatible", `${node.description}: ${foreign}`);
  const details: FateLine[] = refusals(node, request, schemas);
  // Those whose barriers overtook rows first take them up (`realigned`).
  const threads = Math.max(request.options.parallelism, overtakingThreads(reader.metadata) ?? 1);
  for (const part of declared.parts) details.push(...partFates(part, schemas.parts.get(part.schema.name), threads));
  const known = new Set([...declared.parts.map((p) => p.schema.name), ...declared.numbers]);
  for (const name of [...schemas.parts.keys(), ...schemas.numbers.keys()])
    if (!known.has(name)) details.push({ fate: "dropped", text: name });
  const worst = ORDER.find((each) => each !== "kept" && details.some((line) => line.fate === each));
  return fate(worst === "incompatible" ? worst : "kept", node.description, details);
}

const ORDER: readonly Fate[] = ["incompatible", "dropped", "converted", "starts empty", "kept"];

/** In words why the backend of the job cannot read the state; undefined: it can. */
function foreignForm({ owner }: StoredSchemas, { values }: NamedJob): string | undefined {
  if (owner === undefined || owner === (values.get("state.backend.type")?.toLowerCase() ?? "memory")) return undefined;
  return `its state is in the form of the ${owner} backend; take a savepoint`;
}

/** What the operator itself refuses by the numbers that are stored, as it does when it starts over them. */
function refusals(node: PhysicalNode, request: NamedJob, { numbers }: StoredSchemas): FateLine[] {
  try {
    declaredStates(node, request, numbers);
    return [];
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== "STATE_INCOMPATIBLE") throw error;
    return [{ fate: "incompatible", text: error.message }];
  }
}

/** The states that an operator would declare, over the numbers of a checkpoint. */
function declaredStates(
  node: PhysicalNode,
  { session, values, options }: NamedJob,
  numbers: StoredSchemas["numbers"] = new Map(),
): { readonly parts: readonly DeclaredPart[]; readonly numbers: readonly string[] } {
  const nowMillis = (): number => session.nowMillis();
  const { maxParallelism } = options;
  const restore = new RestoredState(maxParallelism, new Map(), new Map(numbers));
  const state = createOperatorState({ clock: { nowMillis }, maxParallelism, restore });
  createOperator(node.spec, {
    operatorId: node.id,
    functions: session.functions,
    session: session.facts(),
    compileExpressions: values.get("table.exec.compile-expressions")?.toLowerCase() !== "false",
    state,
    nowMillis,
    late: () => undefined,
    count: () => undefined,
  });
  return state.declared();
}

function partFates(declared: DeclaredPart, stored: PartSchema | undefined, parallelism: number): FateLine[] {
  const { name } = declared.schema;
  if (stored === undefined) return [{ fate: "starts empty", text: `${name}: the checkpoint does not hold it` }];
  const { added, dropped, converted, problems, rehashed } = partEvolution(stored, declared);
  const line =
    (fate: Fate) =>
    (text: string): FateLine => ({ fate, text });
  return [
    ...problems.map((problem) => line("incompatible")(`${name} ${problem}`)),
    ...(rehashed && parallelism > 1 ? [line("incompatible")(`${name} ${MOVING_KEYS}`)] : []),
    ...added.map((column) => line("starts empty")(`${column}: ${emptyText(declared)}`)),
    ...converted.map(line("converted")),
    ...dropped.map(line("dropped")),
  ];
}

function emptyText({ schema }: DeclaredPart): string {
  return schema.kind === "lists" ? "NULL in the rows that are stored" : "counts rows from now on";
}

/** What becomes of an operator that the script no longer has; undefined: it held nothing. */
async function removedFate(
  operatorId: string,
  stored: readonly SubtaskSnapshot[],
  description: string,
  request: NamedJob,
  reader: CheckpointReader,
): Promise<{ readonly fate: OperatorFate; readonly needsPermission: boolean } | undefined> {
  const incompatible = (reason: string) => ({
    fate: { operatorId, fate: "incompatible" as const, text: `${description}: ${reason}`, details: [] },
    needsPermission: false,
  });
  const dropped = (text: string, needsPermission: boolean) => ({
    fate: { operatorId, fate: "dropped" as const, text, details: [] },
    needsPermission,
  });
  if (hasRowsInFlight(stored)) return incompatible(IN_FLIGHT);
  if (stored.some((s) => s.stateFiles.length > 0)) {
    const foreign = foreignForm(await storedSchemas(reader, operatorId), request);
    return foreign === undefined ? dropped(description, true) : incompatible(foreign);
  }
  if (stored.some((s) => sourceState(s) !== undefined)) {
    const ended = stored.every((s) => sourceState(s)?.["ended"] === true);
    return dropped(`${description}: ${ended ? "it had ended" : `its position after ${rowsRead(stored)} rows`}`, !ended);
  }
  if (stored.every((s) => s.committables.length === 0 && s.sinkState === null)) return undefined;
  if (removedSink(operatorId, reader.metadata, request.session) !== undefined)
    return dropped(`${description}: what it has written is committed first`, true);
  return incompatible(
    "what it has written waits to be committed, and its table is not known any more; keep its CREATE TABLE in the script",
  );
}

const IN_FLIGHT =
  "rows that were on their way to it are in the checkpoint (it is unaligned), which only the script that made it can take up; go on with that one up to a savepoint or an aligned checkpoint";

function hasRowsInFlight(stored: readonly SubtaskSnapshot[]): boolean {
  return stored.some((s) => s.stateFiles.some((file) => file.role === "in-flight"));
}

function sourceState({ extra }: SubtaskSnapshot): { readonly [name: string]: unknown } | undefined {
  if (typeof extra !== "object" || extra === null || !("source" in extra)) return undefined;
  const { source } = extra as { readonly source: unknown };
  return typeof source === "object" && source !== null ? (source as { readonly [name: string]: unknown }) : undefined;
}

function rowsRead(stored: readonly SubtaskSnapshot[]): string {
  const rows = stored.reduce((sum, s) => sum + Number(sourceState(s)?.["rows"] ?? 0), 0);
  return String(rows).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** The plan as indented text. */
export function restorePlanText(plan: RestorePlan): string {
  const head =
    plan.from === undefined
      ? `${plan.job}: ${plan.note ?? "starts at the beginning"}`
      : `${plan.job}: checkpoint ${plan.from.checkpointId} of ${plan.from.location}`;
  const lines = plan.operators.flatMap(({ fate, text, details }) => [
    `  ${fate.padEnd(12)}  ${text}`,
    ...details.map((line) => `  ${"".padEnd(12)}    ${line.fate}: ${line.text}`),
  ]);
  const end = plan.startable
    ? []
    : [`  would not start: ${plan.operators.some(isIncompatible) ? "not all of the state fits" : NEEDS_PERMISSION}`];
  return `${[head, ...lines, ...end].join("\n")}\n`;
}

const NEEDS_PERMISSION = "state is dropped, which --allow-dropped-state allows";

function isIncompatible(operator: OperatorFate): boolean {
  return [operator, ...operator.details].some((line) => line.fate === "incompatible");
}

/** Throws STATE_INCOMPATIBLE, with everything that stands in the way. */
export function assertStartable(plan: RestorePlan): void {
  if (plan.startable) return;
  const incompatible = plan.operators.some(isIncompatible);
  const wanted: Fate = incompatible ? "incompatible" : "dropped";
  const reasons = plan.operators.flatMap((operator) => [
    ...(operator.fate === wanted && operator.details.length === 0 ? [operator.text] : []),
    ...operator.details.filter((d) => d.fate === wanted).map((d) => `${d.text} (${operator.text})`),
  ]);
  throw new SqlError(
    "STATE_INCOMPATIBLE",
    incompatible
      ? `the checkpoint ${plan.from?.location ?? ""} does not fit this script:\n  ${reasons.join("\n  ")}`
      : `the checkpoint ${plan.from?.location ?? ""} holds state that this script does not have:\n  ${reasons.join("\n  ")}`,
    {
      hint: incompatible
        ? "--dry-run shows what would be kept; run the script that made the checkpoint, or start without --from"
        : "--allow-dropped-state ('execution.state-recovery.ignore-unclaimed-state' = 'true') drops it; --dry-run shows all of it",
    },
  );
}

/** What a user should know of a restore that starts: everything that is not just kept. */
export function restoreNotes(plan: RestorePlan): readonly string[] {
  return plan.operators.flatMap((operator) => [
    ...(operator.fate === "kept" ? [] : [`${operator.fate}: ${operator.text}`]),
    ...operator.details.map((d) => `${d.fate}: ${d.text} (of ${operator.text})`),
  ]);
}
