import { readFileSync } from "node:fs";
import { parseDurationMillis } from "../../base/duration.ts";
import { SqlError } from "../../base/errors.ts";
import type { OptionDeclaration } from "../../base/options.ts";

/** Options of `jdbc:` (SET, -D, config file). */
export const JDBC_OPTIONS: readonly (OptionDeclaration & { readonly minimum?: number })[] = [
  {
    name: "jdbc.user",
    summary: "default: MILLRACE_JDBC_USER, then PGUSER or MYSQL_USER",
    type: "string",
  },
  {
    name: "jdbc.password",
    summary: "default: MILLRACE_JDBC_PASSWORD, then PGPASSWORD or MYSQL_PWD",
    type: "string",
  },
  {
    name: "jdbc.table-name",
    summary:
      "table that holds checkpoints (default: MILLRACE_JDBC_TABLE_NAME, millrace_checkpoints), made when it is not there; another of this name and _chunks holds their contents",
    type: "string",
  },
  {
    name: "jdbc.tls",
    summary:
      "off; required: encrypted, whoever the server is; verify: encrypted, and its certificate is checked; default: off, or what the URL says",
    type: ["off", "required", "verify"],
  },
  {
    name: "jdbc.tls.ca",
    summary: "PEM file of the authorities that may have signed the server's certificate; default: those of Node",
    type: "string",
  },
  {
    name: "jdbc.connection.timeout",
    summary: "so long a server may be silent before a statement is tried again",
    type: "duration",
    default: "30 s",
  },
  {
    name: "jdbc.attempts.maximum",
    summary: "how often a transaction is tried that fails for reasons that may pass",
    type: "int",
    default: "8",
    minimum: 1,
  },
];

/** How the connection is kept from others. */
type Tls = { readonly kind: "off" } | { readonly kind: "required" | "verify"; readonly ca: string | undefined };

/** How a database is reached. */
export interface JdbcSettings {
  readonly system: "postgresql" | "mysql";
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly tls: Tls;
  readonly timeoutMillis: number;
  readonly attempts: number;
  /** `jdbc:postgresql://host:5432/database`: no secrets. */
  readonly name: string;
}

/** What a `jdbc:` URL says. */
export interface JdbcLocation {
  readonly system: JdbcSettings["system"];
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Behind the database, without `/` at the ends; "" when there is none. */
  readonly folder: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly tls: "off" | "required" | "verify" | undefined;
  /** Without the folder and secrets. */
  readonly name: string;
}

