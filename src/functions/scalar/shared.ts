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
 * Resolution of a function whose arguments become their common type, and whose result is that type as well. Unlike in
 * CASE, FLOAT and DOUBLE are always DOUBLE.
 */
export function resolveCommon(types: readonly DataType[]): Resolution | undefined {
  const widest = types.find((type) => type.kind === "DOUBLE");
  const common = commonType(
    widest === undefined ? types : types.map((type) => (type.kind === "FLOAT" ? widest : type)),
  );
  if (common === undefined) return undefined;
  return { type: withNullable(common, anyNullable(types)), args: keepNullability(common, types) };
}

/** Raises the run-time error of a division by zero. */
export function divisionByZero(): never {
  throw new SqlError("DIVISION_BY_ZERO", "/ by zero");
}
