import type { Socket } from "node:net";
import type * as mysql from "mysql2/promise";
import { loadDriver } from "./load-driver.ts";
import {
  IDLE_TRANSACTION_SECONDS,
  type FailureKind,
  type SqlConnection,
  type SqlDialect,
  type SqlValue,
} from "./dialect.ts";
import type { JdbcSettings } from "./settings.ts";

/** MySQL and MariaDB, by the package mysql2. */
export const MYSQL: SqlDialect = {
  title: "MySQL",
  connect,
  failureOf: (error) => {
    const { errno } = error as { readonly errno?: unknown };
    // Negative ones are of the operating system; what has none comes from the connection.
    if (typeof errno !== "number" || errno < 1000) return "passing";
    return FAILURES.get(errno) ?? "other";
  },
  types: {
    counter: "BIGINT AUTO_INCREMENT PRIMARY KEY",
    keyBytes: (length) => `VARBINARY(${length})`,
    bytes: "LONGBLOB",
  },
  tableEnd: " ENGINE=InnoDB ROW_FORMAT=DYNAMIC",
  indexInside: true,
  nowMillis: "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
  upsert: (_keys, others) => `ON DUPLICATE KEY UPDATE ${others.map((name) => `${name} = VALUES(${name})`).join(", ")}`,
  substring: (column, from) => `SUBSTRING(${column}, ${from})`,
  bytesValue: "?",
  noBytes: "NULL",
  newestOf: (table, columns, key, _age, condition) =>
    `SELECT ${columns.join(", ")} FROM ${table} FORCE INDEX (PRIMARY) WHERE ${key} IN (?) AND ${condition}`,
  upsertMany: (table, same, columns, keys) => {
    const names = [...Object.keys(same), ...Object.keys(columns)];
    const others = names.filter((name) => !keys.includes(name));
    const lists = Object.values(columns);
    const row = `(${[...Object.values(same), ...lists.map(() => "?")].join(", ")})`;
    const count = lists[0]?.length ?? 0;
    return {
      text: `INSERT INTO ${table} (${names.join(", ")}) VALUES ${Array<string>(count).fill(row).join(", ")} ${MYSQL.upsert(keys, others)}`,
      values: Array.from({ length: count }, (_, i) => lists.map((list) => list[i]!)).flat(),
    };
  },
  deleteJoined: (table, joined, condition) =>
    `DELETE former FROM ${table} former JOIN ${table} later ON ${joined} WHERE ${condition}`,
  concat: (first, second) => `CONCAT(${first}, ${second})`,
};

const UNKNOWN_VARIABLE = 1193;
const IDLE_CONNECTION_SECONDS = 45;

/** A server that vanished while a slow statement ran is noticed from then on. */
const KEEP_ALIVE_MILLIS = 10_000;

const FAILURES: ReadonlyMap<number, FailureKind> = new Map([
  ...[
    1040, 1053, 1077, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1205, 1213, 1226, 1317, 1927, 1969, 2006, 2013, 3024,
    4031,
  ].map((errno): [number, FailureKind] => [errno, "passing"]),
  [1062, "duplicate"],
  [1146, "no-table"],
  [1044, "denied"],
  [1045, "denied"],
  [1142, "denied"],
  [1143, "denied"],
  [1698, "denied"],
  [1049, "no-database"],
  [1153, "too-large"],
]);

/** MariaDB has a limit for transactions, MySQL one for connections, which has to be longer than they rest between two. */
async function limitIdleTransactions(connection: mysql.Connection): Promise<void> {
  try {
    await connection.query(`SET SESSION idle_transaction_timeout = ${IDLE_TRANSACTION_SECONDS}`);
  } catch (error) {
    if ((error as { readonly errno?: unknown }).errno !== UNKNOWN_VARIABLE) throw error;
    await connection.query(`SET SESSION wait_timeout = ${IDLE_CONNECTION_SECONDS}`);
  }
}

async function connect(settings: JdbcSettings): Promise<SqlConnection> {
  const { host, port, database, user, password, tls, timeoutMillis } = settings;
  const { createConnection } = await loadDriver<typeof mysql>("mysql2/promise");
  const connection = await createConnection({
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    ...(tls.kind === "off"
      ? {}
      : {
          ssl: {
            rejectUnauthorized: tls.kind === "verify",
            verifyIdentity: tls.kind === "verify",
            ...(tls.ca === undefined ? {} : { ca: tls.ca }),
          },
        }),
    connectTimeout: timeoutMillis,
    enableKeepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MILLIS,
    supportBigNumbers: true,
  });
  let alive = true;
  connection.on("error", () => (alive = false));
  connection.on("end", () => (alive = false));
  const seconds = Math.max(1, Math.ceil(timeoutMillis / 1000));
  // Rows that were read are not locked; a lock is waited for as long as for an answer.
  await connection.query(`SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED`);
  await connection.query(`SET SESSION innodb_lock_wait_timeout = ${seconds}`);
  await limitIdleTransactions(connection);
  return {
    get alive() {
      return alive;
    },
    run: async (text, values = [], slow = false) => {
      const timeout = slow ? {} : { timeout: timeoutMillis };
      const [answer] = await connection.query({ sql: text, values: values.map(bound), ...timeout });
      if (Array.isArray(answer)) return { rows: answer as Record<string, unknown>[], changed: 0 };
      return { rows: [], changed: (answer as mysql.ResultSetHeader).affectedRows };
    },
    rest: (resting) => {
      const { stream } = (connection as unknown as { readonly connection: { readonly stream: Socket } }).connection;
      if (resting) stream.unref();
      else stream.ref();
    },
    close: async () => {
      alive = false;
      await connection.end();
    },
    destroy: () => {
      alive = false;
      connection.destroy();
    },
  };
}

function bound(value: SqlValue): unknown {
  if (Array.isArray(value)) return value.map((each: Uint8Array | null) => (each === null ? null : bufferOf(each)));
  return value instanceof Uint8Array ? bufferOf(value) : value;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
