import { expect, test } from "vitest";
import { SqlError } from "../../base/errors.ts";
import { columnOf } from "../../batch/column-builder.ts";
import { reader } from "../../batch/get.ts";
import { batchOf } from "../../batch/text.ts";
import { stepsOf } from "../../batch/steps.ts";
import type { Connector, ConnectorContext } from "../../connectors/api.ts";
import type { LookupCacheSpec } from "../../connectors/lookup-options.ts";
import { column } from "../../expressions/expr.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { LookupJoinSpec } from "../spec.ts";
import { nextReload } from "./reload-clock.ts";

const LEFT = [T.int(), T.string()] as const;
const FOUND = [T.string(), T.int()] as const;

function spec(cache: LookupCacheSpec, more: Partial<LookupJoinSpec> = {}): LookupJoinSpec {
  return {
    kind: "lookup-join",
    type: "left",
    left: LEFT,
    table: { table: "c.d.t", physical: [], primaryKey: [], partitionKeys: [], options: {}, timeZone: "UTC" },
    columns: [
      { kind: "physical", path: ["k"], type: T.string() },
      { kind: "physical", path: ["v"], type: T.int() },
    ],
    keys: [{ column: 0, equals: { left: 1 } }],
    projections: [column(0, FOUND[0]), column(1, FOUND[1])],
    cache,
    maxRetries: 0,
    timeoutMillis: 0,
    ...more,
  };
}

/** A table that answers for keys, and remembers what it was asked. */
function table(rows: Record<string, number[]>) {
  const clock = { millis: 0 };
  const asked: string[][] = [];
  const state = { failures: 0, delayMillis: 0 };
  const connector: Connector = {
    name: "fake",
    options: [],
    metadata: [],
    sinkMode: "none",
    lookup: () => ({
      kind: "keys",
      async find(keys, count) {
        const read = reader(keys[0]!, T.string());
        const names = Array.from({ length: count }, (_, i) => String(read(i)));
        asked.push(names);
        if (state.failures-- > 0) throw new SqlError("IO", "not now");
        if (state.delayMillis > 0) await new Promise((resolve) => setTimeout(resolve, state.delayMillis));
        const found = names.flatMap((name, key) => (rows[name] ?? []).map((value) => ({ name, value, key })));
        return {
          rows: {
            rowCount: found.length,
            columns: [
              columnOf(
                FOUND[0],
                found.map((f) => f.name),
              ),
              columnOf(
                FOUND[1],
                found.map((f) => f.value),
              ),
            ],
            kinds: undefined,
            steps: undefined,
          },
          keyOf: Int32Array.from(found, (f) => f.key),
        };
      },
    }),
  };
  const context = { nowMillis: () => clock.millis } as ConnectorContext;
  return { clock, asked, state, rows, tables: { connectorOf: () => connector, context } };
}

const OUTPUT = [...LEFT, ...FOUND];
const NONE: LookupCacheSpec = { kind: "none" };
const PARTIAL = {
  kind: "partial",
  maxRows: undefined,
  expireAfterWriteMillis: undefined,
  expireAfterAccessMillis: undefined,
  cacheMissingKey: true,
} as const;

test("the keys of a batch are asked for once each, in order; NULL is not asked for", async () => {
  const { tables, asked } = table({ a: [1, 2], b: [3] });
  const h = new Harness(spec(NONE), { output: OUTPUT, tables });
  await h.pushAwaited(batchOf(LEFT, "+I 1 b\n-U 2 a\n+U 3 b\n+I 4 NULL\n+I 5 c", stepsOf([[2, 7]])));
  expect(asked).toEqual([["b", "a", "c"]]);
  expect(h.take()).toEqual([
    "+I[1, b, b, 3]",
    "-U[2, a, a, 1]",
    "-U[2, a, a, 2]",
    "W 7",
    "+U[3, b, b, 3]",
    "+I[4, NULL, NULL, NULL]",
    "+I[5, c, NULL, NULL]",
  ]);
  await h.pushAwaited(batchOf(LEFT, "1 b"));
  expect(asked).toHaveLength(2);
});

test("a partial cache remembers answers until they are old, or too many", async () => {
  const { tables, asked, clock, rows } = table({ a: [1], b: [2], c: [3] });
  const cache = { ...PARTIAL, maxRows: 2, expireAfterWriteMillis: 100, cacheMissingKey: false };
  const h = new Harness(spec(cache, { type: "inner" }), { output: OUTPUT, tables });
  await h.pushAwaited(batchOf(LEFT, "1 a\n2 b\n3 x"));
  rows["x"] = [9];
  await h.pushAwaited(batchOf(LEFT, "4 a\n5 b\n6 x"));
  expect(asked).toEqual([["a", "b", "x"], ["x"]]);
  clock.millis = 100;
  await h.pushAwaited(batchOf(LEFT, "7 a"));
  expect(asked.at(-1)).toEqual(["a"]);
  await h.pushAwaited(batchOf(LEFT, "8 b\n9 c"));
  await h.pushAwaited(batchOf(LEFT, "10 a"));
  expect(asked.slice(-2)).toEqual([["b", "c"], ["a"]]);
  expect(h.rows()).toHaveLength(9);
});

test("what found nothing is asked again, what failed too, and what takes too long fails", async () => {
  const { tables, asked, rows, state } = table({ a: [1] });
  const h = new Harness(spec(NONE, { retryMiss: { delayMillis: 20, attempts: 3 } }), { output: OUTPUT, tables });
  setTimeout(() => (rows["b"] = [2]), 5);
  await h.pushAwaited(batchOf(LEFT, "1 a\n2 b"));
  expect(asked).toEqual([["a", "b"], ["b"]]);
  expect(h.rows()).toEqual(["+I[1, a, a, 1]", "+I[2, b, b, 2]"]);
  state.failures = 1;
  await expect(h.pushAwaited(batchOf(LEFT, "1 a"))).rejects.toThrow("not now");
  state.delayMillis = 50;
  const slow = new Harness(spec(NONE, { timeoutMillis: 5 }), { output: OUTPUT, tables });
  await expect(slow.pushAwaited(batchOf(LEFT, "1 a"))).rejects.toThrow("has not answered a look-up within 5 ms");
});

test("a full cache is read again by interval or time of day", () => {
  const hour = 3_600_000;
  expect(nextReload({ kind: "periodic", intervalMillis: 10, fixedRate: false }, 5, 7, "UTC")).toBe(17);
  expect(nextReload({ kind: "periodic", intervalMillis: 10, fixedRate: true }, 5, 7, "UTC")).toBe(15);
  const timed = { kind: "timed", minuteOfDay: 120, offsetMinutes: 0, days: 3 } as const;
  expect(nextReload(timed, hour, hour, "UTC")).toBe(2 * hour);
  expect(nextReload(timed, 2 * hour, 2 * hour, "UTC")).toBe(74 * hour);
  expect(nextReload(timed, 3 * hour, 3 * hour, "UTC")).toBe(26 * hour);
  expect(nextReload({ ...timed, offsetMinutes: undefined }, 0, 0, "Europe/Berlin")).toBe(hour);
});
