import type { OrderItem } from "../../parser/index.ts";
import type { SortKey } from "../logical/algebra.ts";

/** A sort key with Flink's default for NULL: it counts as the smallest value. */
export function sortKey(column: number, item: Pick<OrderItem, "descending" | "nullsFirst">): SortKey {
  return { column, descending: item.descending, nullsFirst: item.nullsFirst ?? !item.descending };
}
