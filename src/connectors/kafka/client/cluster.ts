import { AnswerBuffers } from "./answer-buffers.ts";
import type { CallOptions, TopicPartition } from "./api.ts";
import { connectionLost } from "./connection-errors.ts";
import { answered, KafkaError, throwOnCode } from "./errors.ts";
import { kafkaErrorName, type KafkaErrorName, type Repetition } from "./error-codes.ts";
import { abortable, raceAbort } from "./abort.ts";
import { apiVersions } from "./protocol/api-versions.ts";
import { findCoordinator, type CoordinatorKind } from "./protocol/find-coordinator.ts";
import { metadata, type ClusterMetadata, type TopicMetadata } from "./protocol/metadata.ts";
import type { Api, Throttled } from "./protocol/request.ts";
import { WireReader, WireWriter } from "./protocol/wire.ts";
import { retry } from "./retry.ts";
import { addressText, type Address, type ClientSettings } from "./settings.ts";
import type { Log, Transport, WireConnection } from "./transport.ts";

/** A broker, or an address of `bootstrap.servers` that is not known to be one yet (negative id). */
interface Node {
  readonly id: number;
  readonly address: Address;
  readonly lanes: Map<string, Promise<WireConnection>>;
}

export interface SendOptions {
  readonly signal: AbortSignal;
  /** Default: `request.timeout.ms`. */
  readonly timeoutMillis?: number | undefined;
  /** Default: the highest that both sides know. */
  readonly version?: number | undefined;
  /** Part of the connection's name, for callers whose requests must not wait for those of others. */
  readonly lane?: string | undefined;
}

/** Where an attempt of a call stands. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** Of one request. */
  readonly timeoutMillis: number;
}

/**
 * The brokers of one cluster: connections, made when they are needed and again when they were lost, who leads a
 * partition and who coordinates a key. Knows no particular request but those that answer these questions.
 */
export class KafkaCluster {
  readonly settings: ClientSettings;
  /** Of large answers: who has read one may give its memory back. */
  readonly buffers = new AnswerBuffers();
  private readonly transport: Transport;
  private readonly log: Log;
  private readonly nodes = new Map<number, Node>();
  private readonly leaders = new Map<string, readonly number[]>();
  private readonly topicErrors = new Map<string, KafkaErrorName>();
  private readonly coordinators = new Map<string, number>();
  private readonly closing = new AbortController();
  private refreshedAtMillis = 0;

  constructor(settings: ClientSettings, transport: Transport, log: Log) {
    this.settings = settings;
    this.transport = transport;
    this.log = log;
    this.addBootstrapNodes();
  }

  get bootstrap(): string {
    return this.settings.bootstrap.map(addressText).join(",");
  }

  /** Reaches the first broker that answers; throws what the last address said when none did. */
  async connect(options: CallOptions): Promise<void> {
    const deadlineMillis = options.deadlineMillis ?? FIRST_CONTACT_MILLIS + this.settings.connectTimeoutMillis;
    const what = `connecting to Kafka at ${this.bootstrap}`;
    await this.repeat(what, { ...options, deadlineMillis }, FIRST_CONTACT_MILLIS, (attempt) =>
      this.refresh([], attempt),
    );
  }

  /** Repeats an attempt while what it throws may pass, looking up again what has moved. */
  call<T>(what: string, options: CallOptions | undefined, run: (attempt: Attempt) => Promise<T>): Promise<T> {
    return this.repeat(what, options, undefined, run);
  }

  private async repeat<T>(
    what: string,
    options: CallOptions | undefined,
    lastStartMillis: number | undefined,
    run: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    const ended = abortable(this.closing.signal, options?.signal);
    const deadlineMillis = options?.deadlineMillis ?? this.settings.apiTimeoutMillis;
    const policy = this.settings.retry;
    const forget = (repetition: Repetition): void => this.forget(repetition);
    const request = { policy, deadlineMillis, lastStartMillis, signal: ended.signal, what, forget };
    try {
      // A request keeps its own time also where the call has less: a connection that others use is not closed for that.
      const timeoutMillis = this.settings.requestTimeoutMillis;
      return await retry(request, (signal) => run({ signal, timeoutMillis }));
    } finally {
      ended.release();
    }
  }

