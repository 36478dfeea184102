import { compareBytes } from "../../batch/bytes.ts";
import type { Column } from "../../batch/column.ts";
import type { StateColumn } from "../../state/api.ts";
import { storageOf, type DataType } from "../../types/data-type.ts";
import { compareOf } from "../../types/value-compare.ts";
import type { SortColumn } from "../spec.ts";

/** Columns of a batch or of state; they have the same form. */
export type AnyColumns = readonly (Column | StateColumn | undefined)[];

/** Order of row `a` of one list of columns and row `b` of another: negative, 0 or positive. */
export type RowOrder = (aColumns: AnyColumns, a: number, bColumns: AnyColumns, b: number) => number;

/**
 * A comparison of rows, generated for the columns. `positionOf`: where a column stands in the lists of columns that are
 * compared; NaN is above all numbers.
 */
export function compileRowOrder(
  order: readonly SortColumn[],
  types: readonly DataType[],
  positionOf: (column: number) => number,
): RowOrder {
  const pool: unknown[] = [compareBytes];
  const tests = order.map(({ column, descending, nullsFirst }) => {
    const position = positionOf(column);
    const sign = descending ? -1 : 1;
    return `{ const x = as[${position}], y = bs[${position}];
      const xNull = x.nulls !== undefined && x.nulls[a] === 1, yNull = y.nulls !== undefined && y.nulls[b] === 1;
      if (xNull || yNull) { if (xNull !== yNull) return xNull === ${nullsFirst} ? -1 : 1; }
      else { ${compareValues(types[column]!, sign, pool)} } }`;
  });
  return new Function(
    "pool",
    `"use strict"; return function order(as, a, bs, b) {\n${tests.join("\n")}\nreturn 0;\n};`,
  )(pool) as RowOrder;
}

function compareValues(type: DataType, sign: number, pool: unknown[]): string {
  const [less, more] = [-sign, sign];
  switch (storageOf(type)) {
    case "bytes":
      return `const d = pool[0](x.data, x.starts[a], x.lengths[a], y.data, y.starts[b], y.lengths[b]); if (d !== 0) return d < 0 ? ${less} : ${more};`;
    case "i128":
      return `const h = x.values[2 * a + 1], i = y.values[2 * b + 1]; if (h !== i) return h < i ? ${less} : ${more};
        const l = BigInt.asUintN(64, x.values[2 * a]), m = BigInt.asUintN(64, y.values[2 * b]); if (l !== m) return l < m ? ${less} : ${more};`;
    case "any": {
      const at = pool.push(compareOf(type)) - 1;
      return `const d = pool[${at}](x.values[a], y.values[b]); if (d !== 0) return d < 0 ? ${less} : ${more};`;
    }
    case "f64":
      return `const v = x.values[a], w = y.values[b]; if (v < w) return ${less}; if (v > w) return ${more};
        if (v !== w && (v !== v) !== (w !== w)) return v !== v ? ${more} : ${less};`;
    default:
      return `const v = x.values[a], w = y.values[b]; if (v !== w) return v < w ? ${less} : ${more};`;
  }
}
