import { createHash } from "node:crypto";
import type { Exchange, OperatorSpec, PhysicalNode } from "../../runtime/spec.ts";
import type { DataType, Field } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import { exchangeOf } from "./exchanges.ts";
import { digest } from "../logical/rewrite.ts";
import { isAppendOnly, needsUpdateBefore } from "../traits/changelog.ts";
import { upsertKey } from "../traits/upsert-key.ts";

/** A physical node before ids and -U requirements are settled. */
export interface Draft {
  spec: OperatorSpec;
  readonly inputs: readonly { readonly from: Draft; readonly exchange: Exchange }[];
  /** The line of EXPLAIN; together with its inputs it also names the node, so it says all that matters. */
  readonly description: string;
  /** Names are unique: of two equal ones the second is `name0`. */
  readonly fields: readonly Field[];
  readonly appendOnly: boolean;
  /** Columns that key its updates, when they are known. */
  readonly upsertKey: readonly number[] | undefined;
  /** May be shared by several consumers: nothing in it differs from call to call. */
  readonly shareable: boolean;
  /** The sink of a scan's `errors.table`; it comes before the scan. */
  readonly errorsTo?: Draft | undefined;
}

export const FORWARD: Exchange = { kind: "forward" };

export function typesOf(draft: { readonly fields: readonly Field[] }): readonly DataType[] {
  return draft.fields.map((f) => f.type);
}

/** The drafts of one job; equal work is planned once. */
export class DraftGraph {
  readonly drafts: Draft[] = [];
  readonly #byDigest = new Map<string, Draft>();
  readonly #numbers = new Map<Draft, number>();

  add(
    node: Omit<Draft, "appendOnly" | "upsertKey" | "shareable"> & { readonly shareable?: boolean | undefined },
  ): Draft {
    const shareable = node.shareable ?? true;
    const identity = digest([node.spec, node.inputs.map((i) => [this.#numbers.get(i.from), i.exchange])]);
    const known = shareable ? this.#byDigest.get(identity) : undefined;
    if (known !== undefined) return known;
    const appendOnly = isAppendOnly(
      node.spec,
      node.inputs.map((i) => i.from.appendOnly),
    );
    const key = upsertKey(
      node.spec,
      node.inputs.map((i) => i.from.upsertKey),
    );
    const draft: Draft = { ...node, fields: uniqueNames(node.fields), appendOnly, upsertKey: key, shareable };
    this.#numbers.set(draft, this.drafts.push(draft) - 1);
    if (shareable) this.#byDigest.set(identity, draft);
    return draft;
  }

  /**
   * Settles -U requirements from the consumers down and names the nodes. An id is a hash of what the node does, in
   * words, and of its inputs, so that it does not move when another part of the script changes, or reads more columns of
   * a source that both share.
   */
  finish(): readonly PhysicalNode[] {
    this.settleUpdates();
    const ids = new Map<Draft, string>();
    const lineages = new Map<Draft, string>();
    const taken = new Set<string>();
    return this.drafts.map((draft) => {
      const below = draft.inputs.map((i) => lineages.get(i.from) as string);
      const hash = createHash("sha256")
        .update(digest([identityOf(draft), below]))
        .digest("hex")
        .slice(0, 12);
      let id = `${draft.spec.kind}-${hash}`;
      for (let n = 2; taken.has(id); n++) id = `${draft.spec.kind}-${hash}-${n}`;
      taken.add(id);
      ids.set(draft, id);
      lineages.set(draft, onlyNarrows(draft) ? (below[0] as string) : id);
      if (draft.spec.kind === "scan" && draft.errorsTo !== undefined)
        draft.spec = { ...draft.spec, errorsTo: ids.get(draft.errorsTo) };
      const inputs = draft.inputs.map((i, input) => ({
        from: ids.get(i.from) as string,
        exchange: exchangeOf(draft.spec, input),
      }));
      return { id, spec: draft.spec, inputs, description: draft.description, fields: draft.fields };
    });
  }

  private settleUpdates(): void {
    const needed = new Set<Draft>();
    for (let i = this.drafts.length - 1; i >= 0; i--) {
      const draft = this.drafts[i] as Draft;
      const own = needed.has(draft);
      const { spec } = draft;
      if (
        (spec.kind === "group-aggregate" || spec.kind === "rank" || spec.kind === "deduplicate") &&
        spec.updateBefore !== own
      ) {
        draft.spec = { ...spec, updateBefore: own };
      }
      if (draft.spec.kind === "sink" && sinkDeclines(draft.spec)) continue;
      if (needsUpdateBefore(draft.spec, own))
        for (const input of draft.inputs) if (!input.from.appendOnly) needed.add(input.from);
    }
  }
}

/** The fields with names that differ, as a node carries them. */
export function uniqueNames(fields: readonly Field[]): readonly Field[] {
  const taken = new Set<string>();
  return fields.map((field) => {
    let { name } = field;
    for (let n = 0; taken.has(name); n++) name = `${field.name}${n}`;
    taken.add(name);
    return name === field.name ? field : { ...field, name };
  });
}

/** A projection of plain columns under their own names: whether it is there depends on what others read of a shared source. */
function onlyNarrows({ spec, inputs, fields }: Draft): boolean {
  if (spec.kind !== "calc" || spec.filter !== undefined) return false;
  const below = inputs[0]?.from.fields;
  return spec.projections.every((e, i) => e.kind === "column" && below?.[e.index]?.name === fields[i]?.name);
}

function typedName({ name, type }: Field): string {
  return `${name} ${typeText(type, { withNullability: true })}`;
}

/** Sinks that take no -U: blackhole, and upsert sinks (their drop-update-before stands in front). */
function sinkDeclines(spec: Extract<OperatorSpec, { kind: "sink" }>): boolean {
  return spec.target.type === "table" && spec.target.table.options["connector"] === "blackhole";
}

/** What names a node and its state: pacing and other knobs may change without losing it. */
function identityOf({ spec, description, inputs, fields }: Draft): unknown {
  switch (spec.kind) {
    case "scan":
      return ["scan", spec.table.table, spec.table.options["path"] ?? null, spec.partitionPredicate ?? null];
    case "values":
      return spec;
    case "sink":
      return spec.target.type === "collect" ? ["collect"] : ["sink", spec.target.table.table];
    case "calc":
    case "watermark":
    case "union":
    case "expand":
    case "window-tvf":
    case "drop-update-before":
      return [spec.kind, description];
    default:
      // State holds columns of the inputs.
      return [spec.kind, description, [...inputs.map((i) => i.from.fields), fields].map((list) => list.map(typedName))];
  }
}
