import { SqlError } from "../../base/errors.ts";
import { OptionReader, optionsWithPrefix } from "../../base/options.ts";
import type { Connector, ConnectorContext, ConnectorOption, TableRequest } from "../api.ts";
import { validateDeclared } from "../validate.ts";
import { settingsOf } from "./client/properties/settings-of.ts";
import { isolationOf, topicNames, topicPattern } from "./connection.ts";
import { recordLayout, valueFormat, type KafkaTable } from "./layout.ts";
import { KAFKA_METADATA, WRITABLE_METADATA } from "./metadata.ts";
import { boundedRule } from "./offsets.ts";
import { KAFKA_OPTIONS, UPSERT_KAFKA_OPTIONS } from "./options.ts";
import { KafkaSink } from "./sink.ts";
import { KafkaSource } from "./source.ts";

function tableOf(request: TableRequest, context: ConnectorContext, upsert: boolean): KafkaTable {
  const declared = upsert ? UPSERT_KAFKA_OPTIONS : KAFKA_OPTIONS;
  return { layout: recordLayout(request, context, upsert), declared, upsert };
}

/** Topics of Kafka, read side by side by partition and written, exactly once where asked. */
export const kafka: Connector = {
  name: "kafka",
  options: KAFKA_OPTIONS,
  format: "key-value",
  metadata: KAFKA_METADATA,
  writableMetadata: WRITABLE_METADATA,
  sinkMode: "append",
  sinkModeOf: (request, context) => (valueFormat(request, context).changelog === "full" ? "retract" : "append"),
  sourceMode: (request, context) => valueFormat(request, context).changelog,
  validate(request, context) {
    validateDeclared(kafka, request, context);
    checkCommon(request, context, KAFKA_OPTIONS);
    const { topic } = request.options;
    const pattern = topicPattern(request.options["topic-pattern"]);
    if (topic !== undefined && pattern !== undefined) {
      throw new SqlError("OPTION_CONFLICT", "Option 'topic' and 'topic-pattern' shouldn't be set together.");
    }
    if (pattern === undefined && topicNames(topic ?? "").length === 0)
      throw new SqlError("OPTION_MISSING", "Either 'topic' or 'topic-pattern' must be set.");
    if (valueFormat(request, context).changelog === "insert-only" && request.primaryKey.length > 0) {
      throw new SqlError(
        "OPTION_INVALID",
        `The Kafka table '${request.table}' with '${valueFormat(request, context).name}' format doesn't support defining PRIMARY KEY constraint on the table, because it can't guarantee the semantic of primary key.`,
        { hint: "the connector 'upsert-kafka' has primary keys" },
      );
    }
    recordLayout(request, context, false);
  },
  isBounded: (request) => boundedRule(request, KAFKA_OPTIONS).kind !== "never",
  source: (request, context) => new KafkaSource(request, context, tableOf(request, context, false)),
  sink: (request, context, run) => new KafkaSink(request, context, run, tableOf(request, context, false)),
};

/** A topic as a table with a primary key: the last value of a key is its row, a NULL value deletes it. */
export const upsertKafka: Connector = {
  name: "upsert-kafka",
  options: UPSERT_KAFKA_OPTIONS,
  format: "key-value",
  metadata: KAFKA_METADATA,
  writableMetadata: WRITABLE_METADATA,
  sinkMode: "upsert",
  sourceMode: () => "upsert",
  validate(request, context) {
    validateDeclared(upsertKafka, request, context);
    checkCommon(request, context, UPSERT_KAFKA_OPTIONS);
    if (request.primaryKey.length === 0) {
      throw new SqlError(
        "OPTION_INVALID",
        "'upsert-kafka' tables require to define a PRIMARY KEY constraint. The PRIMARY KEY specifies which columns should be read from or write to the Kafka message key. The PRIMARY KEY also defines records in the 'upsert-kafka' table should update or delete on which keys.",
      );
    }
    if (request.options["value.format"] === undefined) {
      throw new SqlError("OPTION_MISSING", `table '${request.table}' needs the option 'value.format'`, {
        hint: request.options["format"] === undefined ? undefined : "it stands for 'format' here",
      });
    }
    const { key, value } = recordLayout(request, context, true);
    if (key === undefined)
      throw new SqlError("OPTION_MISSING", `table '${request.table}' needs the option 'key.format'`);
    for (const { format, optionPrefix } of [key, value]) {
      if (format.changelog === "insert-only") continue;
      throw new SqlError(
        "OPTION_INVALID",
        `'upsert-kafka' connector doesn't support '${format.name}' as ${optionPrefix.startsWith("key.") ? "key" : "value"} format, because '${format.name}' is not in insert-only mode.`,
      );
    }
  },
  isBounded: (request) => boundedRule(request, UPSERT_KAFKA_OPTIONS).kind !== "never",
  source: (request, context) => new KafkaSource(request, context, tableOf(request, context, true)),
  sink: (request, context, run) => new KafkaSink(request, context, run, tableOf(request, context, true)),
};

function checkCommon(request: TableRequest, context: ConnectorContext, declared: readonly ConnectorOption[]): void {
  settingsOf(optionsWithPrefix(request.options, "properties."), context.baseDirectory);
  isolationOf(request.options);
  boundedRule(request, declared);
  const options = new OptionReader(request.options, declared);
  if (
    options.word("sink.delivery-guarantee") === "exactly-once" &&
    options.text("sink.transactional-id-prefix") === undefined
  ) {
    throw new SqlError(
      "OPTION_MISSING",
      "sink.transactional-id-prefix must be specified when using DeliveryGuarantee.EXACTLY_ONCE.",
    );
  }
}
