function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/**
 * Words that are never an identifier without backquotes, because a statement could not be read otherwise. Flink reserves
 * about 400; here a word is free wherever its place in the statement makes it unambiguous (`key STRING`, `t.value`).
 */
export const RESERVED = words(`
  ALL AND AS BETWEEN CASE CAST CREATE CROSS DISTINCT ELSE END ESCAPE EXCEPT EXISTS FALSE FETCH FOR FROM FULL GROUP HAVING
  IN INNER INSERT INTERSECT INTO IS JOIN LATERAL LIKE MATCH_RECOGNIZE NATURAL NOT NULL ON OR ORDER OUTER OVER QUALIFY SELECT
  TABLE TABLESAMPLE THEN TRUE TRY_CAST UNION UNNEST USING VALUES WHEN WHERE WITH
`);

/**
 * Words that may name a column or table, but are no alias without AS: they can follow an expression or a table with a
 * meaning of their own.
 */
export const NO_BARE_ALIAS = words(`
  ANTI ASOF BY COLLATE DO EMIT FILTER FORMAT IGNORE IMMEDIATELY LEFT LIMIT MEMBER MINUS MULTISET OFFSET OVERLAPS PARTITION
  PIVOT PRECEDES RESPECT RIGHT SEMI SET SIMILAR SUBMULTISET SUCCEEDS UNPIVOT WINDOW WITHIN
`);

/** Functions of the standard that are written without parentheses. */
export const NILADIC_FUNCTIONS = words("CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP");

/** Functions that may be called without parentheses, whatever the columns are called. */
export const BARE_CALLS: ReadonlySet<string> = new Set([...NILADIC_FUNCTIONS, "PI"]);

/** Functions whose arguments have a syntax of their own, when the name is not quoted. */
export const SPECIAL_SYNTAX = words(`
  EXTRACT FLOOR CEIL CEILING POSITION SUBSTRING TRIM OVERLAY TIMESTAMPADD TIMESTAMPDIFF JSON_VALUE JSON_QUERY JSON_EXISTS JSON_OBJECT
  JSON_ARRAY JSON_OBJECTAGG JSON_ARRAYAGG
`);

/** Units of EXTRACT, FLOOR … TO, TIMESTAMPADD and the like. */
export const TIME_UNITS = words(`
  YEAR QUARTER MONTH WEEK DAY HOUR MINUTE SECOND MILLISECOND MICROSECOND NANOSECOND DOW ISODOW DOY ISOYEAR EPOCH DECADE CENTURY
  MILLENNIUM
`);

/** First words of the statements, for "did you mean". */
export const STATEMENT_WORDS: readonly string[] = [
  "SELECT",
  "INSERT",
  "CREATE",
  "DROP",
  "ALTER",
  "SHOW",
  "DESCRIBE",
  "EXPLAIN",
  "SET",
  "RESET",
  "USE",
  "WITH",
  "VALUES",
  "EXECUTE",
  "BEGIN",
  "STOP",
  "CHECKPOINT",
];

/** Words that start a part of a query; a word taken for an alias may be one of them misspelt. */
export const CLAUSE_WORDS: readonly string[] = [
  "FROM",
  "WHERE",
  "GROUP",
  "HAVING",
  "ORDER",
  "LIMIT",
  "OFFSET",
  "UNION",
  "INTERSECT",
  "EXCEPT",
  "JOIN",
  "INNER",
  "LEFT",
  "RIGHT",
  "CROSS",
  "WINDOW",
  "QUALIFY",
  "USING",
  "LATERAL",
  "BETWEEN",
  "LIKE",
];
