/** Binding powers of the operators, those of Calcite: a greater one binds tighter. */
export const POWER = {
  OR: 22,
  AND: 24,
  NOT: 26,
  IS: 28,
  COMPARISON: 30,
  /** BETWEEN, IN, LIKE, SIMILAR TO. */
  RANGE: 32,
  SUM: 40,
  /** `*`, `/`, `%` and `||`. */
  PRODUCT: 60,
  SIGN: 80,
} as const;
