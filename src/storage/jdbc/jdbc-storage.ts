import { randomBytes } from "node:crypto";
import { SqlError } from "../../base/errors.ts";
import { inBlocks } from "../blocks.ts";
import type { ByteStorage, Contents, StoredBytes, StoredName } from "../byte-storage.ts";
import { Duplicate, JdbcClient, type Statement } from "./client.ts";
import { bytesOf, numberOf, type SqlDialect, type SqlRow } from "./dialect.ts";
import type { JdbcSettings } from "./settings.ts";

/** Contents lie in rows of this size; a part of the tables' form. */
const CHUNK_BYTES = 1 << 19;
/** What is this short is written in one transaction with its name. */
const SMALL_BYTES = 4 << 20;
/** Names are a part of a key. */
const MOST_PATH_BYTES = 1024;
/** Names of a list that are asked for at once. */
const PAGE_ROWS = 1000;
/** Contents that became no object are removed after so long. */
const ABANDONED_MILLIS = 24 * 3_600_000;
/** Above all bytes of UTF-8. */
const LAST = Uint8Array.of(0xff);
/** Names of objects that are being written begin with it; no other does. */
const UNFINISHED = Uint8Array.of(0);

/**
 * Objects in two tables: names with the version that they have, and the contents of versions in chunks. A version is a
 * random word of its writer, so that a writer whose answer was lost knows its own work again.
 */
export class JdbcStorage implements ByteStorage {
  readonly name: string;
  readonly #client: JdbcClient;
  readonly #names: string;
  readonly #chunks: string;
  #swept = false;

