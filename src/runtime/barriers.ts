import type { CheckpointKind } from "../checkpoint/metadata.ts";
import type { Acknowledgement } from "../checkpoint/participant.ts";
import type { Inbox } from "./exchange/inbox.ts";
import type { Element } from "./exchange/network.ts";
import type { OperatorNode } from "./node.ts";
import { Overtaking } from "./overtaking.ts";
import { RunningCut } from "./running-cut.ts";
import type { SinkTask } from "./sink-task.ts";
import type { TaskGraph } from "./task-graph.ts";

export interface BarrierOptions {
  readonly subtask: number;
  /** Inputs that have delivered a barrier wait for the others. */
  readonly aligning: boolean;
  /** Barriers of checkpoints (not of savepoints) overtake what waits. */
  readonly unaligned: boolean;
}

/** The job whose barriers these are. */
interface BarrierHost {
  /** Work that waits for state or writers, and sinks at a barrier. */
  settle(): Promise<void>;
  /** All input of this thread has ended. */
  ended(): boolean;
}

/**
 * Checkpoints on their way through the nodes of one thread: sends barriers from its sources, holds inputs back that are
 * ahead (or overtakes what waits), and hands out the answer of each node.
 */
export class Barriers {
  readonly #tasks: TaskGraph;
  readonly #inbox: Inbox;
  readonly #options: BarrierOptions;
  readonly #host: BarrierHost;
  #cut: RunningCut | undefined;
  #overtaking: Overtaking | undefined;
  /** Number of an unaligned checkpoint whose barrier is to overtake what waits. */
  #urgent: number | undefined;
  /** Sinks that a barrier has reached and that have not prepared yet. */
  #sinksAtBarrier: SinkTask[] = [];
  /** Why a cut has failed: what some sinks have prepared for it, and forgotten, would be missing in any later one. */
  #failure: { readonly error: unknown } | undefined;
  lastPauseMillis = 0;

  constructor(tasks: TaskGraph, inbox: Inbox, options: BarrierOptions, host: BarrierHost) {
    this.#tasks = tasks;
    this.#inbox = inbox;
    this.#options = options;
    this.#host = host;
  }

