import type { RecordBatch } from "../../batch/record-batch.ts";
import type { DataType } from "../../types/data-type.ts";
import { Harness, type HarnessOptions } from "../harness.ts";
import type { AggregateCallSpec, OperatorSpec } from "../spec.ts";

/** An aggregate call for tests. */
export function call(name: string, args: readonly [number, DataType][], result: DataType, more: Partial<AggregateCallSpec> = {}): AggregateCallSpec {
  return {
    function: name, args: args.map((arg) => arg[0]), argTypes: args.map((arg) => arg[1]), literals: args.map(() => undefined),
    distinct: false, result, name: name.toLowerCase(), ...more,
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
export function runCut(spec: OperatorSpec, options: HarnessOptions, batch: RecordBatch, random: (limit: number) => number): string[] {
  const cuts = [...new Set(Array.from({ length: 5 }, () => random(batch.rowCount + 1)))].sort((a, b) => a - b).filter((cut) => cut > 0 && cut < batch.rowCount);
  return new Harness(spec, options).pushCut(batch, cuts).take();
}
