import { describe, expect, test } from "vitest";
import { SqlError } from "../base/errors.ts";
import { stepsOf } from "../batch/steps.ts";
import { batchOf, changelogText, rowsOf } from "../batch/text.ts";
import { T, type DataType, type Value } from "../types/data-type.ts";
import { compileCalc } from "./calc.ts";
import { call, column, literal, type Expr } from "./expr.ts";
import { compilePredicate, compileProjection } from "./project.ts";
import { testLookup, testSession } from "./functions.test-helper.ts";

const input = [T.bigint(), T.string(), T.boolean(), T.bytes()];
const id = column(0, T.bigint());
const name = column(1, T.string());
const flag = column(2, T.boolean());
const big = (value: bigint | null) => literal(value, T.bigint());
const text = (value: string | null) => literal(value, T.string());
const is = (fn: string, ...args: Expr[]) => call(fn, args, T.boolean());

describe.each([{ compile: true }, { compile: false }])("calc with compile = $compile", (options) => {
  const calc = (projections: readonly Expr[], filter?: Expr) =>
    compileCalc({ projections, filter, input }, testLookup, testSession(), options);
  const evaluate = (expr: Expr, ...row: Value[]) => {
    const batch = batchOf(input, [[...row, ...[null, null, null, null].slice(row.length)]]);
    return rowsOf({ ...batch, columns: compileProjection([expr], input, testLookup, testSession(), options)(batch) }, [
      expr.type,
    ])[0]![0];
  };

  test("says how it runs", () => {
    expect(calc([call("UPPER", [name], T.string())]).mode).toBe(options.compile ? "compiled" : "interpreted");
  });

  test("keeps kinds and watermark steps of the rows that pass", () => {
    const batch = batchOf(
      input,
      [
        ["+I", 1n, "a", true, null],
        ["-U", 2n, "b", null, null],
        ["+U", 3n, null, true, null],
        ["-D", null, "d", true, null],
      ],
      stepsOf([
        [0, 5],
        [2, 6],
        [4, 7],
      ]),
    );
    const out = calc([name, call("+", [id, big(10n)], T.bigint()), literal(7, T.int())], flag).run(batch)!;
    expect(changelogText(out, [T.string(), T.bigint(), T.int()])).toEqual([
      "+I[a, 11, 7]",
      "+U[NULL, 13, 7]",
      "-D[d, NULL, 7]",
    ]);
    expect([...out.steps!.rows.subarray(0, out.steps!.count)]).toEqual([0, 1, 3]);
  });

  test("passes a batch through when nothing changes, drops it when nothing is left", () => {
    const batch = batchOf(input, "1 a true 00");
    expect(calc([id, name, flag, column(3, T.bytes())], flag).run(batch)).toBe(batch);
    expect(calc([id], is("=", id, big(2n))).run(batch)).toBeUndefined();
    const moved = calc([id, call("UPPER", [name], T.string())], is("=", id, big(2n))).run({
      ...batch,
      steps: stepsOf([[1, 9]]),
    })!;
    expect(moved).toMatchObject({ rowCount: 0, steps: { count: 1 } });
    expect(moved.columns).toHaveLength(2);
    const empty = calc([name]).run({ ...batch, rowCount: 0, steps: stepsOf([[0, 9]]) })!;
    expect(empty).toMatchObject({ rowCount: 0, steps: { count: 1 } });
  });

  test("text that is only passed around is not copied", () => {
    const batch = batchOf(input, "1 abc true 00\n2 de null 00");
    const out = calc([call("CASE", [flag, name, text(null)], T.string())]).run(batch)!;
    expect(rowsOf(out, [T.string()])).toEqual([["abc"], [null]]);
    // The interpreter makes values of everything.
    const isShared = (out.columns[0] as { data: Uint8Array }).data === (batch.columns[1] as { data: Uint8Array }).data;
    expect(isShared).toBe(options.compile);
  });

  test("errors in branches not taken do not surface", () => {
    const bad = is("=", call("/", [id, big(0n)], T.bigint()), big(1n));
    expect(evaluate(is("AND", flag, bad), 1n, "x", false)).toBe(false);
    expect(evaluate(is("OR", flag, bad), 1n, "x", true)).toBe(true);
    expect(evaluate(call("CASE", [flag, big(5n), bad, big(6n), big(7n)], T.bigint()), 1n, "x", true)).toBe(5n);
    expect(
      evaluate(call("COALESCE", [name, call("CASE", [bad, text("y"), text("z")], T.string())], T.string()), 1n, "x"),
    ).toBe("x");
    expect(() => evaluate(is("AND", flag, bad), 1n, "x", true)).toThrow("/ by zero");
  });

  test("an error carries the span of its call, the innermost one", () => {
    const division = call("/", [id, id], T.bigint(), { start: 3, end: 8 });
    const run = () =>
      calc([call("+", [division, big(1n)], T.bigint(), { start: 0, end: 9 })]).run(
        batchOf(input, "1 a true 00\n0 a true 00"),
      );
    expect(run).toThrow(SqlError);
    expect(run).toThrow(expect.objectContaining({ code: "DIVISION_BY_ZERO", span: { start: 3, end: 8 } }));
  });

  test("a call per row is evaluated each time it is written", () => {
    const rand = () => call("RAND", [], T.int());
    const program = calc([rand(), call("+", [rand(), literal(100, T.int())], T.int())]);
    expect(rowsOf(program.run(batchOf(input, "1 a true 00\n2 a true 00"))!, [T.int(), T.int()])).toEqual([
      [0, 101],
      [2, 103],
    ]);
  });

  test.each<[Expr, Value[], Value]>([
    [is("=", name, text("äß")), [null, "äß"], true],
    [is("=", name, text("a")), [null, null], null],
    [is("<", name, text("b")), [null, "abc"], true],
    [is("<", text("￿"), text("😀")), [null], true],
    [is("<", call("UPPER", [name], T.string()), text("😀")), [null, "￿"], true],
    [is("IN", name, text("x"), text("y")), [null, "y"], true],
    [is("IN", name, text("x"), text(null)), [null, "y"], null],
    [is("IN", id, big(1n), big(2n)), [3n], false],
    [is("NOT", is("IN", id, big(1n), big(null))), [1n], false],
    [is("IS DISTINCT FROM", name, text(null)), [null, null], false],
    [is("IS NOT DISTINCT FROM", name, text("a")), [null, "a"], true],
    [call("NULLIF", [name, text("a")], T.string()), [null, "a"], null],
    [call("NULLIF", [name, text(null)], T.string()), [null, "a"], "a"],
    [call("CHAR_LENGTH", [name], T.int()), [null, "ä😀"], 2],
    [call("CAST", [name], T.string()), [null, "x"], "x"],
    [
      is("=", column(3, T.bytes()), literal(new Uint8Array([1, 2]), T.bytes())),
      [null, null, null, new Uint8Array([1, 2])],
      true,
    ],
    [call("COALESCE", [call("BLANK_TO_NULL", [name], T.string()), text("none")], T.string()), [null, ""], "none"],
  ])("gives %#", (expr, row, expected) => {
    expect(evaluate(expr, ...row)).toEqual(expected);
  });

  test("a predicate selects rows", () => {
    const batch = batchOf(input, "1 a true 00\n2 b null 00\n3 c true 00");
    const selected = new Int32Array(3);
    expect(compilePredicate(flag, input, testLookup, testSession(), options)(batch, selected)).toBe(2);
    expect([...selected.subarray(0, 2)]).toEqual([0, 2]);
    expect(
      compilePredicate(literal(true, T.boolean()), input, testLookup, testSession(), options)(batch, selected),
    ).toBe(3);
    expect([...selected]).toEqual([0, 1, 2]);
  });
});

