import { createHash } from "node:crypto";
import { SqlError } from "../../base/errors.ts";
import { faultPoint } from "../../base/fault-point.ts";
import type { Json } from "../../base/json.ts";
import { invalidOption, OptionReader } from "../../base/options.ts";
import type { ConnectorContext, RunIdentity, Sink, TableRequest } from "../api.ts";
import type { KafkaClient } from "./client/api.ts";
import { noteIdleProperties, openClient } from "./connection.ts";
import type { KafkaTable } from "./layout.ts";
import { checkPartitioner, partitionerOf } from "./partitioner.ts";
import { PrefixLease } from "./prefix-lease.ts";
import { ProduceQueue } from "./produce-queue.ts";
import { RecordWriter } from "./record-writer.ts";
import { CODECS, checkWritable, Compressor, type Codec } from "./records/compression.ts";
import { TopicRule, TopicTargets, type Target } from "./topic-targets.ts";
import { commitTransaction, isMarked, lossOf, untilVisible, type GoneTransaction } from "./transaction-marks.ts";
import type { BufferOptions } from "./upsert-buffer.ts";
import { TransactionPool } from "./transaction-pool.ts";
import { KafkaWriter } from "./writer.ts";

/** Brokers take no longer transactions unless told so. */
const MAX_TRANSACTION_MILLIS = 15 * 60_000;
const DEFAULT_MAX_REQUEST_BYTES = 1 << 20;

/** Writes topics: in transactions that checkpoints commit, or at least once. */
export class KafkaSink implements Sink {
  readonly guarantee: "at-least-once" | "exactly-once";
  readonly #request: TableRequest;
  readonly #context: ConnectorContext;
  readonly #run: RunIdentity;
  readonly #sink: KafkaTable;
  readonly #options: OptionReader;
  readonly #topics: TopicRule;
  #client: Promise<KafkaClient> | undefined;
  #lease: PrefixLease | undefined;
  /** Transactional ids of the last commit. */
  #committed: readonly string[] = [];