  /** A checkpoint is asked for: answers go to `take`; resolves when all nodes have answered. */
  request(checkpointId: number, kind: CheckpointKind, take: (answer: Acknowledgement) => void): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#options.unaligned && kind === "checkpoint") this.#urgent = checkpointId;
    return this.#cutOf(checkpointId)!.request(take);
  }

  /** Something has come from another thread, and was not put into the inbox yet. */
  arrive(sender: number, exchange: number, element: Element): void {
    this.#overtaking?.seen(exchange, sender, element);
    // The first barrier to arrive is acted upon before anything else that has come.
    if (element.kind === "barrier" && element.overtakes)
      this.#urgent = Math.max(this.#urgent ?? 0, element.checkpointId);
  }

  /** False: a barrier is under way in the component of this node, and rows of its own would come before or after it. */
  mayEmit(nodeId: string): boolean {
    return !this.#options.aligning || this.#tasks.componentOf(nodeId).waiting === 0;
  }

  get sinksWait(): boolean {
    return this.#sinksAtBarrier.length > 0;
  }

  /** Sinks at a barrier prepare what stands before it. */
  async prepareSinks(): Promise<void> {
    for (const sink of this.#sinksAtBarrier.splice(0)) await this.#prepare(sink);
  }

  async #prepare(sink: SinkTask): Promise<void> {
    const cut = this.#cut;
    if (cut === undefined || !cut.isWaitingFor(sink.id)) return;
    try {
      const { committables, state } = await sink.prepare(cut.id, this.#host.ended());
      this.#answerOrHold(cut, { ...this.#head(cut, sink.id), committables, sinkState: state });
    } catch (error) {
      this.#fail(cut, error);
      throw error;
    }
  }

  /** The running cut of this number; a later one takes the place of an earlier one. Undefined: it is an old one. */
  #cutOf(checkpointId: number): RunningCut | undefined {
    const present = this.#cut;
    if (present?.id === checkpointId) return present;
    if (present !== undefined && present.id > checkpointId) return undefined;
    if (present !== undefined && !present.complete) present.giveUp(checkpointId);
    this.#sinksAtBarrier = [];
    for (const component of this.#tasks.components()) component.waiting = 0;
    for (const { exchange } of this.#tasks.receivers) this.#inbox.unblock(exchange);
    const cut = new RunningCut(checkpointId, this.#tasks.nodeIds());
    cut.startedMillis = performance.now();
    this.#cut = cut;
    return cut;
  }

  /** The first barrier of a component: from now on its inputs wait after theirs until it has passed all nodes. */
  #beginWaiting(nodeId: string, cut: RunningCut): void {
    const component = this.#tasks.componentOf(nodeId);
    if (component.waiting === 0) component.waiting = component.nodeIds.filter((id) => cut.isWaitingFor(id)).length;
  }

  /** False: it is a barrier of a checkpoint that was given up. */
  expect(exchange: number, sender: number, checkpointId: number): boolean {
    const cut = this.#cutOf(checkpointId);
    if (cut === undefined) return false;
    this.#beginWaiting(this.#tasks.targetOf(exchange), cut);
    if (this.#options.aligning) this.#inbox.block(exchange, sender);
    return true;
  }

  /** What is due in this thread for a checkpoint, between two batches. */
  async act(): Promise<boolean> {
    const urgent = this.#urgent;
    this.#urgent = undefined;
    const cut = urgent === undefined ? this.#cut : this.#cutOf(urgent);
    if (cut === undefined || cut.injected || (urgent === undefined && !cut.requested)) return false;
    await this.#inject(cut, urgent !== undefined);
    return true;
  }

  /** Sends the barrier from the sources of this thread; what has ended, or has no input, answers at once. */
  async #inject(cut: RunningCut, overtakes = false): Promise<void> {
    cut.injected = true;
    try {
      await this.#host.settle();
      const { sources, sinks, senders, receivers } = this.#tasks;
      for (const sender of senders) sender.overtakes = overtakes;
      if (overtakes) {
        this.#overtaking?.giveUp();
        this.#overtaking = new Overtaking(cut.id, this.#tasks, (answer) => this.#answer(cut, answer));
        this.#overtaking.begin(this.#inbox);
      } else {
        for (const source of sources) this.#beginWaiting(source.id, cut);
      }
      for (const source of sources)
        this.#answer(cut, {
          ...this.#head(cut, source.id),
          extra: { source: source.snapshot() },
          positions: source.positions(),
        });
      for (const source of sources) if (!source.ended) source.output.barrier(cut.id);
      if (overtakes) for (const receiver of receivers) receiver.overtake(cut.id);
      for (const sink of sinks) if (!sink.fed) this.#sinksAtBarrier.push(sink);
      await this.#host.settle();
      this.answerEnded();
      await this.#host.settle();
      if (cut.complete) this.lastPauseMillis = performance.now() - cut.startedMillis;
    } catch (error) {
      this.#fail(cut, error);
      throw error;
    }
  }

  /** The job must not go on from here. */
  #fail(cut: RunningCut, error: unknown): void {
    this.#failure ??= { error };
    cut.fail(error);
  }

  /** The loop has ended: what was asked for is answered now. */
  async actAtEnd(): Promise<void> {
    if (this.#cut?.requested === true && !this.#cut.complete) await this.#inject(this.#cut);
  }

  /** Nodes all of whose inputs have ended see no barrier; their state is still there. */
  answerEnded(): void {
    const cut = this.#cut;
    if (cut?.injected !== true || cut.complete) return;
    for (const node of this.#tasks.operators)
      if (node.gate.ended && cut.isWaitingFor(node.id)) this.passed(node, cut.id);
    for (const sink of this.#tasks.sinks)
      if (sink.ended && cut.isWaitingFor(sink.id) && !this.#sinksAtBarrier.includes(sink))
        this.#sinksAtBarrier.push(sink);
  }

  /** The barrier has passed a node. */
  passed(node: OperatorNode, checkpointId: number): void {
    const cut = this.#cutOf(checkpointId);
    if (cut === undefined || !cut.isWaitingFor(node.id)) return;
    const gate = [node.output.watermark, ...node.gate.watermarks()].map(String);
    const handle = this.#tasks.states.get(node.id)!;
    const state = handle.freeze();
    const size = state === undefined ? undefined : handle.size?.();
    const measured = { elements: size?.elements, estimatedBytes: size?.estimatedBytes };
    this.#answerOrHold(cut, { ...this.#head(cut, node.id), extra: { gate }, state, ...measured });
  }

  #answerOrHold(cut: RunningCut, answer: Acknowledgement): void {
    if (this.#overtaking?.checkpointId === cut.id) this.#overtaking.hold(answer);
    else this.#answer(cut, answer);
  }

  /** The barrier has reached a sink. */
  arrived(sink: SinkTask, checkpointId: number): void {
    if (this.#cutOf(checkpointId) !== undefined) this.#sinksAtBarrier.push(sink);
  }

  #head(cut: RunningCut, operatorId: string): Pick<Acknowledgement, "checkpointId" | "operatorId" | "subtask"> {
    return { checkpointId: cut.id, operatorId, subtask: this.#options.subtask };
  }

  #answer(cut: RunningCut, answer: Acknowledgement): void {
    const component = this.#tasks.componentOf(answer.operatorId);
    cut.answer({ ...answer, pauseMillis: performance.now() - cut.startedMillis });
    if (component.waiting === 0) return;
    component.waiting -= 1;
    if (component.waiting > 0) return;
    for (const { exchange } of this.#tasks.receivers)
      if (this.#tasks.componentOf(this.#tasks.targetOf(exchange)) === component) this.#inbox.unblock(exchange);
  }
}
