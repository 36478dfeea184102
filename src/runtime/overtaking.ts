import type { Acknowledgement, PendingState } from "../checkpoint/participant.ts";
import { encodeInFlight, InFlightRecord } from "./exchange/in-flight.ts";
import type { Inbox } from "./exchange/inbox.ts";
import type { Element } from "./exchange/network.ts";
import type { TaskGraph } from "./task-graph.ts";

/**
 * An unaligned checkpoint in one thread: the barrier overtakes what waits in front of the nodes, and that becomes part of
 * the checkpoint. A node's answer is complete when all channels to it have delivered the barrier (Flink's unaligned
 * checkpoints; Carbone et al., "Lightweight Asynchronous Snapshots for Distributed Dataflows").
 */
export class Overtaking {
  readonly checkpointId: number;
  readonly #tasks: TaskGraph;
  readonly #records = new Map<string, InFlightRecord>();
  readonly #held = new Map<string, Acknowledgement>();
  readonly #answer: (answer: Acknowledgement) => void;

  constructor(checkpointId: number, tasks: TaskGraph, answer: (answer: Acknowledgement) => void) {
    this.checkpointId = checkpointId;
    this.#tasks = tasks;
    this.#answer = answer;
  }

  /**
   * Takes down what waits in the inbox in front of barriers, and watches the channels whose barrier has not come. Called
   * before the barrier is sent through the nodes.
   */
  begin(inbox: Inbox): void {
    for (const { exchange, sender, ended } of inbox.channels()) {
      const record = this.#recordOf(exchange);
      const receiver = this.#tasks.receivers[exchange]!;
      // Else what is taken up later would find the watermark held back by it, and late rows would be in time.
      if (ended || receiver.isIdle(sender)) record.idle(receiver.input, sender, true);
      if (!ended) record.open(exchange, sender);
    }
    // In the order in which it would have been processed: the end of one channel sets the watermark of another free.
    for (const { exchange, sender, element } of inbox.waiting()) this.seen(exchange, sender, element);
  }

  /** Something has come along a channel: a part of the checkpoint until the channel's barrier, or its end. */
  seen(exchange: number, sender: number, element: Element): void {
    const record = this.#recordOf(exchange);
    if (!record.isOpen(exchange, sender)) return;
    const { input } = this.#tasks.receivers[exchange]!;
    switch (element.kind) {
      case "batch":
        return record.add(input, sender, element.buffer);
      case "idle":
        return record.idle(input, sender, element.idle);
      case "barrier":
        if (element.checkpointId < this.checkpointId) return;
        break;
      case "end":
        record.idle(input, sender, true);
    }
    record.close(exchange, sender);
    if (record.complete) this.#release(this.#tasks.targetOf(exchange));
  }

  /** A node has passed the barrier: its answer goes out when what was in flight to it is known. */
  hold(answer: Acknowledgement): void {
    const record = this.#records.get(answer.operatorId);
    if (record === undefined || record.complete) this.#answer(withInFlight(answer, record));
    else this.#held.set(answer.operatorId, answer);
  }

  #release(nodeId: string): void {
    const answer = this.#held.get(nodeId);
    if (answer === undefined) return;
    this.#held.delete(nodeId);
    this.#answer(withInFlight(answer, this.#records.get(nodeId)));
  }

  #recordOf(exchange: number): InFlightRecord {
    const node = this.#tasks.targetOf(exchange);
    let record = this.#records.get(node);
    if (record === undefined) this.#records.set(node, (record = new InFlightRecord()));
    return record;
  }

  /** Another checkpoint has taken its place. */
  giveUp(): void {
    for (const { state } of this.#held.values()) state?.release();
    this.#held.clear();
  }
}

function withInFlight(answer: Acknowledgement, record: InFlightRecord | undefined): Acknowledgement {
  if (record?.hasRows !== true) return answer;
  const own = answer.state;
  const { elements } = record;
  const state: PendingState = {
    write: async (target) => {
      const files = own === undefined ? [] : await own.write(target);
      const name = `${answer.operatorId}#${answer.subtask}#in-flight`;
      const file = await target.writeFile(name, pieceOf(encodeInFlight(elements)));
      return [...files, { ...file, role: "in-flight" }];
    },
    completed: () => own?.completed?.(),
    release: () => own?.release(),
  };
  return { ...answer, state };
}

async function* pieceOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
