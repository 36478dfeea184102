import { SqlError } from "../../base/errors.ts";
import { invalidOption, OptionReader } from "../../base/options.ts";
import type { ConnectorOption, TableRequest } from "../api.ts";
import type { Isolation, KafkaClient, TopicPartition } from "./client/api.ts";

/** A place in every partition: where reading begins, or where it ends. */
export type OffsetRule =
  | { readonly kind: "earliest" | "latest" | "never" }
  | { readonly kind: "group"; readonly group: string; readonly reset: "earliest" | "latest" | "none" }
  | { readonly kind: "timestamp"; readonly millis: number }
  | { readonly kind: "specific"; readonly offsets: ReadonlyMap<number, number> };

/** Reads the `scan.startup.*` options. Throws OPTION_*. */
export function startupRule(request: TableRequest, declared: readonly ConnectorOption[]): OffsetRule {
  return offsetRule(request, declared, "scan.startup");
}

/** Reads the `scan.bounded.*` options; `never`: the table is unbounded. Throws OPTION_*. */
export function boundedRule(request: TableRequest, declared: readonly ConnectorOption[]): OffsetRule {
  return offsetRule(request, declared, "scan.bounded");
}

function offsetRule(request: TableRequest, declared: readonly ConnectorOption[], prefix: string): OffsetRule {
  const options = new OptionReader(request.options, declared);
  switch (options.word(`${prefix}.mode`)) {
    case "earliest-offset":
    case undefined:
      return { kind: "earliest" };
    case "latest-offset":
      return { kind: "latest" };
    case "unbounded":
      return { kind: "never" };
    case "timestamp": {
      const millis = options.integer(`${prefix}.timestamp-millis`);
      if (millis === undefined) throw missing(`${prefix}.timestamp-millis`, `${prefix}.mode`, "timestamp");
      return { kind: "timestamp", millis };
    }
    case "specific-offsets":
      return { kind: "specific", offsets: specificOffsets(request, options, prefix) };
    default:
      return groupRule(request, `${prefix}.mode`);
  }
}

function groupRule({ options, table }: TableRequest, mode: string): OffsetRule {
  const group = options["properties.group.id"];
  if (group === undefined) {
    throw new SqlError(
      "OPTION_MISSING",
      `table '${table}': the property 'properties.group.id' is required when '${mode}' is 'group-offsets'`,
      { hint: mode === "scan.startup.mode" ? "or set 'scan.startup.mode' = 'earliest-offset'" : undefined },
    );
  }
  const reset = options["properties.auto.offset.reset"] ?? "none";
  if (reset !== "earliest" && reset !== "latest" && reset !== "none")
    throw invalidOption("properties.auto.offset.reset", reset, "one of earliest, latest, none");
  return { kind: "group", group, reset };
}

function specificOffsets(request: TableRequest, options: OptionReader, prefix: string): ReadonlyMap<number, number> {
  const name = `${prefix}.specific-offsets`;
  const text = options.text(name);
  if (text === undefined) throw missing(name, `${prefix}.mode`, "specific-offsets");
  if ((request.options["topic"] ?? "").includes(";") || request.options["topic-pattern"] !== undefined) {
    throw new SqlError(
      "OPTION_INVALID",
      `'${prefix}.mode' = 'specific-offsets' takes one topic, but table '${request.table}' has several`,
    );
  }
  const offsets = new Map<number, number>();
  for (const pair of text.split(";")) {
    if (pair.trim() === "") continue;
    const match = /^\s*partition:(\d+)\s*,\s*offset:(\d+)\s*$/.exec(pair);
    if (match === null) throw invalidOption(name, text, "pairs as in 'partition:0,offset:42;partition:1,offset:300'");
    offsets.set(Number(match[1]), Number(match[2]));
  }
  return offsets;
}

function missing(name: string, mode: string, value: string): SqlError {
  return new SqlError("OPTION_MISSING", `option '${name}' is missing: '${mode}' = '${value}' requires it`);
}

/** The offsets that a rule means, now, for these partitions; undefined where it means none. */
export async function resolveOffsets(
  client: KafkaClient,
  rule: OffsetRule,
  partitions: readonly TopicPartition[],
  isolation: Isolation,
): Promise<readonly (number | undefined)[]> {
  switch (rule.kind) {
    case "never":
      return partitions.map(() => undefined);
    case "earliest":
    case "latest":
      return await client.offsets(partitions, rule.kind, isolation);
    case "timestamp":
      return await client.offsets(partitions, { timestampMillis: rule.millis }, isolation);
    case "specific":
      return partitions.map(({ partition }) => rule.offsets.get(partition));
    case "group": {
      const committed = await client.committed(rule.group, partitions);
      const missed = partitions.filter((_, i) => committed[i] === undefined);
      if (missed.length === 0) return committed.map((one) => one!.offset);
      if (rule.reset === "none") throw noOffset(missed[0]!, rule.group);
      const reset = await client.offsets(missed, rule.reset, isolation);
      let next = 0;
      return committed.map((one) => one?.offset ?? reset[next++]);
    }
  }
}

function noOffset({ topic, partition }: TopicPartition, group: string): SqlError {
  return new SqlError(
    "OPTION_INVALID",
    `the group '${group}' has no committed offset for partition ${partition} of topic '${topic}', and 'properties.auto.offset.reset' is not set`,
    {
      hint: "set 'scan.startup.mode' = 'earliest-offset', or 'properties.auto.offset.reset' = 'earliest' or 'latest'",
    },
  );
}
