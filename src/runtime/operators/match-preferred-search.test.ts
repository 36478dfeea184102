import { describe, expect, test } from "vitest";
import { T } from "../../types/data-type.ts";
import type { MatchPattern, MatchSkip, MatchSpec } from "../spec.ts";
import type { MatchCondition } from "./match-conditions.ts";
import type { MatchListener } from "./match-partition.ts";
import { PreferredSearch } from "./match-preferred-search.ts";
import { countOf, runsOf } from "./match-rows.ts";
import { skipOf } from "./match-search.ts";
import { randomSource } from "./test-support.ts";

const VARIABLES = 3;
const ROWS = 24;

type Random = (limit: number) => number;

function randomPattern(random: Random, depth: number): MatchPattern {
  const part = (): MatchPattern => randomPattern(random, depth - 1);
  const variable: MatchPattern = { kind: "variable", variable: random(VARIABLES) };
  if (depth === 0) return variable;
  switch (random(6)) {
    case 0:
      return variable;
    case 1:
      return { kind: "alternation", branches: [part(), part()] };
    case 2:
      return { kind: "exclusion", pattern: part() };
    case 3: {
      const minimum = random(3);
      const maximum = [-1, Math.max(1, minimum), minimum + 1, minimum + 2][random(4)]!;
      return { kind: "repetition", pattern: part(), minimum, maximum, reluctant: random(3) === 0 };
    }
    default:
      return { kind: "sequence", items: Array.from({ length: random(4) }, part) };
  }
}

/** The labels of the rows that a match takes, by going on with the preferred way and back where it does not lead to the end. */
function preferred(
  pattern: MatchPattern,
  take: (variable: number, labels: readonly number[]) => boolean,
): readonly number[] | undefined {
  type Labels = readonly number[];
  type Then = (labels: Labels) => Labels | undefined;
  const go = (node: MatchPattern, hidden: number, labels: Labels, then: Then): Labels | undefined => {
    switch (node.kind) {
      case "variable":
        return take(node.variable, labels) ? then([...labels, 2 * node.variable + hidden]) : undefined;
      case "exclusion":
        return go(node.pattern, 1, labels, then);
      case "sequence": {
        const from = (i: number, so: Labels): Labels | undefined =>
          i === node.items.length ? then(so) : go(node.items[i]!, hidden, so, (next) => from(i + 1, next));
        return from(0, labels);
      }
      case "alternation": {
        for (const branch of node.branches) {
          const found = go(branch, hidden, labels, then);
          if (found !== undefined) return found;
        }
        return undefined;
      }
      case "repetition": {
        const times = (n: number, so: Labels): Labels | undefined => {
          const more = (): Labels | undefined => {
            if (node.maximum >= 0 && n >= node.maximum) return undefined;
            // Of times without end one that takes no row, beyond those that must be, leads nowhere.
            return go(node.pattern, hidden, so, (next) =>
              node.maximum < 0 && next.length === so.length && n >= node.minimum ? undefined : times(n + 1, next),
            );
          };
          if (n < node.minimum) return more();
          return node.reluctant ? (then(so) ?? more()) : (more() ?? then(so));
        };
        return times(0, labels);
      }
    }
  };
  return go(pattern, 0, [], (labels) => labels);
}

interface Case {
  readonly spec: MatchSpec;
  readonly truths: readonly (readonly boolean[])[];
  readonly times: readonly number[];
  /** A variable's condition takes rows of a match only up to here; −1: it reads nothing but the row. */
  readonly limits: readonly number[];
}

function randomCase(seed: number): Case {
  const random = randomSource(seed);
  const skips: readonly MatchSkip[] = [{ to: "past-last" }, { to: "next" }];
  const pattern = randomPattern(random, 3);
  let time = 0;
  return {
    spec: {
      kind: "match",
      input: [T.timestamp(3)],
      partition: [],
      time: 0,
      order: [],
      variables: Array.from({ length: VARIABLES }, (_, i) => ({
        name: "ABC"[i]!,
        minimum: 0,
        maximum: -1,
        reluctant: false,
        condition:
          seed % 4 === 0 && i === 0
            ? {
                references: [{ kind: "row", variable: 0, column: 0, from: "last", offset: 0, shift: 1 }],
                types: [T.timestamp(3)],
                expressions: [],
              }
            : undefined,
      })),
      pattern,
      skip: skips[random(2)]!,
      withinMillis: seed % 3 === 0 ? 9 : 0,
      measures: { references: [], types: [], expressions: [] },
    },
    truths: Array.from({ length: ROWS }, () => Array.from({ length: VARIABLES }, () => random(5) > 1)),
    times: Array.from({ length: ROWS }, () => (time += random(4))),
    limits: Array.from({ length: VARIABLES }, () => (random(2) === 0 ? -1 : 1 + random(5))),
  };
}

