import type { TableFunction } from "../define.ts";
import { replicateRows } from "./replicate-rows.ts";
import { unnest } from "./unnest.ts";

/** Every built-in table function. */
export const TABLE_FUNCTIONS: readonly TableFunction[] = [unnest, replicateRows];
