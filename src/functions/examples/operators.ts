import type { FurtherExamples } from "./index.ts";

/** Of operators, conditions, numbers. */
export const OPERATOR_EXAMPLES: FurtherExamples = {
  "+": [["CAST(NULL AS INT) + 7", "NULL"]],
  "-": [
    ["-2147483648 - -12.345", "-2147483635.655"],
    ["CAST(NULL AS INT) - 1", "NULL"],
  ],
  "*": [
    ["-1 * -2147483648", "-2147483648"],
    ["0 * CAST(NULL AS INT)", "NULL"],
  ],
  "/": [
    ["-2147483648 / -12.345", "173955743.053868"],
    ["CAST(NULL AS INT) / 1", "NULL"],
  ],
  "%": [
    ["MOD(0, -2147483648)", "0"],
    ["7 % CAST(NULL AS INT)", "NULL"],
  ],
  NEGATE: [
    ["-CAST(NULL AS INT)", "NULL"],
    ["-INTERVAL '1' DAY", "-1 00:00:00.000"],
  ],
  UNARY_PLUS: [
    ["+CAST(NULL AS INT)", "NULL"],
    ["+(-1.50)", "-1.50"],
  ],
  MINUS_DATE: [
    ["(TIMESTAMP '2024-03-01 10:00:00' - TIMESTAMP '2024-03-01 09:00:00') HOUR", "+0 01:00:00.000"],
    ["(DATE '2024-01-02' - CAST(NULL AS DATE)) DAY", "NULL"],
  ],
  "=": [["1 = NULL", "NULL"]],
  "<>": [
    ["1 <> 1.0", "FALSE"],
    ["1 <> CAST(NULL AS INT)", "NULL"],
  ],
  "<": [["1 < 1", "FALSE"]],
  "<=": [
    ["'a' <= 'B'", "FALSE"],
    ["1 <= CAST(NULL AS INT)", "NULL"],
  ],
  ">": [["1 > CAST(NULL AS INT)", "NULL"]],
  ">=": [
    ["'10' >= 9", "TRUE"],
    ["1 >= CAST(NULL AS INT)", "NULL"],
  ],
  "IS DISTINCT FROM": [
    ["1 IS DISTINCT FROM NULL", "TRUE"],
    ["1 IS DISTINCT FROM 1.0", "FALSE"],
  ],
  "IS NOT DISTINCT FROM": [
    ["NULL IS NOT DISTINCT FROM NULL", "TRUE"],
    ["1 IS NOT DISTINCT FROM CAST(NULL AS INT)", "FALSE"],
  ],
  IN: [["CAST('1' AS STRING) IN (1e0)", "FALSE"]],
  OR: [["FALSE OR CAST(NULL AS BOOLEAN)", "NULL"]],
  NOT: [
    ["NOT FALSE", "TRUE"],
    ["NOT CAST(NULL AS BOOLEAN)", "NULL"],
  ],
  "IS NULL": [
    ["NULL IS NULL", "TRUE"],
    ["'' IS NULL", "FALSE"],
  ],
  "IS NOT NULL": [
    ["CAST(NULL AS INT) IS NOT NULL", "FALSE"],
    ["'' IS NOT NULL", "TRUE"],
  ],
  "IS TRUE": [
    ["TRUE IS TRUE", "TRUE"],
    ["FALSE IS TRUE", "FALSE"],
  ],
  "IS NOT TRUE": [
    ["TRUE IS NOT TRUE", "FALSE"],
    ["FALSE IS NOT TRUE", "TRUE"],
  ],
  "IS FALSE": [
    ["TRUE IS FALSE", "FALSE"],
    ["CAST(NULL AS BOOLEAN) IS FALSE", "FALSE"],
  ],
  "IS NOT FALSE": [
    ["FALSE IS NOT FALSE", "FALSE"],
    ["CAST(NULL AS BOOLEAN) IS NOT FALSE", "TRUE"],
  ],
  "IS UNKNOWN": [
    ["TRUE IS UNKNOWN", "FALSE"],
    ["FALSE IS UNKNOWN", "FALSE"],
  ],
  "IS NOT UNKNOWN": [
    ["TRUE IS NOT UNKNOWN", "TRUE"],
    ["CAST(NULL AS BOOLEAN) IS NOT UNKNOWN", "FALSE"],
  ],
  CASE: [
    ["CASE WHEN 1 > 0 THEN 1 ELSE NULL END", "1"],
    ["CASE 1 WHEN 2 THEN 'a' END", "NULL"],
  ],
  IF: [["IF(FALSE, 1, 2)", "2"]],
  COALESCE: [
    ["COALESCE(1, 1e0)", "1.0"],
    ["COALESCE(NULL, CAST(NULL AS STRING))", "NULL"],
  ],
  IFNULL: [["IFNULL(NULL, TRUE)", "TRUE"]],
  GREATEST: [
    ["GREATEST(1, 1e0)", "1.0"],
    ["GREATEST(1, CAST(NULL AS INT))", "NULL"],
  ],
  LEAST: [
    ["LEAST(1.5, 2, CAST(0 AS BIGINT))", "0.0"],
    ["LEAST(CAST(NULL AS STRING), 'abc')", "NULL"],
  ],
  TYPEOF: [
    ["TYPEOF(.5)", "DECIMAL(1, 1) NOT NULL"],
    ["TYPEOF(1)", "INT NOT NULL"],
    ["TYPEOF(1e0)", "DOUBLE NOT NULL"],
  ],
  CAST: [["CAST(NULL AS INT)", "NULL"]],
  TRY_CAST: [["TRY_CAST(DATE '1969-12-31' AS TIMESTAMP(0))", "1969-12-31 00:00:00"]],
  "||": [
    ["'héllo 😀z' || '123'", "héllo 😀z123"],
    ["'-4.5' || CAST(NULL AS STRING)", "NULL"],
  ],
  ABS: [
    ["ABS(0)", "0"],
    ["ABS(CAST(NULL AS INT))", "NULL"],
  ],
  SIGN: [
    ["SIGN(0)", "0"],
    ["SIGN(CAST(NULL AS INT))", "NULL"],
  ],
  POWER: [
    ["POWER(0, 0)", "1.0"],
    ["POWER(-1, CAST(NULL AS DOUBLE))", "NULL"],
  ],
  SQRT: [
    ["SQRT(0)", "0.0"],
    ["SQRT(CAST(NULL AS INT))", "NULL"],
  ],
  LN: [
    ["LN(0)", "-Infinity"],
    ["LN(CAST(NULL AS INT))", "NULL"],
  ],
  LOG: [
    ["LOG(0)", "-Infinity"],
    ["LOG(CAST(NULL AS INT))", "NULL"],
  ],
  LOG10: [
    ["LOG10(0)", "-Infinity"],
    ["LOG10(CAST(NULL AS INT))", "NULL"],
  ],
  LOG2: [
    ["LOG2(0)", "-Infinity"],
    ["LOG2(CAST(NULL AS INT))", "NULL"],
  ],
  EXP: [
    ["EXP(-1)", "0.36787944117144233"],
    ["EXP(CAST(NULL AS INT))", "NULL"],
  ],
  SIN: [
    ["SIN(-1)", "-0.8414709848078965"],
    ["SIN(CAST(NULL AS INT))", "NULL"],
  ],
  COS: [
    ["COS(-1)", "0.5403023058681398"],
    ["COS(CAST(NULL AS INT))", "NULL"],
  ],
  TAN: [
    ["TAN(-1)", "-1.5574077246549023"],
    ["TAN(CAST(NULL AS INT))", "NULL"],
  ],
  COT: [
    ["COT(0)", "Infinity"],
    ["COT(CAST(NULL AS INT))", "NULL"],
  ],
  ASIN: [
    ["ASIN(-1)", "-1.5707963267948966"],
    ["ASIN(CAST(NULL AS INT))", "NULL"],
  ],
  ACOS: [
    ["ACOS(0)", "1.5707963267948966"],
    ["ACOS(CAST(NULL AS INT))", "NULL"],
  ],
  ATAN: [
    ["ATAN(0)", "0.0"],
    ["ATAN(CAST(NULL AS INT))", "NULL"],
  ],
  ATAN2: [
    ["ATAN2(0, 1)", "0.0"],
    ["ATAN2(1, CAST(NULL AS DOUBLE))", "NULL"],
  ],
  SINH: [
    ["SINH(-1)", "-1.1752011936438014"],
    ["SINH(CAST(NULL AS INT))", "NULL"],
  ],
  COSH: [
    ["COSH(-1)", "1.543080634815244"],
    ["COSH(CAST(NULL AS INT))", "NULL"],
  ],
  TANH: [
    ["TANH(-1)", "-0.7615941559557649"],
    ["TANH(CAST(NULL AS INT))", "NULL"],
  ],
  DEGREES: [
    ["DEGREES(0)", "0.0"],
    ["DEGREES(CAST(NULL AS INT))", "NULL"],
  ],
  RADIANS: [
    ["RADIANS(0)", "0.0"],
    ["RADIANS(CAST(NULL AS INT))", "NULL"],
  ],
  PI: [
    ["PI", "3.141592653589793"],
    ["COS(PI())", "-1.0"],
  ],
  E: [
    ["E() * 2", "5.43656365691809"],
    ["LN(E())", "1.0"],
    ["E() > 2.7", "TRUE"],
  ],
  BIN: [
    ["BIN(0)", "0"],
    ["BIN(CAST(NULL AS INT))", "NULL"],
  ],
  HEX: [
    ["HEX(0)", "0"],
    ["HEX(CAST(NULL AS INT))", "NULL"],
  ],
  RAND: [
    ["RAND(CAST(NULL AS INT))", "NULL"],
    ["RAND() < 1", "TRUE"],
  ],
  RAND_INTEGER: [
    ["RAND_INTEGER(CAST(NULL AS INT))", "NULL"],
    ["RAND_INTEGER(1)", "0"],
  ],
  UUID: [
    ["CHAR_LENGTH(UUID())", "36"],
    ["UUID() LIKE '________-____-4%'", "TRUE"],
  ],
  ROUND: [["ROUND(CAST(NULL AS INT))", "NULL"]],
  TRUNCATE: [
    ["TRUNCATE(0)", "0"],
    ["TRUNCATE(CAST(NULL AS INT))", "NULL"],
  ],
  FLOOR: [["FLOOR(CAST(NULL AS INT))", "NULL"]],
  CEIL: [
    ["CEIL(0)", "0"],
    ["CEIL(CAST(NULL AS INT))", "NULL"],
  ],
  ARRAY: [
    ["ARRAY[1, NULL]", "[1, NULL]"],
    ["ARRAY[ARRAY[1], ARRAY[2, 3]]", "[[1], [2, 3]]"],
  ],
  MAP: [
    ["MAP['a', CAST(NULL AS INT)]", "{a=NULL}"],
    ["MAP['a', 1, 'bcd', 2.5]", "{a=1.0, bcd=2.5}"],
  ],
  ROW: [
    ["ROW(1, CAST(NULL AS INT))", "(1, NULL)"],
    ["(1, ROW('a'))", "(1, (a))"],
  ],
  ITEM: [
    ["ARRAY[1][2]", "NULL"],
    ["CAST(NULL AS ARRAY<INT>)[1]", "NULL"],
  ],
  FIELD: [
    ["(CAST(NULL AS ROW<a INT>)).a", "NULL"],
    ["(CAST(ROW(ROW(1)) AS ROW<a ROW<b INT>>)).a.b", "1"],
  ],
};
