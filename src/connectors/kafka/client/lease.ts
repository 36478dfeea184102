import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../base/errors.ts";
import type { Lease, LeaseOptions } from "./api.ts";
import type { Attempt, KafkaCluster } from "./cluster.ts";
import { KafkaError, throwOnCode } from "./errors.ts";
import { kafkaErrorName } from "./error-codes.ts";
import { heartbeat, joinGroup, leaveGroup, syncGroup, type Member } from "./protocol/group-membership.ts";

/**
 * A lease by Kafka's own group coordination, so that it needs no other service: whoever leads the group `name` holds it.
 * The leader assigns its own name to every member; a member that reads another name leaves again and is refused.
 * A member with the same owner (a restart of the run after a crash) takes the old one's place at once, which fences it.
 */
export async function acquireLease(cluster: KafkaCluster, name: string, options: LeaseOptions): Promise<Lease> {
  const lease = new GroupLease(cluster, name, options);
  await cluster.call(`taking the lease '${name}'`, options, (attempt) => lease.join(attempt));
  lease.start();
  return lease;
}

const PROTOCOL = "millrace-lease";
const SESSION_MILLIS = 10_000;
/** Brokers that have restarted know the group again only after a while. */
const JOIN_ATTEMPTS = 10;

interface Holder {
  readonly owner: string;
  readonly text: string;
}

class GroupLease implements Lease {
  readonly name: string;
  held = false;
  private readonly cluster: KafkaCluster;
  private readonly options: LeaseOptions;
  private readonly sessionMillis: number;
  private readonly stopping = new AbortController();
  private member: Member;
  private beating: Promise<void> = Promise.resolve();

  constructor(cluster: KafkaCluster, name: string, options: LeaseOptions) {
    this.cluster = cluster;
    this.name = name;
    this.options = options;
    this.sessionMillis = options.sessionTimeoutMillis ?? SESSION_MILLIS;
    this.member = { group: name, instance: options.owner, memberId: "", generation: -1 };
  }

  /** One round of the group: afterwards the lease is held, or somebody else's (thrown). */
  async join(attempt: Attempt): Promise<void> {
    for (let i = 0; i < JOIN_ATTEMPTS; i++) {
      const holder = await this.joinOnce(attempt);
      if (holder === undefined) continue;
      if (holder.owner === this.options.owner) {
        this.held = true;
        return;
      }
      await this.leave(attempt);
      throw new KafkaError("GROUP_MAX_SIZE_REACHED", `'${this.name}' is in use by ${holder.text}`, {
        hint: "Two jobs must not share it: stop the other one, or choose another name. After a crash of the other one it is free within seconds.",
        retryable: true,
      });
    }
    throw new KafkaError("REBALANCE_IN_PROGRESS", `the group '${this.name}' does not come to rest`, {
      retryable: true,
    });
  }

  start(): void {
    this.beating = this.beat();
  }

  async release(): Promise<void> {
    if (!this.held) return;
    this.held = false;
    this.stopping.abort();
    await this.beating;
    await this.cluster
      .call(`giving back the lease '${this.name}'`, { deadlineMillis: this.sessionMillis }, (attempt) =>
        this.leave(attempt),
      )
      // It runs out by itself.
      .catch(() => {});
  }

