import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { SqlError } from "../base/errors.ts";
import { batchOf, rowsOf } from "../batch/text.ts";
import { compileProjection } from "../expressions/project.ts";
import { call, column, literal, type CallExpr, type Expr } from "../expressions/expr.ts";
import { canCast, sameType } from "../types/coerce.ts";
import { T, withNullable, type DataType, type Value } from "../types/data-type.ts";
import { typeText } from "../types/type-text.ts";
import type { Argument, Resolution, ScalarFunction } from "./define.ts";
import { testSession } from "./evaluate.test-helper.ts";
import { SCALAR_FUNCTIONS } from "./index.ts";
import { createRegistry } from "./registry.ts";

const registry = createRegistry(SCALAR_FUNCTIONS, []);

/** Types with values that reach their corners. */
const SAMPLES: readonly (readonly [DataType, readonly Value[]])[] = [
  [T.boolean(), [true, false]],
  [T.tinyint(), [0, 1, -1, 127, -128]],
  [T.smallint(), [0, 7, -32768]],
  [T.int(), [0, 1, 2, 3, -5, 12, 2147483647, -2147483648]],
  [T.bigint(), [0n, 1n, 2n, -7n, 123456789012n, 9223372036854775807n, -9223372036854775808n]],
  [T.float(), [0, 1.5, Math.fround(-0.1), Math.fround(1e20), Number.NaN]],
  [T.double(), [0, -0, 1.5, -2.25, 1e10, 1e300, Infinity, Number.NaN]],
  [T.decimal(10, 2), [0n, 150n, -150n, 9999999999n]],
  [T.decimal(18, 0), [5n, -(10n ** 17n)]],
  [T.decimal(38, 10), [0n, 12_500_000_000n, -(10n ** 37n), 10n ** 37n]],
  [
    T.string(),
    [
      "",
      "abc",
      "Äpfel und 😀",
      "12",
      "-3.5",
      "2024-02-29",
      "2024-02-29 10:11:12.345",
      "a,b,c",
      "true",
      '{"a": [1, 2]}',
      "https://user@host.example:80/p/a?q=1#r",
      "%b_",
    ],
  ],
  [T.char(3), ["a  ", "xyz"]],
  [T.varchar(5), ["", "ab", "12345"]],
  [T.bytes(), [new Uint8Array(), new Uint8Array([0, 255]), new Uint8Array([97, 98])]],
  [T.date(), [0, 19_000, -1]],
  [T.time(), [0, 3_723_000]],
  [T.timestamp(3), [0, 1_700_000_000_123, -1]],
  [T.timestamp(6), [0n, 1_700_000_000_123_456_000n, -1000n]],
  [T.timestampLtz(3), [0, 1_700_000_000_123]],
  [T.intervalMonth(), [0, 14, -1]],
  [T.intervalMillis(), [0, 90_061_001, -1]],
  [T.array(T.int()), [[], [1, null, 3]]],
  [T.array(T.string()), [["b", "a"], []]],
  [
    T.map(T.string(), T.int()),
    [
      [],
      [
        ["k", 1],
        ["l", null],
      ],
    ],
  ],
  [T.variant(), ['{"a":1}', "1.5"]],
  [
    T.row([
      { name: "f", type: T.int() },
      { name: "g", type: T.string() },
    ]),
    [
      [1, "x"],
      [null, null],
    ],
  ],
];

/** Literals that many functions ask for. */
const LITERALS: readonly (readonly [DataType, Value])[] = [
  [T.int(false), 0],
  [T.int(false), 1],
  [T.int(false), 2],
  [T.int(false), 10],
  [T.string(false), ","],
  [T.string(false), "a"],
  [T.string(false), "[a-c]+"],
  [T.string(false), "yyyy-MM-dd"],
  [T.string(false), "DAY"],
  [T.string(false), "HOUR"],
  [T.string(false), "MONTH"],
  [T.string(false), "YEAR"],
  [T.string(false), "BOTH"],
  [T.string(false), "%b%"],
  [T.string(false), "UTC"],
  [T.string(false), "$.a"],
  [T.string(false), "HOST"],
  [T.boolean(false), true],
];

const inputTypes = SAMPLES.map(([type]) => type);

function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

/** An argument: a column, or a literal. */
function randomArgument(random: (below: number) => number): Expr {
  if (random(3) === 0) {
    const [type, value] = LITERALS[random(LITERALS.length)]!;
    return literal(value, type);
  }
  const index = random(SAMPLES.length);
  return column(index, inputTypes[index]!);
}

