import { expect, test } from "vitest";
import { columnOf } from "../../batch/column-builder.ts";
import { hashRows, keyGroupOf } from "../../batch/hash.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { stepsOf } from "../../batch/steps.ts";
import { changelogText } from "../../batch/text.ts";
import { subtaskOf } from "../../state/backend.ts";
import { storageOf, T } from "../../types/data-type.ts";
import type { Receiver } from "../node.ts";
import { decodeBatch } from "./batch-codec.ts";
import { Inbox } from "./inbox.ts";
import { CHANNEL_CREDITS, type Element, type Network } from "./network.ts";
import { ExchangeReceiver } from "./receiver.ts";
import { ExchangeSender } from "./sender.ts";

const TYPES = [T.bigint(), T.string()];
const STORAGES = TYPES.map(storageOf);

/** Keeps what is sent, by target. */
class Wire implements Network {
  readonly subtask = 0;
  readonly parallelism: number;
  readonly maxParallelism = 16;
  readonly sent: Element[][];

  constructor(parallelism: number) {
    this.parallelism = parallelism;
    this.sent = Array.from({ length: parallelism }, () => []);
  }

  listen(): void {}
  send(target: number, _exchange: number, element: Element): void {
    this.sent[target]!.push(element);
  }
  credit(): void {}
  flush(): void {}
  opened(): void {}
  poll(): void {}
  close(): void {}
}

function rows(keys: readonly number[], steps?: RecordBatch["steps"]): RecordBatch {
  return {
    rowCount: keys.length,
    columns: [
      columnOf(
        T.bigint(),
        keys.map((key) => BigInt(key)),
      ),
      columnOf(
        T.string(),
        keys.map((key) => `row ${key}`),
      ),
    ],
    kinds: undefined,
    steps,
  };
}

/** What a target makes of what was sent to it. */
function received(elements: readonly Element[]): string[] {
  const seen: string[] = [];
  const to: Receiver = {
    batch: (_, batch) => {
      seen.push(...changelogText(batch, TYPES));
      if (batch.steps !== undefined) seen.push(`W ${batch.steps.watermarks[batch.steps.count - 1]}`);
    },
    barrier: (_, id) => seen.push(`barrier ${id}`),
    idle: (_, idle) => seen.push(`idle ${idle}`),
    end: () => seen.push("end"),
  };
  const receiver = new ExchangeReceiver(0, to, 0, TYPES, 1);
  for (const element of elements) receiver.accept(0, element);
  return seen;
}

test("a row goes to the thread that owns its key group; watermarks, barriers and the end to all", () => {
  const wire = new Wire(3);
  const sender = new ExchangeSender(0, [0], TYPES, wire);
  const keys = Array.from({ length: 50 }, (_, i) => i);
  const batch = rows(keys, stepsOf([[10, 5]]));
  sender.batch(0, batch);
  sender.barrier(0, 3);
  sender.end();
  const hashes = new Int32Array(50);
  hashRows([batch.columns[0]!], 50, hashes);
  for (let thread = 0; thread < 3; thread++) {
    const own = keys.filter((_, i) => subtaskOf(keyGroupOf(hashes[i]!, 16), 3, 16) === thread);
    expect(own.length).toBeGreaterThan(0);
    expect(received(wire.sent[thread]!)).toEqual([
      ...own.map((key) => `+I[${key}, row ${key}]`),
      "W 5",
      "barrier 3",
      "end",
    ]);
  }
});

test("without keys all rows meet in the first thread; the others hear of the watermark", () => {
  const wire = new Wire(2);
  const sender = new ExchangeSender(0, [], TYPES, wire);
  sender.batch(0, rows([1, 2], stepsOf([[1, 9]])));
  sender.flush();
  expect(received(wire.sent[0]!)).toEqual(["+I[1, row 1]", "+I[2, row 2]", "W 9"]);
  expect(received(wire.sent[1]!)).toEqual(["W 9"]);
});

