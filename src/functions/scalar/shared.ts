import { SqlError } from "../../base/errors.ts";
import { commonType } from "../../types/coerce.ts";
import { withNullable, withoutTimeAttribute, type DataType } from "../../types/data-type.ts";
import type { Argument, Resolution } from "../define.ts";

/** The argument types of a call. */
export function typesOf(args: readonly Argument[]): readonly DataType[] {
  return args.map((arg) => withoutTimeAttribute(arg.type));
}

/** True when one of the types is nullable: the rule for results of functions that propagate NULL. */
export function anyNullable(types: readonly DataType[]): boolean {
  return types.some((type) => type.nullable);
}

/** The types with the nullability of the arguments, so that a coercion changes nothing but the kind. */
export function keepNullability(wanted: DataType, args: readonly DataType[]): readonly DataType[] {
  return args.map((arg) => withNullable(wanted, arg.nullable));
}

/**
 * Resolution of a function whose arguments become their common type, and whose result is that type as well. It is not
 * quite the common type of CASE: FLOAT and DOUBLE are always DOUBLE, a FLOAT behind a DECIMAL makes a FLOAT, and of two
 * kinds of timestamps it is that of an instant.
 */
export function resolveCommon(types: readonly DataType[]): Resolution | undefined {
  let common: DataType | undefined = types[0];
  for (const type of types.slice(1)) common = common === undefined ? undefined : mergedType(common, type);
  if (common === undefined) return undefined;
  return { type: withNullable(common, anyNullable(types)), args: keepNullability(common, types) };
}

function mergedType(a: DataType, b: DataType): DataType | undefined {
  if (a.kind === "FLOAT" && b.kind === "DOUBLE") return b;
  if (a.kind === "DECIMAL" && b.kind === "FLOAT") return b;
  const merged = commonType([a, b]);
  if (merged?.kind !== "TIMESTAMP" || (a.kind !== "TIMESTAMP_LTZ" && b.kind !== "TIMESTAMP_LTZ")) return merged;
  return { kind: "TIMESTAMP_LTZ", precision: merged.precision, nullable: merged.nullable };
}

/** Raises the run-time error of a division by zero. */
export function divisionByZero(): never {
  throw new SqlError("DIVISION_BY_ZERO", "/ by zero");
}
