import { SqlError } from "../../base/errors.ts";
import type { JdbcClient, Statement } from "../../storage/jdbc/client.ts";
import { bytesOf, numberOf, type SqlRow } from "../../storage/jdbc/dialect.ts";
import type { Change, Entry, Reading, RecordStore } from "../rocksdb/database.ts";
import { assertOwned, closeEpoch, MOST_KEY_BYTES, type Scope, type StateTables } from "./scopes.ts";

/** Keys of one statement that reads. */
const READ_KEYS = 1000;
/** Rows of one statement that scans. */
const SCAN_ROWS = 2000;
/** Bytes of one statement that writes, about: half of it where the server takes text. */
const WRITE_BYTES = 1 << 20;

/** The rows of a scope as of an epoch: of each key the newest that is not newer. */
export class RowReading implements Reading {
  readonly #client: JdbcClient;
  readonly #rows: string;
  readonly #scope: number;
  readonly #epoch: () => number;

  constructor(client: JdbcClient, { rows }: StateTables, scope: number, epoch: () => number) {
    this.#client = client;
    this.#rows = rows;
    this.#scope = scope;
    this.#epoch = epoch;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | null)[]> {
    const found = new Map<string, Newest>();
    const epoch = this.#epoch();
    for (let from = 0; from < keys.length; from += READ_KEYS) {
      const some = keys.slice(from, from + READ_KEYS);
      const { rows } = await this.#client.reading("reading state", async (statement) =>
        statement(
          this.#client.dialect.newestOf(
            this.#rows,
            ["record_key", "epoch", "record"],
            "record_key",
            "epoch",
            "scope = ? AND epoch <= ?",
          ),
          [some, this.#scope, epoch],
        ),
      );
      for (const row of rows) {
        const key = bytesOf(row, "record_key").toString("latin1");
        const newest = newestOf(row);
        const known = found.get(key);
        if (known === undefined || known.epoch < newest.epoch) found.set(key, newest);
      }
    }
    return keys.map((key) => found.get(latin1(key))?.record ?? null);
  }

  async *scan(from: Uint8Array, to: Uint8Array, limit = Number.POSITIVE_INFINITY): AsyncGenerator<Entry, void, void> {
    const epoch = this.#epoch();
    let left = limit;
    let page = SCAN_ROWS;
    let start = from;
    let more = true;
    while (more && left > 0) {
      const { rows } = await this.#client.reading("reading state", async (statement) =>
        statement(
          `SELECT record_key, epoch, record FROM ${this.#rows} WHERE scope = ? AND record_key >= ? AND record_key < ? AND epoch <= ? ORDER BY record_key, epoch LIMIT ${Math.min(page, 4 * left + 8)}`,
          [this.#scope, start, to, epoch],
        ),
      );
      more = rows.length === Math.min(page, 4 * left + 8);
      const entries = newestOfEach(rows);
      // A key's newest row may be on the next page.
      const last = more ? entries.pop() : undefined;
      if (more && entries.length === 0) page *= 2;
      if (last !== undefined) start = last.key;
      for (const { key, newest } of entries) {
        if (newest.record === null) continue;
        if (left === 0) return;
        left -= 1;
        yield { key, value: newest.record };
      }
    }
  }

  async sizeOf(from: Uint8Array, to: Uint8Array): Promise<number> {
    const { rows } = await this.#client.reading("measuring state", async (statement) =>
      statement(
        `SELECT SUM(LENGTH(record_key) + LENGTH(record)) AS bytes FROM ${this.#rows} WHERE scope = ? AND record_key >= ? AND record_key < ? AND epoch <= ?`,
        [this.#scope, from, to, this.#epoch()],
        true,
      ),
    );
    return numberOf(rows[0]!, "bytes");
  }

  /** Nothing holds rows of an epoch that a checkpoint may still want. */
  async release(): Promise<void> {
    // See above.
  }
}

interface Newest {
  readonly epoch: number;
  /** Null: the key is gone. */
  readonly record: Uint8Array | null;
}

function newestOf(row: SqlRow): Newest {
  return { epoch: numberOf(row, "epoch"), record: row["record"] === null ? null : bytesOf(row, "record") };
}

