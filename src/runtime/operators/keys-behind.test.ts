import { describe, expect, test } from "vitest";
import { stepsOf } from "../../batch/steps.ts";
import { batchOf } from "../../batch/text.ts";
import type { KeyedTable } from "../../state/api.ts";
import { ROCKSDB } from "../../state/rocksdb/backend.ts";
import { opened, withFolder } from "../../state/rocksdb/test-support.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { OperatorSpec } from "../spec.ts";
import { call } from "./test-support.ts";

const ROW = [T.string(), T.timestamp(3), T.int()] as const;
const KEYS = 500;

const over = {
  kind: "over",
  input: ROW,
  partition: [0],
  order: { by: "rowtime", column: 1 },
  aggregates: [
    call("SUM", [[2, T.int()]], T.int()),
    call("COUNT", [[2, T.int()]], T.bigint(false), { distinct: true }),
  ],
  retracting: false,
  ttlMillis: 0,
} as const;

/** Operators that wait for the watermark, and what of a key that has nothing to wait for they need for its later rows. */
const SUBJECTS: readonly { name: string; spec: OperatorSpec; output: readonly DataType[]; keyInput?: number }[] = [
  {
    name: "OVER from the first row",
    spec: { ...over, frame: { units: "RANGE", preceding: "unbounded" } },
    output: [...ROW, T.int(), T.bigint(false)],
  },
  {
    name: "OVER some rows",
    spec: { ...over, frame: { units: "ROWS", preceding: 3 } },
    output: [...ROW, T.int(), T.bigint(false)],
  },
  {
    name: "temporal join",
    keyInput: 1,
    spec: {
      kind: "temporal-join",
      type: "inner",
      left: ROW,
      right: ROW,
      leftKeys: [0],
      rightKeys: [0],
      nullSafe: [false],
      leftTime: 1,
      rightTime: 1,
      leftRetracting: false,
      rightRetracting: false,
      ttlMillis: 0,
    },
    output: [...ROW, ...ROW],
  },
  {
    name: "first row by event time",
    spec: { kind: "deduplicate", input: ROW, keys: [0], time: 1, keep: "first", updateBefore: true, ttlMillis: 0 },
    output: ROW,
  },
];

describe("keys for which nothing waits leave memory, and are there for their later rows", () => {
  test.each(SUBJECTS)("$name", async ({ spec, output, keyInput = 0 }) => {
    await withFolder(async (folder) => {
      const backend = await opened(ROCKSDB, folder);
      const { state } = backend.operatorState("op");
      const tables: KeyedTable[] = [];
      const declare = state.table.bind(state);
      state.table = (table) => {
        tables.push(declare(table));
        return tables.at(-1)!;
      };
      const behind = new Harness(spec, { output, state });
      const inMemory = new Harness(spec, { output });
      const push = async (lines: string[], watermark: number, input = 0): Promise<void> => {
        const batch = batchOf(ROW, lines.join("\n"), stepsOf([[lines.length, watermark]]));
        await behind.pushAwaited(batch, input);
        inMemory.push(batch, input);
      };
      const all = Array.from({ length: KEYS }, (_, key) => `+I k${key} ${100 + (key % 7)} ${key}`);
      await push(all, 200, keyInput);
      await push(["+I k3 250 1", "+I k4 251 2"], 240);
      await push(["+I k3 260 1", "+I k499 261 2"], 300);
      await push(["+I k5 310 5"], 400);
      expect(behind.take()).toEqual(inMemory.take());
      expect(tables[0]!.liveCount).toBeLessThan(10);
      // Waiting rows stay.
      await push(
        all.map((line) => line.replace(/ 1\d\d /, " 450 ")),
        401,
      );
      await push(["+I k9 451 5"], 402);
      const waiting = spec.kind !== "deduplicate";
      if (waiting) expect(tables[0]!.liveCount).toBe(KEYS);
      await push([], 500);
      await push([], 501);
      // Keys that fire together have other slots than they had.
      expect(behind.take().sort()).toEqual(inMemory.take().sort());
      await backend.close();
    });
  });
});

/** Windows of 60,000 keys, of which a part fits into memory. */
test.each([
  { type: "tumble", sizeMillis: 100, offsetMillis: 0 },
  { type: "hop", sizeMillis: 100, slideMillis: 50, offsetMillis: 0 },
  { type: "cumulate", maxMillis: 100, stepMillis: 50, offsetMillis: 0 },
] as const)("the keys of a window ($type) leave memory, and come back in parts when it fires", async (window) => {
  await withFolder(async (folder) => {
    const backend = await opened(ROCKSDB, folder, { limit: "2 mb" });
    const { state } = backend.operatorState("op");
    const spec: OperatorSpec = {
      kind: "window-aggregate",
      input: ROW,
      window,
      time: 1,
      keys: [0],
      aggregates: [call("COUNT", [], T.bigint(false)), call("SUM", [[2, T.int()]], T.int())],
      retracting: false,
      properties: ["end"],
    };
    const output = [T.string(), T.bigint(false), T.int(), T.timestamp(3)];
    const behind = new Harness(spec, { output, state });
    const inMemory = new Harness(spec, { output });
    const sizes: number[] = [];
    const rows = (harness: Harness): string[] => harness.rows().sort();
    for (let batch = 0; batch < 60; batch++) {
      const lines = Array.from(
        { length: 1000 },
        (_, i) => `+I key-${(batch * 1000 + i) % 40_000} ${(i * 37) % 100} ${i}`,
      );
      // The last batch fires in its middle: its other rows belong to the next window.
      const last = batch === 59;
      if (last) lines.push(...lines.map((line) => line.replace(/ \d+ (\d+)$/, " 150 $1")));
      const steps = last ? stepsOf([[1000, 120]]) : undefined;
      const all = batchOf(ROW, lines.join("\n"), steps);
      await behind.operator.prepare?.(0, all);
      behind.push(all);
      sizes.push(state.memoryBytes());
      for (let rest = behind.operator.unfinished; rest !== undefined; rest = behind.operator.unfinished) {
        await rest.prepare();
        rest.resume();
        sizes.push(state.memoryBytes());
      }
      inMemory.push(all);
    }
    expect(Math.max(...sizes)).toBeLessThan(4 << 20);
    expect(sizes.length).toBeGreaterThan(62);
    expect(rows(behind)).toEqual(rows(inMemory));
    const end = batchOf(ROW, "", stepsOf([[0, Infinity]]));
    expect(rows(await behind.pushAwaited(end))).toEqual(rows(inMemory.push(end)));
    await backend.close();
  });
});
