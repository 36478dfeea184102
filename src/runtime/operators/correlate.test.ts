import { describe, expect, test } from "vitest";
import { stepsOf } from "../../batch/steps.ts";
import { batchOf } from "../../batch/text.ts";
import { call, column, literal } from "../../expressions/expr.ts";
import { SCALAR_FUNCTIONS } from "../../functions/index.ts";
import { createRegistry } from "../../functions/registry.ts";
import { T, type Value } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { CorrelateSpec } from "../spec.ts";

const INPUT = [T.string(), T.array(T.int())] as const;
const functions = createRegistry(SCALAR_FUNCTIONS, []);

const unnest: CorrelateSpec = {
  kind: "correlate",
  type: "inner",
  input: INPUT,
  function: "UNNEST",
  args: [column(1, INPUT[1])],
  columns: [T.int()],
  withOrdinality: false,
};

type Row = readonly [kind: string, name: string, items: Value];

function harness(spec: CorrelateSpec): Harness {
  return new Harness(spec, { output: [...INPUT, ...spec.columns], functions });
}

const ROWS: readonly Row[] = [
  ["+I", "a", [1, null]],
  ["-U", "b", []],
  ["+U", "b", [7]],
  ["-D", "c", null],
];
const STEPS = [
  [1, 5],
  [2, 6],
  [4, 9],
] as const;

describe("correlate", () => {
  test.each<readonly [what: string, spec: CorrelateSpec, lines: readonly string[]]>([
    [
      "each row with its rows, kinds and watermarks in their places",
      unnest,
      ["+I[a, [1, NULL], 1]", "+I[a, [1, NULL], NULL]", "W 6", "+U[b, [7], 7]", "W 9"],
    ],
    [
      "left: a row without any is padded",
      { ...unnest, type: "left", withOrdinality: true, columns: [T.int(), T.int()] },
      [
        "+I[a, [1, NULL], 1, 1]",
        "+I[a, [1, NULL], NULL, 2]",
        "W 5",
        "-U[b, [], NULL, NULL]",
        "W 6",
        "+U[b, [7], 7, 1]",
        "-D[c, NULL, NULL, NULL]",
        "W 9",
      ],
    ],
    [
      "left: a row of which none matches is padded",
      {
        ...unnest,
        type: "left",
        condition: call(">", [column(2, T.int()), literal(1, T.int(false))], T.boolean()),
      },
      ["+I[a, [1, NULL], NULL]", "W 5", "-U[b, [], NULL]", "W 6", "+U[b, [7], 7]", "-D[c, NULL, NULL]", "W 9"],
    ],
  ])("%s", (_, spec, lines) => {
    const batch = batchOf(INPUT, ROWS, stepsOf(STEPS));
    const whole = harness(spec);
    whole.push(batch);
    expect(whole.take()).toEqual(lines);
    const cut = harness(spec);
    cut.pushCut(batch, [1, 2, 3]);
    expect(lastWatermarks(cut.take())).toEqual(lines);
  });

  test("more rows than fit a batch", () => {
    const count = 3000;
    const h = harness(unnest);
    h.push(
      batchOf(
        INPUT,
        Array.from({ length: count }, (_, i) => [String(i), [1, 2]]),
        stepsOf([[count - 1, 5]]),
      ),
    );
    const lines = h.take();
    expect(lines.length).toBe(2 * count + 1);
    expect(lines.slice(-3)).toEqual(["W 5", `+I[${count - 1}, [1, 2], 1]`, `+I[${count - 1}, [1, 2], 2]`]);
  });
});

/** Of watermarks that no row divides the last. */
function lastWatermarks(lines: readonly string[]): readonly string[] {
  return lines.filter((line, i) => !(line.startsWith("W ") && lines[i + 1]?.startsWith("W ") === true));
}