  /** Undefined: the group has moved on meanwhile; again. */
  private async joinOnce(attempt: Attempt): Promise<Holder | undefined> {
    const node = await this.cluster.coordinator("group", this.name, attempt);
    // An answer comes when all members have joined, or when silent ones have lost their place.
    const patience = { ...attempt, timeoutMillis: this.sessionMillis * 2 + attempt.timeoutMillis };
    const lane = `group ${this.name}`;
    const joined = await this.cluster.send(
      node,
      joinGroup,
      {
        group: this.name,
        instance: this.options.owner,
        memberId: this.member.memberId,
        sessionTimeoutMillis: this.sessionMillis,
        rebalanceTimeoutMillis: this.sessionMillis,
        protocolType: PROTOCOL,
        metadata: this.ownHolder(),
      },
      { ...patience, lane },
    );
    if (this.again(joined.error, `joining the group '${this.name}'`)) return undefined;
    this.member = { ...this.member, memberId: joined.memberId, generation: joined.generation };
    const leads = joined.leader === joined.memberId;
    const assignments = leads ? joined.members.map(({ memberId }) => ({ memberId, assignment: this.ownHolder() })) : [];
    const synced = await this.cluster.send(
      node,
      syncGroup,
      { member: this.member, assignments },
      { ...patience, lane },
    );
    if (this.again(synced.error, `syncing the group '${this.name}'`)) return undefined;
    return parseHolder(synced.assignment);
  }

  /** Whether to join again; what nobody can cure is thrown. */
  private again(code: number, what: string): boolean {
    const error = kafkaErrorName(code);
    if (error === "UNKNOWN_MEMBER_ID" || error === "MEMBER_ID_REQUIRED") this.member = { ...this.member, memberId: "" };
    else if (error !== "REBALANCE_IN_PROGRESS" && error !== "ILLEGAL_GENERATION") throwOnCode(code, what);
    return error !== undefined;
  }

  private async beat(): Promise<void> {
    const pauseMillis = Math.min(1000, this.sessionMillis / 5);
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(pauseMillis, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.cluster.call(
          `keeping the lease '${this.name}'`,
          { signal, deadlineMillis: this.sessionMillis },
          (attempt) => this.beatOnce(attempt),
        );
      } catch (error) {
        if (signal.aborted) return;
        // Who cannot reach the brokers cannot write either, and is told on coming back whether somebody else is there.
        if (isTaken(error)) return this.lose(error);
      }
    }
  }

  private async beatOnce(attempt: Attempt): Promise<void> {
    const node = await this.cluster.coordinator("group", this.name, attempt);
    const answer = await this.cluster.send(node, heartbeat, { member: this.member }, attempt);
    const error = kafkaErrorName(answer.error);
    // Somebody is at the door: joining again keeps the place, and tells who is here.
    if (error === "REBALANCE_IN_PROGRESS" || error === "ILLEGAL_GENERATION") return this.join(attempt);
    // The place was lost in an outage.
    if (error === "UNKNOWN_MEMBER_ID") {
      this.member = { ...this.member, memberId: "", generation: -1 };
      return this.join(attempt);
    }
    throwOnCode(answer.error, `the heartbeat of '${this.name}'`);
  }

  private lose(error: unknown): void {
    this.held = false;
    this.stopping.abort();
    const why = messageOf(error);
    const taken = error instanceof KafkaError && error.fault === "FENCED_INSTANCE_ID";
    const says = taken ? "the same run was started again elsewhere" : why;
    this.options.onLost(
      new KafkaError("FENCED_INSTANCE_ID", `the exclusive use of '${this.name}' was lost: ${says}`, { cause: error }),
    );
  }

  private async leave(attempt: Attempt): Promise<void> {
    const node = await this.cluster.coordinator("group", this.name, attempt);
    await this.cluster.send(node, leaveGroup, { member: this.member }, attempt);
  }

  private ownHolder(): Uint8Array {
    const holder: Holder = { owner: this.options.owner, text: this.options.holderText };
    return Buffer.from(JSON.stringify(holder));
  }
}

function isTaken(error: unknown): boolean {
  return !(error instanceof KafkaError) || error.repetition === undefined || error.fault === "GROUP_MAX_SIZE_REACHED";
}

/** Undefined: no leader has said yet. */
function parseHolder(bytes: Uint8Array): Holder | undefined {
  if (bytes.length === 0) return undefined;
  try {
    const value = JSON.parse(Buffer.from(bytes).toString("utf8")) as Partial<Holder>;
    return { owner: String(value.owner), text: String(value.text) };
  } catch {
    return { owner: "", text: "a client that is not millrace" };
  }
}
