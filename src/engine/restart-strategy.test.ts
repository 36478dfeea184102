import { expect, test } from "vitest";
import { SqlError } from "../base/errors.ts";
import { restartStrategy } from "./restart-strategy.ts";

const MIDDLE = (): number => 0.5;

function delays(
  options: Record<string, string>,
  times: readonly number[],
  checkpointing = true,
): (number | undefined)[] {
  const values = new Map(Object.entries(options).map(([k, v]) => [`restart-strategy.${k}`, v]));
  const strategy = restartStrategy(values, checkpointing, MIDDLE);
  return times.map((t) => strategy.delayAfterFailure(t));
}

test.each([
  ["none without checkpoints", {}, false, [0], [undefined]],
  ["none", { type: "none" }, true, [0], [undefined]],
  ["one attempt by default", { type: "fixed-delay" }, true, [0, 10], [1000, undefined]],
  [
    "fixed delay",
    { type: "fixeddelay", "fixed-delay.attempts": "2", "fixed-delay.delay": "5 s" },
    true,
    [0, 1, 2],
    [5000, 5000, undefined],
  ],
  [
    "failure rate: old failures do not count",
    {
      type: "failure-rate",
      "failure-rate.max-failures-per-interval": "2",
      "failure-rate.failure-rate-interval": "1 min",
      "failure-rate.delay": "10 ms",
    },
    true,
    [0, 30_000, 70_000, 80_000],
    [10, 10, 10, undefined],
  ],
  ["exponential by default with checkpoints", {}, true, [0, 2000, 5000], [1000, 1500, 2250]],
  [
    "exponential: bounded",
    {
      type: "exponential-delay",
      "exponential-delay.backoff-multiplier": "10",
      "exponential-delay.max-backoff": "20 s",
    },
    true,
    [0, 1, 2, 3],
    [1000, 10_000, 20_000, 20_000],
  ],
  [
    "exponential: starts over after a quiet time",
    { "exponential-delay.reset-backoff-threshold": "10 s" },
    true,
    [0, 2000, 60_000],
    [1000, 1500, 1000],
  ],
  [
    "exponential: attempts",
    { type: "exponential-delay", "exponential-delay.attempts-before-reset-backoff": "1" },
    true,
    [0, 1],
    [1000, undefined],
  ],
] as const)("%s", (_, options, checkpointing, times, expected) => {
  expect(delays(options, times, checkpointing)).toEqual(expected);
});

test("jitter never waits longer than the longest wait", () => {
  const values = new Map([["restart-strategy.exponential-delay.max-backoff", "1 s"]]);
  expect(restartStrategy(values, true, () => 0.99).delayAfterFailure(0)).toBe(1000);
});

test("a quiet time counts from the last failure and its wait, as in Flink", () => {
  const options = { "exponential-delay.reset-backoff-threshold": "10 s" };
  expect(delays(options, [0, 10_999, 22_498])).toEqual([1000, 1500, 2250]);
  expect(delays(options, [0, 11_000])).toEqual([1000, 1000]);
});

test("jitter spreads the delay around its base", () => {
  const strategy = restartStrategy(new Map(), true, () => 0);
  expect(strategy.delayAfterFailure(0)).toBe(900);
});

test.each([
  [{ type: "sometimes" }],
  [{ type: "fixed-delay", "fixed-delay.delay": "soon" }],
  [{ type: "fixed-delay", "fixed-delay.attempts": "-1" }],
  [{ "exponential-delay.backoff-multiplier": "1" }],
  [{ "exponential-delay.initial-backoff": "2 min" }],
  [{ "exponential-delay.initial-backoff": "0 ms" }],
  [{ "exponential-delay.jitter-factor": "1.5" }],
])("refuses %o", (options) => {
  expect(() => delays(options, [])).toThrow(SqlError);
});
