import type { Expr } from "../../expressions/expr.ts";
import { column } from "../../expressions/expr.ts";
import type { Span } from "../../base/span.ts";
import type { DataType } from "../../types/data-type.ts";
import { digest } from "../logical/rewrite.ts";

/** Column numbers from here on stand for results that are computed later: aggregates, window functions, subqueries. */
export const PENDING_BASE = 1_000_000_000;

/** Hands out one pending column for each different thing; things are compared by their data. */
export interface PendingList<Item> {
  readonly items: readonly { readonly index: number; readonly item: Item }[];
  /** The pending column of the item. */
  add(item: Item, type: DataType, span: Span): Expr;
}

/** `next` gives numbers that are unique in the query. */
export function createPendingList<Item>(next: () => number): PendingList<Item> {
  const items: { index: number; item: Item }[] = [];
  const byDigest = new Map<string, number>();
  return {
    items,
    add(item, type, span) {
      const key = digest(item);
      let index = byDigest.get(key);
      if (index === undefined) {
        index = next();
        byDigest.set(key, index);
        items.push({ index, item });
      }
      return column(index, type, span);
    },
  };
}
