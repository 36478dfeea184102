import { SqlError } from "../../base/errors.ts";
import type { JdbcSettings } from "./settings.ts";

/** A process that was stopped, or a machine that vanished, in the middle of a transaction holds its locks for so long at most. */
export const IDLE_TRANSACTION_SECONDS = 15;

/** A value of a statement. Text goes as bytes, so that no setting of a server's characters changes it. */
export type SqlValue = number | Uint8Array | null | readonly (Uint8Array | null)[];

export type SqlRow = Readonly<Record<string, unknown>>;

export interface SqlAnswer {
  readonly rows: readonly SqlRow[];
  /** Rows that were inserted, updated (also to what they were) or deleted. */
  readonly changed: number;
}

/** What a failed statement means. */
export type FailureKind =
  /** May go well when it is tried again, on another connection. */
  | "passing"
  /** There is such a row. */
  | "duplicate"
  /** There is no such table. */
  | "no-table"
  | "denied"
  | "no-database"
  | "too-large"
  | "other";

/** One connection to a server; statements go one after another. */
export interface SqlConnection {
  /** `?` are the values. `slow`: it may take as long as it needs. */
  run(text: string, values?: readonly SqlValue[], slow?: boolean): Promise<SqlAnswer>;
  /** False: it broke while nothing was asked of it. */
  readonly alive: boolean;
  /** A connection that rests keeps no process alive. */
  rest(resting: boolean): void;
  close(): Promise<void>;
  /** At once, whatever is under way. */
  destroy(): void;
}

/** What the database systems have in different words. */
export interface SqlDialect {
  connect(settings: JdbcSettings): Promise<SqlConnection>;
  failureOf(error: unknown): FailureKind;
  /** Name of the system, for messages. */
  readonly title: string;
  /** Types of a table's columns. */
  readonly types: {
    /** A whole number that the server counts up, the key of its table. */
    readonly counter: string;
    /** Bytes that are a part of a key: up to so many. */
    readonly keyBytes: (length: number) => string;
    readonly bytes: string;
  };
  /** Behind a table's columns. */
  readonly tableEnd: string;
  /** Inside of CREATE TABLE: an index; undefined: a statement of its own makes it. */
  readonly indexInside: boolean;
  /** Epoch millis of the server's clock. */
  readonly nowMillis: string;
  /** Replaces the other columns when there is a row of this key. */
  upsert(keys: readonly string[], others: readonly string[]): string;
  /** Bytes from the place (from 1). */
  substring(column: string, from: number): string;
  /** `?`, whose value is bytes. */
  readonly bytesValue: string;
  /** NULL where bytes are. */
  readonly noBytes: string;
  /**
   * Rows of a table, at least the newest of each of many keys, whose condition holds; the values: the list of keys, then those of the condition.
   * Said so that every server goes by the primary key, also before it has counted the rows of the table.
   */
  newestOf(table: string, columns: readonly string[], key: string, age: string, condition: string): string;
  /** Upserts rows: columns that are the same number in all of them, and columns of bytes. */
  upsertMany(
    table: string,
    same: Readonly<Record<string, number>>,
    columns: Readonly<Record<string, readonly (Uint8Array | null)[]>>,
    keys: readonly string[],
  ): { readonly text: string; readonly values: readonly SqlValue[] };
  /** Deletes the rows `former` of a table for which there is a row `later` of it. */
  deleteJoined(table: string, joined: string, condition: string): string;
  /** Bytes behind each other. */
  concat(first: string, second: string): string;
}

/** Bytes of a row. */
export function bytesOf(row: SqlRow, column: string): Buffer {
  const value = row[column];
  if (Buffer.isBuffer(value)) return value;
  throw new SqlError("BUG", `the column ${column} holds no bytes`);
}

/** Whole numbers of databases may come as text. */
export function numberOf(row: SqlRow, column: string): number {
  return Number(row[column]);
}
