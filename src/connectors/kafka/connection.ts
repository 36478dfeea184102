import { invalidOption, optionsWithPrefix } from "../../base/options.ts";
import type { ConnectorContext, TableRequest } from "../api.ts";
import type { Isolation, KafkaClient } from "./client/api.ts";
import { propertiesWithoutEffect } from "./client/properties/settings-of.ts";

/** Connects to the cluster of a table. The client is loaded only now: it is large, and most jobs have no Kafka table. */
export async function openClient({ options }: TableRequest, context: ConnectorContext): Promise<KafkaClient> {
  const { connectKafka } = await import("./client/index.ts");
  return await connectKafka(optionsWithPrefix(options, "properties."), { baseDirectory: context.baseDirectory });
}

/** Says which of a table's `properties.*` do nothing here: they only tune the Java client, or nobody knows them. */
export function noteIdleProperties({ table, options }: TableRequest, context: ConnectorContext): void {
  const idle = propertiesWithoutEffect(optionsWithPrefix(options, "properties."));
  if (idle.length > 0)
    context.stderr(
      `note: table ${table}: without effect here: ${idle.map((name) => `properties.${name}`).join(", ")}\n`,
    );
}

/** The topics of an option `topic`, which are separated by `;`. */
export function topicNames(text: string): string[] {
  return text
    .split(";")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** Throws OPTION_INVALID for what is no regular expression. */
export function topicPattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(`^(?:${text})$`, "u");
  } catch (error) {
    throw invalidOption("topic-pattern", text, `a regular expression (${String(error)})`);
  }
}

/** Rows of transactions that are open or aborted are not rows: unlike Java's consumer, read_committed is the default. */
export function isolationOf(options: Readonly<Record<string, string>>): Isolation {
  const text = options["properties.isolation.level"] ?? "read_committed";
  if (text === "read_committed" || text === "read_uncommitted") return text;
  throw invalidOption("properties.isolation.level", text, "read_committed or read_uncommitted");
}
