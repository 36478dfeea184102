import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import { stepsOf } from "../../batch/steps.ts";
import { readSnapshots } from "../../state/restored-state.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { OperatorSpec } from "../spec.ts";
import { isOverwritable } from "./best-row.ts";
import { randomSource } from "./test-support.ts";

/** Key, event time, number, text. */
const ROW = [T.string(), T.timestamp(3), T.int(), T.string(false)] as const;
const last = { kind: "deduplicate", input: ROW, keys: [0], time: 1, keep: "last", ttlMillis: 0 } as const;
const top = {
  kind: "rank",
  input: ROW,
  partition: [0],
  order: [
    { column: 2, descending: true, nullsFirst: false },
    { column: 1, descending: false, nullsFirst: true },
  ],
  from: 1,
  to: 1,
  outputRank: false,
  retracting: false,
  ttlMillis: 0,
} as const;

describe.each([
  ["the last row by event time", last],
  ["Top-1", top],
] as const)("%s", (_name, subject) => {
  const withBefore: OperatorSpec = { ...subject, updateBefore: true };
  const without: OperatorSpec = { ...subject, updateBefore: false };

  function random(seed: number): string {
    const next = randomSource(seed);
    const number = (): string => (next(6) === 0 ? "NULL" : String(next(5)));
    return Array.from({ length: 60 }, (_, i) => `k${next(4)} ${i + next(9)} ${number()} t${i}`).join("\n");
  }

  test("without -U comes what comes with it, but for the -U", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const batch = batchOf(ROW, random(seed), stepsOf([[30, 20]]));
      const whole = new Harness(withBefore, { output: ROW }).push(batch).take();
      const brief = new Harness(without, { output: ROW }).pushCut(batch, [7, 8, 31]).take();
      expect(whole.some((line) => line.startsWith("-U"))).toBe(true);
      expect(brief).toEqual(whole.filter((line) => !line.startsWith("-U")));
    }
  });

  test("goes on from whole rows; whole rows do not go on from it", async () => {
    const [first, second] = [batchOf(ROW, random(1)), batchOf(ROW, random(2))];
    const whole = new Harness(withBefore, { output: ROW }).push(first);
    const brief = new Harness(without, { output: ROW }).push(first);
    brief.take();
    const restored = new Harness(without, {
      output: ROW,
      restore: await readSnapshots(await whole.checkpoint()),
    });
    expect(restored.push(second).take()).toEqual(brief.push(second).take());
    const files = await readSnapshots(await restored.checkpoint());
    expect(() => new Harness(withBefore, { output: ROW, restore: files })).toThrow(
      expect.objectContaining({ code: "STATE_INCOMPATIBLE" }),
    );
  });
});

test("text in the order is kept with whole rows", () => {
  expect(isOverwritable(top.order, ROW)).toBe(true);
  expect(isOverwritable([{ column: 3, descending: false, nullsFirst: true }], ROW)).toBe(false);
});
