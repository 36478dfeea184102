import { equalBytes } from "../batch/bytes.ts";
import type { Column } from "../batch/column.ts";
import type { Storage } from "../types/data-type.ts";
import type { StateColumn } from "./api.ts";
import type { StoredColumn } from "./columns.ts";
import { equalAny } from "./lookup-kernel.ts";

/** Copies row `row` of the first columns of a batch into the slot; returns the slot. */
export type CopyRowKernel = (
  columns: readonly StateColumn[],
  source: readonly Column[],
  row: number,
  slot: number,
) => number;

/** Walks a list from `first` (−1 ends; `next[slot]` is slot + 1) to the slot that equals row `row`; −1: none. */
export type FindRowKernel = (
  columns: readonly StoredColumn[],
  source: readonly Column[],
  row: number,
  first: number,
  next: Int32Array,
) => number;

/** One straight-line function for the storages of a row. */
export function compileCopyRow(storages: readonly Storage[]): CopyRowKernel {
  const parts = storages.map((storage, i) => {
    return `{
  const s = source[${i}], c = columns[${i}], n = s.nulls;
  if (n !== undefined && n[row] === 1) c.nulls[slot] = 1;
  else { c.nulls[slot] = 0; ${copyValue(storage)} }
}`;
  });
  return new Function(
    `"use strict"; return function copyRow(columns, source, row, slot) {\n${parts.join("\n")}\nreturn slot;\n};`,
  )() as CopyRowKernel;
}

function copyValue(storage: Storage): string {
  switch (storage) {
    case "i128":
      return "c.values[2 * slot] = s.values[2 * row]; c.values[2 * slot + 1] = s.values[2 * row + 1];";
    case "bytes":
      return "c.setBytes(slot, s.data, s.starts[row], s.lengths[row]);";
    case "bool":
    case "i32":
    case "i64":
    case "f64":
    case "any":
      return "c.values[slot] = s.values[row];";
  }
}

/** NULL equals NULL, NaN equals NaN, 0 does not equal -0: as keys are compared. `compared`: numbers of the columns to look at. */
export function compileFindRow(storages: readonly Storage[], compared: readonly number[]): FindRowKernel {
  const open = compared.map((i) => {
    const arrays =
      storages[i] === "bytes"
        ? `bs${i} = s${i}.starts[row], bl${i} = s${i}.lengths[row], bd${i} = s${i}.data, cs${i} = c${i}.starts, cl${i} = c${i}.lengths, cd${i} = c${i}.data`
        : openValues(storages[i]!, i);
    return `const s${i} = source[${i}], c${i} = columns[${i}], n${i} = s${i}.nulls === undefined ? 0 : s${i}.nulls[row], cn${i} = c${i}.nulls, ${arrays};`;
  });
  const equal = compared.map((i) => `cn${i}[slot] === n${i} && (n${i} === 1 || ${equalValue(storages[i]!, i)})`);
  const source = `"use strict";
return function findRow(columns, source, row, first, next) {
${open.join("\n")}
for (let slot = first; slot >= 0; slot = next[slot] - 1) {
  if (${equal.length === 0 ? "true" : equal.join("\n    && ")}) return slot;
}
return -1;
};`;
  return new Function("equalBytes", "equalAny", source)(equalBytes, equalAny) as FindRowKernel;
}

function openValues(storage: Storage, i: number): string {
  if (storage === "i128")
    return `lo${i} = s${i}.values[2 * row], hi${i} = s${i}.values[2 * row + 1], cv${i} = c${i}.values`;
  return `v${i} = s${i}.values[row], cv${i} = c${i}.values`;
}

function equalValue(storage: Storage, i: number): string {
  switch (storage) {
    case "bool":
    case "i32":
    case "i64":
      return `cv${i}[slot] === v${i}`;
    case "f64":
      return `Object.is(cv${i}[slot], v${i})`;
    case "i128":
      return `cv${i}[2 * slot] === lo${i} && cv${i}[2 * slot + 1] === hi${i}`;
    case "bytes":
      return `equalBytes(cd${i}, cs${i}[slot], cl${i}[slot], bd${i}, bs${i}, bl${i})`;
    case "any":
      return `equalAny(cv${i}[slot], v${i})`;
  }
}
