import { SqlError } from "../../base/errors.ts";
import { isInteger, isNumeric, T, type DataType, type Value } from "../../types/data-type.ts";
import { scalar, type Argument, type Evaluator, type Resolution, type ScalarFunction } from "../define.ts";
import { preciseExp, preciseLog, preciseLog10, precisePower } from "./precise-math.ts";
import { anyNullable, typesOf } from "./shared.ts";

/** All arguments become DOUBLE, and so is the result. */
function resolveDoubles(args: readonly Argument[], least: number, most = least): Resolution | undefined {
  if (args.length < least || args.length > most) return undefined;
  const types: DataType[] = [];
  for (const type of typesOf(args)) {
    if (!isNumeric(type)) return undefined;
    types.push(T.double(type.nullable));
  }
  return { type: T.double(anyNullable(types)), args: types };
}

/** A function of one DOUBLE. `js` is its spelling with `x` for the argument. */
function ofDouble(
  name: string,
  summary: string,
  apply: (x: number) => number,
  js: string | undefined,
  example: readonly [string, string],
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<NUMERIC>)`,
    resolve: (args) => resolveDoubles(args, 1),
    nulls: "propagate",
    stability: "pure",
    evaluator: () => apply as Evaluator,
    emit: js === undefined ? undefined : ([x]) => js.replaceAll(/\bx\b/g, x!),
    doc: { summary, examples: [example] },
  });
}

function ofTwoDoubles(
  name: string,
  summary: string,
  apply: (x: number, y: number) => number,
  js: string | undefined,
  example: readonly [string, string],
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<NUMERIC>, <NUMERIC>)`,
    resolve: (args) => resolveDoubles(args, 2),
    nulls: "propagate",
    stability: "pure",
    evaluator: () => apply as Evaluator,
    emit: js === undefined ? undefined : ([x, y]) => `${js}(${x}, ${y})`,
    doc: { summary, examples: [example] },
  });
}

function constantNumber(name: string, value: number, summary: string, text: string): ScalarFunction {
  return scalar({
    name,
    signature: `${name}()`,
    resolve: (args) => (args.length === 0 ? { type: T.double(false) } : undefined),
    nulls: "propagate",
    stability: "pure",
    evaluator: () => () => value,
    emit: () => String(value),
    doc: { summary, examples: [[`${name}()`, text]] },
  });
}

const log = scalar({
  name: "LOG",
  signature: "LOG(<NUMERIC>), LOG(<NUMERIC> base, <NUMERIC>)",
  resolve: (args) => resolveDoubles(args, 1, 2),
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    if (types.args.length === 1) return (x) => preciseLog(x as number);
    return (base, x) => preciseLog(x as number) / preciseLog(base as number);
  },
  doc: { summary: "The natural logarithm, or the logarithm to a base.", examples: [["LOG(3, 81)", "4.0"]] },
});