  /** One request to one broker. */
  async send<Request, Answer>(
    node: number,
    api: Api<Request, Answer>,
    request: Request,
    options: SendOptions,
  ): Promise<Answer> {
    const connection = await raceAbort(this.connection(this.node(node), options.lane ?? api.lane), options.signal);
    const version = options.version ?? versionFor(connection, api, this.describeNode(node));
    const writer = new WireWriter();
    api.encode(writer, request, version);
    const assumed = api.unanswered?.(request);
    const answers = assumed === undefined;
    const flexible = version >= api.flexibleFrom;
    const frame = { key: api.key, name: api.name, version, flexible, answers, body: writer.chunks() };
    const timeoutMillis = options.timeoutMillis ?? this.settings.requestTimeoutMillis;
    const payload = await raceAbort(connection.request(frame, timeoutMillis), options.signal);
    if (assumed !== undefined) return assumed;
    const reader = new WireReader(payload, `${api.name} of ${this.describeNode(node)}`);
    if (flexible && api.key !== apiVersions.key) reader.tags();
    const answer = api.decode(reader, version, request);
    const { throttleMillis } = answer as Partial<Throttled>;
    if (throttleMillis !== undefined && throttleMillis > 0) connection.throttle(throttleMillis);
    return answer;
  }

  /** Highest version of an API that both sides know; undefined: the broker does not have it. */
  async version(node: number, api: Api<never, unknown>, signal: AbortSignal): Promise<number | undefined> {
    const connection = await raceAbort(this.connection(this.node(node), api.lane), signal);
    return commonVersion(connection, api);
  }

  /** Level of a feature that the cluster has agreed on; 0: none. */
  async feature(node: number, name: string, signal: AbortSignal): Promise<number> {
    const connection = await raceAbort(this.connection(this.node(node), "control"), signal);
    return connection.features.features.get(name) ?? 0;
  }

  /** Ids of all brokers. */
  async brokers(attempt: Attempt): Promise<readonly number[]> {
    const { brokers } = await this.refresh([], attempt);
    return brokers.map((broker) => broker.id);
  }

  /** The broker that creates topics. */
  async controller(attempt: Attempt): Promise<number> {
    const { controller } = await this.refresh([], attempt);
    if (controller < 0) throw new KafkaError("BROKER_NOT_AVAILABLE", "the cluster has no controller at present");
    return controller;
  }

  /** Topics as the cluster sees them now (all with `undefined`); topics that are unknown carry that error. */
  async topics(names: readonly string[] | undefined, attempt: Attempt): Promise<readonly TopicMetadata[]> {
    const { topics } = await this.refresh(names, attempt);
    return topics;
  }

  /** The leaders of partitions, in their order. Throws what can be repeated while a partition has none. */
  async leadersOf(partitions: readonly TopicPartition[], attempt: Attempt): Promise<readonly number[]> {
    if (Date.now() - this.refreshedAtMillis > this.settings.metadataMaxAgeMillis) this.leaders.clear();
    const missing = new Set(
      partitions.filter((each) => this.leaderIfKnown(each) === undefined).map(({ topic }) => topic),
    );
    if (missing.size > 0) {
      const topics = await this.topics([...missing], attempt);
      for (const { topic, error } of topics) throwOnCode(error, `the question who leads topic '${topic}'`);
    }
    return partitions.map((each) => this.leaderIfKnown(each) ?? this.noLeader(each));
  }

  /** The leader by what is known already. */
  leaderIfKnown({ topic, partition }: TopicPartition): number | undefined {
    const leader = this.leaders.get(topic)?.[partition];
    return leader !== undefined && leader >= 0 && this.nodes.has(leader) ? leader : undefined;
  }

  /** Looks up who leads the topics' partitions; what is wrong with a topic is told by `topicError`. */
  async findLeaders(topics: readonly string[], attempt: Attempt): Promise<void> {
    await this.refresh(topics, attempt);
  }

  /** What the cluster said of a topic when it was last asked. */
  topicError(topic: string): KafkaErrorName | undefined {
    return this.topicErrors.get(topic);
  }

  /** The broker that keeps a group's or a transactional id's state. */
  async coordinator(kind: CoordinatorKind, key: string, attempt: Attempt): Promise<number> {
    const name = `${kind} ${key}`;
    const known = this.coordinators.get(name);
    if (known !== undefined && this.nodes.has(known)) return known;
    const found = await this.send(this.anyNode(), findCoordinator, { kind, key }, attempt);
    throwOnCode(found.error, `the question who coordinates ${kind} '${key}'`, found.message);
    this.addNode(found.broker);
    this.coordinators.set(name, found.broker.id);
    return found.broker.id;
  }

