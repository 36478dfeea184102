import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

function work(millis: number): void {
  const end = performance.now() + millis;
  while (performance.now() < end);
}

test("snapshots at the same time share a step: together they hold the event loop for no longer than one", async () => {
  let turns = 0;
  let running = true;
  const counting = (async () => {
    for (; running; turns++) await setImmediate();
  })();
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      const pace = new Pace();
      for (let piece = 0; piece < 100; piece++) {
        work(0.02);
        await pace.step();
      }
    }),
  );
  running = false;
  await counting;
  // 100 ms of work in steps of 4 ms. With a step of its own for each it were one or two turns.
  expect(turns).toBeGreaterThan(10);
});

test("what was given up is told at the next step", async () => {
  await expect(new Pace().step({ released: true } as never)).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
});
