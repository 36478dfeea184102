import { T } from "../../types/data-type.ts";
import type { TableFunction } from "../define.ts";

/** As many rows without columns as its argument says: INTERSECT ALL and EXCEPT ALL count equal rows and give them back. */
export const replicateRows: TableFunction = {
  name: "$REPLICATE_ROWS",
  signature: "$REPLICATE_ROWS(<BIGINT>)",
  resolve: (args) => (args.length === 1 ? { columns: [], args: [T.bigint(args[0]!.type.nullable)] } : undefined),
  nulls: "propagate",
  evaluator: () => {
    const none: readonly [] = [];
    return ([count], rows) => {
      for (let i = 0n; i < (count as bigint); i++) rows.row(none);
    };
  },
};
