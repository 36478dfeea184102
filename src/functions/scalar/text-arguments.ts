import { SqlError } from "../../base/errors.ts";
import { isInteger, isText, MAX_LENGTH, T, withNullable, type DataType } from "../../types/data-type.ts";
import type { Argument, Resolution } from "../define.ts";
import { anyNullable, typesOf } from "./shared.ts";

/**
 * What one argument of a function has to be. An integer is converted to INT. With `?` a NULL without a type is a NULL of
 * that type.
 */
export type Wanted = "text" | "integer" | "text?" | "integer?";

/**
 * The type an argument is converted to; `undefined` when it does not fit. A NULL without a type stays one, which the
 * binder reports.
 */
export function convertedTo(type: DataType, wanted: Wanted): DataType | undefined {
  if (type.kind === "NULL") return wanted === "text?" ? T.string() : wanted === "integer?" ? T.int() : type;
  if (wanted === "integer" || wanted === "integer?") return isInteger(type) ? T.int(type.nullable) : undefined;
  return isText(type) ? type : undefined;
}

/** The types of all arguments after conversion; `undefined` when one does not fit or their number is wrong. */
export function convertAll(
  args: readonly Argument[],
  wanted: readonly Wanted[],
  least = wanted.length,
): readonly DataType[] | undefined {
  if (args.length < least || args.length > wanted.length) return undefined;
  const converted: DataType[] = [];
  for (const [i, type] of typesOf(args).entries()) {
    const target = convertedTo(type, wanted[i]!);
    if (target === undefined) return undefined;
    converted.push(target);
  }
  return converted;
}

/** Which NULLs the result may have: as the arguments, or always. */
export type ResultNull = "arguments" | "always";

/**
 * Resolution of a function with fixed arguments (the last may be left out down to `least`) and a result type that is
 * made from theirs.
 */
export function fixedArguments(
  wanted: readonly Wanted[],
  result: (types: readonly DataType[]) => DataType,
  nulls: ResultNull = "arguments",
  least = wanted.length,
): (args: readonly Argument[]) => Resolution | undefined {
  return (args) => {
    const types = convertAll(args, wanted, least);
    if (types === undefined) return undefined;
    return { type: withNullable(result(types), nulls === "always" || anyNullable(types)), args: types };
  };
}

/** STRING. */
export function stringResult(): DataType {
  return T.string();
}

/** INT. */
export function intResult(): DataType {
  return T.int();
}

/** BOOLEAN. */
export function booleanResult(): DataType {
  return T.boolean();
}

/** The type of the argument at `index`. */
export function sameAs(index: number): (types: readonly DataType[]) => DataType {
  return (types) => types[index]!;
}

/** VARCHAR of the length of the argument at `index`. */
export function varyingOf(index: number): (types: readonly DataType[]) => DataType {
  return (types) => T.varchar(lengthOf(types[index]!));
}

/** Texts that a function makes may have so many characters. */
const MOST_CHARACTERS = 2 ** 28;

/** Throws VALUE_OUT_OF_RANGE when a result would be too long for one value. */
export function checkLength(characters: number): void {
  if (characters > MOST_CHARACTERS) {
    throw new SqlError(
      "VALUE_OUT_OF_RANGE",
      `A text of ${characters} characters is too long (at most ${MOST_CHARACTERS})`,
    );
  }
}

/** The greatest number of characters of a text type. */
export function lengthOf(type: DataType): number {
  return "length" in type ? type.length : MAX_LENGTH;
}
