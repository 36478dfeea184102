import { CONNECTORS } from "../connectors/index.ts";
import { FORMATS } from "../formats/index.ts";
import { AGGREGATES } from "../functions/aggregate/index.ts";
import { SCALAR_FUNCTIONS } from "../functions/index.ts";
import { TABLE_FUNCTIONS } from "../functions/table/index.ts";
import { savepoint } from "./savepoint-connector.ts";
import type { Builtins } from "./session.ts";

/** Everything that comes with the package. */
export const BUILTINS: Builtins = {
  scalars: SCALAR_FUNCTIONS,
  aggregates: AGGREGATES,
  tables: TABLE_FUNCTIONS,
  connectors: [...CONNECTORS, savepoint],
  formats: FORMATS,
};
