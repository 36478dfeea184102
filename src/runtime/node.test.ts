import { describe, expect, it } from "vitest";
import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { stepsOf } from "../batch/steps.ts";
import { T } from "../types/data-type.ts";
import { InputGate } from "./input-gate.ts";
import { FanOut, OperatorNode, watermarkBatch } from "./node.ts";
import type { Receiver } from "./node.ts";
import type { Operator } from "./operator.ts";

type Step = readonly [row: number, watermark: number];

function combined(gate: InputGate, input: number, ...steps: readonly Step[]): readonly Step[] {
  const result = gate.combine(input, stepsOf(steps));
  return result === undefined
    ? []
    : Array.from({ length: result.count }, (_, i): Step => [result.rows[i]!, result.watermarks[i]!]);
}

describe("the watermark of several inputs", () => {
  it("of one input is its own", () => {
    const gate = new InputGate(1);
    expect(combined(gate, 0, [1, 5], [3, 7])).toEqual([
      [1, 5],
      [3, 7],
    ]);
    expect(gate.watermark).toBe(7);
  });

  it("is the lowest, and moves at the step that moves it", () => {
    const gate = new InputGate(2);
    expect(combined(gate, 0, [1, 5], [3, 7])).toEqual([]);
    expect(combined(gate, 1, [0, 3], [2, 6], [4, 9])).toEqual([
      [0, 3],
      [2, 6],
      [4, 7],
    ]);
    expect(combined(gate, 0, [2, 8])).toEqual([[2, 8]]);
    expect(gate.watermark).toBe(8);
  });

  it("never goes back", () => {
    const gate = new InputGate(2);
    combined(gate, 0, [0, 10]);
    combined(gate, 1, [0, 8]);
    expect(combined(gate, 1, [0, 4])).toEqual([]);
    expect(gate.watermark).toBe(8);
  });

  it("batches without steps move nothing", () => {
    expect(new InputGate(2).combine(0, undefined)).toBeUndefined();
  });

  it("an input that ends holds nothing back", () => {
    const gate = new InputGate(2);
    combined(gate, 0, [0, 10]);
    expect(combined(gate, 1, [0, Infinity])).toEqual([[0, 10]]);
    expect(combined(gate, 0, [0, Infinity])).toEqual([[0, Infinity]]);
  });
});

describe("silent inputs", () => {
  it("do not hold the others back", () => {
    const gate = new InputGate(2);
    combined(gate, 0, [0, 10]);
    expect(gate.idle(1, true)).toEqual({ watermark: 10, changed: undefined });
    expect(combined(gate, 0, [0, 12])).toEqual([[0, 12]]);
  });

  it("make the node silent when all are", () => {
    const gate = new InputGate(2);
    combined(gate, 0, [0, 10]);
    gate.idle(1, true);
    expect(gate.idle(0, true)).toEqual({ watermark: undefined, changed: true });
    expect(gate.idle(0, false)).toEqual({ watermark: undefined, changed: false });
    expect(gate.watermark).toBe(10);
  });

  it("come back behind and move nothing back", () => {
    const gate = new InputGate(2);
    combined(gate, 0, [0, 10]);
    gate.idle(1, true);
    gate.idle(1, false);
    expect(combined(gate, 1, [0, 4])).toEqual([]);
    expect(combined(gate, 0, [0, 20])).toEqual([]);
    expect(combined(gate, 1, [0, 15])).toEqual([[0, 15]]);
  });

  it("say it once", () => {
    const gate = new InputGate(1);
    expect(gate.idle(0, true).changed).toBe(true);
    expect(gate.idle(0, true).changed).toBeUndefined();
  });
});

describe("barriers and ends", () => {
  it("a barrier goes on when all inputs have delivered it", () => {
    const gate = new InputGate(3);
    for (const id of [1, 2])
      expect([gate.barrier(0, id), gate.barrier(2, id), gate.barrier(1, id)]).toEqual([false, false, true]);
  });

  it("inputs that have ended deliver none", () => {
    const gate = new InputGate(3);
    gate.end(1);
    expect([gate.barrier(0, 1), gate.barrier(2, 1)]).toEqual([false, true]);
    gate.end(0);
    expect(gate.barrier(2, 2)).toBe(true);
  });

  it("an input that ends delivers what the others were waiting for", () => {
    const gate = new InputGate(2);
    expect(gate.barrier(0, 4)).toBe(false);
    expect(gate.end(1)).toEqual({ all: false, barrier: 4 });
    expect(gate.end(0)).toEqual({ all: true, barrier: undefined });
  });

  it("a later barrier takes the place of one that never became complete", () => {
    const gate = new InputGate(2);
    expect([gate.barrier(0, 1), gate.barrier(1, 2), gate.barrier(0, 2)]).toEqual([false, false, true]);
  });

  it("the end goes on when all inputs have ended, told once each", () => {
    const gate = new InputGate(2);
    expect([gate.end(0).all, gate.end(0).all, gate.end(1).all]).toEqual([false, false, true]);
  });

  it("a restore brings the watermarks of the inputs back", () => {
    const gate = new InputGate(2);
    combined(gate, 0, [0, 10]);
    combined(gate, 1, [0, 7]);
    const restored = new InputGate(2);
    restored.restore(gate.watermarks());
    expect(restored.watermark).toBe(7);
    expect(combined(restored, 1, [0, 9])).toEqual([[0, 9]]);
  });
});

