import { SqlError } from "../../base/errors.ts";
import type { ProducerIdentity, TopicPartition } from "./client/api.ts";
import { topicNames, topicPattern } from "./connection.ts";
import type { Partitioner } from "./partitioner.ts";
import type { ProduceQueue } from "./produce-queue.ts";

/** A topic that is written. */
export interface Target {
  readonly queue: ProduceQueue;
  readonly partitioner: Partitioner;
}

/** Which topics a sink writes: one, or those that its rows name in the metadata column `topic`, as the options allow. */
export class TopicRule {
  /** Undefined: rows name it. */
  readonly only: string | undefined;
  readonly #names: readonly string[];
  readonly #pattern: RegExp | undefined;
  readonly #patternText: string;
  readonly #table: string;

  /** From the options `topic` and `topic-pattern`, which were validated. */
  constructor(table: string, options: Readonly<Record<string, string>>) {
    this.#table = table;
    this.#names = topicNames(options["topic"] ?? "");
    this.#patternText = options["topic-pattern"] ?? "";
    this.#pattern = topicPattern(options["topic-pattern"]);
    this.only = this.#names.length === 1 ? this.#names[0] : undefined;
  }

  /** Throws INVALID_ARGUMENT for a topic that the options do not allow. */
  check(topic: string | null): string {
    const isAllowed = topic !== null && (this.#pattern?.test(topic) ?? this.#names.includes(topic));
    if (isAllowed) return topic;
    const expected =
      this.#pattern === undefined ? `to be in: ${this.#names.join(", ")}` : `to match: ${this.#patternText}`;
    throw new SqlError(
      "INVALID_ARGUMENT",
      `table '${this.#table}': the topic of the sink record is not valid. Expected topic ${expected} but was: ${topic ?? "NULL"}`,
    );
  }
}

/** The topics that one writer has open. */
export class TopicTargets {
  readonly #open: (topic: string) => Promise<Target>;
  readonly #targets = new Map<string, Target>();
  #identity: ProducerIdentity | undefined;

  constructor(open: (topic: string) => Promise<Target>) {
    this.#open = open;
  }

  /** Throws what `open` throws. */
  async add(topic: string): Promise<Target> {
    const target = await this.#open(topic);
    target.queue.begin(this.#identity);
    this.#targets.set(topic, target);
    return target;
  }

  get(topic: string | null): Target | undefined {
    return topic === null ? undefined : this.#targets.get(topic);
  }

  /** As of `ProduceQueue`, over all topics; topics to come are of this producer too. */
  begin(identity: ProducerIdentity | undefined): void {
    this.#identity = identity;
    for (const { queue } of this.#targets.values()) queue.begin(identity);
  }

  get touched(): readonly TopicPartition[] {
    return [...this.#targets.values()].flatMap(({ queue }) => queue.touched);
  }

  pressure(): Promise<void> | undefined {
    const waits = [...this.#targets.values()].flatMap(({ queue }) => queue.pressure() ?? []);
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#targets.values()].map(async ({ queue }) => queue.flush()));
  }

  close(): void {
    for (const { queue } of this.#targets.values()) queue.close();
  }
}
