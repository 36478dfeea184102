import { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError, messageOf } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { storageOf, type DataType } from "../../types/data-type.ts";
import type { Expr } from "../expr.ts";
import { Generator, type GeneratorInput } from "./generator.ts";
import type { OutputBuffer } from "./output-buffer.ts";
import { emitOutput, outputEpilogue, outputPrelude, type OutputPlan } from "./output.ts";
import { ARENA, LITERAL_BYTES } from "./source.ts";

/** Where a kernel reports the input row that made it throw. */
export interface Failure {
  row: number;
}

/**
 * Runs over `rowCount` rows: writes the numbers of the rows that pass the filter into `selected` and the computed
 * columns into `outs`; returns how many rows passed.
 */
export type KernelFunction = (
  columns: readonly Column[],
  rowCount: number,
  selected: Int32Array,
  outs: readonly OutputBuffer[],
  failure: Failure,
) => number;

export interface Kernel {
  readonly run: KernelFunction;
  readonly outputs: readonly OutputPlan[];
  /** What text literals point into. */
  readonly literals: Uint8Array;
  /** The generated JavaScript. */
  readonly text: string;
}

/** One fused loop: the conjuncts of the filter, then the computed projections of the rows that pass. */
export function generateKernel(
  conditions: readonly Expr[],
  projections: readonly Expr[],
  options: GeneratorInput,
): Kernel {
  const g = new Generator(options);
  const filtered = conditions.length > 0;
  const { source } = g;
  for (const condition of conditions) source.line(`if (!(${g.truth(condition)})) continue;`);
  const outputs = projections.map((expr, j) => emitOutput(g, expr, j, filtered ? "k" : "i"));
  if (filtered) source.line("selected[k++] = i;");
  const loop = ["for (; i < rowCount; i++) {", ...(g.usesArena ? [`${ARENA}.length = 0;`] : []), source.text(), "}"];
  const body = [
    ...[...g.columns]
      .sort((a, b) => a - b)
      .flatMap((index) => columnPrelude(index, options.input[index]!, options.hasNulls[index] === true)),
    ...outputs.flatMap(outputPrelude),
    `let i = 0${filtered ? ", k = 0" : ""};`,
    ...(g.canThrow ? ["try {", ...loop, "} catch (error) { failure.row = i; throw error; }"] : loop),
    ...outputs.flatMap(outputEpilogue),
    `return ${filtered ? "k" : "rowCount"};`,
  ];
  if (g.usesArena) body.unshift(`const ${ARENA} = ${source.constant(new ByteWriter(1024))};`);
  const constants = source.pool.map((_, i) => `const k${i} = pool[${i}];`).join("\n");
  const text = `"use strict";\n${constants}\nreturn function kernel(columns, rowCount, selected, outs, failure) {\n${body.join("\n")}\n};`;
  const literals = source.allLiteralBytes();
  return { run: instantiate(text, source.pool, literals), outputs, literals, text };
}

function columnPrelude(index: number, type: DataType, hasNulls: boolean): string[] {
  const column = `columns[${index}]`;
  const lines =
    storageOf(type) === "bytes"
      ? [`const starts${index} = ${column}.starts, lengths${index} = ${column}.lengths, data${index} = ${column}.data;`]
      : [`const values${index} = ${column}.values;`];
  if (hasNulls) lines.push(`const nulls${index} = ${column}.nulls;`);
  return lines;
}

function instantiate(text: string, pool: readonly unknown[], literals: Uint8Array): KernelFunction {
  try {
    const make = new Function("pool", LITERAL_BYTES, text) as (
      pool: readonly unknown[],
      literals: Uint8Array,
    ) => KernelFunction;
    return make(pool, literals);
  } catch (error) {
    throw new SqlError("BUG", `generated code does not compile: ${messageOf(error)}`, { cause: error });
  }
}