/** Rows by key and epoch: the last of each key. */
function newestOfEach(rows: readonly SqlRow[]): { readonly key: Buffer; readonly newest: Newest }[] {
  const entries: { readonly key: Buffer; readonly newest: Newest }[] = [];
  for (const row of rows) {
    const key = bytesOf(row, "record_key");
    if (entries.at(-1)?.key.equals(key) === true) entries.pop();
    entries.push({ key, newest: newestOf(row) });
  }
  return entries;
}

/**
 * The rows of a scope, which this subtask alone writes. What is written since the last checkpoint belongs to an epoch of
 * its own: older rows of the keys stay for the checkpoints that need them, and a key that is gone has a row without a
 * record.
 */
export class RowStore extends RowReading implements RecordStore {
  readonly scope: Scope;
  readonly #client: JdbcClient;
  readonly #tables: StateTables;
  readonly #present: { epoch: number };

  constructor(client: JdbcClient, tables: StateTables, scope: Scope) {
    const present = { epoch: 1 };
    super(client, tables, scope.id, () => present.epoch);
    this.scope = scope;
    this.#client = client;
    this.#tables = tables;
    this.#present = present;
  }

  async write(changes: readonly Change[]): Promise<void> {
    await this.#client.transaction("writing state", async (statement) => {
      await assertOwned(statement, this.#tables, this.scope);
      // Several changes of one key: the last one counts.
      let waiting = new Map<string, Row>();
      for (const change of changes) {
        checkKey(change.key);
        if (change.kind === "delete-range") {
          await this.#insert(statement, [...waiting.values()]);
          waiting = new Map();
          await this.#removeRange(statement, change.key, change.to);
        } else {
          const record = change.kind === "put" ? change.value : null;
          waiting.set(latin1(change.key), { key: change.key, record });
        }
      }
      await this.#insert(statement, [...waiting.values()]);
    });
  }

  /** A picture of now; what is written from here on does not show in it. Nothing may be under way. */
  picture(): RowReading {
    const epoch = this.#present.epoch++;
    return new RowReading(this.#client, this.#tables, this.scope.id, () => epoch);
  }

  /** Ends the epoch, durably, and answers its number. Nothing may be under way. */
  async endEpoch(): Promise<number> {
    const { epoch } = this.#present;
    await closeEpoch(this.#client, this.#tables, this.scope, epoch);
    this.#present.epoch += 1;
    return epoch;
  }

  async #insert(statement: Statement, rows: readonly Row[]): Promise<void> {
    const { dialect } = this.#client;
    for (let from = 0; from < rows.length;) {
      let to = from;
      for (let bytes = 0; to < rows.length && (to === from || bytes < WRITE_BYTES); to++)
        bytes += rows[to]!.key.length + (rows[to]!.record?.length ?? 0);
      const some = rows.slice(from, to);
      const { text, values } = dialect.upsertMany(
        this.#tables.rows,
        { scope: this.scope.id, epoch: this.#present.epoch },
        { record_key: some.map(({ key }) => key), record: some.map(({ record }) => record) },
        ["scope", "record_key", "epoch"],
      );
      await statement(text, values);
      from = to;
    }
  }

  async #removeRange(statement: Statement, from: Uint8Array, to: Uint8Array): Promise<void> {
    const { rows } = this.#tables;
    await statement(
      `INSERT INTO ${rows} (scope, record_key, epoch, record) SELECT DISTINCT ${this.scope.id}, r.record_key, ${this.#present.epoch}, ${this.#client.dialect.noBytes} FROM ${rows} r WHERE r.scope = ? AND r.record_key >= ? AND r.record_key < ? ${this.#client.dialect.upsert(["scope", "record_key", "epoch"], ["record"])}`,
      [this.scope.id, from, to],
      true,
    );
  }
}

interface Row {
  readonly key: Uint8Array;
  readonly record: Uint8Array | null;
}

function checkKey({ length }: Uint8Array): void {
  if (length <= MOST_KEY_BYTES) return;
  throw new SqlError(
    "UNSUPPORTED",
    `a key of state of ${length} bytes: the jdbc backend takes up to ${MOST_KEY_BYTES}`,
    {
      hint: "group by something shorter, or set 'state.backend.type' to memory or rocksdb",
    },
  );
}

/** Bytes as a text of as many characters. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
