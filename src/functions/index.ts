export { AGGREGATES } from "./aggregate/index.ts";
import type { ScalarFunction } from "./define.ts";
import { arrayFunctions } from "./scalar/array.ts";
import { arithmeticFunctions } from "./scalar/arithmetic.ts";
import { castFunctions } from "./scalar/cast.ts";
import { collectionFunctions } from "./scalar/collection.ts";
import { comparisonFunctions } from "./scalar/comparison.ts";
import { concatOperators } from "./scalar/concat-operator.ts";
import { conditionalFunctions } from "./scalar/conditional.ts";
import { extractFunctions } from "./scalar/datetime-extract.ts";
import { timeFormatFunctions } from "./scalar/datetime-format.ts";
import { clockFunctions } from "./scalar/datetime-now.ts";
import { shiftFunctions } from "./scalar/datetime-shift.ts";
import { encodeFunctions } from "./scalar/encode.ts";
import { floorCeilFunctions } from "./scalar/floor-ceil.ts";
import { hashFunctions } from "./scalar/hash.ts";
import { jsonAccessFunctions } from "./scalar/json-access.ts";
import { jsonBuildFunctions } from "./scalar/json-build.ts";
import { likeFunctions } from "./scalar/like.ts";
import { logicalFunctions } from "./scalar/logical.ts";
import { mapFunctions } from "./scalar/map.ts";
import { mathFunctions } from "./scalar/math.ts";
import { printfFunctions } from "./scalar/printf.ts";
import { regexpFunctions } from "./scalar/regexp.ts";
import { roundingFunctions } from "./scalar/rounding.ts";
import { sessionFunctions } from "./scalar/session.ts";
import { strToMapFunctions } from "./scalar/str-to-map.ts";
import { codeFunctions } from "./scalar/string-code.ts";
import { paddingFunctions } from "./scalar/string-pad.ts";
import { searchFunctions } from "./scalar/string-search.ts";
import { stringFunctions } from "./scalar/string.ts";
import { temporalArithmeticFunctions } from "./scalar/temporal-arithmetic.ts";
import { variantFunctions } from "./scalar/variant.ts";
import { urlFunctions } from "./scalar/url.ts";

/** Every built-in scalar function and operator. A new family is one array and one line here. */
export const SCALAR_FUNCTIONS: readonly ScalarFunction[] = [
  ...arithmeticFunctions,
  ...temporalArithmeticFunctions,
  ...comparisonFunctions,
  ...logicalFunctions,
  ...conditionalFunctions,
  ...castFunctions,
  ...concatOperators,
  ...mathFunctions,
  ...roundingFunctions,
  ...floorCeilFunctions,
  ...collectionFunctions,
  ...arrayFunctions,
  ...mapFunctions,
  ...stringFunctions,
  ...paddingFunctions,
  ...searchFunctions,
  ...likeFunctions,
  ...extractFunctions,
  ...shiftFunctions,
  ...clockFunctions,
  ...sessionFunctions,
  ...timeFormatFunctions,
  ...codeFunctions,
  ...regexpFunctions,
  ...strToMapFunctions,
  ...hashFunctions,
  ...encodeFunctions,
  ...urlFunctions,
  ...printfFunctions,
  ...jsonAccessFunctions,
  ...jsonBuildFunctions,
  ...variantFunctions,
];
