import type { RankSpec } from "../spec.ts";
import { RankedRows } from "./ranked-rows.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";
import type { StoredRows } from "./stored-rows.ts";

/** The ranking of the rows stored under a key. */
export function rankStored(rows: StoredRows, order: RowOrder, slot: number): RankedRows {
  const { lists } = rows;
  const all: number[] = [];
  for (let row = lists.head(slot); row >= 0; row = lists.next(row)) all.push(row);
  const sequences = rows.sequences();
  all.sort((a, b) => order(lists.columns, a, lists.columns, b) || sequences[a]! - sequences[b]!);
  const ranking = new RankedRows();
  all.forEach((row, place) => ranking.insert(place, row));
  return ranking;
}

/** The order of a Top-N over stored columns; partition columns are the same for all rows and left out. */
export function orderOf(spec: RankSpec, rows: StoredRows): RowOrder {
  const order = spec.order.filter(({ column }) => rows.positionOf(column) !== undefined);
  return compileRowOrder(order, spec.input, (column) => rows.positionOf(column)!);
}
