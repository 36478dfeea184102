/** A SQL dialect that queries can be written in, and where its meaning is not Flink's. */
export interface Dialect {
  /** Value of `table.sql-dialect`. */
  readonly name: DialectName;
  /** For messages. */
  readonly title: string;
  /** Where ORDER BY puts NULL when nothing is said. Flink: `lowest`. */
  readonly nulls: "lowest" | "highest" | "last";
  /** `||` joins texts; elsewhere it is OR. */
  readonly barsConcatenate: boolean;
  /** `/` of two whole numbers is whole, as in Flink; elsewhere it has a fraction. */
  readonly wholeDivision: boolean;
  /** A division by zero is NULL. */
  readonly zeroDivisorIsNull: boolean;
  /** What double quotes hold; names are in backquotes where they hold a text. */
  readonly doubleQuotes: "name" | "text";
  /** A backslash in a text is an escape. */
  readonly backslashEscapes: boolean;
  /** A backslash in a pattern of LIKE is an escape without being declared. */
  readonly likeBackslash: boolean;
  /** `#` starts a comment. */
  readonly hashComments: boolean;
  /** `$$text$$` */
  readonly dollarQuotes: boolean;
}

export type DialectName = "postgresql" | "mysql" | "mariadb" | "bigquery" | "snowflake" | "trino";

const POSTGRESQL: Dialect = {
  name: "postgresql",
  title: "PostgreSQL",
  nulls: "highest",
  barsConcatenate: true,
  wholeDivision: true,
  zeroDivisorIsNull: false,
  doubleQuotes: "name",
  backslashEscapes: false,
  likeBackslash: true,
  hashComments: false,
  dollarQuotes: true,
};

const MYSQL: Dialect = {
  name: "mysql",
  title: "MySQL",
  nulls: "lowest",
  barsConcatenate: false,
  wholeDivision: false,
  zeroDivisorIsNull: true,
  doubleQuotes: "text",
  backslashEscapes: true,
  likeBackslash: true,
  hashComments: true,
  dollarQuotes: false,
};

const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  postgresql: POSTGRESQL,
  mysql: MYSQL,
  mariadb: { ...MYSQL, name: "mariadb", title: "MariaDB" },
  bigquery: { ...MYSQL, name: "bigquery", title: "BigQuery", barsConcatenate: true, zeroDivisorIsNull: false },
  snowflake: {
    ...POSTGRESQL,
    name: "snowflake",
    title: "Snowflake",
    wholeDivision: false,
    backslashEscapes: true,
    likeBackslash: false,
  },
  trino: { ...POSTGRESQL, name: "trino", title: "Trino", nulls: "last", likeBackslash: false, dollarQuotes: false },
};

/** Values of `table.sql-dialect` besides `default`. */
export const DIALECT_NAMES = Object.keys(DIALECTS) as readonly DialectName[];

/** The dialect of a value of `table.sql-dialect`; undefined for Flink's own, and for what is no dialect. */
export function dialectNamed(name: string | undefined): Dialect | undefined {
  const key = name?.trim().toLowerCase() ?? "default";
  return Object.hasOwn(DIALECTS, key) ? DIALECTS[key as DialectName] : undefined;
}
