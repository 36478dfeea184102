import { uniqueNames } from "../logical/unique-names.ts";
import { createHash } from "node:crypto";
import { SqlError } from "../../base/errors.ts";
import type { Exchange, OperatorSpec, PhysicalNode } from "../../runtime/spec.ts";
import type { DataType, Field } from "../../types/data-type.ts";
import { exchangeOf } from "./exchanges.ts";
import { digest } from "../logical/rewrite.ts";
import { dropsLateRows } from "../traits/late-rows.ts";
import { isAppendOnly, needsUpdateBefore } from "../traits/changelog.ts";
import { keysAcross, upsertKeys, type UpsertKey } from "../traits/upsert-key.ts";
import { identityOf, lineageOf, withNames, type Lineage } from "./lineage.ts";

/** A physical node before ids and -U requirements are settled. */
export interface Draft {
  spec: OperatorSpec;
  inputs: readonly { readonly from: Draft; readonly exchange: Exchange }[];
  /** The line of EXPLAIN. */
  readonly description: string;
  /** Names are unique: of two equal ones the second is `name0`. */
  readonly fields: readonly Field[];
  readonly appendOnly: boolean;
  /** What keys its updates; none: it is not known. */
  readonly upsertKeys: readonly UpsertKey[];
  /** May be shared by several consumers: nothing in it differs from call to call. */
  readonly shareable: boolean;
  /** It takes no mini-batches: every watermark is to reach it. */
  everyWatermark?: true | undefined;
  /** The sink of a scan's `errors.table`; it comes before the scan. */
  readonly errorsTo?: Draft | undefined;
  /** The sink of a scan's `late-rows.table`, for the operators behind it; it comes before the scan. */
  readonly lateTo?: Draft | undefined;
}

export const FORWARD: Exchange = { kind: "forward" };

export function typesOf(draft: { readonly fields: readonly Field[] }): readonly DataType[] {
  return draft.fields.map((f) => f.type);
}

/** The node that makes the updates: the first one upstream whose inputs are all append-only. */
export function updatingNode(draft: Draft): Draft {
  const updating = draft.inputs.find((i) => !i.from.appendOnly);
  return updating === undefined ? draft : updatingNode(updating.from);
}

/** For operators that only take inserts; `name`: what Flink calls it. */
export function refuseUpdates(input: Draft, name: string): void {
  if (input.appendOnly) return;
  throw new SqlError(
    "CHANGELOG_MODE",
    `${name} doesn't support consuming update and delete changes which is produced by node ${updatingNode(input).description}`,
    { hint: "aggregate in a window first, so that each result is final" },
  );
}

/** The drafts of one job; equal work is planned once. */
export class DraftGraph {
  readonly drafts: Draft[] = [];
  readonly #byDigest = new Map<string, Draft>();
  readonly #numbers = new Map<Draft, number>();

