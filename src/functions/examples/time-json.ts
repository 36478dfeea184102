import type { FurtherExamples } from "./index.ts";

/** Of times, JSON and the rest. */
export const TIME_AND_JSON_EXAMPLES: FurtherExamples = {
  EXTRACT: [["EXTRACT(DAY FROM CAST(NULL AS DATE))", "NULL"]],
  YEAR: [
    ["YEAR(DATE '2024-12-31')", "2024"],
    ["YEAR(CAST(NULL AS DATE))", "NULL"],
  ],
  QUARTER: [
    ["QUARTER(DATE '2024-12-31')", "4"],
    ["QUARTER(CAST(NULL AS DATE))", "NULL"],
  ],
  MONTH: [
    ["MONTH(DATE '2024-12-31')", "12"],
    ["MONTH(CAST(NULL AS DATE))", "NULL"],
  ],
  WEEK: [
    ["WEEK(DATE '2024-12-31')", "1"],
    ["WEEK(CAST(NULL AS DATE))", "NULL"],
  ],
  DAYOFYEAR: [
    ["DAYOFYEAR(DATE '2024-12-31')", "366"],
    ["DAYOFYEAR(CAST(NULL AS DATE))", "NULL"],
  ],
  DAYOFMONTH: [
    ["DAYOFMONTH(DATE '2024-12-31')", "31"],
    ["DAYOFMONTH(CAST(NULL AS DATE))", "NULL"],
  ],
  DAYOFWEEK: [
    ["DAYOFWEEK(DATE '2024-12-31')", "3"],
    ["DAYOFWEEK(CAST(NULL AS DATE))", "NULL"],
  ],
  HOUR: [
    ["HOUR(DATE '2024-12-31')", "0"],
    ["HOUR(CAST(NULL AS DATE))", "NULL"],
  ],
  MINUTE: [
    ["MINUTE(DATE '2024-12-31')", "0"],
    ["MINUTE(CAST(NULL AS DATE))", "NULL"],
  ],
  SECOND: [
    ["SECOND(TIME '13:14:15')", "15"],
    ["SECOND(CAST(NULL AS DATE))", "NULL"],
  ],
  CURRENT_WATERMARK: [
    ["CASE WHEN TRUE THEN 'no row' ELSE CAST(CURRENT_WATERMARK(LOCALTIMESTAMP) AS STRING) END", "no row"],
    ["COALESCE('no row', CAST(CURRENT_WATERMARK(LOCALTIMESTAMP) AS STRING))", "no row"],
  ],
  CURRENT_TIMESTAMP: [
    ["CURRENT_TIMESTAMP IS NULL", "FALSE"],
    ["TYPEOF(CURRENT_TIMESTAMP)", "TIMESTAMP_LTZ(3) NOT NULL"],
  ],
  NOW: [
    ["TYPEOF(NOW())", "TIMESTAMP_LTZ(3) NOT NULL"],
    ["NOW() >= TO_TIMESTAMP_LTZ(0, 0)", "TRUE"],
  ],
  CURRENT_ROW_TIMESTAMP: [
    ["TYPEOF(CURRENT_ROW_TIMESTAMP())", "TIMESTAMP_LTZ(3) NOT NULL"],
    ["CURRENT_ROW_TIMESTAMP() >= TO_TIMESTAMP_LTZ(0, 0)", "TRUE"],
  ],
  PROCTIME: [
    ["PROCTIME() >= TO_TIMESTAMP_LTZ(0, 0)", "TRUE"],
    ["CAST(PROCTIME() AS STRING) IS NULL", "FALSE"],
  ],
  LOCALTIMESTAMP: [
    ["LOCALTIMESTAMP IS NULL", "FALSE"],
    ["TYPEOF(LOCALTIMESTAMP)", "TIMESTAMP(3) NOT NULL"],
  ],
  CURRENT_DATE: [
    ["CURRENT_DATE IS NULL", "FALSE"],
    ["TYPEOF(CURRENT_DATE)", "DATE NOT NULL"],
  ],
  CURRENT_TIME: [
    ["CURRENT_TIME IS NULL", "FALSE"],
    ["TYPEOF(CURRENT_TIME)", "TIME(0) NOT NULL"],
  ],
  LOCALTIME: [
    ["LOCALTIME IS NULL", "FALSE"],
    ["TYPEOF(LOCALTIME)", "TIME(0) NOT NULL"],
  ],
  DATE_FORMAT: [
    ["DATE_FORMAT(TIMESTAMP '1969-12-31 23:59:59', 'yyyy-MM-dd')", "1969-12-31"],
    ["DATE_FORMAT('x', 'EEE EEEE')", "NULL"],
  ],
  TO_TIMESTAMP: [["TO_TIMESTAMP('2024-02-29')", "2024-02-29 00:00:00.000"]],
  TO_DATE: [
    ["TO_DATE('2024')", "2024-01-01"],
    ["TO_DATE('')", "NULL"],
  ],
  TO_TIMESTAMP_LTZ: [
    ["TO_TIMESTAMP_LTZ(0)", "1970-01-01 00:00:00.000"],
    ["TO_TIMESTAMP_LTZ('x', 'yyyy')", "NULL"],
  ],
  UNIX_TIMESTAMP: [
    ["UNIX_TIMESTAMP('')", "-9223372036854775808"],
    ["UNIX_TIMESTAMP(CAST(NULL AS STRING))", "NULL"],
  ],
  FROM_UNIXTIME: [
    ["FROM_UNIXTIME(0)", "1970-01-01 00:00:00"],
    ["FROM_UNIXTIME(CAST(NULL AS BIGINT))", "NULL"],
  ],
  CONVERT_TZ: [
    ["CONVERT_TZ('2024-10-27 02:30:00', 'Europe/Berlin', 'UTC')", "2024-10-27 01:30:00"],
    ["CONVERT_TZ('x', 'UTC', 'UTC')", "NULL"],
  ],
  ASCII: [
    ["ASCII('héllo 😀z')", "104"],
    ["ASCII(CAST(NULL AS STRING))", "NULL"],
  ],
  CHR: [
    ["CHR(65)", "A"],
    ["CHR(CAST(NULL AS INT))", "NULL"],
  ],
  ELT: [["ELT(1, x'61', x'62')", "x'61'"]],
  TRANSLATE: [
    ["TRANSLATE('héllo 😀z', '', '')", "héllo 😀z"],
    ["TRANSLATE(CAST(NULL AS STRING), 'lo', 'XY')", "NULL"],
  ],
  IS_ALPHA: [["IS_ALPHA(CAST(NULL AS STRING))", "FALSE"]],
  IS_DIGIT: [["IS_DIGIT(CAST(NULL AS STRING))", "FALSE"]],
  IS_DECIMAL: [["IS_DECIMAL(CAST(NULL AS STRING))", "FALSE"]],
  REGEXP: [
    ["REGEXP('', '😀')", "FALSE"],
    ["REGEXP(CAST(NULL AS STRING), '😀')", "NULL"],
  ],
  REGEXP_EXTRACT: [["REGEXP_EXTRACT('héllo', '(?<n>o)', 0)", "o"]],
  REGEXP_EXTRACT_ALL: [
    ["REGEXP_EXTRACT_ALL('a1b22c333', '', 0)", "[, , , , , , , , , ]"],
    ["REGEXP_EXTRACT_ALL('', 'a{2')", "NULL"],
  ],
  REGEXP_COUNT: [
    ["REGEXP_COUNT('héllo', '')", "6"],
    ["REGEXP_COUNT('', '[')", "NULL"],
  ],
  REGEXP_INSTR: [
    ["REGEXP_INSTR('', '(x)-(.)')", "0"],
    ["REGEXP_INSTR('', '*')", "NULL"],
  ],
  REGEXP_SUBSTR: [
    ["REGEXP_SUBSTR('héllo', '(?<n>o)')", "o"],
    ["REGEXP_SUBSTR('abc','z')", "NULL"],
  ],
  REGEXP_REPLACE: [
    ["REGEXP_REPLACE('héllo', '[[:alpha:]]+', '')", "éo"],
    ["REGEXP_REPLACE(CAST(NULL AS STRING), '[', '[$0]')", "NULL"],
  ],
  STR_TO_MAP: [
    ["STR_TO_MAP('')", "{}"],
    ["STR_TO_MAP(CAST(NULL AS STRING))", "NULL"],
  ],
  MD5: [
    ["MD5('héllo 😀z')", "f015447d2bd29d135c8e8fcf1ed18114"],
    ["MD5(CAST(NULL AS STRING))", "NULL"],
  ],
  SHA1: [
    ["SHA1('héllo 😀z')", "d0783a4f6d519cee8fa4bb83b4163c7aa7dc9327"],
    ["SHA1(CAST(NULL AS STRING))", "NULL"],
  ],
  SHA224: [
    ["SHA224('héllo 😀z')", "2b853d25b8557b4ca4e16830c94911f86d0efb5068419617763709ff"],
    ["SHA224(CAST(NULL AS STRING))", "NULL"],
  ],
  SHA256: [
    ["SHA256('héllo 😀z')", "2839f48b1bbeb8ce1f44a1bdcf9a7469db485b5b8f04b269d56596f5ad761609"],
    ["SHA256(CAST(NULL AS STRING))", "NULL"],
  ],
  SHA384: [
    ["SHA384(CAST(NULL AS STRING))", "NULL"],
    ["CHAR_LENGTH(SHA384(''))", "96"],
  ],
  SHA512: [
    ["SHA512(CAST(NULL AS STRING))", "NULL"],
    ["CHAR_LENGTH(SHA512(''))", "128"],
  ],
  SHA2: [
    ["SHA2('', 224)", "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"],
    ["SHA2('', CAST(NULL AS INT))", "NULL"],
  ],
  ENCODE: [
    ["ENCODE('héllo 😀z', 'UTF-16')", "x'feff006800e9006c006c006f0020d83dde00007a'"],
    ["ENCODE('a', CAST(NULL AS STRING))", "NULL"],
  ],
  DECODE: [
    ["DECODE(x'ff', 'UTF-16')", "�"],
    ["DECODE(CAST(NULL AS BYTES), 'bad')", "NULL"],
  ],
  IS_VALID_UTF8: [
    ["IS_VALID_UTF8(x'68c3a9')", "TRUE"],
    ["IS_VALID_UTF8(x'eda080')", "FALSE"],
    ["IS_VALID_UTF8(CAST(NULL AS BYTES))", "NULL"],
  ],
  MAKE_VALID_UTF8: [
    ["MAKE_VALID_UTF8(x'68c3a9')", "hé"],
    ["MAKE_VALID_UTF8(x'ff41')", "\uFFFDA"],
    ["MAKE_VALID_UTF8(CAST(NULL AS BYTES))", "NULL"],
  ],
  TO_BASE64: [
    ["TO_BASE64('héllo 😀z')", "aMOpbGxvIPCfmIB6"],
    ["TO_BASE64(CAST(NULL AS STRING))", "NULL"],
  ],
  FROM_BASE64: [
    ["FROM_BASE64('/w==')", "�"],
    ["FROM_BASE64(CAST(NULL AS STRING))", "NULL"],
  ],
  PARSE_URL: [
    ["PARSE_URL('http://hé.de/ü?ä=1', 'HOST')", "hé.de"],
    ["PARSE_URL('', 'REF')", "NULL"],
  ],
  URL_ENCODE: [
    ["URL_ENCODE('héllo 😀z')", "h%C3%A9llo+%F0%9F%98%80z"],
    ["URL_ENCODE(CAST(NULL AS STRING))", "NULL"],
  ],
  URL_DECODE: [
    ["URL_DECODE('%ff')", "�"],
    ["URL_DECODE('%')", "NULL"],
  ],
  PRINTF: [["PRINTF('%-10s|', 'abc')", "abc       |"]],
  JSON_VALUE: [["JSON_VALUE('', '$.*')", "NULL"]],
  JSON_EXISTS: [
    ["JSON_EXISTS('', '$')", "FALSE"],
    ["JSON_EXISTS(CAST(NULL AS STRING), '$.n')", "NULL"],
  ],
  JSON_QUERY: [["JSON_QUERY('', 'a')", "NULL"]],
  "IS JSON VALUE": [
    ["'{bad' IS JSON", "FALSE"],
    ["CAST(NULL AS STRING) IS JSON", "FALSE"],
  ],
  "IS JSON OBJECT": [
    ["'{}' IS JSON OBJECT", "TRUE"],
    ["CAST(NULL AS STRING) IS JSON OBJECT", "FALSE"],
  ],
  "IS JSON ARRAY": [
    ["'{}' IS JSON ARRAY", "FALSE"],
    ["CAST(NULL AS STRING) IS JSON ARRAY", "FALSE"],
  ],
  "IS JSON SCALAR": [
    ["'[]' IS JSON SCALAR", "FALSE"],
    ["CAST(NULL AS STRING) IS JSON SCALAR", "FALSE"],
  ],
  JSON_OBJECT: [
    ["JSON_OBJECT('k' VALUE 1e10)", '{"k":1.0E+10}'],
    ["JSON_OBJECT('k' VALUE 1.50)", '{"k":1.50}'],
  ],
  JSON_ARRAY: [
    ["JSON_ARRAY(1e10)", "[1.0E+10]"],
    ["JSON_ARRAY(1.50)", "[1.50]"],
  ],
  JSON_STRING: [
    ["JSON_STRING(1.50)", "1.50"],
    ["JSON_STRING(NULL)", "NULL"],
  ],
  JSON: [
    ["JSON_OBJECT('a' VALUE JSON('[1]'))", '{"a":[1]}'],
    ["JSON_ARRAY(JSON(CAST(NULL AS STRING)))", "[]"],
  ],
  JSON_QUOTE: [
    ["JSON_QUOTE('')", '""'],
    ["JSON_QUOTE(CAST(NULL AS STRING))", "NULL"],
  ],
  JSON_UNQUOTE: [
    ["JSON_UNQUOTE('héllo 😀z')", "héllo 😀z"],
    ["JSON_UNQUOTE(CAST(NULL AS STRING))", "NULL"],
  ],
};