  constructor(request: TableRequest, context: ConnectorContext, run: RunIdentity, sink: KafkaTable) {
    this.#request = request;
    this.#context = context;
    this.#run = run;
    this.#sink = sink;
    this.#options = new OptionReader(request.options, sink.declared);
    this.guarantee =
      this.#options.word("sink.delivery-guarantee") === "exactly-once" ? "exactly-once" : "at-least-once";
    this.#topics = new TopicRule(request.table, request.options);
    checkPartitioner(this.#options.text("sink.partitioner") ?? "default", sink.layout.key !== undefined);
  }

  async begin(): Promise<void> {
    noteIdleProperties(this.#request, this.#context);
    if (this.guarantee !== "exactly-once") return;
    await this.#takeOver();
    faultPoint("kafka.begun");
  }

  async openWriter(subtask: number): Promise<KafkaWriter> {
    const { layout, upsert } = this.#sink;
    const records = new RecordWriter(this.#request, layout, upsert);
    if (this.#topics.only === undefined && !records.namesTopics) {
      throw new SqlError(
        "OPTION_INVALID",
        `table '${this.#request.table}': rows must say which of the topics is theirs`,
        {
          hint: "declare a column \"topic STRING NOT NULL METADATA\" and insert into it, or set 'topic' to one name",
        },
      );
    }
    await records.prepare();
    // Each writer has connections of its own: it may be in another thread than the sink that commits.
    const client = await openClient(this.#request, this.#context);
    try {
      return await this.#writer(client, records, subtask);
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  async #writer(client: KafkaClient, records: RecordWriter, subtask: number): Promise<KafkaWriter> {
    const targets = new TopicTargets((topic) => this.#target(client, topic, subtask));
    const { only } = this.#topics;
    const parts = {
      client,
      records,
      targets,
      only: only === undefined ? undefined : await targets.add(only),
      topics: this.#topics,
      buffer: bufferOptions(this.#request, this.#options, records, only),
      waits: this.#options.word("sink.delivery-guarantee") !== "none",
      nowMillis: () => this.#context.nowMillis(),
      check: () => this.#check(),
    };
    if (this.guarantee !== "exactly-once") {
      const idempotent = this.#request.options["properties.enable.idempotence"]?.toLowerCase() !== "false";
      const identity =
        idempotent && this.#acks() === "all"
          ? await client.transactions.init(undefined, MAX_TRANSACTION_MILLIS)
          : undefined;
      return new KafkaWriter({ ...parts, transactions: undefined }, identity);
    }
    const writerId = `${this.#prefix}-${sinkId(this.#run)}-${subtask}`;
    const pool = new TransactionPool(client, writerId, await this.#transactionMillis(client));
    // A group for each run: what another one has marked under the same ids says nothing about this one's checkpoints.
    const marks = { group: `${writerId}-${this.#run.runId}`, endVersion: await client.transactions.endVersion() };
    return new KafkaWriter({ ...parts, transactions: { pool, marks } }, await pool.take());
  }

  async #target(client: KafkaClient, topic: string, subtask: number): Promise<Target> {
    const found = await client.topicToWrite(topic);
    if (found === undefined) throw this.#noTopic(client, topic);
    const queue = new ProduceQueue(client, {
      topic,
      partitions: found.partitions,
      maxBytes: this.#maxRequestBytes(await client.topicConfig(topic, ["max.message.bytes"])),
      compressor: this.#compressor(),
      acks: this.#acks(),
      lingerMillis: Number(this.#request.options["properties.linger.ms"] ?? 0),
    });
    const name = this.#options.text("sink.partitioner") ?? "default";
    return { queue, partitioner: partitionerOf(name, subtask, found.partitions.length) };
  }

  async commit(_checkpointId: number, committables: readonly Json[]): Promise<void> {
    this.#check();
    if (committables.length === 0) return;
    const client = await this.#connected();
    const ids: string[] = [];
    const gone: GoneTransaction[] = [];
    for (const committable of committables) {
      faultPoint("kafka.before-commit");
      const ended = await commitTransaction(client, committable);
      if (typeof ended === "string") ids.push(ended);
      else gone.push(ended);
      faultPoint("kafka.commit");
    }
    this.#committed = ids;
    if (gone.length === 0) return;
    // After a restore what dead attempts prepared later is still open, and hides the marks; all that was to be committed is.
    if (this.#lease === undefined) await this.#takeOver();
    for (const one of gone) await this.#settleGone(client, one);
  }

  /** An earlier commit may have been heard of by nobody: the mark tells. */
  async #settleGone(client: KafkaClient, gone: GoneTransaction): Promise<void> {
    if (await isMarked(client, gone.transaction)) return;
    const loss = lossOf(this.#request.table, gone);
    if (this.#options.word("sink.restore.lost-transactions") !== "ignore") throw loss;
    this.#context.stderr(`note: ${loss.message}\n`);
  }

  /** Takes the prefix of the transactional ids for this run, and aborts what dead attempts have left open. */
  async #takeOver(): Promise<void> {
    const client = await this.#connected();
    this.#lease ??= await PrefixLease.take(this.#request, this.#context, this.#run, this.#prefix);
    faultPoint("kafka.leased");
    const own = `${this.#prefix}-${sinkId(this.#run)}-`;
    const open = await client.transactions.list(["Ongoing", "PrepareEpochFence"]);
    for (const { transactionalId } of open) {
      if (!transactionalId.startsWith(own)) continue;
      await client.transactions.init(transactionalId, MAX_TRANSACTION_MILLIS);
      faultPoint("kafka.aborted");
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    const open = await client?.catch(() => undefined);
    if (open !== undefined) {
      // Who reads the topic when the job has ended finds all of it.
      await untilVisible(open, this.#committed);
      await open.close();
    }
    await this.#lease?.release();
  }

  get #prefix(): string {
    return this.#options.required("sink.transactional-id-prefix");
  }

  #check(): void {
    this.#lease?.check();
  }

  #connected(): Promise<KafkaClient> {
    this.#client ??= openClient(this.#request, this.#context);
    return this.#client;
  }

  /** Longer than the broker allows is refused by it only when a transaction begins. */
  async #transactionMillis(client: KafkaClient): Promise<number> {
    const name = "transaction.max.timeout.ms";
    const most = Number((await client.brokerConfig([name])).get(name) ?? MAX_TRANSACTION_MILLIS);
    const text = this.#request.options["properties.transaction.timeout.ms"];
    const asked = text === undefined ? Math.min(most, MAX_TRANSACTION_MILLIS) : Number(text);
    if (!Number.isInteger(asked) || asked < 1)
      throw invalidOption("properties.transaction.timeout.ms", text ?? "", "milliseconds");
    if (asked <= most) return asked;
    throw invalidOption(
      "properties.transaction.timeout.ms",
      text ?? "",
      `at most ${most}, the broker's ${name}`,
      `raise ${name} on the brokers, or lower the option`,
    );
  }

  #maxRequestBytes(config: ReadonlyMap<string, string>): number {
    const topic = Number(config.get("max.message.bytes") ?? DEFAULT_MAX_REQUEST_BYTES);
    return Math.min(topic, Number(this.#request.options["properties.max.request.size"] ?? DEFAULT_MAX_REQUEST_BYTES));
  }

  #compressor(): Compressor | undefined {
    const name = this.#request.options["properties.compression.type"] ?? "none";
    if (!(CODECS as readonly string[]).includes(name))
      throw invalidOption("properties.compression.type", name, `one of ${CODECS.join(", ")}`);
    if (name === "none") return undefined;
    checkWritable(name as Codec);
    return new Compressor(name as Codec);
  }

  #acks(): "all" | "leader" | "none" {
    const text = this.#request.options["properties.acks"] ?? "all";
    if (text === "all" || text === "-1") return "all";
    if (this.guarantee === "exactly-once") throw invalidOption("properties.acks", text, "all, which transactions need");
    if (text === "1") return "leader";
    if (text === "0") return "none";
    throw invalidOption("properties.acks", text, "one of all, -1, 1, 0");
  }

  #noTopic(client: KafkaClient, topic: string): SqlError {
    return new SqlError(
      "TABLE_NOT_FOUND",
      `table '${this.#request.table}': the topic '${topic}' does not exist at ${client.bootstrap}`,
      { hint: "create it first: the brokers do not make topics by themselves (auto.create.topics.enable)" },
    );
  }
}

/** Records are kept back only where both options say so, as in Flink. */
function bufferOptions(
  request: TableRequest,
  options: OptionReader,
  records: RecordWriter,
  only: string | undefined,
): BufferOptions | undefined {
  const maxRows = options.integer("sink.buffer-flush.max-rows") ?? 0;
  const intervalMillis = options.millis("sink.buffer-flush.interval") ?? 0;
  if (maxRows <= 0 && intervalMillis <= 0) return undefined;
  if (maxRows <= 0 || intervalMillis <= 0) {
    throw new SqlError(
      "OPTION_INVALID",
      `table '${request.table}': 'sink.buffer-flush.max-rows' and 'sink.buffer-flush.interval' must be set to be greater than zero together to enable sink buffer flushing.`,
    );
  }
  if (records.writesHeaders)
    throw new SqlError("UNSUPPORTED", `table '${request.table}': 'sink.buffer-flush.*' with a column of headers`);
  if (only === undefined)
    throw new SqlError("UNSUPPORTED", `table '${request.table}': 'sink.buffer-flush.*' with several topics`);
  return { maxRows, intervalMillis };
}

/** Tells the sinks of a job apart that have one prefix. */
function sinkId({ operatorId }: RunIdentity): string {
  return createHash("sha256").update(operatorId).digest("hex").slice(0, 8);
}
