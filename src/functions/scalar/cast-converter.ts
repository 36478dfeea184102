import type { Value } from "../../types/data-type.ts";

/**
 * Converts one value that is not NULL. `null`: the result is NULL (a DECIMAL that overflows). `undefined`: the value
 * cannot be converted; CAST fails and TRY_CAST gives NULL.
 */
export type Converter = (value: Value) => Value | undefined;