test("small batches are gathered, large ones divided; steps stay in front of their rows", () => {
  const wire = new Wire(1);
  const sender = new ExchangeSender(0, [0], TYPES, wire);
  const expected: string[] = [];
  const send = (from: number, count: number, ...steps: [number, number][]): void => {
    const keys = Array.from({ length: count }, (_, i) => from + i);
    sender.batch(0, rows(keys, stepsOf(steps)));
    for (let i = 0; i <= count; i++) {
      for (const [row, watermark] of steps) if (row === i) expected.push(`W ${watermark}`);
      if (i < count) expected.push(`+I[${from + i}, row ${from + i}]`);
    }
  };
  send(0, 3, [1, 10]);
  send(3, 0, [0, 11]);
  send(3, 9000, [0, 12], [5000, 13], [9000, 14]);
  send(9003, 2);
  sender.flush();
  expect(wire.sent[0]!.length).toBe(4);
  const lines = wire.sent[0]!.flatMap((element) => {
    const { rowCount, columns, kinds, steps } = decodeBatch((element as { buffer: ArrayBuffer }).buffer, STORAGES);
    const texts = changelogText({ rowCount, columns, kinds, steps }, TYPES);
    const at = (row: number): string[] =>
      Array.from({ length: steps?.count ?? 0 }, (_, k) => k)
        .filter((k) => steps!.rows[k] === row)
        .map((k) => `W ${steps!.watermarks[k]}`);
    return [...texts.flatMap((text, row) => [...at(row), text]), ...at(rowCount)];
  });
  expect(lines).toEqual(expected);
});

test("a sender has room again when a target has processed what it got", () => {
  const sender = new ExchangeSender(0, [], TYPES, new Wire(2));
  const send = (key: number): void => {
    sender.batch(0, rows([key]));
    sender.flush();
  };
  for (let i = 0; i < CHANNEL_CREDITS - 1; i++) send(i);
  expect(sender.open).toBe(true);
  send(99);
  expect(sender.open).toBe(false);
  sender.credited(0, new ArrayBuffer(8));
  expect(sender.open).toBe(true);
});

test("several senders: the lowest watermark, a barrier when all have delivered it", () => {
  const seen: string[] = [];
  const to: Receiver = {
    batch: (_, { rowCount, steps }) => seen.push(`${rowCount} W ${steps?.watermarks[steps.count - 1]}`),
    barrier: (_, id) => seen.push(`barrier ${id}`),
    idle: (_, idle) => seen.push(`idle ${idle}`),
    end: () => seen.push("end"),
  };
  const receiver = new ExchangeReceiver(0, to, 0, TYPES, 2);
  const mark = (watermark: number): Element => {
    const wire = new Wire(1);
    const sender = new ExchangeSender(0, [], TYPES, wire);
    sender.batch(0, rows([], stepsOf([[0, watermark]])));
    sender.flush();
    return wire.sent[0]![0]!;
  };
  receiver.accept(0, mark(10));
  receiver.accept(1, mark(4));
  receiver.accept(0, { kind: "barrier", checkpointId: 1, overtakes: false });
  receiver.accept(1, { kind: "idle", idle: true });
  receiver.accept(1, { kind: "end" });
  receiver.accept(0, { kind: "end" });
  expect(seen).toEqual(["0 W 4", "0 W 10", "barrier 1", "end"]);
});

test("an inbox gives the oldest element of the channels that may be read", () => {
  const inbox = new Inbox();
  for (const exchange of [0, 1]) for (const sender of [0, 1]) inbox.add(exchange, sender);
  const barrier = (checkpointId: number): Element => ({ kind: "barrier", checkpointId, overtakes: false });
  inbox.push(0, 0, barrier(1));
  inbox.push(1, 0, barrier(2));
  inbox.push(0, 1, barrier(3));
  inbox.push(0, 0, barrier(4));
  const next = (mayRun = true): number | undefined => {
    const element = inbox.next((exchange) => mayRun || exchange === 0)?.element;
    return element?.kind === "barrier" ? element.checkpointId : undefined;
  };
  inbox.block(0, 0);
  expect([next(false), inbox.empty]).toEqual([3, false]);
  inbox.unblock(0);
  expect([next(), next(), next(), next(), inbox.empty]).toEqual([1, 2, 4, undefined, true]);
});
