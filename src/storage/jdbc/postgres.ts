import type { Socket } from "node:net";
import type pg from "pg";
import { loadDriver } from "./load-driver.ts";
import { IDLE_TRANSACTION_SECONDS, type SqlConnection, type SqlDialect, type SqlValue } from "./dialect.ts";
import type { JdbcSettings } from "./settings.ts";

/** PostgreSQL, by the package pg. */
export const POSTGRES: SqlDialect = {
  title: "PostgreSQL",
  connect,
  failureOf: (error) => {
    const { code } = error as { readonly code?: unknown };
    // What has no SQLSTATE comes from the connection.
    if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return "passing";
    // The last two: others make the same table at this moment.
    if (code === "23505" || code === "42P07" || code === "42710") return "duplicate";
    if (code === "42P01") return "no-table";
    if (code === "28P01" || code === "28000" || code === "42501") return "denied";
    if (code === "3D000") return "no-database";
    if (code === "54000") return "too-large";
    return PASSING.test(code) ? "passing" : "other";
  },
  types: { counter: "BIGSERIAL PRIMARY KEY", keyBytes: () => "BYTEA", bytes: "BYTEA" },
  tableEnd: "",
  indexInside: false,
  nowMillis: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
  upsert: (keys, others) =>
    `ON CONFLICT (${keys.join(", ")}) DO UPDATE SET ${others.map((name) => `${name} = EXCLUDED.${name}`).join(", ")}`,
  substring: (column, from) => `substring(${column} FROM ${from})`,
  bytesValue: "CAST(? AS BYTEA)",
  noBytes: "CAST(NULL AS BYTEA)",
  newestOf: (table, columns, key, age, condition) =>
    `SELECT r.* FROM unnest(CAST(? AS BYTEA[])) AS wanted(k) CROSS JOIN LATERAL (SELECT ${columns.join(", ")} FROM ${table} WHERE ${key} = wanted.k AND ${condition} ORDER BY ${age} DESC LIMIT 1) r`,
  upsertMany: (table, same, columns, keys) => {
    const names = [...Object.keys(same), ...Object.keys(columns)];
    const others = names.filter((name) => !keys.includes(name));
    const selected = [...Object.values(same), ...Object.keys(columns).map((name) => `u.${name}`)];
    const arrays = Object.keys(columns).map(() => "CAST(? AS BYTEA[])");
    return {
      text: `INSERT INTO ${table} (${names.join(", ")}) SELECT ${selected.join(", ")} FROM unnest(${arrays.join(", ")}) AS u(${Object.keys(columns).join(", ")}) ${POSTGRES.upsert(keys, others)}`,
      values: Object.values(columns),
    };
  },
  deleteJoined: (table, joined, condition) =>
    `DELETE FROM ${table} former USING ${table} later WHERE ${joined} AND ${condition}`,
  concat: (first, second) => `${first} || ${second}`,
};

/** Connections (08), serialization and deadlocks (40), resources (53), shutdown and timeouts (57), locks (55P03), a transaction that rested too long (25P03). */
const PASSING = /^(08|40|53|57|55P03|25P03)/;
/** A server that vanished while a slow statement ran is noticed from then on. */
const KEEP_ALIVE_MILLIS = 10_000;

async function connect(settings: JdbcSettings): Promise<SqlConnection> {
  const { host, port, database, user, password, tls, timeoutMillis } = settings;
  const { default: driver } = await loadDriver<{ readonly default: typeof pg }>("pg");
  const client = new driver.Client({
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    ssl:
      tls.kind === "off"
        ? false
        : { rejectUnauthorized: tls.kind === "verify", ...(tls.ca === undefined ? {} : { ca: tls.ca }) },
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MILLIS,
    connectionTimeoutMillis: timeoutMillis,
    lock_timeout: timeoutMillis,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_SECONDS * 1000,
    application_name: "millrace",
  });
  let alive = true;
  client.on("error", () => (alive = false));
  client.on("end", () => (alive = false));
  await client.connect();
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  return {
    get alive() {
      return alive;
    },
    run: async (text, values = [], slow = false) => {
      const timeout = slow ? {} : { query_timeout: timeoutMillis };
      const answer = await client.query({ text: numbered(text), values: values.map(bound), ...timeout });
      return { rows: answer.rows as Record<string, unknown>[], changed: answer.rowCount ?? 0 };
    },
    rest: (resting) => {
      if (resting) stream.unref();
      else stream.ref();
    },
    close: async () => {
      alive = false;
      await client.end();
    },
    destroy: () => {
      alive = false;
      stream.destroy();
    },
  };
}

/** Statements of this folder have no `?` but those of values. */
function numbered(text: string): string {
  let count = 0;
  return text.replaceAll("?", () => `$${(count += 1)}`);
}

function bound(value: SqlValue): unknown {
  if (Array.isArray(value)) return value.map((each: Uint8Array | null) => (each === null ? null : bufferOf(each)));
  return value instanceof Uint8Array ? bufferOf(value) : value;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