  add(
    node: Omit<Draft, "appendOnly" | "upsertKeys" | "shareable"> & { readonly shareable?: boolean | undefined },
  ): Draft {
    const shareable = node.shareable ?? true;
    const identity = digest([node.spec, node.inputs.map((i) => [this.#numbers.get(i.from), i.exchange])]);
    const known = shareable ? this.#byDigest.get(identity) : undefined;
    if (known !== undefined) return known;
    const appendOnly = isAppendOnly(
      node.spec,
      node.inputs.map((i) => i.from.appendOnly),
    );
    const keys = upsertKeys(
      node.spec,
      node.inputs.map((i, input) => keysAcross(exchangeOf(node.spec, input), i.from.upsertKeys)),
    );
    const draft: Draft = { ...node, fields: uniqueFields(node.fields), appendOnly, upsertKeys: keys, shareable };
    this.#numbers.set(draft, this.drafts.push(draft) - 1);
    if (shareable) this.#byDigest.set(identity, draft);
    return draft;
  }

  /** Puts a node between one that passes on all it needs to know and all that consume it. */
  insertBehind(input: Draft, node: Omit<Draft, "appendOnly" | "upsertKeys">): void {
    const { appendOnly, upsertKeys: keys } = input;
    const inserted: Draft = { ...node, appendOnly, upsertKeys: keys };
    for (const draft of this.drafts)
      draft.inputs = draft.inputs.map((i) => (i.from === input ? { ...i, from: inserted } : i));
    this.drafts.splice(this.drafts.indexOf(input) + 1, 0, inserted);
  }

  /**
   * Settles -U requirements from the consumers down and names the nodes. An id is a hash of what the state of the node
   * is (`identityOf`), so that it does not move when another part of the script changes, or the query around it.
   * Nodes of one identity are told apart by the tables that their rows reach.
   */
  finish(): readonly PhysicalNode[] {
    this.settleUpdates();
    const lineages = new Map<Draft, Lineage>();
    const bases = new Map<Draft, string>();
    const equals = new Map<string, number>();
    for (const draft of this.drafts) {
      const below = draft.inputs.map((i) => lineages.get(i.from) as Lineage);
      const base = `${draft.spec.kind}-${hashOf(identityOf(draft, below), 12)}`;
      bases.set(draft, base);
      equals.set(base, (equals.get(base) ?? 0) + 1);
      lineages.set(draft, lineageOf(draft, below, base));
    }
    const branches = this.branches(lineages);
    const ids = new Map<Draft, string>();
    const taken = new Set<string>();
    return this.drafts.map((draft) => {
      const base = bases.get(draft) as string;
      const branch = branches.get(draft) as string;
      const first = equals.get(base) === 1 ? base : `${base}-${branch}`;
      let id = first;
      for (let n = 2; taken.has(id); n++) id = `${first}-${n}`;
      taken.add(id);
      ids.set(draft, id);
      if (draft.spec.kind === "scan" && draft.errorsTo !== undefined)
        draft.spec = { ...draft.spec, errorsTo: ids.get(draft.errorsTo) };
      const spec = withNames(
        draft.spec,
        draft.inputs.map((i) => lineages.get(i.from) as Lineage),
      );
      const inputs = draft.inputs.map((i, input) => ({
        from: ids.get(i.from) as string,
        exchange: exchangeOf(draft.spec, input),
      }));
      const lateTo = dropsLateRows(draft.spec) ? lateSink(draft) : undefined;
      return {
        id,
        branch,
        spec,
        inputs,
        ...(lateTo === undefined ? {} : { lateTo: ids.get(lateTo) }),
        description: draft.description,
        fields: draft.fields,
      };
    });
  }

  /** By draft a short hash of the tables that its rows reach; of a sink, of where its rows come from. */
  private branches(lineages: ReadonlyMap<Draft, Lineage>): ReadonlyMap<Draft, string> {
    const reached = new Map<Draft, Set<string>>(this.drafts.map((draft) => [draft, new Set()]));
    for (let i = this.drafts.length - 1; i >= 0; i--) {
      const draft = this.drafts[i] as Draft;
      const own = reached.get(draft) as Set<string>;
      if (draft.spec.kind === "sink")
        own.add(draft.spec.target.type === "table" ? draft.spec.target.table.table : "collect");
      for (const { from } of draft.inputs) for (const table of own) reached.get(from)?.add(table);
    }
    return new Map(
      this.drafts.map((draft) => {
        const sources = draft.inputs.map((input) => lineages.get(input.from)?.rows);
        const words = draft.spec.kind === "sink" ? sources : [...(reached.get(draft) as Set<string>)].sort();
        return [draft, hashOf(words, 4)];
      }),
    );
  }

  private settleUpdates(): void {
    const needed = new Set<Draft>();
    for (let i = this.drafts.length - 1; i >= 0; i--) {
      const draft = this.drafts[i] as Draft;
      const own = needed.has(draft);
      const { spec } = draft;
      if (
        (spec.kind === "group-aggregate" ||
          spec.kind === "updating-window-aggregate" ||
          spec.kind === "rank" ||
          spec.kind === "deduplicate" ||
          spec.kind === "changelog-normalize") &&
        spec.updateBefore !== own
      ) {
        draft.spec = { ...spec, updateBefore: own };
      }
      if (draft.spec.kind === "sink" && sinkDeclines(draft.spec)) continue;
      draft.inputs.forEach(({ from }, i) => {
        if (!from.appendOnly && needsUpdateBefore(draft.spec, own, i, from.upsertKeys)) needed.add(from);
      });
    }
  }
}

/** The sink of late rows that the first source behind the node names. */
function lateSink(draft: Draft): Draft | undefined {
  if (draft.lateTo !== undefined) return draft.lateTo;
  for (const { from } of draft.inputs) {
    const found = lateSink(from);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The fields with names that differ, as a node carries them. */
export function uniqueFields(fields: readonly Field[]): readonly Field[] {
  const names = uniqueNames(fields.map((field) => field.name));
  return fields.map((field, i) => (names[i] === field.name ? field : { ...field, name: names[i]! }));
}

function hashOf(identity: unknown, digits: number): string {
  return createHash("sha256").update(digest(identity)).digest("hex").slice(0, digits);
}

/** Sinks that take no -U: blackhole, and upsert sinks (their drop-update-before stands in front). */
function sinkDeclines(spec: Extract<OperatorSpec, { kind: "sink" }>): boolean {
  return spec.target.type === "table" && spec.target.table.options["connector"] === "blackhole";
}
