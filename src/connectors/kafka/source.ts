import { SqlError, messageOf } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { OptionReader } from "../../base/options.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { ConnectorContext, ScanRequest, Source, Split } from "../api.ts";
import type { Isolation, KafkaClient, TopicPartition } from "./client/api.ts";
import { isolationOf, noteIdleProperties, openClient, topicNames, topicPattern } from "./connection.ts";
import type { KafkaTable } from "./layout.ts";
import { checkMetadata } from "./metadata.ts";
import { boundedRule, resolveOffsets, startupRule, type OffsetRule } from "./offsets.ts";
import { KafkaFeed } from "./partition-feed.ts";
import { partitionName, partitionNamed } from "./partition-name.ts";
import { offsetOf, PartitionReader, type PartitionSplit } from "./partition-reader.ts";
import { RowDecoder } from "./record-decoder.ts";

/** Partitions that come later are read from their beginning: nothing of them has been seen. */
const NEW_PARTITIONS: OffsetRule = { kind: "earliest" };

/** Reads the partitions of topics, each a split, side by side. There is no consumer group: offsets are in the checkpoint. */
export class KafkaSource implements Source {
  readonly bounded: boolean;
  readonly sideBySide = true;
  readonly #request: ScanRequest;
  readonly #context: ConnectorContext;
  readonly #source: KafkaTable;
  readonly #options: OptionReader;
  readonly #startup: OffsetRule;
  readonly #end: OffsetRule;
  readonly #isolation: Isolation;
  readonly #discoveryMillis: number;
  #wake: () => void = () => undefined;
  #client: Promise<KafkaClient> | undefined;
  #feed: KafkaFeed | undefined;
  #rows: RowDecoder | undefined;
  #listed: Split[] = [];
  #listedAtMillis = -Infinity;
  #hasWarned = false;

  constructor(request: ScanRequest, context: ConnectorContext, source: KafkaTable) {
    for (const column of request.columns)
      if (column.kind === "metadata") checkMetadata(column.key, source.layout.value.format);
    this.#request = request;
    this.#context = context;
    this.#source = source;
    this.#options = new OptionReader(request.options, source.declared);
    this.#startup = source.upsert ? { kind: "earliest" } : startupRule(request, source.declared);
    this.#end = boundedRule(request, source.declared);
    this.#isolation = isolationOf(request.options);
    this.#discoveryMillis = this.#options.millis("scan.topic-partition-discovery.interval") ?? 0;
    this.bounded = this.#end.kind !== "never";
  }

  onReady(wake: () => void): void {
    this.#wake = wake;
  }

