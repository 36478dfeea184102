import { SqlError } from "../../base/errors.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { DataType } from "../../types/data-type.ts";
import { Harness, type HarnessOptions } from "../harness.ts";
import type { AggregateCallSpec, OperatorSpec } from "../spec.ts";

/** An aggregate call for tests. */
export function call(
  name: string,
  args: readonly [number, DataType][],
  result: DataType,
  more: Partial<AggregateCallSpec> = {},
): AggregateCallSpec {
  return {
    function: name,
    args: args.map((arg) => arg[0]),
    argTypes: args.map((arg) => arg[1]),
    literals: args.map(() => undefined),
    distinct: false,
    result,
    name: name.toLowerCase(),
    ...more,
  };
}

/** A random whole number below `limit`, from a small generator with a seed. */
export function randomSource(seed: number): (limit: number) => number {
  let state = seed * 2654435761 + 1;
  return (limit) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return ((state >>> 8) & 0xffffff) % limit;
  };
}

/** What comes out when the batch is cut at random places. */
export function runCut(
  spec: OperatorSpec,
  options: HarnessOptions,
  batch: RecordBatch,
  random: (limit: number) => number,
): string[] {
  const cuts = [...new Set(Array.from({ length: 5 }, () => random(batch.rowCount + 1)))]
    .sort((a, b) => a - b)
    .filter((cut) => cut > 0 && cut < batch.rowCount);
  return new Harness(spec, options).pushCut(batch, cuts).take();
}

/** The rows that are left of changes like `-U[…]`, sorted; fails when a row is taken away that is not there. */
export function foldChanges(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const row = line.slice(2);
    const change = line.startsWith("-") ? -1 : 1;
    const count = (counts.get(row) ?? 0) + change;
    if (count < 0) throw new SqlError("BUG", `${line} takes away a row that is not there`);
    counts.set(row, count);
  }
  return [...counts].flatMap(([row, count]) => Array.from({ length: count }, () => row)).sort();
}
