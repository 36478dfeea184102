import type { FurtherExamples } from "./index.ts";

/** Of collections and texts. */
export const COLLECTION_AND_TEXT_EXAMPLES: FurtherExamples = {
  CARDINALITY: [
    ["CARDINALITY(MAP[1, 'x'])", "1"],
    ["CARDINALITY(CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  ELEMENT: [
    ["ELEMENT(ARRAY['a'])", "a"],
    ["ELEMENT(CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  ARRAY_CONTAINS: [
    ["ARRAY_CONTAINS(ARRAY[1.5, 2], NULL)", "FALSE"],
    ["ARRAY_CONTAINS(CAST(NULL AS ARRAY<INT>), 1)", "NULL"],
  ],
  ARRAY_REMOVE: [["ARRAY_REMOVE(ARRAY[1.5, 2], 1)", "[1.5, 2.0]"]],
  ARRAY_APPEND: [
    ["ARRAY_APPEND(ARRAY[1.5, 2], 1)", "[1.5, 2.0, 1.0]"],
    ["ARRAY_APPEND(CAST(NULL AS ARRAY<INT>), 1)", "NULL"],
  ],
  ARRAY_PREPEND: [
    ["ARRAY_PREPEND(ARRAY[1.5, 2], 3)", "[3.0, 1.5, 2.0]"],
    ["ARRAY_PREPEND(CAST(NULL AS ARRAY<INT>), 3)", "NULL"],
  ],
  ARRAY_POSITION: [
    ["ARRAY_POSITION(ARRAY['a','b','b'],'b')", "2"],
    ["ARRAY_POSITION(ARRAY[1.5, 2], NULL)", "NULL"],
  ],
  ARRAY_SLICE: [
    ["ARRAY_SLICE(ARRAY[1.5, 2], 0)", "[1.5, 2.0]"],
    ["ARRAY_SLICE(CAST(NULL AS ARRAY<INT>), 2)", "NULL"],
  ],
  ARRAY_SORT: [
    ["ARRAY_SORT(ARRAY[1.5, 2])", "[1.5, 2.0]"],
    ["ARRAY_SORT(CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  ARRAY_JOIN: [
    ["ARRAY_JOIN(ARRAY['a','b'], '')", "ab"],
    ["ARRAY_JOIN(CAST(NULL AS ARRAY<STRING>), '')", "NULL"],
  ],
  ARRAY_DISTINCT: [
    ["ARRAY_DISTINCT(ARRAY[1.5, 2])", "[1.5, 2.0]"],
    ["ARRAY_DISTINCT(CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  ARRAY_REVERSE: [
    ["ARRAY_REVERSE(ARRAY[1.5, 2])", "[2.0, 1.5]"],
    ["ARRAY_REVERSE(CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  ARRAY_MAX: [
    ["ARRAY_MAX(ARRAY[1.5, 2])", "2.0"],
    ["ARRAY_MAX(CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  ARRAY_MIN: [
    ["ARRAY_MIN(ARRAY[1.5, 2])", "1.5"],
    ["ARRAY_MIN(CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  ARRAY_UNION: [
    ["ARRAY_UNION(ARRAY[1,1,2,CAST(NULL AS INT),2], ARRAY[2,2,3])", "[1, 2, NULL, 3]"],
    ["ARRAY_UNION(ARRAY[1, 2, 3], CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  ARRAY_EXCEPT: [
    ["ARRAY_EXCEPT(ARRAY[1, 2, 3], ARRAY[1, 2, 3])", "[]"],
    ["ARRAY_EXCEPT(ARRAY[3, CAST(NULL AS INT), 1, 3], CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  ARRAY_INTERSECT: [
    ["ARRAY_INTERSECT(ARRAY[1, 2, 3], ARRAY[1.5, 2])", "[2.0]"],
    ["ARRAY_INTERSECT(ARRAY[1, 2, 3], CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  ARRAY_CONCAT: [
    ["ARRAY_CONCAT(ARRAY[1])", "[1]"],
    ["ARRAY_CONCAT(ARRAY[3, CAST(NULL AS INT), 1, 3], CAST(NULL AS ARRAY<INT>))", "NULL"],
  ],
  SPLIT: [
    ["SPLIT('héllo 😀z', '😀')", "[héllo , z]"],
    ["SPLIT('', CAST(NULL AS STRING))", "NULL"],
  ],
  MAP_KEYS: [
    ["MAP_KEYS(MAP[1, 'x'])", "[1]"],
    ["MAP_KEYS(CAST(NULL AS MAP<STRING, INT>))", "NULL"],
  ],
  MAP_VALUES: [
    ["MAP_VALUES(MAP[1, 'x'])", "[x]"],
    ["MAP_VALUES(CAST(NULL AS MAP<STRING, INT>))", "NULL"],
  ],
  MAP_ENTRIES: [
    ["MAP_ENTRIES(MAP[1, 'x'])", "[(1, x)]"],
    ["MAP_ENTRIES(CAST(NULL AS MAP<STRING, INT>))", "NULL"],
  ],
  MAP_FROM_ARRAYS: [
    ["MAP_FROM_ARRAYS(ARRAY['a','b'], ARRAY[1,2])", "{a=1, b=2}"],
    ["MAP_FROM_ARRAYS(CAST(NULL AS ARRAY<INT>), ARRAY[1])", "NULL"],
  ],
  MAP_UNION: [
    ["MAP_UNION(MAP[1, 'x'])", "{1=x}"],
    ["MAP_UNION(CAST(NULL AS MAP<STRING, INT>))", "NULL"],
  ],
  UPPER: [
    ["UPPER('héllo 😀z')", "HÉLLO 😀Z"],
    ["UPPER(CAST(NULL AS STRING))", "NULL"],
  ],
  LOWER: [
    ["LOWER('héllo 😀z')", "héllo 😀z"],
    ["LOWER(CAST(NULL AS STRING))", "NULL"],
  ],
  INITCAP: [
    ["INITCAP('héllo 😀z')", "HéLlo 😀Z"],
    ["INITCAP(CAST(NULL AS STRING))", "NULL"],
  ],
  CHAR_LENGTH: [
    ["CHAR_LENGTH('héllo 😀z')", "8"],
    ["CHAR_LENGTH(CAST(NULL AS STRING))", "NULL"],
  ],
  SUBSTRING: [["SUBSTRING('' FROM 1 FOR -2)", "NULL"]],
  SUBSTR: [["SUBSTR(' x ', 100, -2)", "NULL"]],
  LEFT: [
    ["LEFT('héllo 😀z', 2147483647)", "héllo 😀z"],
    ["LEFT('', CAST(NULL AS INT))", "NULL"],
  ],
  RIGHT: [
    ["RIGHT('héllo 😀z', 1)", "z"],
    ["RIGHT(CAST(NULL AS STRING), 1)", "NULL"],
  ],
  CONCAT: [["CONCAT('a%b_c', '😀', 'héllo 😀z')", "a%b_c😀héllo 😀z"]],
  CONCAT_WS: [
    ["CONCAT_WS('😀', 'a', '')", "a😀"],
    ["CONCAT_WS(CAST(NULL AS STRING), 'a%b_c', 'abc')", "NULL"],
  ],
  REPLACE: [
    ["REPLACE('123', '😀', '')", "123"],
    ["REPLACE('', CAST(NULL AS STRING), ' ')", "NULL"],
  ],
  REPEAT: [
    ["REPEAT('ßİı', 3)", "ßİıßİıßİı"],
    ["REPEAT('', CAST(NULL AS INT))", "NULL"],
  ],
  REVERSE: [
    ["REVERSE('héllo 😀z')", "z😀 olléh"],
    ["REVERSE(CAST(NULL AS STRING))", "NULL"],
  ],
  OVERLAY: [
    ["OVERLAY('a' PLACING '' FROM 0)", "a"],
    ["OVERLAY('a' PLACING 'l' FROM CAST(NULL AS INT))", "NULL"],
  ],
  TRIM: [
    ["TRIM(TRAILING '' FROM 'héllo 😀z')", "héllo 😀z"],
    ["TRIM(CAST(NULL AS STRING))", "NULL"],
  ],
  LTRIM: [
    ["LTRIM('héllo 😀z')", "héllo 😀z"],
    ["LTRIM(CAST(NULL AS STRING))", "NULL"],
  ],
  RTRIM: [
    ["RTRIM('héllo 😀z')", "héllo 😀z"],
    ["RTRIM(CAST(NULL AS STRING))", "NULL"],
  ],
  BTRIM: [
    ["BTRIM('héllo 😀z')", "héllo 😀z"],
    ["BTRIM(CAST(NULL AS STRING))", "NULL"],
  ],
  LPAD: [
    ["LPAD('123', 5, '😀')", "😀123"],
    ["LPAD('a', CAST(NULL AS INT), '')", "NULL"],
  ],
  RPAD: [
    ["RPAD('héllo 😀z', 2, 'a')", "hé"],
    ["RPAD('', CAST(NULL AS INT), 'a')", "NULL"],
  ],
  LOCATE: [
    ["LOCATE('', 'a', 0)", "1"],
    ["LOCATE(CAST(NULL AS STRING), '123')", "NULL"],
  ],
  INSTR: [["INSTR(CAST(NULL AS STRING), 'l')", "NULL"]],
  SPLIT_INDEX: [["SPLIT_INDEX(',a,', ', ', 0)", ",a,"]],
  STARTSWITH: [
    ["STARTSWITH('héllo 😀z', '😀')", "FALSE"],
    ["STARTSWITH('', CAST(NULL AS STRING))", "NULL"],
  ],
  ENDSWITH: [
    ["ENDSWITH('', '')", "TRUE"],
    ["ENDSWITH(CAST(NULL AS STRING), '😀')", "NULL"],
  ],
  LIKE: [
    ["'' LIKE '%bar'", "FALSE"],
    ["CAST(NULL AS STRING) LIKE '%o%b%'", "NULL"],
  ],
  "SIMILAR TO": [
    ["'abc' SIMILAR TO 'a|b'", "FALSE"],
    ["CAST(NULL AS STRING) SIMILAR TO 'x'", "NULL"],
  ],
};
