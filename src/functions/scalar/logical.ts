import { T, type DataType } from "../../types/data-type.ts";
import { scalar, type Resolution, type ScalarFunction } from "../define.ts";
import { anyNullable, typesOf } from "./shared.ts";

function isCondition(type: DataType): boolean {
  return type.kind === "BOOLEAN" || type.kind === "NULL";
}

function resolveConditions(types: readonly DataType[]): Resolution | undefined {
  if (types.length === 0 || !types.every(isCondition)) return undefined;
  // A bare NULL stays one; the binder refuses it ("Illegal use of 'NULL'").
  return { type: T.boolean(anyNullable(types)) };
}

/** AND and OR take any number of operands; `decisive` is the operand that decides alone. */
function junction(
  name: "AND" | "OR",
  decisive: boolean,
  summary: string,
  examples: readonly (readonly [string, string])[],
): ScalarFunction {
  return scalar({
    name,
    signature: `<BOOLEAN> ${name} <BOOLEAN>`,
    resolve: (args) => resolveConditions(typesOf(args)),
    nulls: "handled",
    stability: "pure",
    evaluator:
      () =>
      (...values) => {
        if (values.includes(decisive)) return decisive;
        return values.includes(null) ? null : !decisive;
      },
    emit: (args, types) => (anyNullable(types.args) ? undefined : `(${args.join(name === "AND" ? " && " : " || ")})`),
    callable: false,
    doc: { summary, examples },
  });
}

const not = scalar({
  name: "NOT",
  signature: "NOT <BOOLEAN>",
  resolve: (args) => (args.length === 1 ? resolveConditions(typesOf(args)) : undefined),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (a) => a !== true,
  emit: ([a]) => `!${a}`,
  callable: false,
  doc: { summary: "TRUE for FALSE and FALSE for TRUE.", examples: [["NOT TRUE", "FALSE"]] },
});

/** `x IS …`: tests that are never NULL. */
function test(
  name: string,
  js: (operand: string) => string,
  holds: (value: unknown) => boolean,
  example: readonly [string, string],
): ScalarFunction {
  const onlyConditions = !name.endsWith("NULL");
  return scalar({
    name,
    signature: `${onlyConditions ? "<BOOLEAN>" : "<ANY>"} ${name}`,
    resolve: (args) => {
      const [type] = typesOf(args);
      if (args.length !== 1 || type === undefined) return undefined;
      if (onlyConditions && !isCondition(type)) return undefined;
      const untyped = type.kind === "NULL" && !onlyConditions;
      return { type: T.boolean(false), args: untyped ? [T.boolean()] : undefined };
    },
    nulls: "handled",
    stability: "pure",
    evaluator: () => holds,
    emit: ([a]) => `(${js(a!)})`,
    callable: false,
    doc: { summary: `The test ${name}; never NULL.`, examples: [example] },
  });
}

/** AND, OR, NOT and the tests with IS. */
export const logicalFunctions: readonly ScalarFunction[] = [
  junction("AND", false, "TRUE when all are; FALSE when one is; else NULL.", [
    ["TRUE AND FALSE", "FALSE"],
    ["CAST(NULL AS BOOLEAN) AND FALSE", "FALSE"],
    ["CAST(NULL AS BOOLEAN) AND TRUE", "NULL"],
  ]),
  junction("OR", true, "TRUE when one is; FALSE when all are; else NULL.", [
    ["CAST(NULL AS BOOLEAN) OR TRUE", "TRUE"],
    ["CAST(NULL AS BOOLEAN) OR FALSE", "NULL"],
  ]),
  not,
  test(
    "IS NULL",
    (a) => `${a} === null`,
    (value) => value === null,
    ["CAST(NULL AS INT) IS NULL", "TRUE"],
  ),
  test(
    "IS NOT NULL",
    (a) => `${a} !== null`,
    (value) => value !== null,
    ["1 IS NOT NULL", "TRUE"],
  ),
  test(
    "IS TRUE",
    (a) => `${a} === true`,
    (value) => value === true,
    ["CAST(NULL AS BOOLEAN) IS TRUE", "FALSE"],
  ),
  test(
    "IS NOT TRUE",
    (a) => `${a} !== true`,
    (value) => value !== true,
    ["CAST(NULL AS BOOLEAN) IS NOT TRUE", "TRUE"],
  ),
  test(
    "IS FALSE",
    (a) => `${a} === false`,
    (value) => value === false,
    ["FALSE IS FALSE", "TRUE"],
  ),
  test(
    "IS NOT FALSE",
    (a) => `${a} !== false`,
    (value) => value !== false,
    ["FALSE IS NOT FALSE", "FALSE"],
  ),
  test(
    "IS UNKNOWN",
    (a) => `${a} === null`,
    (value) => value === null,
    ["CAST(NULL AS BOOLEAN) IS UNKNOWN", "TRUE"],
  ),
  test(
    "IS NOT UNKNOWN",
    (a) => `${a} !== null`,
    (value) => value !== null,
    ["TRUE IS NOT UNKNOWN", "TRUE"],
  ),
];