  constructor(settings: JdbcSettings, table: string) {
    this.name = settings.name;
    this.#names = table;
    this.#chunks = `${table}_chunks`;
    this.#client = new JdbcClient(settings, (dialect) => [
      `CREATE TABLE IF NOT EXISTS ${this.#names} (path ${dialect.types.keyBytes(MOST_PATH_BYTES)} NOT NULL PRIMARY KEY, version ${dialect.types.keyBytes(16)} NOT NULL, size BIGINT NOT NULL, changed BIGINT NOT NULL)${dialect.tableEnd}`,
      `CREATE TABLE IF NOT EXISTS ${this.#chunks} (version ${dialect.types.keyBytes(16)} NOT NULL, part BIGINT NOT NULL, data ${dialect.types.bytes} NOT NULL, PRIMARY KEY (version, part))${dialect.tableEnd}`,
    ]);
  }

  async create(path: string, contents: Contents): Promise<string | undefined> {
    const name = pathBytes(path);
    if (contents instanceof Uint8Array && contents.length <= SMALL_BYTES)
      return this.#createSmall(path, name, contents);
    const pieces = contents instanceof Uint8Array ? once(contents) : contents;
    const blocks = inBlocks(pieces, CHUNK_BYTES);
    const first = await blocks.next();
    const second = first.done === true ? first : await blocks.next();
    if (second.done === true)
      return this.#createSmall(path, name, first.done === true ? new Uint8Array(0) : first.value);
    return this.#createLarge(path, name, [first.value, second.value], blocks);
  }

  async replace(path: string, bytes: Uint8Array, version: string): Promise<string | undefined> {
    const [name, own] = [pathBytes(path), newVersion()];
    const former = Buffer.from(version, "hex");
    return this.#client.transaction(`writing ${path}`, async (run) => {
      const { changed } = await run(
        `UPDATE ${this.#names} SET version = ?, size = ?, changed = ${this.#now} WHERE path = ? AND version = ?`,
        [own, bytes.length, name, former],
      );
      // It may have been replaced by the attempt before, whose answer was lost.
      if (changed === 0) return (await this.#isOwn(run, name, own)) ? own.toString("hex") : undefined;
      await this.#insertChunks(run, own, bytes);
      await run(`DELETE FROM ${this.#chunks} WHERE version = ?`, [former]);
      return own.toString("hex");
    });
  }

  async put(path: string, bytes: Uint8Array): Promise<void> {
    const [name, own] = [pathBytes(path), newVersion()];
    await this.#client.transaction(`writing ${path}`, async (run) => {
      const { rows } = await run(`SELECT version FROM ${this.#names} WHERE path = ? FOR UPDATE`, [name]);
      const former = rows[0] === undefined ? undefined : bytesOf(rows[0], "version");
      if (former?.equals(own) === true) return;
      await run(
        `INSERT INTO ${this.#names} (path, version, size, changed) VALUES (?, ?, ?, ${this.#now}) ${this.#dialect.upsert(["path"], ["version", "size", "changed"])}`,
        [name, own, bytes.length],
      );
      await this.#insertChunks(run, own, bytes);
      if (former !== undefined) await run(`DELETE FROM ${this.#chunks} WHERE version = ?`, [former]);
    });
  }

  async read(path: string): Promise<StoredBytes | undefined> {
    // One statement, so that the contents are of the version.
    const { rows } = await this.#client.reading(`reading ${path}`, async (run) =>
      run(
        `SELECT n.version, n.size, ${this.#now} - n.changed AS age, c.data FROM ${this.#names} n LEFT JOIN ${this.#chunks} c ON c.version = n.version WHERE n.path = ? ORDER BY c.part`,
        [pathBytes(path)],
      ),
    );
    const first = rows[0];
    if (first === undefined) return undefined;
    const bytes = Buffer.concat(rows.flatMap((row) => (row["data"] === null ? [] : [bytesOf(row, "data")])));
    checkSize(path, bytes.length, numberOf(first, "size"));
    return {
      bytes,
      version: bytesOf(first, "version").toString("hex"),
      ageMillis: Math.max(0, numberOf(first, "age")),
    };
  }

  async readRange(path: string, from: number, length: number): Promise<Uint8Array | undefined> {
    const firstPart = Math.floor(from / CHUNK_BYTES);
    const lastPart = Math.floor((from + Math.max(length, 1) - 1) / CHUNK_BYTES);
    const { rows } = await this.#client.reading(`reading ${path}`, async (run) =>
      run(
        `SELECT n.size, c.data FROM ${this.#names} n LEFT JOIN ${this.#chunks} c ON c.version = n.version AND c.part BETWEEN ? AND ? WHERE n.path = ? ORDER BY c.part`,
        [firstPart, lastPart, pathBytes(path)],
      ),
    );
    if (rows[0] === undefined) return undefined;
    const found = Buffer.concat(rows.flatMap((row) => (row["data"] === null ? [] : [bytesOf(row, "data")])));
    const start = from - firstPart * CHUNK_BYTES;
    const part = found.subarray(start, start + length);
    checkSize(path, part.length, Math.max(0, Math.min(length, numberOf(rows[0], "size") - from)));
    return part;
  }

  async *list(prefix: string): AsyncGenerator<StoredName> {
    let from = prefix === "" ? Uint8Array.of(UNFINISHED[0]! + 1) : Buffer.from(prefix);
    const end = Buffer.concat([Buffer.from(prefix), LAST]);
    for (;;) {
      const page = await this.#page(from, end);
      for (const row of page) yield { path: bytesOf(row, "path").toString(), size: numberOf(row, "size") };
      if (page.length < PAGE_ROWS) return;
      from = Buffer.concat([bytesOf(page.at(-1)!, "path"), UNFINISHED]);
    }
  }

  async children(folder: string): Promise<readonly string[]> {
    const prefix = folder === "" ? "" : `${folder}/`;
    const end = Buffer.concat([Buffer.from(prefix), LAST]);
    const names = new Set<string>();
    let from = prefix === "" ? Uint8Array.of(UNFINISHED[0]! + 1) : Buffer.from(prefix);
    for (;;) {
      const page = await this.#page(from, end);
      let name = "";
      for (const row of page) {
        const [own, ...more] = bytesOf(row, "path").toString().slice(prefix.length).split("/");
        name = more.length === 0 ? own! : `${own}/`;
        names.add(name);
      }
      if (page.length < PAGE_ROWS) return [...names].sort();
      // The rest of a folder is of no interest.
      from = name.endsWith("/")
        ? Buffer.concat([Buffer.from(prefix + name), LAST])
        : Buffer.concat([bytesOf(page.at(-1)!, "path"), UNFINISHED]);
    }
  }

  async remove(path: string): Promise<void> {
    const name = pathBytes(path);
    await this.#client.transaction(`removing ${path}`, async (run) => {
      const { rows } = await run(`SELECT version FROM ${this.#names} WHERE path = ? FOR UPDATE`, [name]);
      if (rows[0] === undefined) return;
      await run(`DELETE FROM ${this.#names} WHERE path = ?`, [name]);
      await run(`DELETE FROM ${this.#chunks} WHERE version = ?`, [bytesOf(rows[0], "version")]);
    });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  get #dialect(): SqlDialect {
    return this.#client.dialect;
  }

  get #now(): string {
    return this.#dialect.nowMillis;
  }

  async #page(from: Uint8Array, end: Uint8Array): Promise<readonly SqlRow[]> {
    const { rows } = await this.#client.reading("listing", async (run) =>
      run(`SELECT path, size FROM ${this.#names} WHERE path >= ? AND path < ? ORDER BY path LIMIT ${PAGE_ROWS}`, [
        from,
        end,
      ]),
    );
    return rows;
  }

  async #createSmall(path: string, name: Uint8Array, bytes: Uint8Array): Promise<string | undefined> {
    const own = newVersion();
    try {
      await this.#client.transaction(`writing ${path}`, async (run) => {
        await run(`INSERT INTO ${this.#names} (path, version, size, changed) VALUES (?, ?, ?, ${this.#now})`, [
          name,
          own,
          bytes.length,
        ]);
        await this.#insertChunks(run, own, bytes);
      });
      return own.toString("hex");
    } catch (error) {
      if (error instanceof Duplicate) return this.#ownVersion(path, name, own);
      throw error;
    }
  }

  /** Contents first, each block in a transaction of its own; then they get their name. */
  async #createLarge(
    path: string,
    name: Uint8Array,
    first: readonly Uint8Array[],
    rest: AsyncIterable<Uint8Array>,
  ): Promise<string | undefined> {
    await this.#sweep();
    const own = newVersion();
    const unfinished = Buffer.concat([UNFINISHED, own]);
    const what = `writing ${path}`;
    let finished = false;
    try {
      await this.#client.transaction(what, async (run) =>
        run(
          `INSERT INTO ${this.#names} (path, version, size, changed) VALUES (?, ?, 0, ${this.#now}) ${this.#dialect.upsert(["path"], ["changed"])}`,
          [unfinished, own],
        ),
      );
      let [part, size] = [0, 0];
      const write = async (block: Uint8Array): Promise<void> => {
        await this.#client.transaction(what, async (run) => this.#insertChunk(run, own, part, block));
        part += 1;
        size += block.length;
      };
      for (const block of first) await write(block);
      for await (const block of rest) await write(block);
      const changed = await this.#client.transaction(what, async (run) => {
        const answer = await run(
          `UPDATE ${this.#names} SET path = ?, size = ?, changed = ${this.#now} WHERE path = ?`,
          [name, size, unfinished],
        );
        return answer.changed;
      });
      finished = changed > 0 || (await this.#ownVersion(path, name, own)) !== undefined;
      if (finished) return own.toString("hex");
      throw new SqlError("IO", `${what} in ${this.name}: it took so long that what was written was removed`);
    } catch (error) {
      if (!(error instanceof Duplicate)) throw error;
      finished = (await this.#ownVersion(path, name, own)) !== undefined;
      return finished ? own.toString("hex") : undefined;
    } finally {
      if (!finished) await this.#giveUp(own).catch(() => undefined);
    }
  }

  async #giveUp(version: Uint8Array): Promise<void> {
    await this.#client.transaction("giving up", async (run) => {
      await run(`DELETE FROM ${this.#names} WHERE path = ?`, [Buffer.concat([UNFINISHED, version])]);
      // Whoever named it meanwhile needs its contents.
      await run(
        `DELETE FROM ${this.#chunks} WHERE version = ? AND NOT EXISTS (SELECT 1 FROM ${this.#names} n WHERE n.version = ?)`,
        [version, version],
      );
    });
  }

  /** Once: what writers that died left behind. */
  async #sweep(): Promise<void> {
    if (this.#swept) return;
    this.#swept = true;
    const { rows } = await this.#client.reading("looking for leftovers", async (run) =>
      run(`SELECT version FROM ${this.#names} WHERE path >= ? AND path < ? AND changed < ${this.#now} - ?`, [
        UNFINISHED,
        Uint8Array.of(UNFINISHED[0]! + 1),
        ABANDONED_MILLIS,
      ]),
    );
    for (const row of rows) await this.#giveUp(bytesOf(row, "version"));
  }

  async #insertChunks(run: Statement, version: Uint8Array, bytes: Uint8Array): Promise<void> {
    for (let part = 0; part * CHUNK_BYTES < bytes.length; part++)
      await this.#insertChunk(run, version, part, bytes.subarray(part * CHUNK_BYTES, (part + 1) * CHUNK_BYTES));
  }

  async #insertChunk(run: Statement, version: Uint8Array, part: number, data: Uint8Array): Promise<void> {
    await run(
      `INSERT INTO ${this.#chunks} (version, part, data) VALUES (?, ?, ?) ${this.#dialect.upsert(["version", "part"], ["data"])}`,
      [version, part, data],
    );
  }

  /** The version of an object, if it is what this writer wrote before its answer was lost. */
  async #ownVersion(path: string, name: Uint8Array, own: Buffer): Promise<string | undefined> {
    const is = await this.#client.reading(`reading ${path}`, async (run) => this.#isOwn(run, name, own));
    return is ? own.toString("hex") : undefined;
  }

  async #isOwn(run: Statement, name: Uint8Array, own: Buffer): Promise<boolean> {
    const { rows } = await run(`SELECT version FROM ${this.#names} WHERE path = ?`, [name]);
    return rows[0] !== undefined && bytesOf(rows[0], "version").equals(own);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function newVersion(): Buffer {
  return randomBytes(16);
}

function pathBytes(path: string): Uint8Array {
  const bytes = Buffer.from(path);
  if (bytes.length > 0 && bytes.length <= MOST_PATH_BYTES && bytes[0] !== UNFINISHED[0]) return bytes;
  throw new SqlError("IO", `a name in a database has 1 to ${MOST_PATH_BYTES} bytes: '${path.slice(0, 100)}…' has not`);
}

function checkSize(path: string, found: number, expected: number): void {
  if (found !== expected)
    throw new SqlError("IO", `${path} is damaged: ${found} bytes of it are there, and ${expected} should be`);
}
