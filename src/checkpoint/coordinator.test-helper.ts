import type { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { CheckpointCoordinator, type CoordinatorOptions } from "./coordinator.ts";
import { MemoryRun } from "./memory-storage.ts";
import type { CompletionListener, Participant } from "./participant.ts";
import type { Timer } from "./timer.ts";

export class ManualTimer implements Timer {
  now = 0;
  #waiting: { at: number; action: () => void }[] = [];

  nowMillis(): number {
    return this.now;
  }

  after(delayMillis: number, action: () => void): () => void {
    const entry = { at: this.now + delayMillis, action };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== entry);
    };
  }

  advance(millis: number): void {
    const until = this.now + millis;
    for (;;) {
      const due = this.#waiting.filter((each) => each.at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.now = due.at;
      this.#waiting = this.#waiting.filter((each) => each !== due);
      due.action();
    }
    this.now = until;
  }
}

export const DEFAULTS: CoordinatorOptions = {
  intervalMillis: 100,
  minPauseMillis: 0,
  timeoutMillis: 1000,
  tolerableFailures: 0,
  retained: 1,
};

/** A job of a source and a sink, whose answers the test gives. */
export function job(
  options: Partial<CoordinatorOptions> = {},
  run = new MemoryRun("job", "run"),
  sinkFails?: () => SqlError | undefined,
) {
  const log: string[] = [];
  const timer = new ManualTimer();
  const participant = (operatorId: string, subtask = 0): Participant => ({
    operatorId,
    subtask,
    trigger: ({ checkpointId, kind }) =>
      log.push(`trigger ${operatorId} ${checkpointId}${kind === "checkpoint" ? "" : ` ${kind}`}`),
    aborted: (id) => log.push(`aborted ${operatorId} ${id}`),
  });
  const listener = (operatorId: string): CompletionListener => ({
    operatorId,
    checkpointComplete: (id, snapshots) => {
      const failure = sinkFails?.();
      if (failure !== undefined) throw failure;
      log.push(
        `complete ${operatorId} ${id} ${JSON.stringify(snapshots.map((snapshot) => (snapshot.committables.length > 0 ? snapshot.committables : snapshot.positions)))}`,
      );
    },
  });
  const coordinator = new CheckpointCoordinator({
    run,
    options: { ...DEFAULTS, ...options },
    timer,
    participants: [participant("source"), participant("sink")],
    listeners: [listener("sink"), listener("source")],
    maxParallelism: 128,
    properties: { statement: "INSERT" },
    firstId: 1,
    onFatal: (error) => log.push(`fatal ${error.code}: ${error.message}`),
    onWarning: (message) => log.push(`warning ${message}`),
  });
  const source = (checkpointId: number): void =>
    coordinator.acknowledge({ checkpointId, operatorId: "source", subtask: 0, positions: { "0": checkpointId * 10 } });
  const sink = (checkpointId: number, committables: readonly Json[] = [`file-${checkpointId}`]): void =>
    coordinator.acknowledge({ checkpointId, operatorId: "sink", subtask: 0, committables });
  const drain = (): string[] => log.splice(0);
  return { coordinator, timer, run, log, source, sink, drain, settled: async () => coordinator.settled() };
}

export async function* pieces(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1, 2, 3);
}
