import { SqlError } from "../../base/errors.ts";
import { Transient, withRetries } from "../retry.ts";
import type { SqlAnswer, SqlConnection, SqlDialect, SqlValue } from "./dialect.ts";
import { MYSQL } from "./mysql.ts";
import { POSTGRES } from "./postgres.ts";
import type { JdbcSettings } from "./settings.ts";

/** Connections of one storage at most. */
const MOST_CONNECTIONS = 6;
const FIRST_DELAY_MILLIS = 100;
/** A connection that nobody asks for is closed after so long: storages live as long as their process. */
const IDLE_MILLIS = 30_000;

/** There is a row of this key. */
export class Duplicate extends Error {}

/** There is no such table. */
class NoTable extends Error {}

/** Statements of a transaction. */
export type Statement = (text: string, values?: readonly SqlValue[], slow?: boolean) => Promise<SqlAnswer>;

/** Keeps connections to a database, tries again what may pass, and says in words what went wrong. */
export class JdbcClient {
  readonly settings: JdbcSettings;
  readonly dialect: SqlDialect;
  readonly #makeTables: readonly string[];
  /** With the timers that close them. */
  readonly #idle: { readonly connection: SqlConnection; readonly timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  #open = 0;
  #closed = false;

  /** `makeTables`: run when a table is not there. */
  constructor(settings: JdbcSettings, makeTables: (dialect: SqlDialect) => readonly string[]) {
    this.settings = settings;
    this.dialect = settings.system === "postgresql" ? POSTGRES : MYSQL;
    this.#makeTables = makeTables(this.dialect);
  }

  /** Statements that change nothing. `what`: for messages. */
  async reading<T>(what: string, work: (run: Statement) => Promise<T>): Promise<T> {
    return this.#retried(what, async (connection) => work(statementsOf(connection)));
  }

  /**
   * All of the work or nothing of it. It may be done several times, also when it has been done and the answer to its
   * COMMIT was lost: it has to find that out. Whoever it then meets holds the locks of the rows that it changes until it
   * is decided. Throws Duplicate when a row is there.
   */
  async transaction<T>(what: string, work: (run: Statement, attempt: number) => Promise<T>): Promise<T> {
    return this.#retried(what, async (connection, attempt) => {
      await connection.run("BEGIN");
      let result: T;
      try {
        result = await work(statementsOf(connection), attempt);
      } catch (error) {
        const failure = this.#failure(what, error);
        // The server rolls back what a broken connection leaves.
        if (failure instanceof Transient) connection.destroy();
        else await connection.run("ROLLBACK").catch(() => connection.destroy());
        throw failure;
      }
      await connection.run("COMMIT");
      return result;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closing = this.#idle.splice(0).map(async ({ connection, timer }) => {
      clearTimeout(timer);
      connection.rest(false);
      await connection.close().catch(() => undefined);
    });
    await Promise.all(closing);
  }

  async #retried<T>(what: string, work: (connection: SqlConnection, attempt: number) => Promise<T>): Promise<T> {
    const { attempts, name } = this.settings;
    try {
      return await withRetries({ attempts, firstDelayMillis: FIRST_DELAY_MILLIS }, async (attempt) => {
        try {
          return await this.#once(what, work, attempt);
        } catch (error) {
          if (!(error instanceof NoTable)) throw error;
          await this.#makeMissing(what);
          return await this.#once(what, work, attempt);
        }
      });
    } catch (error) {
      if (error instanceof SqlError || error instanceof Duplicate) throw error;
      throw new SqlError("IO", `${what} in ${name}: ${(error as Error).message}, ${attempts} times`, {
        cause: error,
        retryable: true,
      });
    }
  }

  async #once<T>(
    what: string,
    work: (connection: SqlConnection, attempt: number) => Promise<T>,
    attempt: number,
  ): Promise<T> {
    await this.#turn();
    let connection: SqlConnection | undefined;
    try {
      connection = await this.#connection();
      const result = await work(connection, attempt);
      this.#giveBack(connection);
      return result;
    } catch (error) {
      const failure = this.#failure(what, error);
      // What is left on a connection that has failed in between is not known.
      if (failure instanceof Transient) connection?.destroy();
      else if (connection !== undefined) this.#giveBack(connection);
      throw failure;
    } finally {
      this.#open -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Waits until fewer than all connections are at work. */
  async #turn(): Promise<void> {
    while (this.#open >= MOST_CONNECTIONS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#open += 1;
  }

  async #connection(): Promise<SqlConnection> {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      clearTimeout(kept.timer);
      if (!kept.connection.alive) continue;
      kept.connection.rest(false);
      return kept.connection;
    }
    return await this.dialect.connect(this.settings);
  }

  #giveBack(connection: SqlConnection): void {
    if (!connection.alive) return;
    if (this.#closed) {
      void connection.close().catch(() => undefined);
      return;
    }
    connection.rest(true);
    const timer = setTimeout(() => {
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      void connection.close().catch(() => undefined);
    }, IDLE_MILLIS).unref();
    const idle = { connection, timer };
    this.#idle.push(idle);
  }

  /** Several may make them at once: who is second finds them, or what is half made as a duplicate. */
  async #makeMissing(what: string): Promise<void> {
    for (const text of this.#makeTables) {
      try {
        await this.#once(what, async (connection) => connection.run(text), 1);
      } catch (error) {
        if (!(error instanceof Duplicate)) throw error;
      }
    }
  }

  #failure(what: string, error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof SqlError || error instanceof Transient) return error;
    if (error instanceof Duplicate || error instanceof NoTable) return error;
    const { name, user } = this.settings;
    switch (this.dialect.failureOf(error)) {
      case "passing":
        return new Transient(messageOf(error), error);
      case "duplicate":
        return new Duplicate("there is such a row", { cause: error });
      case "no-table":
        return new NoTable("there is no such table", { cause: error });
      case "denied":
        return new SqlError("IO", `${what} in ${name}: the server refuses the user '${user}': ${messageOf(error)}`, {
          cause: error,
          hint: "look at the user, the password and their rights: to make, read and write its tables",
        });
      case "no-database":
        return new SqlError("IO", `${what} in ${name}: ${messageOf(error)}`, {
          cause: error,
          hint: "make the database first: millrace makes tables only",
        });
      case "too-large":
        return new SqlError("IO", `${what} in ${name}: ${messageOf(error)}`, {
          cause: error,
          hint: "let the server take larger statements: 'max_allowed_packet' of at least 16 MB",
        });
      case "other":
        return new SqlError("IO", `${what} in ${name}: ${messageOf(error)}`, { cause: error });
    }
  }
}

function statementsOf(connection: SqlConnection): Statement {
  return async (text, values, slow) => connection.run(text, values, slow);
}

/** What a driver says; of several addresses that were tried, what the first said. */
function messageOf(error: Error): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error.message === "" ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}