  async discoverSplits(known: ReadonlySet<string>): Promise<readonly Split[]> {
    const now = this.#context.nowMillis();
    if (this.#listedAtMillis === -Infinity) {
      this.#listedAtMillis = now;
      noteIdleProperties(this.#request, this.#context);
      await this.#list(known, known.size === 0 ? this.#startup : NEW_PARTITIONS);
    } else if (this.#discoveryMillis > 0 && now - this.#listedAtMillis >= this.#discoveryMillis) {
      // The job goes on meanwhile. Brokers that do not answer now are asked again.
      this.#listedAtMillis = now;
      this.#list(known, NEW_PARTITIONS).catch(() => undefined);
    }
    return this.#listed;
  }

  async #list(known: ReadonlySet<string>, rule: OffsetRule): Promise<void> {
    const client = await this.#connected();
    const listed = new Set(this.#listed.map(({ id }) => id));
    const found = (await this.#partitions(client)).filter(
      (one) => !known.has(partitionName(one)) && !listed.has(partitionName(one)),
    );
    const starts = await resolveOffsets(client, rule, found, this.#isolation);
    const unknown = found.filter((_, i) => starts[i] === undefined);
    const beginnings = await client.offsets(unknown, "earliest", this.#isolation);
    const stops = await resolveOffsets(client, this.#end, found, this.#isolation);
    this.#listed.push(
      ...found.map((one, i): Split => {
        const split: PartitionSplit = {
          topic: one.topic,
          partition: one.partition,
          start: starts[i] ?? beginnings[unknown.indexOf(one)] ?? 0,
          stop: stops[i] ?? null,
        };
        return { id: partitionName(one), data: split as unknown as Json };
      }),
    );
  }

  async openSplit(split: Split, position: Json | undefined): Promise<PartitionReader> {
    const client = await this.#connected();
    const data = split.data as unknown as PartitionSplit;
    this.#feed ??= this.#openFeed(client);
    const reader = new PartitionReader(data, offsetOf(position) ?? data.start, this.#feed);
    this.#feed.add(reader);
    return reader;
  }

  /** For tools that look at groups; nothing is read from there again. A failure is told once and does no harm. */
  async checkpointComplete(_checkpointId: number, positions: ReadonlyMap<string, Json>): Promise<void> {
    const { options } = this.#request;
    const group = options["properties.group.id"];
    if (group === undefined || options["properties.commit.offsets.on.checkpoint"]?.toLowerCase() === "false") return;
    const offsets = [...positions].flatMap(([id, position]) => {
      const offset = offsetOf(position);
      return offset === undefined ? [] : [{ ...partitionNamed(id), offset }];
    });
    if (offsets.length === 0) return;
    try {
      await (await this.#connected()).commit(group, offsets);
    } catch (error) {
      if (this.#hasWarned) return;
      this.#hasWarned = true;
      this.#context.stderr(
        `note: table ${this.#request.table}: offsets are not committed to the group '${group}': ${messageOf(error)}\n`,
      );
    }
  }

  counters(): Readonly<Record<string, number>> {
    return { skippedRecords: this.#rows?.skippedRecords ?? 0, skippedFields: this.#rows?.skippedFields ?? 0 };
  }

  async close(): Promise<void> {
    this.#feed?.close();
    const client = this.#client;
    this.#client = undefined;
    // One that never connected has nothing to close.
    await client?.then(
      (open) => open.close(),
      () => undefined,
    );
  }

  #openFeed(client: KafkaClient): KafkaFeed {
    const { columns, options, table } = this.#request;
    this.#rows = new RowDecoder({ scan: this.#request, layout: this.#source.layout, upsert: this.#source.upsert });
    return new KafkaFeed(client, {
      rows: this.#rows,
      decoder: {
        checkCrcs: options["properties.check.crcs"]?.toLowerCase() !== "false",
        headers: columns.some((c) => c.kind === "metadata" && c.key.startsWith("header")),
      },
      isolation: this.#isolation,
      outOfRange: (this.#options.word("scan.restore.out-of-range") ?? "fail") as "fail" | "earliest" | "latest",
      table,
      wake: () => this.#wake(),
      note: (text) => this.#context.stderr(text),
    });
  }

  #connected(): Promise<KafkaClient> {
    this.#client ??= openClient(this.#request, this.#context);
    return this.#client;
  }

  async #partitions(client: KafkaClient): Promise<readonly TopicPartition[]> {
    const pattern = topicPattern(this.#request.options["topic-pattern"]);
    const topics =
      pattern === undefined
        ? await client.describeTopics(topicNames(this.#request.options["topic"] ?? ""))
        : (await client.topics()).filter(({ topic, internal }) => !internal && pattern.test(topic));
    if (pattern === undefined) {
      for (const name of topicNames(this.#request.options["topic"] ?? ""))
        if (!topics.some(({ topic }) => topic === name)) throw await this.#noTopic(client, name);
    }
    return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
  }

  async #noTopic(client: KafkaClient, name: string): Promise<SqlError> {
    const all = await client.topics();
    return new SqlError(
      "TABLE_NOT_FOUND",
      `table '${this.#request.table}': the topic '${name}' does not exist at ${client.bootstrap}`,
      {
        hint: didYouMean(
          name,
          all.map(({ topic }) => topic),
        ),
      },
    );
  }
}
