import { SqlError, messageOf } from "../base/errors.ts";
import type { Value } from "../types/data-type.ts";
import type { CallExpr, Expr } from "./expr.ts";
import type { SessionFacts } from "./function-types.ts";
import type { FunctionLookup } from "./lookup.ts";
import { literalsOf } from "./walk.ts";

/** Gives the value of an input column in the row that is evaluated. */
export type RowReader = (column: number) => Value;

/** Evaluates one expression for one row. */
export type RowEvaluator = (row: RowReader) => Value;

/** Tests one condition for one row; NULL counts as false. */
export type RowTest = (row: RowReader) => boolean;

/**
 * The reference meaning of an expression. Set-up (patterns, zones) happens once, here. Arguments are evaluated from
 * left to right; AND, OR, CASE, IF and COALESCE evaluate no more of them than they need, so that an error in a branch
 * not taken does not surface. Errors carry the span of the call that raised them.
 */
export function interpret(expr: Expr, lookup: FunctionLookup, session: SessionFacts): RowEvaluator {
  switch (expr.kind) {
    case "column": {
      const index = expr.index;
      return (row) => row(index);
    }
    case "literal": {
      const value = expr.value;
      return () => value;
    }
    case "call":
      return interpretSpecialForm(expr, lookup, session) ?? interpretCall(expr, lookup, session);
  }
}

/**
 * A condition as WHERE, CASE and IF ask it: true or not. `wanted` = false asks for "is false" instead. AND stops at
 * the first operand that is not true, so a later operand is not evaluated where an earlier one is NULL.
 */
export function interpretTruth(expr: Expr, lookup: FunctionLookup, session: SessionFacts, wanted = true): RowTest {
  if (expr.kind === "call") {
    if (expr.function === "NOT") return interpretTruth(expr.args[0]!, lookup, session, !wanted);
    if (expr.function === "AND" || expr.function === "OR") {
      const tests = expr.args.map((arg) => interpretTruth(arg, lookup, session, wanted));
      return (expr.function === "AND") === wanted
        ? (row) => tests.every((test) => test(row))
        : (row) => tests.some((test) => test(row));
    }
  }
  const evaluate = interpret(expr, lookup, session);
  return (row) => evaluate(row) === wanted;
}

function interpretSpecialForm(expr: CallExpr, lookup: FunctionLookup, session: SessionFacts): RowEvaluator | undefined {
  const evaluate = (arg: Expr) => interpret(arg, lookup, session);
  switch (expr.function) {
    case "AND":
      return threeValued(expr.args.map(evaluate), false);
    case "OR":
      return threeValued(expr.args.map(evaluate), true);
    case "CASE":
    case "IF":
      return interpretCase(expr.args, lookup, session);
    case "COALESCE":
    case "IFNULL": {
      const args = expr.args.map(evaluate);
      return (row) => {
        for (const arg of args) {
          const value = arg(row);
          if (value !== null) return value;
        }
        return null;
      };
    }
    default:
      return undefined;
  }
}

/** AND (`decisive` = false) and OR (`decisive` = true): the decisive value ends it, NULL otherwise stays. */
function threeValued(args: readonly RowEvaluator[], decisive: boolean): RowEvaluator {
  return (row) => {
    let unknown = false;
    for (const arg of args) {
      const value = arg(row);
      if (value === decisive) return decisive;
      if (value === null) unknown = true;
    }
    return unknown ? null : !decisive;
  };
}

/** Arguments: condition, result, condition, result …, otherwise. */
function interpretCase(args: readonly Expr[], lookup: FunctionLookup, session: SessionFacts): RowEvaluator {
  const branches: { readonly test: RowTest; readonly result: RowEvaluator }[] = [];
  for (let i = 0; i + 1 < args.length; i += 2) {
    branches.push({
      test: interpretTruth(args[i]!, lookup, session),
      result: interpret(args[i + 1]!, lookup, session),
    });
  }
  const otherwise: RowEvaluator =
    args.length % 2 === 1 ? interpret(args[args.length - 1]!, lookup, session) : () => null;
  return (row) => {
    for (const { test, result } of branches) if (test(row)) return result(row);
    return otherwise(row);
  };
}

function interpretCall(expr: CallExpr, lookup: FunctionLookup, session: SessionFacts): RowEvaluator {
  const definition = lookup.scalar(expr.function);
  if (definition === undefined) throw new SqlError("BUG", `no scalar function ${expr.function}`, { span: expr.span });
  const types = { args: expr.args.map((arg) => arg.type), result: expr.type, literals: literalsOf(expr) };
  const apply = withSpan(expr, () => definition.evaluator(types, session));
  const args = expr.args.map((arg) => interpret(arg, lookup, session));
  const propagate = definition.nulls === "propagate";
  return (row) => {
    const values = args.map((arg) => arg(row));
    if (propagate && values.includes(null)) return null;
    return withSpan(expr, () => apply(...values));
  };
}

function withSpan<T>(expr: CallExpr, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw errorAt(error, expr);
  }
}

/** The error as a SqlError that says where; anything else that a function threw is a defect of ours. */
export function errorAt(error: unknown, call: CallExpr | undefined): SqlError {
  if (error instanceof SqlError) return error.at(call?.span);
  const message = messageOf(error);
  return new SqlError("BUG", `${call?.function ?? "expression"} failed: ${message}`, {
    span: call?.span,
    cause: error,
  });
}
