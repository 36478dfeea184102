import { faultPoint } from "../../base/fault-point.ts";
import type { KafkaClient, ProducerIdentity } from "./client/api.ts";

/** One transactional id of a writer; it has one transaction at a time. */
interface Slot {
  readonly transactionalId: string;
  /** The checkpoint that its transaction was prepared for; undefined: it is free, or the one in use. */
  preparedFor: number | undefined;
}

/**
 * The transactional ids of one writer: one is in use, others wait for their checkpoint's commit. An id is initialised
 * again only when its transaction is known to be committed, because that would abort it.
 */
export class TransactionPool {
  readonly #client: KafkaClient;
  readonly #prefix: string;
  readonly #timeoutMillis: number;
  readonly #slots: Slot[] = [];
  #current: Slot | undefined;
  /** The slot after the current one, initialised ahead of its use. */
  #next: { readonly slot: Slot; readonly identity: Promise<ProducerIdentity> } | undefined;

  /** `prefix`: what the ids of this writer begin with. */
  constructor(client: KafkaClient, prefix: string, timeoutMillis: number) {
    this.#client = client;
    this.#prefix = prefix;
    this.#timeoutMillis = timeoutMillis;
  }

  /** Puts the next id into use. */
  async take(): Promise<ProducerIdentity> {
    const { slot, identity } = this.#next ?? this.#initialise();
    this.#next = undefined;
    const taken = await identity;
    faultPoint("kafka.initialised");
    this.#current = slot;
    return taken;
  }

  /** The transaction in use waits for the commit of this checkpoint. */
  prepared(checkpointId: number): void {
    if (this.#current !== undefined) this.#current.preparedFor = checkpointId;
    this.#current = undefined;
  }

  /** Transactions up to this checkpoint are committed; the next id is made ready. */
  committed(checkpointId: number): void {
    for (const slot of this.#slots)
      if (slot.preparedFor !== undefined && slot.preparedFor <= checkpointId) slot.preparedFor = undefined;
    if (this.#next !== undefined) return;
    this.#next = this.#initialise();
    // Who takes it meets its failure.
    this.#next.identity.catch(() => undefined);
  }

  #initialise(): { readonly slot: Slot; readonly identity: Promise<ProducerIdentity> } {
    faultPoint("kafka.before-init");
    let slot = this.#slots.find((one) => one.preparedFor === undefined && one !== this.#current);
    if (slot === undefined) {
      slot = { transactionalId: `${this.#prefix}-${this.#slots.length}`, preparedFor: undefined };
      this.#slots.push(slot);
    }
    return { slot, identity: this.#client.transactions.init(slot.transactionalId, this.#timeoutMillis) };
  }
}