const bin = scalar({
  name: "BIN",
  signature: "BIN(<INTEGER>)",
  resolve: (args) => {
    const [type] = typesOf(args);
    if (args.length !== 1 || type === undefined || !isInteger(type)) return undefined;
    return { type: T.string(type.nullable), args: [T.bigint(type.nullable)] };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (x) => BigInt.asUintN(64, x as bigint).toString(2),
  doc: { summary: "Binary digits (two's complement of 64 bits).", examples: [["BIN(10)", "1010"]] },
});

const hex = scalar({
  name: "HEX",
  signature: "HEX(<INTEGER>), HEX(<CHARACTER>)",
  resolve: (args) => {
    const [type] = typesOf(args);
    if (args.length !== 1 || type === undefined) return undefined;
    if (isInteger(type)) return { type: T.string(type.nullable), args: [T.bigint(type.nullable)] };
    return type.kind === "CHAR" || type.kind === "VARCHAR" ? { type: T.string(type.nullable) } : undefined;
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    if (types.args[0]!.kind === "BIGINT")
      return (x) =>
        BigInt.asUintN(64, x as bigint)
          .toString(16)
          .toUpperCase();
    return (text) =>
      Buffer.from(text as string, "utf8")
        .toString("hex")
        .toUpperCase();
  },
  doc: {
    summary: "Hexadecimal digits of an integer or of the UTF-8 bytes of a text.",
    examples: [
      ["HEX(255)", "FF"],
      ["HEX('aé')", "61C3A9"],
    ],
  },
});

const unhex = scalar({
  name: "UNHEX",
  signature: "UNHEX(<CHARACTER>)",
  resolve: (args) => {
    const [type] = typesOf(args);
    if (args.length !== 1 || type === undefined) return undefined;
    return type.kind === "CHAR" || type.kind === "VARCHAR" ? { type: T.bytes() } : undefined;
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text) => {
    const digits = text as string;
    if (!/^[0-9a-fA-F]*$/.test(digits)) return null;
    // As in Flink the digit in front of an odd number of them counts as a whole byte of zeros.
    return Uint8Array.from(Buffer.from(digits.length % 2 === 1 ? `00${digits.slice(1)}` : digits, "hex"));
  },
  doc: {
    summary:
      "The bytes of hexadecimal digits; NULL for other texts. The first of an odd number of digits is read as a zero byte.",
    examples: [
      ["CAST(UNHEX('4D7953') AS STRING)", "MyS"],
      ["UNHEX('761')", "x'0061'"],
      ["UNHEX('xy')", "NULL"],
      ["UNHEX(CAST(NULL AS STRING))", "NULL"],
    ],
  },
});

/** Java's Random: the 48-bit generator behind RAND(seed). */
function javaRandom(seed: number): (bits: number) => number {
  let state = (BigInt(seed) ^ 0x5deece66dn) & 0xffffffffffffn;
  return (bits) => {
    state = (state * 0x5deece66dn + 0xbn) & 0xffffffffffffn;
    return Number(BigInt.asIntN(32, state >> BigInt(48 - bits)));
  };
}

const rand = scalar({
  name: "RAND",
  signature: "RAND([<INTEGER> seed])",
  resolve: (args) => {
    const types = typesOf(args);
    if (types.length > 1 || !types.every(isInteger)) return undefined;
    return { type: T.double(anyNullable(types)), args: types.map((type) => T.int(type.nullable)) };
  },
  nulls: "propagate",
  stability: "row",
  evaluator: (types, session) => {
    const seed = types.literals[0];
    if (types.args.length === 0) return () => session.random();
    const fromSeed = (value: number): (() => number) => {
      const next = javaRandom(value);
      return () => (next(26) * 2 ** 27 + next(27)) / 2 ** 53;
    };
    if (typeof seed === "number") return fromSeed(seed);
    return (value) => fromSeed(value as number)();
  },
  doc: {
    summary: "A random number from 0 (inclusive) to 1 (exclusive); with a seed, always the same sequence.",
    examples: [["RAND(1)", "0.7308781907032909"]],
  },
});

const randInteger = scalar({
  name: "RAND_INTEGER",
  signature: "RAND_INTEGER(<INTEGER> bound), RAND_INTEGER(<INTEGER> seed, <INTEGER> bound)",
  resolve: (args) => {
    const types = typesOf(args);
    if (types.length < 1 || types.length > 2 || !types.every(isInteger)) return undefined;
    return { type: T.int(anyNullable(types)), args: types.map((type) => T.int(type.nullable)) };
  },
  nulls: "propagate",
  stability: "row",
  evaluator: (types, session) => {
    if (types.args.length === 1) return (bound) => Math.floor(session.random() * positiveBound(bound!));
    const seed = types.literals[0];
    if (typeof seed !== "number")
      return (value, bound) => boundedRandom(javaRandom(value as number), positiveBound(bound!));
    const next = javaRandom(seed);
    return (_, bound) => boundedRandom(next, positiveBound(bound!));
  },
  doc: {
    summary: "A random integer from 0 (inclusive) to the bound (exclusive).",
    examples: [["RAND_INTEGER(42, 10)", "0"]],
  },
});

function positiveBound(bound: Value): number {
  if ((bound as number) > 0) return bound as number;
  throw new SqlError("INVALID_ARGUMENT", `The bound of RAND_INTEGER must be positive, but was ${String(bound)}`);
}

/** Java's Random.nextInt(bound). */
function boundedRandom(next: (bits: number) => number, bound: number): number {
  if ((bound & -bound) === bound) return Number((BigInt(bound) * BigInt(next(31))) >> 31n);
  for (;;) {
    const bits = next(31);
    const value = bits % bound;
    if (bits - value + (bound - 1) <= 2147483647) return value;
  }
}

const uuid = scalar({
  name: "UUID",
  signature: "UUID()",
  resolve: (args) => (args.length === 0 ? { type: T.char(36, false) } : undefined),
  nulls: "propagate",
  stability: "row",
  evaluator: (_, session) => () => {
    const bytes = Buffer.from(Array.from({ length: 16 }, () => Math.floor(session.random() * 256)));
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const text = bytes.toString("hex");
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
  },
  doc: { summary: "A random UUID (version 4).", examples: [["UUID() IS NULL", "FALSE"]] },
});

/** The functions that keep the type of a number (`abs`, `sign`). */
function ofNumber(
  name: string,
  summary: string,
  apply: {
    readonly small: (x: number) => number;
    readonly big: (x: bigint, unit: bigint) => bigint;
    readonly double: (x: number) => number;
  },
  example: readonly [string, string],
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<NUMERIC>)`,
    resolve: (args) => {
      const [type] = typesOf(args);
      return type === undefined || args.length !== 1 || !isNumeric(type) ? undefined : { type };
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => {
      const type = types.args[0]!;
      if (type.kind === "BIGINT") return (x) => BigInt.asIntN(64, apply.big(x as bigint, 1n));
      if (type.kind === "DECIMAL") {
        const unit = 10n ** BigInt(type.scale);
        return (x) => apply.big(x as bigint, unit);
      }
      if (type.kind === "FLOAT" || type.kind === "DOUBLE") return apply.double as Evaluator;
      const shift = type.kind === "TINYINT" ? 24 : type.kind === "SMALLINT" ? 16 : 0;
      return (x) => (apply.small(x as number) << shift) >> shift;
    },
    emit: ([x], types) => {
      const kind = types.args[0]!.kind;
      if (name !== "ABS") return undefined;
      if (kind === "DOUBLE" || kind === "FLOAT") return `Math.abs(${x})`;
      if (kind === "INT") return `(Math.abs(${x}) | 0)`;
      return kind === "DECIMAL" ? `(${x} < 0n ? -${x} : ${x})` : undefined;
    },
    doc: { summary, examples: [example] },
  });
}

const abs = ofNumber(
  "ABS",
  "The absolute value; the smallest integer stays as it is (it wraps around).",
  { small: Math.abs, big: (x) => (x < 0n ? -x : x), double: Math.abs },
  ["ABS(-1.5)", "1.5"],
);

const sign = ofNumber(
  "SIGN",
  "-1, 0 or 1, in the type of the argument.",
  { small: Math.sign, big: (x, unit) => (x > 0n ? unit : x < 0n ? -unit : 0n), double: Math.sign },
  ["SIGN(-1.50)", "-1.00"],
);

/** JavaScript engines and Java differ in the last digit at 1 only. */
function cosh(x: number): number {
  return Math.abs(x) === 1 ? 1.543080634815244 : Math.cosh(x);
}

/** Mathematical functions that do not round. */
export const mathFunctions: readonly ScalarFunction[] = [
  abs,
  sign,
  ofTwoDoubles("POWER", "The first to the power of the second.", precisePower, undefined, ["POWER(2, 10)", "1024.0"]),
  ofDouble("SQRT", "The square root; NaN of negative numbers.", Math.sqrt, "Math.sqrt(x)", ["SQRT(9)", "3.0"]),
  ofDouble("LN", "The natural logarithm.", preciseLog, undefined, ["LN(1)", "0.0"]),
  log,
  ofDouble("LOG10", "The logarithm to base 10.", preciseLog10, undefined, ["LOG10(100)", "2.0"]),
  ofDouble("LOG2", "The logarithm to base 2.", (x) => preciseLog(x) / Math.LN2, undefined, ["LOG2(8)", "3.0"]),
  ofDouble("EXP", "e to the power of the argument.", preciseExp, undefined, ["EXP(0)", "1.0"]),
  ofDouble("SIN", "Sine.", Math.sin, "Math.sin(x)", ["SIN(0)", "0.0"]),
  ofDouble("COS", "Cosine.", Math.cos, "Math.cos(x)", ["COS(0)", "1.0"]),
  ofDouble("TAN", "Tangent.", Math.tan, "Math.tan(x)", ["TAN(0)", "0.0"]),
  ofDouble("COT", "Cotangent.", (x) => 1 / Math.tan(x), "(1 / Math.tan(x))", ["COT(1)", "0.6420926159343306"]),
  ofDouble("ASIN", "Arc sine.", Math.asin, "Math.asin(x)", ["ASIN(0)", "0.0"]),
  ofDouble("ACOS", "Arc cosine.", Math.acos, "Math.acos(x)", ["ACOS(1)", "0.0"]),
  ofDouble("ATAN", "Arc tangent.", Math.atan, "Math.atan(x)", ["ATAN(1)", "0.7853981633974483"]),
  ofTwoDoubles("ATAN2", "Angle of the point (x, y), given y and x.", Math.atan2, "Math.atan2", [
    "ATAN2(1, -1)",
    "2.356194490192345",
  ]),
  ofDouble("SINH", "Hyperbolic sine.", Math.sinh, "Math.sinh(x)", ["SINH(0)", "0.0"]),
  ofDouble("COSH", "Hyperbolic cosine.", cosh, undefined, ["COSH(0)", "1.0"]),
  ofDouble("TANH", "Hyperbolic tangent.", Math.tanh, "Math.tanh(x)", ["TANH(0)", "0.0"]),
  ofDouble("DEGREES", "Radians as degrees.", (x) => x * (180 / Math.PI), "(x * (180 / Math.PI))", [
    "DEGREES(PI())",
    "180.0",
  ]),
  ofDouble("RADIANS", "Degrees as radians.", (x) => x * (Math.PI / 180), "(x * (Math.PI / 180))", [
    "RADIANS(180)",
    "3.141592653589793",
  ]),
  constantNumber("PI", Math.PI, "The circle constant.", "3.141592653589793"),
  constantNumber("E", Math.E, "Euler's number.", "2.718281828459045"),
  bin,
  hex,
  unhex,
  rand,
  randInteger,
  uuid,
];
