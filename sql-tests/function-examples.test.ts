import { expect, test } from "vitest";
import { createCatalogManager } from "../src/catalog/catalog-manager.ts";
import type { Expr } from "../src/expressions/expr.ts";
import { foldExpr } from "../src/expressions/fold.ts";
import { interpret } from "../src/expressions/interpreter.ts";
import type { SessionFacts } from "../src/functions/define.ts";
import { examplesOf, NAMES_WITH_FURTHER_EXAMPLES } from "../src/functions/examples/index.ts";
import { AGGREGATES, SCALAR_FUNCTIONS } from "../src/functions/index.ts";
import { createRegistry } from "../src/functions/registry.ts";
import { parseScript } from "../src/parser/index.ts";
import { bindQuery } from "../src/planner/bind/index.ts";
import { valueText } from "../src/types/value-text.ts";

// The examples in the documentation of every scalar function are what the function really gives, folded or not.
const functions = createRegistry(SCALAR_FUNCTIONS, AGGREGATES);
const session: SessionFacts = { timeZone: "UTC", legacyCast: false, nowMillis: () => 0, random: () => 0.5 };

function boundExpression(sql: string): Expr {
  const [statement] = parseScript(`SELECT ${sql};`);
  if (statement?.kind !== "QueryStatement") throw new TypeError(`no query: ${sql}`);
  const context = { catalog: createCatalogManager(), functions, session, options: new Map<string, string>() };
  const plan = bindQuery(statement.query, context).inputs[0];
  const bound = plan.kind === "Project" ? plan.expressions[0] : undefined;
  if (bound === undefined) throw new TypeError(`no projection: ${sql}`);
  return bound;
}

const examples = SCALAR_FUNCTIONS.flatMap((f) => examplesOf(f).map(([sql, result]) => [f.name, sql, result] as const));

test.each(examples)("%s: %s is %s", (_, sql, result) => {
  const bound = boundExpression(sql);
  for (const expr of [bound, foldExpr(bound, functions, session)]) {
    const value = interpret(expr, functions, session)(() => null);
    expect(valueText(value, expr.type, session.timeZone)).toBe(result);
  }
});

test("every function has a summary and three examples", () => {
  const bare = SCALAR_FUNCTIONS.filter((f) => f.doc.summary === "" || examplesOf(f).length < 3).map((f) => f.name);
  expect(bare).toEqual([]);
});

test("further examples are of functions that there are", () => {
  const known = new Set(SCALAR_FUNCTIONS.map((f) => f.name));
  expect(NAMES_WITH_FURTHER_EXAMPLES.filter((name) => !known.has(name))).toEqual([]);
});
