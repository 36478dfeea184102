import { createHash } from "node:crypto";
import type { Json } from "../base/json.ts";
import type { CheckpointMetadata } from "../checkpoint/metadata.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import { digest } from "../planner/logical/rewrite.ts";
import type { JobGraph, OperatorSpec, PhysicalNode } from "../runtime/spec.ts";

/** What a checkpoint says of an operator of the script that made it. */
export interface RecordedOperator {
  readonly description: string;
  /** See `PhysicalNode.branch`. */
  readonly branch: string | undefined;
  /** The table that it reads or writes. */
  readonly table: string | undefined;
}

/** Goes into the properties of every checkpoint: what its operators are, and whether the next script is the same. */
export function planRecord({ nodes }: JobGraph): { readonly [name: string]: Json } {
  const operators = nodes.map(({ id, description, branch, spec }): readonly [string, Json] => {
    const table = tableOf(spec);
    return [
      id,
      { description, ...(branch === undefined ? {} : { branch }), ...(table === undefined ? {} : { table }) },
    ];
  });
  return { operators: Object.fromEntries(operators), fingerprint: fingerprintOf(nodes) };
}

/** The operators that a checkpoint knows of; none where it says nothing. */
export function recordedOperators({ properties }: CheckpointMetadata): ReadonlyMap<string, RecordedOperator> {
  const { operators } = properties;
  if (typeof operators !== "object" || operators === null || Array.isArray(operators)) return new Map();
  const text = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);
  return new Map(
    Object.entries(operators as { readonly [id: string]: Json }).flatMap(([id, value]) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
      const fields = value as { readonly [name: string]: Json };
      const description = text(fields["description"]) ?? id;
      return [[id, { description, branch: text(fields["branch"]), table: text(fields["table"]) }]];
    }),
  );
}

/** True when the checkpoint is of a job with the same operators and types: then nothing of its state can be in question. */
export function isSamePlan(metadata: CheckpointMetadata, { nodes }: JobGraph): boolean {
  return metadata.properties["fingerprint"] === fingerprintOf(nodes);
}

/** Options of tables and pacing may change without a word. */
function fingerprintOf(nodes: readonly PhysicalNode[]): string {
  const words = nodes.map(({ id, spec, inputs, fields }) => [id, plainSpec(spec), inputs, fields]);
  return createHash("sha256").update(digest(words)).digest("hex").slice(0, 16);
}

function plainSpec(spec: OperatorSpec): unknown {
  if (spec.kind === "scan") return [spec.kind, spec.table.table, spec.columns];
  if (spec.kind === "sink") return [spec.kind, tableOf(spec), spec.fields];
  // A join stores its sides apart when they have different times to live.
  if (spec.kind === "join") return { ...spec, ttlMillis: spec.ttlMillis[0] === spec.ttlMillis[1] };
  return "ttlMillis" in spec ? { ...spec, ttlMillis: undefined } : spec;
}

function tableOf(spec: OperatorSpec): string | undefined {
  if (spec.kind === "scan") return spec.table.table;
  return spec.kind === "sink" && spec.target.type === "table" ? spec.target.table.table : undefined;
}

/**
 * The checkpoint with the ids of this graph. An operator that had its id for itself gets a longer one when a second of
 * its kind comes (and back); the tables that their rows reach say which is which.
 */
export function withPresentIds(reader: CheckpointReader, { nodes }: JobGraph): CheckpointReader {
  const recorded = recordedOperators(reader.metadata);
  const present = new Set(nodes.map((n) => n.id));
  const stored = new Set(reader.metadata.snapshots.map((s) => s.operatorId));
  const renamed = new Map<string, string>();
  for (const node of nodes) {
    if (stored.has(node.id) || node.branch === undefined) continue;
    const candidates = [...stored].filter(
      (id) => !present.has(id) && baseOf(id) === baseOf(node.id) && recorded.get(id)?.branch === node.branch,
    );
    if (candidates.length === 1) renamed.set(candidates[0]!, node.id);
  }
  if (renamed.size === 0) return reader;
  const snapshots = reader.metadata.snapshots.map((s) => ({
    ...s,
    operatorId: renamed.get(s.operatorId) ?? s.operatorId,
  }));
  return { ...reader, metadata: { ...reader.metadata, snapshots } };
}

function baseOf(id: string): string {
  return /^.*?-[0-9a-f]{12}/.exec(id)?.[0] ?? id;
}
