import { describe, expect, test } from "vitest";
import type { Json } from "../base/json.ts";
import { numberedSplits, redistributedSource, type NumberedSplit } from "./source-state.ts";

/** What a thread remembers that has these splits left: the first one begun. */
function left(...splits: readonly Partial<NumberedSplit>[]): Json {
  const states = splits.map((split, i) => ({ ...split, data: null, position: null, begun: i === 0 }));
  return { splits: states, finished: [], rows: 0, ended: false } as unknown as Json;
}

function order(former: readonly Json[], parallelism: number): string[][] {
  return Array.from({ length: parallelism }, (_, subtask) => {
    const state = redistributedSource(former, subtask, parallelism) as unknown as { splits: { id: string }[] };
    return state.splits.map(({ id }) => id);
  });
}

describe("unfinished splits dealt out to another number of threads", () => {
  // a … h were dealt to three threads; the first has finished two of its three, the second none.
  const former = [
    left({ id: "g", number: 6 }),
    left({ id: "b", number: 1 }, { id: "e", number: 4 }, { id: "h", number: 7 }),
    left({ id: "f", number: 5 }),
  ];

  test("are in the order in which one thread reads them, whatever each thread has finished", () => {
    expect(order(former, 1)).toEqual([["b", "e", "f", "g", "h"]]);
    expect(order(former, 2)).toEqual([
      ["b", "f", "h"],
      ["e", "g"],
    ]);
  });

  test("of a checkpoint without numbers are each thread's first ones, then the second ones", () => {
    expect(order([left({ id: "a" }, { id: "c" }), left({ id: "b" })], 1)).toEqual([["a", "b", "c"]]);
  });
});

test("splits that are found later go behind the others", () => {
  const found = ["a", "b", "c", "c", "d"].map((id) => ({ id, data: null }));
  expect(numberedSplits(found, new Set(["a", "b"]))).toEqual([
    { id: "c", data: null, number: 2 },
    { id: "d", data: null, number: 3 },
  ]);
});
