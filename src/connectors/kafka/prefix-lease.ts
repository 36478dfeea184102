import type { ConnectorContext, RunIdentity, TableRequest } from "../api.ts";
import type { KafkaClient, Lease } from "./client/api.ts";
import { openClient } from "./connection.ts";

/** A prefix of transactional ids that this process has for itself, with all sinks of a run that write under it. */
interface Held {
  readonly client: Promise<KafkaClient>;
  readonly lease: Promise<Lease>;
  readonly users: Set<PrefixLease>;
}

const held = new Map<string, Held>();

/**
 * The exclusive use of a prefix, as one sink has it. Sinks of one run share what is taken from the cluster: each alone
 * would take the place of the one before it. It has connections of its own, so that it outlives each of them.
 */
export class PrefixLease {
  readonly #key: string;
  #lost: Error | undefined;

  private constructor(key: string) {
    this.#key = key;
  }

  /** Throws CONNECTOR_UNAVAILABLE with the holder's name when another run has the prefix. */
  static async take(
    request: TableRequest,
    context: ConnectorContext,
    run: RunIdentity,
    prefix: string,
  ): Promise<PrefixLease> {
    const key = JSON.stringify([request.options["properties.bootstrap.servers"], prefix, run.runId]);
    const own = new PrefixLease(key);
    const users = held.get(key)?.users ?? new Set();
    users.add(own);
    if (!held.has(key)) {
      const client = openClient(request, context);
      const lease = client.then((open) =>
        open.lease(`millrace-${prefix}`, {
          owner: run.runId,
          holderText: `job '${run.jobName}' (run ${run.runId}, process ${process.pid})`,
          onLost: (error) => {
            for (const user of users) user.#lost = error;
          },
        }),
      );
      held.set(key, { client, lease, users });
    }
    try {
      await held.get(key)!.lease;
    } catch (error) {
      await own.release();
      throw error;
    }
    return own;
  }

  /** Throws when somebody else has the prefix now. */
  check(): void {
    if (this.#lost !== undefined) throw this.#lost;
  }

  async release(): Promise<void> {
    const shared = held.get(this.#key);
    if (shared?.users.delete(this) !== true || shared.users.size > 0) return;
    held.delete(this.#key);
    const ignored = (): undefined => undefined;
    // What was never taken needs not be given back.
    await shared.lease.then((lease) => lease.release()).catch(ignored);
    await shared.client.then((open) => open.close()).catch(ignored);
  }
}