const FORM =
  /^jdbc:(postgresql|mysql|mariadb):\/\/(?:([^@/?#]*)@)?(\[[^\]]+\]|[^:/?#]+)(?::(\d+))?\/([^/?#]+)(?:\/([^?#]*))?(?:\?(.*))?$/is;
const HINT =
  "write jdbc:postgresql://host:5432/database/folder or jdbc:mysql://host:3306/database/folder; user and password come from the environment or from options";

/** Takes a URL apart. Throws OPTION_INVALID, UNSUPPORTED; no message shows it, since it may hold a password. */
export function jdbcLocation(url: string): JdbcLocation {
  const [, scheme, login, host, port, database, folder, query] = FORM.exec(url) ?? [];
  if (scheme === undefined || host === undefined || database === undefined) {
    const other = /^jdbc:([a-z0-9]+):/i.exec(url)?.[1]?.toLowerCase();
    if (other !== undefined && !["postgresql", "mysql", "mariadb"].includes(other))
      throw new SqlError("UNSUPPORTED", `'jdbc:${other}:' is not supported`, { hint: HINT });
    throw new SqlError("OPTION_INVALID", "a location that begins with 'jdbc:' names no server and database", {
      hint: HINT,
    });
  }
  const written = scheme.toLowerCase();
  const system = written === "postgresql" ? "postgresql" : "mysql";
  const wanted = port === undefined ? (system === "postgresql" ? 5432 : 3306) : Number(port);
  const [user, ...password] = login === undefined || login === "" ? [] : login.split(":");
  const parameters = new URLSearchParams(query);
  return {
    system,
    host: host.replace(/^\[|\]$/g, ""),
    port: wanted,
    database: decoded(database),
    folder: (folder ?? "")
      .split("/")
      .filter((part) => part !== "")
      .join("/"),
    user: user === undefined ? (parameters.get("user") ?? undefined) : decoded(user),
    password: password.length > 0 ? decoded(password.join(":")) : (parameters.get("password") ?? undefined),
    tls: tlsOf(parameters),
    name: `jdbc:${written}://${host}:${wanted}/${database}`,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The words of the drivers of PostgreSQL, MySQL and MariaDB. Others are errors: what they ask for would not be done. */
function tlsOf(parameters: URLSearchParams): JdbcLocation["tls"] {
  let tls: JdbcLocation["tls"];
  for (const [name, value] of parameters) {
    const key = name.toLowerCase();
    if (key === "user" || key === "password") continue;
    const found = TLS_WORDS[key]?.[value.toLowerCase()];
    if (found === undefined) {
      throw new SqlError(
        "UNSUPPORTED",
        `the parameter '${name}' of a 'jdbc:' location, or its value, is not supported`,
        {
          hint: "user, password, ssl, sslmode (PostgreSQL, MariaDB), useSSL, sslMode (MySQL); more are options 'jdbc.*'",
        },
      );
    }
    tls = found;
  }
  return tls;
}

const MODES: Readonly<Record<string, "off" | "required" | "verify">> = {
  disable: "off",
  disabled: "off",
  require: "required",
  required: "required",
  trust: "required",
  "verify-ca": "verify",
  verify_ca: "verify",
  "verify-full": "verify",
  verify_identity: "verify",
};
const SWITCH: Readonly<Record<string, "off" | "required">> = { true: "required", false: "off" };
const TLS_WORDS: Readonly<Record<string, Readonly<Record<string, "off" | "required" | "verify">>>> = {
  ssl: SWITCH,
  usessl: SWITCH,
  sslmode: MODES,
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Options of the state backend jdbc that also lead to its checkpoints, where they lie in the same database. */
const OF_BACKEND = "state.backend.jdbc.";

/** Throws OPTION_MISSING without a user, OPTION_INVALID, UNSUPPORTED. No message holds a secret. */
export function jdbcSettings(
  location: JdbcLocation,
  options: ReadonlyMap<string, string>,
  environment: Environment = process.env,
): JdbcSettings {
  const { system, host, port, database, name } = location;
  const own = isOfBackend(location, options);
  const given = (option: string, ...variables: readonly string[]): string | undefined =>
    [
      own ? options.get(`${OF_BACKEND}${option}`) : undefined,
      options.get(`jdbc.${option}`),
      ...variables.map((variable) => environment[variable]),
    ].find((text) => text !== undefined && text !== "");
  const [userVariable, passwordVariable] =
    system === "postgresql" ? ["PGUSER", "PGPASSWORD"] : ["MYSQL_USER", "MYSQL_PWD"];
  const user = location.user ?? given("user", "MILLRACE_JDBC_USER", userVariable!);
  if (user === undefined) {
    throw new SqlError("OPTION_MISSING", `there is no user for ${name}`, {
      hint: "set MILLRACE_JDBC_USER and MILLRACE_JDBC_PASSWORD in the environment, or 'jdbc.user' and 'jdbc.password'",
    });
  }
  const timeout = options.get("jdbc.connection.timeout");
  return {
    system,
    host,
    port,
    database,
    name,
    user,
    password: location.password ?? given("password", "MILLRACE_JDBC_PASSWORD", passwordVariable!),
    tls: tlsSettings(location, options),
    timeoutMillis: (timeout === undefined ? undefined : parseDurationMillis(timeout)) ?? 30_000,
    attempts: Number(options.get("jdbc.attempts.maximum") ?? 8),
  };
}

/** A password goes to the server that it was given for, and to no other. */
function isOfBackend(location: JdbcLocation, options: ReadonlyMap<string, string>): boolean {
  const url = options.get(`${OF_BACKEND}url`);
  if (url === undefined) return false;
  const other = jdbcLocation(url);
  return other.system === location.system && other.host === location.host && other.port === location.port;
}

function tlsSettings({ tls }: JdbcLocation, options: ReadonlyMap<string, string>): Tls {
  const kind = (options.get("jdbc.tls")?.trim().toLowerCase() ?? tls ?? "off") as Tls["kind"];
  if (kind === "off") return { kind };
  const file = options.get("jdbc.tls.ca");
  if (file === undefined) return { kind, ca: undefined };
  try {
    return { kind, ca: readFileSync(file, "utf8") };
  } catch (cause) {
    throw new SqlError("OPTION_INVALID", `'jdbc.tls.ca' cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** A name of a table, perhaps with that of its schema. Throws OPTION_INVALID. */
export function tableName(option: string, text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,47}(\.[A-Za-z_][A-Za-z0-9_]{0,47})?$/.test(text)) return text;
  throw new SqlError("OPTION_INVALID", `'${option}' is a name of letters, digits and '_', at most 48 long`, {
    hint: "such as 'millrace_state', or 'schema.millrace_state'",
  });
}
