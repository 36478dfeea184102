import { writeUtf8 } from "../../batch/utf8.ts";
import { isText, storageOf } from "../../types/data-type.ts";
import type { Expr } from "../expr.ts";
import type { Generator } from "./generator.ts";

/**
 * The arrays that a kernel writes output column `j` into. `bytes` columns either have a `writer`, or point into the
 * array called `shared` (an input column's data or the literals).
 */
export interface OutputPlan {
  readonly storage: ReturnType<typeof storageOf>;
  readonly nullable: boolean;
  readonly shared: string | undefined;
}

/** Emits what stores expression `expr` into row `row` (a JavaScript expression) of output `j`. */
export function emitOutput(g: Generator, expr: Expr, j: number, row: string): OutputPlan {
  const storage = storageOf(expr.type);
  const ref = g.ref(expr);
  const { source } = g;
  const nullable = ref.nul !== "0";
  if (nullable) source.line(`outNulls${j}[${row}] = ${ref.nul}; anyNull${j} |= ${ref.nul};`);
  if (storage === "bytes") {
    const unlessNull = nullable ? `if (${ref.nul} === 0) ` : "";
    if (ref.form === "bytes" && ref.source !== undefined) {
      source.line(`outStarts${j}[${row}] = ${ref.start}; outLengths${j}[${row}] = ${ref.length};`);
      return { storage, nullable, shared: ref.source };
    }
    source.line(`outStarts${j}[${row}] = writer${j}.length;`);
    if (ref.form === "bytes") {
      source.line(
        `${unlessNull}{ writer${j}.copy(${ref.data}, ${ref.start}, ${ref.length}); outLengths${j}[${row}] = ${ref.length}; }`,
      );
    } else if (isText(expr.type)) {
      source.line(`${unlessNull}outLengths${j}[${row}] = ${source.constant(writeUtf8)}(${ref.expr}, writer${j});`);
    } else {
      source.line(
        `${unlessNull}{ writer${j}.copy(${ref.expr}, 0, ${ref.expr}.length); outLengths${j}[${row}] = ${ref.expr}.length; }`,
      );
    }
    return { storage, nullable, shared: undefined };
  }
  const { expr: value, nul } = g.asValue(expr, ref);
  switch (storage) {
    case "bool":
      source.line(`out${j}[${row}] = ${value} ? 1 : 0;`);
      break;
    case "i32":
    case "i64":
    case "f64":
      source.line(`out${j}[${row}] = ${value};`);
      break;
    case "i128":
      source.line(
        `out${j}[2 * ${row}] = BigInt.asIntN(64, ${value}); out${j}[2 * ${row} + 1] = BigInt.asIntN(64, ${value} >> 64n);`,
      );
      break;
    case "any":
      source.line(`out${j}[${row}] = ${nullable ? `${nul} !== 0 ? null : ${value}` : value};`);
      break;
  }
  return { storage, nullable, shared: undefined };
}

/** Declarations of the arrays of output `j`, before the loop. */
export function outputPrelude(plan: OutputPlan, j: number): string[] {
  const lines: string[] = [];
  if (plan.storage === "bytes") {
    lines.push(`const outStarts${j} = outs[${j}].starts, outLengths${j} = outs[${j}].lengths;`);
    if (plan.shared === undefined) lines.push(`const writer${j} = outs[${j}].writer;`);
  } else {
    lines.push(`const out${j} = outs[${j}].values;`);
  }
  if (plan.nullable) lines.push(`const outNulls${j} = outs[${j}].nulls; let anyNull${j} = 0;`);
  return lines;
}

/** What is reported after the loop. */
export function outputEpilogue(plan: OutputPlan, j: number): string[] {
  return plan.nullable ? [`outs[${j}].anyNull = anyNull${j} !== 0;`] : [];
}
