import { SqlError } from "./errors.ts";

/** Throws a BUG when an invariant of our own does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new SqlError("BUG", message);
}

/** For the default of an exhaustive switch. */
export function assertNever(value: never): never {
  throw new SqlError("BUG", `unexpected ${JSON.stringify(value)}`);
}

/** The value, which must be there. */
export function must<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new SqlError("BUG", `missing ${what}`);
  return value;
}
