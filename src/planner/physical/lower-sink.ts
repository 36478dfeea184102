import { SqlError } from "../../base/errors.ts";
import type { OperatorSpec, SinkSpec } from "../../runtime/spec.ts";
import type { SinkMode } from "../../connectors/api.ts";
import type { Field } from "../../types/data-type.ts";
import type { Collect, Sink } from "../logical/algebra.ts";
import { needsUpdateBefore } from "../traits/changelog.ts";
import { finalOrder } from "../traits/final-order.ts";
import { tableRequest } from "./context.ts";
import type { Draft } from "./draft.ts";
import { typesOf, updatingNode } from "./draft.ts";
import { finalRows } from "./lower-batch.ts";
import type { Lowering } from "./lower.ts";
import { writtenMetadata } from "./metadata-columns.ts";
import { choiceOption } from "./options.ts";

/** The root of a job: a table that is written, or the rows of a SELECT. */
export function lowerSink(lowering: Lowering, plan: Sink | Collect): void {
  const lowered = lowering.lower(plan.inputs[0]);
  const input =
    lowering.batch && !lowered.appendOnly ? finalRows(lowering, lowered, finalOrder(plan.inputs[0])) : lowered;
  const { options } = lowering.context;
  const fields = plan.schema.fields;
  const base = {
    kind: "sink" as const,
    notNull: notNullColumns(plan),
    notNullMode: choiceOption(options, "table.exec.sink.not-null-enforcer", ["error", "drop"], "error"),
    lengthMode: choiceOption(
      options,
      "table.exec.sink.type-length-enforcer",
      ["ignore", "trim-pad", "error"],
      "ignore",
    ),
    ...constraintsInside(lowering, plan),
  };
  if (plan.kind === "Collect") {
    const spec: SinkSpec = { ...base, fields, target: { type: "collect" }, lengthMode: "ignore" };
    lowering.node(spec, [input], `Sink(table=[collect], fields=[${names(fields)}])`, fields, false);
    return;
  }
  const request = tableRequest(plan.table, plan.options, lowering.context.session.timeZone);
  const connector = lowering.context.connectorOf(request);
  const sinkMode = connector.sinkModeOf?.(request, lowering.context.connectors) ?? connector.sinkMode;
  if (connector.sink === undefined || sinkMode === "none") {
    throw new SqlError(
      "INVALID_QUERY",
      `Connector '${connector.name}' can only be used as a source. It cannot be used as a sink.`,
      { span: plan.span },
    );
  }
  if (plan.table.distribution !== undefined) {
    throw new SqlError(
      "PLANNING",
      `Table '${request.table}' is distributed into buckets, but the connector '${connector.name}' makes no buckets`,
      { span: plan.span, hint: "ALTER TABLE … DROP DISTRIBUTION" },
    );
  }
  if (sinkMode === "append" && !input.appendOnly) {
    throw new SqlError(
      "CHANGELOG_MODE",
      `Table sink '${request.table}' doesn't support consuming update changes which is produced by node ${updatingNode(input).description}`,
      { span: plan.span, hint: "write into a sink that takes updates, or use a window so that each result is final" },
    );
  }
  const keyed = sinkMode === "upsert" || sinkMode === "all";
  const primaryKey = plan.table.primaryKey?.columns ?? [];
  const last = keyed ? keyedInput(lowering, input, sinkMode, primaryKey, plan) : input;
  const writes = writtenMetadata(lowering, last, connector, request, plan.span);
  const spec: SinkSpec = { ...base, fields: writes.fields, target: { type: "table", table: request } };
  lowering.node(spec, [writes], `Sink(table=[${request.table}], fields=[${names(fields)}])`, fields, false);
}

/**
 * What a sink with a primary key is given. Where no key of the query's updates lies within it, several rows of the query
 * may fall on one key of the sink, and a materialiser decides which of them is the last. An upsert sink needs no -U when
 * both keys are the same; where they differ a -U may be of another key than the +U behind it, and is a delete.
 */