/** What reaches a consumer, as text. */
function recorder(): { readonly seen: string[]; readonly receiver: Receiver } {
  const seen: string[] = [];
  return {
    seen,
    receiver: {
      batch: (input, batch) => {
        const steps =
          batch.steps === undefined ? "" : ` W ${[...batch.steps.watermarks.subarray(0, batch.steps.count)].join(",")}`;
        seen.push(`${input}: ${batch.rowCount} rows of ${batch.columns.length} columns${steps}`);
      },
      barrier: (input, id) => seen.push(`${input}: barrier ${id}`),
      idle: (input, idle) => seen.push(`${input}: ${idle ? "idle" : "active"}`),
      end: (input) => seen.push(`${input}: end`),
    },
  };
}

function rows(count: number, ...steps: readonly Step[]): RecordBatch {
  return {
    rowCount: count,
    columns: [
      columnOf(
        T.int(),
        Array.from({ length: count }, (_, i) => i),
      ),
    ],
    kinds: undefined,
    steps: stepsOf(steps),
  };
}

describe("an operator in a job", () => {
  function node(inputs: number): { readonly node: OperatorNode; readonly seen: string[]; readonly log: string[] } {
    const log: string[] = [];
    const passing: Operator = {
      process: (_input, batch, out) => out.batch(batch),
      beforeBarrier: () => log.push("flush"),
      close: () => log.push("close"),
    };
    const { seen, receiver } = recorder();
    const created = new OperatorNode(
      "n",
      passing,
      {},
      Array.from({ length: inputs }, () => [T.int(), T.int()]),
      (id) => log.push(`passed ${id}`),
    );
    created.output.edges.push({ to: receiver, input: 7 });
    return { node: created, seen, log };
  }

  it("passes rows with the watermark of all inputs", () => {
    const { node: n, seen } = node(2);
    n.batch(0, rows(2, [1, 5]));
    n.batch(1, rows(3, [0, 3], [2, 9]));
    expect(seen).toEqual(["7: 2 rows of 1 columns", "7: 3 rows of 1 columns W 3,5"]);
  });

  it("gives an operator all its columns when only the watermark moves", () => {
    const { node: n, seen } = node(1);
    n.batch(0, watermarkBatch([], 5));
    n.batch(0, rows(0));
    expect(seen).toEqual(["7: 0 rows of 2 columns W 5"]);
  });

  it("flushes before a barrier, is frozen, then passes it on", () => {
    const { node: n, seen, log } = node(2);
    n.barrier(0, 3);
    expect([log, seen]).toEqual([[], []]);
    n.barrier(1, 3);
    expect([log, seen]).toEqual([["flush", "passed 3"], ["7: barrier 3"]]);
  });

  it("flushes before the end", () => {
    const { node: n, seen, log } = node(2);
    n.end(0);
    n.end(1);
    n.close();
    expect([log, seen]).toEqual([["flush", "close"], ["7: end"]]);
  });

  it("a silent input sets the watermark of the other free", () => {
    const { node: n, seen } = node(2);
    n.batch(0, rows(1, [1, 5]));
    n.idle(1, true);
    n.idle(0, true);
    expect(seen).toEqual(["7: 1 rows of 1 columns", "7: 0 rows of 2 columns W 5", "7: idle"]);
  });
});

it("a fan-out tells every consumer, and counts", () => {
  const out = new FanOut();
  const [a, b] = [recorder(), recorder()];
  out.edges.push({ to: a.receiver, input: 0 }, { to: b.receiver, input: 1 });
  out.batch(rows(3, [1, 5], [2, 6]));
  out.barrier(2);
  out.idle(true);
  out.end();
  expect(a.seen).toEqual(["0: 3 rows of 1 columns W 5,6", "0: barrier 2", "0: idle", "0: end"]);
  expect(b.seen).toEqual(a.seen.map((line) => line.replace("0:", "1:")));
  expect([out.rows, out.watermark]).toEqual([3, 6]);
});
