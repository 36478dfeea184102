import { SqlError } from "../base/errors.ts";
import type { Column } from "../batch/column.ts";
import { valueAt } from "../batch/get.ts";
import type { DataType } from "../types/data-type.ts";
import { generateScatteredTest } from "./codegen/scattered.ts";
import type { CompileOptions } from "./compile.ts";
import type { Expr } from "./expr.ts";
import { foldExpr } from "./fold.ts";
import type { SessionFacts } from "./function-types.ts";
import { errorAt, interpretTruth } from "./interpreter.ts";
import type { FunctionLookup } from "./lookup.ts";

/** Columns that a `ScatteredTest` reads; those of state have the same form. */
export type ScatteredColumns = readonly Pick<Column, "storage" | "nulls">[];

/**
 * Asks a condition once: column `c` of the expression is `columns[c]` at row `rows[c]`; −1: it is NULL. NULL is not
 * true.
 */
export type ScatteredTest = (columns: ScatteredColumns, rows: Int32Array) => boolean;

/** Prepares a condition over columns of which each is read at a row of its own. */
export function compileScatteredTest(
  expr: Expr,
  input: readonly DataType[],
  lookup: FunctionLookup,
  session: SessionFacts,
  options: CompileOptions = {},
): ScatteredTest {
  const condition = foldExpr(expr, lookup, session, { statement: true });
  const interpreted = interpretedTest(condition, input, lookup, session);
  if (options.compile === false) return interpreted;
  let compiled: ScatteredTest;
  try {
    compiled = generateScatteredTest(condition, { input, lookup, session });
  } catch (error) {
    const reason = error instanceof SqlError ? error : new SqlError("BUG", "code generation failed", { cause: error });
    if (options.onFallback === undefined) throw reason;
    options.onFallback(reason);
    return interpreted;
  }
  return (columns, rows) => {
    try {
      return compiled(columns, rows);
    } catch (error) {
      // The interpreter says where.
      interpreted(columns, rows);
      throw errorAt(error, undefined);
    }
  };
}

function interpretedTest(
  condition: Expr,
  input: readonly DataType[],
  lookup: FunctionLookup,
  session: SessionFacts,
): ScatteredTest {
  const test = interpretTruth(condition, lookup, session);
  return (columns, rows) =>
    test((index) => (rows[index]! < 0 ? null : valueAt(columns[index] as Column, rows[index]!, input[index]!)));
}