  /** A broker to ask what any can answer: one with a connection rather than another. */
  anyNode(): number {
    const known = [...this.nodes.values()];
    const connected = known.filter((node) => node.id >= 0 && node.lanes.size > 0);
    const brokers = known.filter((node) => node.id >= 0);
    const candidates = [connected, brokers, known].find((list) => list.length > 0) ?? [];
    return candidates[Math.floor(Math.random() * candidates.length)]?.id ?? -1;
  }

  /** Forgets what has moved, before the next attempt. */
  forget(repetition: Repetition): void {
    if (repetition === "leader") this.leaders.clear();
    if (repetition !== "again") this.coordinators.clear();
  }

  /** Closes the connections of one lane to all brokers. */
  closeLane(lane: string, error: KafkaError): void {
    for (const { lanes } of this.nodes.values()) {
      void lanes.get(lane)?.then(
        (connection) => connection.close(error),
        () => {},
      );
      lanes.delete(lane);
    }
  }

  close(): void {
    const error = new KafkaError("CLOSED", "the Kafka client was closed");
    this.closing.abort(error);
    for (const node of this.nodes.values()) this.disconnect(node, error);
    this.nodes.clear();
  }

  private async refresh(names: readonly string[] | undefined, attempt: Attempt): Promise<ClusterMetadata> {
    const answer = await this.ask(names, attempt);
    this.learn(answer);
    return answer;
  }

  /** Asks the brokers that are known one after the other, then the addresses of `bootstrap.servers`. */
  private async ask(topics: readonly string[] | undefined, attempt: Attempt): Promise<ClusterMetadata> {
    const first = this.anyNode();
    const rest = [...this.nodes.keys()].filter((id) => id !== first).sort((a, b) => b - a);
    let failure: unknown;
    for (const id of [first, ...rest]) {
      try {
        return await this.send(id, metadata, { topics }, attempt);
      } catch (error) {
        attempt.signal.throwIfAborted();
        if (!(error instanceof KafkaError) || error.repetition === undefined) throw error;
        failure ??= error;
      }
    }
    this.addBootstrapNodes();
    throw failure;
  }

  private learn(answer: ClusterMetadata): void {
    this.refreshedAtMillis = Date.now();
    for (const broker of answer.brokers) this.addNode(broker);
    const ids = new Set(answer.brokers.map((broker) => broker.id));
    for (const node of this.nodes.values()) {
      // An address of bootstrap.servers has served its purpose once the brokers themselves are known.
      if (ids.size > 0 && !ids.has(node.id)) this.removeNode(node);
    }
    for (const { topic, error, partitions } of answer.topics) {
      const name = kafkaErrorName(error);
      if (name !== undefined) {
        this.topicErrors.set(topic, name);
        continue;
      }
      this.topicErrors.delete(topic);
      const leaders: number[] = [];
      for (const each of partitions) leaders[each.partition] = each.leader;
      this.leaders.set(topic, leaders);
    }
  }

  private noLeader({ topic, partition }: TopicPartition): never {
    const leaders = this.leaders.get(topic) ?? [];
    const what = `the question who leads partition ${partition} of topic '${topic}'`;
    if (leaders[partition] === undefined && leaders.length > 0) {
      throw answered("UNKNOWN_TOPIC_OR_PARTITION", what, `it has ${leaders.length} partitions`);
    }
    throw answered("LEADER_NOT_AVAILABLE", what);
  }

  private node(id: number): Node {
    const node = this.nodes.get(id);
    if (node !== undefined) return node;
    this.closing.signal.throwIfAborted();
    throw new KafkaError("BROKER_NOT_AVAILABLE", `broker ${id} is not known at present`);
  }

  private addNode({ id, host, port }: { readonly id: number } & Address): void {
    const known = this.nodes.get(id);
    if (known !== undefined && known.address.host === host && known.address.port === port) return;
    if (known !== undefined) this.removeNode(known);
    this.nodes.set(id, { id, address: { host, port }, lanes: new Map() });
  }

  private addBootstrapNodes(): void {
    this.settings.bootstrap.forEach((address, index) => this.addNode({ id: -1 - index, ...address }));
  }

  private removeNode(node: Node): void {
    this.nodes.delete(node.id);
    this.disconnect(node, connectionLost("the broker has left or moved", node.address, true));
  }

  private disconnect(node: Node, error: KafkaError): void {
    for (const lane of node.lanes.values()) {
      void lane.then(
        (connection) => connection.close(error),
        () => {},
      );
    }
    node.lanes.clear();
  }

