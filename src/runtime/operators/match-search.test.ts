import { describe, expect, test } from "vitest";
import { T } from "../../types/data-type.ts";
import type { MatchSpec, MatchVariable } from "../spec.ts";
import type { MatchCondition } from "./match-conditions.ts";
import { FirstMatchSearch, hasOneWay } from "./match-first-search.ts";
import type { MatchListener, PartitionSearch } from "./match-partition.ts";
import { countOf } from "./match-rows.ts";
import { MatchSearch } from "./match-search.ts";
import { compilePattern } from "./pattern-automaton.ts";
import { randomSource } from "./test-support.ts";

/** `A+ B{2,} C?` as variables. */
function pattern(text: string): MatchVariable[] {
  return text.split(" ").map((word) => {
    const [, name, quantifier, reluctant] = /^([A-Z])(\*|\+|\?|\{[\d,]+\})?(\??)$/.exec(word)!;
    const bounds: Readonly<Record<string, [number, number]>> = { "*": [0, -1], "+": [1, -1], "?": [0, 1] };
    const [from, to] = (quantifier ?? "{1}").replace(/[{}]/g, "").split(",");
    const [minimum, maximum] = bounds[quantifier ?? ""] ?? [Number(from), to === "" ? -1 : Number(to ?? from)];
    return { name: name!, minimum, maximum, reluctant: reluctant === "?", condition: undefined };
  });
}

function specOf(text: string, withinMillis = 0): MatchSpec {
  return {
    kind: "match",
    input: [T.timestamp(3)],
    partition: [],
    time: 0,
    order: [],
    variables: pattern(text),
    skip: { to: "past-last" },
    withinMillis,
    measures: { references: [], types: [], expressions: [] },
  };
}

describe("whether a pattern has one way at most from each row", () => {
  test.each([
    ["A B C", true],
    ["A+ B", true],
    ["A B* C", true],
    ["A{2,} B{3} C", true],
    ["A{1,3} B", true],
    ["A+? B", false],
    ["A B? C", false],
    ["A B*? C", false],
    ["A B+?", false],
  ])("%s: %s", (text, one) => {
    expect(hasOneWay(compilePattern(pattern(text)))).toBe(one);
  });
});

interface Run {
  readonly search: PartitionSearch;
  readonly lines: string[];
  readonly kept: Set<number>;
}

/** The search over rows that are numbered as they come; times by row. */
function run(spec: MatchSpec, conditions: readonly MatchCondition[], first: boolean, times: readonly number[]): Run {
  const lines: string[] = [];
  const kept = new Set<number>();
  const listener: MatchListener = {
    match: ({ match, rows, timeMillis }) => {
      const from = rows.slots[match.start - rows.base]!;
      lines.push(`${from} ${match.counts.join(",")} at ${timeMillis}`);
    },
    keep: (slot) => kept.add(slot),
    drop: (slot) => kept.delete(slot),
  };
  const automaton = compilePattern(spec.variables);
  const search = first
    ? new FirstMatchSearch(spec, automaton, conditions, listener, (slot) => times[slot]!)
    : new MatchSearch(spec, automaton, conditions, listener);
  return { search, lines, kept };
}

describe("one match at a time is as all at once", () => {
  test.each(["A B C", "A+ B", "A B* C", "A{2,} B C", "A{1,3} B", "A B+ C+ D", "A* B C"])("%s", (text) => {
    let found = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomSource(seed);
      const spec = specOf(text, seed % 3 === 0 ? 7 : 0);
      const truths = Array.from({ length: 50 }, () => spec.variables.map(() => random(5) > 1));
      const conditions = spec.variables.map((_, variable): MatchCondition => {
        const ofRowAlone = random(2) === 0;
        const limit = 1 + random(6);
        return {
          ofRowAlone,
          test: ({ currentSlot, match }) =>
            truths[currentSlot]![variable]! && (ofRowAlone || countOf(match, -1) <= limit),
        };
      });
      let time = 0;
      const times = truths.map(() => (time += random(3)));
      const both = [true, false].map((first) => run(spec, conditions, first, times));
      for (const { search, kept } of both) {
        const partition = search.createPartition();
        times.forEach((millis, slot) => {
          search.advance(partition, millis);
          search.step(partition, slot, millis);
          if (slot % 9 === 0) search.advance(partition, millis + 2);
          search.dropUnneeded(partition);
          expect([...kept].toSorted((a, b) => a - b)).toEqual(partition.slots);
        });
      }
      found += both[1]!.lines.length;
      expect(both[0]!.lines).toEqual(both[1]!.lines);
    }
    expect(found).toBeGreaterThan(10);
  });
});