function expected({ spec, truths, times, limits }: Case): string[] {
  const lines: string[] = [];
  for (let start = 0; start < ROWS;) {
    const labels = preferred(spec.pattern!, (variable, so) => {
      const row = start + so.length;
      if (row >= ROWS || (spec.withinMillis > 0 && times[row]! - times[start]! >= spec.withinMillis)) return false;
      return truths[row]![variable]! && (limits[variable]! < 0 || so.length < limits[variable]!);
    });
    if (labels !== undefined) lines.push(`${start} ${labels.join("")}`);
    start += labels === undefined || labels.length === 0 || spec.skip.to === "next" ? 1 : labels.length;
  }
  return lines;
}

/** Runs the search; with `restartEvery` its partition is written down and read again after so many rows. */
function run({ spec, truths, times, limits }: Case, restartEvery: number): string[] {
  const lines: string[] = [];
  const kept = new Set<number>();
  const listener: MatchListener = {
    match: (view) => {
      const runs = runsOf(view.match);
      const labels: number[] = [];
      for (let i = 0; i < runs.length; i += 2) for (let n = 0; n < runs[i + 1]!; n++) labels.push(runs[i]!);
      lines.push(`${view.rows.slots[view.match.start - view.rows.base]} ${labels.join("")}`);
    },
    keep: (slot) => kept.add(slot),
    drop: (slot) => kept.delete(slot),
  };
  const conditions = limits.map((limit, variable): MatchCondition => ({
    ofRowAlone: limit < 0,
    test: ({ currentSlot, match }) => truths[currentSlot]![variable]! && (limit < 0 || countOf(match, -1) < limit),
  }));
  const search = new PreferredSearch(spec, spec.pattern!, conditions, listener, (slot) => times[slot]!);
  let partition = search.createPartition();
  times.forEach((millis, slot) => {
    search.advance(partition, millis);
    search.step(partition, slot, millis);
    if (slot % 5 === 0) search.advance(partition, millis + 1);
    search.dropUnneeded(partition);
    expect([...kept].toSorted((a, b) => a - b)).toEqual(partition.slots);
    if (slot % restartEvery !== restartEvery - 1) return;
    const restored = search.createPartition();
    restored.base = partition.base;
    restored.slots.push(...partition.slots);
    search.decode(search.encode(partition), restored);
    partition = restored;
  });
  search.finish(partition);
  search.dropUnneeded(partition);
  expect(partition.isIdle).toBe(true);
  return lines;
}

describe("the preferred of all ways", () => {
  test("is what going back and forth finds, whatever the pattern", () => {
    let found = 0;
    for (let seed = 1; seed <= 1500; seed++) {
      const one = randomCase(seed);
      const lines = expected(one);
      expect([seed, ...run(one, Infinity)]).toEqual([seed, ...lines]);
      found += lines.filter((line) => line.length > 5).length;
    }
    expect(found).toBeGreaterThan(500);
  });

  test("is the same after any restart", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const one = randomCase(seed);
      expect([seed, ...run(one, 1 + (seed % 7))]).toEqual([seed, ...expected(one)]);
    }
  });
});

describe("AFTER MATCH SKIP TO a variable", () => {
  const match = { state: 0, start: 10, startTime: 0, counts: [3, 2], runs: [0, 2, 2, 1, 0, 1, 2, 1], running: [] };
  const { spec } = randomCase(1);
  test.each([
    [{ to: "first", variable: 1 }, 12],
    [{ to: "last", variable: 1 }, 14],
    [{ to: "last", variable: 0 }, 13],
    [{ to: "last", variable: 2 }, 14],
  ] as const)("%j: row %i", (skip, row) => {
    expect(skipOf(match, { ...spec, skip, subsets: [[1]], variables: spec.variables.slice(0, 2) })).toBe(row);
  });
});