  private async connection(node: Node, lane: string): Promise<WireConnection> {
    const made = node.lanes.get(lane);
    if (made !== undefined) {
      const connection = await made;
      if (connection.open) return connection;
      // Whoever came first has replaced it.
      if (node.lanes.get(lane) !== made) return this.connection(node, lane);
    }
    const making = this.transport.connect(node.address, this.settings, this.buffers, this.log);
    node.lanes.set(lane, making);
    try {
      return await making;
    } catch (error) {
      if (node.lanes.get(lane) === making) node.lanes.delete(lane);
      throw this.advertised(error, node);
    }
  }

  /** The usual trap: bootstrap works, and the broker then names an address that only its own network knows. */
  private advertised(error: unknown, node: Node): unknown {
    const given = this.settings.bootstrap.some((address) => addressText(address) === addressText(node.address));
    if (!(error instanceof KafkaError) || node.id < 0 || given || error.fault !== "CONNECTION_FAILED") return error;
    const says = `broker ${node.id} of the cluster at ${this.bootstrap} says that it is reached at ${addressText(node.address)}, but ${error.message}`;
    const hint = "The broker's 'advertised.listeners' must be an address that works from here.";
    return new KafkaError(error.fault, says, { hint, cause: error, repetition: error.repetition ?? "never" });
  }

  private describeNode(id: number): string {
    const node = this.nodes.get(id);
    const address = node === undefined ? "" : ` at ${addressText(node.address)}`;
    return id < 0 ? `the broker${address}` : `broker ${id}${address}`;
  }
}

/** A wrong address is to be told soon; a job's restart strategy is there for brokers that come later. */
const FIRST_CONTACT_MILLIS = 3000;

function commonVersion(connection: WireConnection, api: Api<never, unknown>): number | undefined {
  const range = connection.features.versions.get(api.key);
  if (range === undefined) return undefined;
  const highest = Math.min(range.max, api.maxVersion);
  const known = api.versions?.filter((version) => version >= range.min && version <= highest) ?? [highest];
  const version = known.at(-1);
  return version !== undefined && version >= Math.max(range.min, api.minVersion) ? version : undefined;
}

function versionFor(connection: WireConnection, api: Api<never, unknown>, broker: string): number {
  const version = commonVersion(connection, api);
  if (version !== undefined) return version;
  const range = connection.features.versions.get(api.key);
  const has = range === undefined ? "it does not have it" : `it has versions ${range.min} to ${range.max}`;
  const needs = `version ${api.minVersion} to ${api.maxVersion}`;
  throw new KafkaError("UNSUPPORTED_VERSION", `${broker} cannot answer ${api.name} in ${needs}: ${has}`, {
    hint: "Apache Kafka 2.4 and later are supported.",
  });
}

/** Sends to each leader what it leads and puts the answers in the order of the question. */
export async function perLeader<T extends TopicPartition, R>(
  cluster: KafkaCluster,
  items: readonly T[],
  attempt: Attempt,
  send: (node: number, items: readonly T[]) => Promise<readonly (TopicPartition & R)[]>,
): Promise<readonly (TopicPartition & R)[]> {
  const leaders = await cluster.leadersOf(items, attempt);
  const byNode = new Map<number, T[]>();
  items.forEach((item, i) => {
    const node = leaders[i] ?? -1;
    const group = byNode.get(node);
    if (group === undefined) byNode.set(node, [item]);
    else group.push(item);
  });
  const answers = await Promise.all([...byNode].map(([node, group]) => send(node, group)));
  const found = new Map<string, TopicPartition & R>();
  for (const answer of answers.flat()) found.set(partitionKey(answer), answer);
  return items.map((item) => {
    const answer = found.get(partitionKey(item));
    if (answer !== undefined) return answer;
    throw answered("UNKNOWN_SERVER_ERROR", `a request for ${partitionText(item)}`, "the answer does not mention it");
  });
}

export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

export function partitionText({ topic, partition }: TopicPartition): string {
  return `partition ${partition} of topic '${topic}'`;
}

/** Throws for the first of the answers that has an error. */
export function throwOnPartition(
  answers: readonly (TopicPartition & { readonly error: number })[],
  what: string,
): void {
  for (const answer of answers) {
    const name = kafkaErrorName(answer.error);
    if (name !== undefined) throw answered(name, `${what} for ${partitionText(answer)}`);
  }
}
