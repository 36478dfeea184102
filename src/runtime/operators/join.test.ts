import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import { stepsOf } from "../../batch/steps.ts";
import { call as callExpr, column } from "../../expressions/expr.ts";
import { SCALAR_FUNCTIONS } from "../../functions/index.ts";
import { AGGREGATES } from "../../functions/aggregate/index.ts";
import { createRegistry } from "../../functions/registry.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { JoinSpec } from "../spec.ts";
import { foldChanges, randomSource } from "./test-support.ts";

const KV = [T.int(), T.string()] as const;
const OUT = [T.int(), T.string(), T.int(), T.string()] as const;

function spec(type: JoinSpec["type"], more: Partial<JoinSpec> = {}): JoinSpec {
  return {
    kind: "join",
    type,
    left: KV,
    right: KV,
    leftKeys: [0],
    rightKeys: [0],
    nullSafe: [false],
    leftRetracting: false,
    rightRetracting: false,
    ttlMillis: [0, 0],
    ...more,
  };
}

const functions = createRegistry(SCALAR_FUNCTIONS, AGGREGATES);

describe("join", () => {
  test("inner, append-only: rows meet what the other side holds; NULL keys do not match", () => {
    const h = new Harness(spec("inner"), { output: OUT });
    h.push(batchOf(KV, "1 a\n2 b\nNULL n\n1 c"), 0);
    expect(h.take()).toEqual([]);
    h.push(
      batchOf(
        KV,
        "1 x\nNULL y\n2 z",
        stepsOf([
          [1, 5],
          [3, 9],
        ]),
      ),
      1,
    );
    expect(h.take()).toEqual(["+I[1, a, 1, x]", "+I[1, c, 1, x]", "W 5", "+I[2, b, 2, z]", "W 9"]);
    h.push(batchOf(KV, "1 d", stepsOf([[0, 10]])), 0);
    expect(h.take()).toEqual(["W 10", "+I[1, d, 1, x]"]);
  });

  test("null-safe keys match NULL", () => {
    const h = new Harness(spec("inner", { nullSafe: [true] }), { output: OUT });
    h.push(batchOf(KV, "NULL a"), 0).push(batchOf(KV, "NULL x"), 1);
    expect(h.take()).toEqual(["+I[NULL, a, NULL, x]"]);
  });

  test("left outer: padded rows are taken back and come again", () => {
    const h = new Harness(spec("left", { rightRetracting: true }), { output: OUT });
    h.push(batchOf(KV, "1 a\nNULL n"), 0);
    expect(h.take()).toEqual(["+I[1, a, NULL, NULL]", "+I[NULL, n, NULL, NULL]"]);
    h.push(batchOf(KV, "+I 1 x\n+I 1 y\n-D 1 x\n-D 1 y"), 1);
    expect(h.take()).toEqual([
      "-D[1, a, NULL, NULL]",
      "+I[1, a, 1, x]",
      "+I[1, a, 1, y]",
      "-D[1, a, 1, x]",
      "-D[1, a, 1, y]",
      "+I[1, a, NULL, NULL]",
    ]);
  });

  test("full outer", () => {
    const h = new Harness(spec("full", { leftRetracting: true, rightRetracting: true }), { output: OUT });
    h.push(batchOf(KV, "1 x"), 1).push(batchOf(KV, "+I 1 a\n-U 1 a\n+U 1 b"), 0);
    expect(h.take()).toEqual([
      "+I[NULL, NULL, 1, x]",
      "-D[NULL, NULL, 1, x]",
      "+I[1, a, 1, x]",
      "-D[1, a, 1, x]",
      "+I[NULL, NULL, 1, x]",
      "-D[NULL, NULL, 1, x]",
      "+I[1, b, 1, x]",
    ]);
  });

  test("semi and anti", () => {
    const semi = new Harness(spec("semi", { rightRetracting: true }), { output: KV });
    semi
      .push(batchOf(KV, "1 a\n2 b"), 0)
      .push(batchOf(KV, "+I 1 x\n+I 1 y\n-D 1 x\n-D 1 y\n+I 2 z"), 1)
      .push(batchOf(KV, "2 c"), 0);
    expect(semi.take()).toEqual(["+I[1, a]", "-D[1, a]", "+I[2, b]", "+I[2, c]"]);
    const anti = new Harness(spec("anti", { rightRetracting: true }), { output: KV });
    anti.push(batchOf(KV, "1 a\n2 b"), 0).push(batchOf(KV, "+I 1 x\n-D 1 x"), 1);
    expect(anti.take()).toEqual(["+I[1, a]", "+I[2, b]", "-D[1, a]", "+I[1, a]"]);
  });

  test("a condition over the pair", () => {
    const condition = callExpr("<", [column(1, T.string()), column(3, T.string())], T.boolean());
    const h = new Harness(spec("left", { condition }), { output: OUT, functions });
    h.push(batchOf(KV, "1 b\n1 n"), 1).push(batchOf(KV, "1 a\n1 m\n1 z"), 0);
    expect(h.take()).toEqual(["+I[1, a, 1, b]", "+I[1, a, 1, n]", "+I[1, m, 1, n]", "+I[1, z, NULL, NULL]"]);
  });

  test.each(["inner", "left", "right", "full", "semi", "anti"] as const)(
    "%s: ends as the join of what both sides hold, however it is cut",
    (type) => {
      const condition = callExpr("<>", [column(1, T.string()), column(3, T.string())], T.boolean());
      for (let seed = 1; seed < 60; seed++) {
        const random = randomSource(seed);
        const one = spec(type, { leftRetracting: true, rightRetracting: true, condition });
        const output = type === "semi" || type === "anti" ? KV : OUT;
        const whole = new Harness(one, { output, functions });
        const cut = new Harness(one, { output, functions });
        const held: [string, string][][] = [[], []];
        for (let round = 0; round < 6; round++) {
          const input = random(2);
          const lines: string[] = [];
          for (let i = random(12); i >= 0; i--) {
            const rows = held[input]!;
            if (rows.length > 0 && random(3) === 0) {
              const [row] = rows.splice(random(rows.length), 1);
              lines.push(`-D ${row!.join(" ")}`);
            } else {
              const row: [string, string] = [random(6) === 0 ? "NULL" : String(random(3)), `v${random(3)}`];
              rows.push(row);
              lines.push(`+I ${row.join(" ")}`);
            }
          }
          const batch = batchOf(KV, lines.join("\n"));
          whole.push(batch, input);
          cut.pushCut(
            batch,
            Array.from({ length: batch.rowCount }, (_, i) => i).filter(() => random(3) === 0),
            input,
          );
        }
        const lines = whole.rows();
        expect(cut.rows()).toEqual(lines);
        expect(foldChanges(lines)).toEqual(joined(type, held[0]!, held[1]!));
      }
    },
  );
});

function joined(
  type: JoinSpec["type"],
  left: readonly [string, string][],
  right: readonly [string, string][],
): string[] {
  const matches = (l: [string, string], r: [string, string]): boolean =>
    l[0] !== "NULL" && l[0] === r[0] && l[1] !== r[1];
  const out: string[] = [];
  for (const l of left) {
    const mine = right.filter((r) => matches(l, r));
    if (type === "semi" || type === "anti") {
      if (mine.length > 0 === (type === "semi")) out.push(`[${l.join(", ")}]`);
      continue;
    }
    for (const r of mine) out.push(`[${[...l, ...r].join(", ")}]`);
    if (mine.length === 0 && (type === "left" || type === "full")) out.push(`[${l.join(", ")}, NULL, NULL]`);
  }
  if (type === "right" || type === "full") {
    for (const r of right) if (!left.some((l) => matches(l, r))) out.push(`[NULL, NULL, ${r.join(", ")}]`);
  }
  return out.sort();
}