/** The call with its coercions, or undefined when the arguments do not fit. */
function bind(definition: ScalarFunction, args: readonly Expr[]): CallExpr | undefined {
  const resolution = tryResolve(
    definition,
    args.map((arg): Argument => (arg.kind === "literal" ? { type: arg.type, literal: arg.value } : { type: arg.type })),
  );
  if (resolution === undefined) return undefined;
  const coerced: Expr[] = [];
  for (const [i, arg] of args.entries()) {
    const wanted = resolution.args?.[i] ?? arg.type;
    if (sameType(wanted, arg.type) || wanted.kind === "NULL") coerced.push(arg);
    else if (canCast(arg.type, wanted)) coerced.push(call("TRY_CAST", [arg], withNullable(wanted, true)));
    else return undefined;
  }
  return { kind: "call", function: definition.name, args: coerced, type: resolution.type, span: { start: 1, end: 2 } };
}

/** A function may also refuse literals with an error of its own. */
function tryResolve(definition: ScalarFunction, args: readonly Argument[]): Resolution | undefined {
  try {
    return definition.resolve(args);
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

/** Up to `wanted` calls that fit, with different arguments. CAST and TRY_CAST, which resolve by their target, are always there. */
function callsOf(definition: ScalarFunction, wanted: number, random: (below: number) => number): CallExpr[] {
  const found: CallExpr[] = [];
  for (let tries = 0; tries < 1500 && found.length < wanted; tries++) {
    const args = Array.from({ length: tries % 5 }, () => randomArgument(random));
    const bound = bind(definition, args);
    if (bound !== undefined) found.push(bound);
  }
  return found;
}

function castsOf(name: string): CallExpr[] {
  return inputTypes.flatMap((from, index) =>
    inputTypes
      .filter((to) => canCast(from, to))
      .map((to): CallExpr => ({ kind: "call", function: name, args: [column(index, from)], type: to })),
  );
}

function batch(random: (below: number) => number) {
  const rows = Array.from({ length: 24 }, (_, row) =>
    SAMPLES.map(([, values], c) => (c % 2 === 0 && random(5) === 0 && row > 0 ? null : values[random(values.length)]!)),
  );
  return batchOf(inputTypes, rows);
}

type Batch = ReturnType<typeof batch>;

function outcome(expr: CallExpr, rows: Batch, compile: boolean): unknown {
  try {
    const columns = compileProjection([expr], inputTypes, registry, testSession(), { compile })(rows);
    return rowsOf({ ...rows, columns }, [expr.type]).map(([value]) => value);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

function isFormOf(value: Value, type: DataType): boolean {
  if (value === null) return true;
  switch (type.kind) {
    case "BOOLEAN":
      return typeof value === "boolean";
    case "BIGINT":
    case "DECIMAL":
      return typeof value === "bigint";
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return typeof value === (type.precision <= 3 ? "number" : "bigint");
    case "CHAR":
    case "VARCHAR":
    case "VARIANT":
      return typeof value === "string";
    case "BINARY":
    case "VARBINARY":
      return value instanceof Uint8Array;
    case "ARRAY":
    case "MAP":
    case "MULTISET":
    case "ROW":
      return Array.isArray(value);
    default:
      return typeof value === "number";
  }
}

/** What differs between the two ways of evaluating, or is no value of the type; empty when all is well. */
function faults(expr: CallExpr, rows: Batch): unknown[] {
  const [compiled, interpreted] = [outcome(expr, rows, true), outcome(expr, rows, false)];
  const args = expr.args.map((arg) => (arg.kind === "literal" ? String(arg.value) : typeText(arg.type)));
  const shown = `${expr.function}(${args.join(", ")}): ${typeText(expr.type)}`;
  if (!isDeepStrictEqual(compiled, interpreted)) return [{ shown, compiled, interpreted }];
  if (typeof interpreted === "string") return interpreted.startsWith("BUG") ? [{ shown, interpreted }] : [];
  const strangers = (interpreted as Value[]).filter((value) => !isFormOf(value, expr.type));
  return strangers.length === 0 ? [] : [{ shown, strangers }];
}

test.each(SCALAR_FUNCTIONS.map((definition) => [definition.name, definition] as const))(
  "%s: generated code and evaluator agree on columns",
  (name, definition) => {
    const random = createRandom(Number(process.env["SEED"] ?? 7) * 1000 + name.length);
    const isCast = name === "CAST" || name === "TRY_CAST";
    const calls = isCast ? castsOf(name) : callsOf(definition, Number(process.env["CALLS"] ?? 8), random);
    const found = calls.flatMap((expr) => {
      const rows = batch(random);
      // Single rows too, so that a row that fails does not hide the others.
      const single = [0, 1, 2].map(() => batchOf(inputTypes, [rowsOf(rows, inputTypes)[random(rows.rowCount)]!]));
      return [rows, ...single].flatMap((each) => faults(expr, each));
    });
    expect(found).toEqual([]);
  },
);