function keyedInput(
  lowering: Lowering,
  input: Draft,
  sinkMode: SinkMode,
  primaryKey: readonly string[],
  { onConflict, schema: { fields } }: Sink,
): Draft {
  const mode = choiceOption(
    lowering.context.options,
    "table.exec.sink.upsert-materialize",
    ["auto", "force", "none"],
    "auto",
  );
  const keys = primaryKey.map((name) => fields.findIndex((f) => f.name === name));
  const within = input.upsertKeys.some((key) => key.every((k) => keys.includes(k)));
  const same = input.upsertKeys.some((key) => key.length === keys.length && key.every((k) => keys.includes(k)));
  const kept = onConflict === "first" ? onConflict : onConflict === "error" ? "only" : undefined;
  const asked = mode === "force" || (!within && (mode === "auto" || onConflict !== undefined));
  if (keys.length > 0 && asked && (!input.appendOnly || kept !== undefined)) {
    const spec: OperatorSpec = {
      kind: "sink-materialize",
      input: typesOf(input),
      keys,
      ...(kept === undefined ? {} : { keep: kept }),
      ttlMillis: lowering.ttlMillis,
    };
    const text = `SinkMaterializer(key=[${primaryKey.join(", ")}]${kept === undefined ? "" : `, keep=[${kept === "first" ? "FirstRow" : "OnlyRow"}]`})`;
    return lowering.node(spec, [input], text, input.fields);
  }
  if (sinkMode !== "upsert" || input.appendOnly || (keys.length > 0 && !same) || !updatesInPairs(input)) return input;
  return lowering.node(
    { kind: "drop-update-before", input: typesOf(input) },
    [input],
    "DropUpdateBefore",
    input.fields,
  );
}

/** Operators that make their changes themselves: each -U comes with the +U that replaces it. */
const MAKES_PAIRS: ReadonlySet<OperatorSpec["kind"]> = new Set([
  "scan",
  "group-aggregate",
  "updating-window-aggregate",
  "rank",
  "deduplicate",
  "over",
  "sink-materialize",
  "changelog-normalize",
]);

/** False: a -U may come without its +U, which a filter or a join has not let pass, and is a delete then (FLINK-9528). */
function updatesInPairs({ spec, inputs }: Draft): boolean {
  if (MAKES_PAIRS.has(spec.kind)) return true;
  return inputs.every(
    ({ from }, i) => from.appendOnly || (!needsUpdateBefore(spec, false, i, from.upsertKeys) && updatesInPairs(from)),
  );
}

/** `table.exec.sink.nested-constraint-enforcer`. */
function constraintsInside(lowering: Lowering, plan: Sink | Collect): Pick<SinkSpec, "inside"> {
  const { options } = lowering.context;
  const name = "table.exec.sink.nested-constraint-enforcer";
  const mode = choiceOption(options, name, ["ignore", "rows", "rows-and-collections"], "ignore");
  if (mode === "ignore") return {};
  const collections = mode === "rows-and-collections";
  const { fields } = plan.schema;
  if (plan.kind === "Collect") return { inside: { types: fields.map((f) => f.type), collections } };
  const cutting = choiceOption(
    options,
    "table.exec.sink.type-length-enforcer",
    ["ignore", "trim-pad", "error"],
    "ignore",
  );
  if (collections && cutting === "trim-pad") {
    throw new SqlError(
      "PLANNING",
      "Trimming and/or padding is not supported if constraint checking is enabled on types nested in collections.",
      { span: plan.span, hint: `SET '${name}' = 'ROWS', or 'table.exec.sink.type-length-enforcer' = 'ERROR'` },
    );
  }
  const declared = new Map(
    plan.table.columns.flatMap((c) => (c.kind === "computed" ? [] : [[c.name, c.type] as const])),
  );
  return { inside: { types: fields.map((f) => declared.get(f.name) ?? f.type), collections } };
}

/** Columns that must not be NULL: those of the table; of a SELECT those whose type says so. */
function notNullColumns(plan: Sink | Collect): readonly number[] {
  const { fields } = plan.schema;
  if (plan.kind === "Collect") return fields.flatMap((f, i) => (f.type.nullable ? [] : [i]));
  const required = new Set(
    plan.table.columns.flatMap((c) => (c.kind !== "computed" && !c.type.nullable ? [c.name] : [])),
  );
  return fields.flatMap((f, i) => (required.has(f.name) ? [i] : []));
}

function names(fields: readonly Field[]): string {
  return fields.map((f) => f.name).join(", ");
}
