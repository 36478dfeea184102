import { expect, test } from "vitest";
import { batchOf } from "../batch/text.ts";
import { T } from "../types/data-type.ts";
import { LocalQueue, QueuedReceiver } from "./local-queue.ts";
import { OperatorNode } from "./node.ts";
import type { Operator, Unfinished } from "./operator.ts";

const ROW = [T.string()] as const;

/** Sends each batch on in three steps, each prepared. */
class InSteps implements Operator {
  unfinished: Unfinished | undefined;
  readonly #log: string[];
  #left = 0;

  constructor(log: string[]) {
    this.#log = log;
  }

  prepare = (): Promise<void> => Promise.resolve();

  process(_input: number, batch: Parameters<Operator["process"]>[1], out: Parameters<Operator["process"]>[2]): void {
    this.#log.push("batch");
    this.#left = 3;
    const step = (): void => {
      this.#log.push(`step ${this.#left}`);
      out.batch(batch);
      this.#left -= 1;
      this.unfinished = this.#left === 0 ? undefined : { prepare: () => Promise.resolve(), resume: step };
    };
    step();
  }
}

/** What comes to it, behind a queue of its own. */
class Logged implements Operator {
  readonly #log: string[];

  constructor(log: string[]) {
    this.#log = log;
  }

  prepare = (): Promise<void> => Promise.resolve();

  process(): void {
    this.#log.push("taken");
  }
}

test("what a batch leaves unfinished goes on behind what it has sent on, and in front of later batches and barriers", async () => {
  const log: string[] = [];
  const queue = new LocalQueue();
  const barrier = (name: string) => (): void => void log.push(`barrier at the ${name}`);
  const first = new OperatorNode("first", new InSteps(log), {}, [ROW], barrier("first"));
  const second = new OperatorNode("second", new Logged(log), {}, [ROW], barrier("second"));
  first.output.edges.push({ to: new QueuedReceiver(second, queue, () => true), input: 0 });
  const receiver = new QueuedReceiver(first, queue, () => true);
  receiver.batch(0, batchOf(ROW, "+I a"));
  receiver.batch(0, batchOf(ROW, "+I b"));
  receiver.barrier(0, 1);
  await queue.drain();
  const once = ["batch", "step 3", "taken", "step 2", "taken", "step 1"];
  expect(log.filter((line) => line !== "taken")).toEqual([
    "batch",
    "step 3",
    "step 2",
    "step 1",
    "batch",
    "step 3",
    "step 2",
    "step 1",
    "barrier at the first",
    "barrier at the second",
  ]);
  // What a step has sent on is not kept until the last one.
  expect(log.slice(0, once.length)).toEqual(once);
});
