import { SqlError } from "../../base/errors.ts";
import { T } from "../../types/data-type.ts";
import { scalar, type ScalarFunction } from "../define.ts";

const currentDatabase = scalar({
  name: "CURRENT_DATABASE",
  signature: "CURRENT_DATABASE()",
  resolve: (args) => (args.length === 0 ? { type: T.string(false) } : undefined),
  nulls: "propagate",
  stability: "statement",
  // Only the catalog knows; the binder puts the name in place of the call.
  evaluator: () => () => {
    throw new SqlError("UNSUPPORTED", "CURRENT_DATABASE is only known while a statement is planned");
  },
  doc: {
    summary: "The name of the database that USE has chosen, when the statement starts.",
    examples: [
      ["CURRENT_DATABASE()", "default_database"],
      ["UPPER(CURRENT_DATABASE())", "DEFAULT_DATABASE"],
      ["CURRENT_DATABASE() IS NULL", "FALSE"],
    ],
  },
});

/** What the session knows. */
export const sessionFunctions: readonly ScalarFunction[] = [currentDatabase];