test.each([
  ["abc", "abc"],
  ["a%", "abc"],
  ["%c", "abc"],
  ["%b%", "abc"],
  ["a%c", "ac"],
  ["a%a", "a"],
  ["%", ""],
  ["", ""],
  ["_", "ä"],
  ["_%_", "ä"],
  ["_%_", "äö"],
  ["%_c", "äc"],
  ["%a_%", "xaä"],
  ["a%b%c", "aXbYbc"],
  ["%ab%ab%", "abab"],
  ["%ab%ab%", "ab"],
  ["ä%", "äx"],
  ["%aab%", "aaab"],
  ["__", "😀a"],
  ["a_c", "a\nc"],
  ["a_%", "a\u2028c"],
  ["%_c", "a\u0085c"],
  ["%_c", "a\u00a5c"],
])("LIKE %s on %s is the same on bytes", (pattern, value) => {
  const expr = is("LIKE", name, text(pattern));
  const batch = batchOf(input, [[null, value, null, null]]);
  const results = [true, false].map((compile) =>
    rowsOf({ ...batch, columns: compileProjection([expr], input, testLookup, testSession(), { compile })(batch) }, [
      T.boolean(),
    ]),
  );
  expect(results[0]).toEqual(results[1]);
});

test("many sets of columns with NULLs share one kernel in the end", () => {
  const types: DataType[] = Array.from({ length: 5 }, () => T.int());
  const sum = types
    .slice(1)
    .reduce<Expr>((left, type, i) => call("+", [left, column(i + 1, type)], T.int()), column(0, T.int()));
  const program = compileCalc({ projections: [sum], input: types }, testLookup, testSession());
  for (let mask = 0; mask < 32; mask++) {
    const batch = batchOf(types, [[1, 1, 1, 1, 1], types.map((_, i) => ((mask >> i) & 1 ? null : 2))]);
    expect(rowsOf(program.run(batch)!, [T.int()])).toEqual([[5], [mask === 0 ? 10 : null]]);
  }
});

test("few rows left do not disturb the batches before", () => {
  const program = compileCalc(
    {
      projections: [call("UPPER", [name], T.string()), call("+", [id, id], T.bigint())],
      filter: is(">", id, big(8n)),
      input,
    },
    testLookup,
    testSession(),
  );
  const run = (from: number) =>
    program.run(
      batchOf(
        input,
        Array.from({ length: 10 }, (_, i) => [BigInt(i + from), `n${i + from}`, null, null]),
      ),
    )!;
  const outs = [run(0), run(3), run(6)];
  expect(outs.map((out) => rowsOf(out, [T.string(), T.bigint()]).map(String).join(" "))).toEqual([
    "N9,18",
    "N9,18 N10,20 N11,22 N12,24",
    "N9,18 N10,20 N11,22 N12,24 N13,26 N14,28 N15,30",
  ]);
});

test("an expression that cannot be compiled falls back to the interpreter, and says so", () => {
  const broken = {
    scalar: (fn: string) =>
      fn === "BLANK_TO_NULL" ? { ...testLookup.scalar(fn)!, emit: () => "(" } : testLookup.scalar(fn),
  };
  const expr = call("BLANK_TO_NULL", [name], T.string());
  expect(() => compileCalc({ projections: [expr], input }, broken, testSession())).toThrow("does not compile");
  const reasons: string[] = [];
  const program = compileCalc({ projections: [expr], input }, broken, testSession(), {
    onFallback: (reason) => reasons.push(reason.code),
  });
  expect(program.mode).toBe("interpreted");
  expect(reasons).toEqual(["BUG"]);
  expect(rowsOf(program.run(batchOf(input, "1 abc true 00"))!, [T.string()])).toEqual([["abc"]]);
});
