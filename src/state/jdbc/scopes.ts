import { randomBytes } from "node:crypto";
import { SqlError } from "../../base/errors.ts";
import type { JdbcClient, Statement } from "../../storage/jdbc/client.ts";
import { bytesOf, numberOf, type SqlDialect } from "../../storage/jdbc/dialect.ts";
import type { BackendContext } from "../backend.ts";
import type { StoredRows } from "../rocksdb/manifest.ts";

/** Keys of rows are a part of an index, which is what databases bound. */
export const MOST_KEY_BYTES = 2500;

/** The two tables of the backend: rows, and whose they are. */
export interface StateTables {
  readonly rows: string;
  readonly scopes: string;
}

/** The rows of one subtask in one attempt: nobody else ever writes them. */
export interface Scope {
  readonly id: number;
  /** A random word: no scope of another database is taken for this one. */
  readonly token: Buffer;
}

/** Makes the tables. */
export function tableStatements({ rows, scopes }: StateTables, dialect: SqlDialect): string[] {
  const { types, tableEnd, indexInside } = dialect;
  const index = `${rows.replace(".", "_")}_epochs`;
  const word = types.keyBytes(255);
  return [
    `CREATE TABLE IF NOT EXISTS ${scopes} (id ${types.counter}, job ${word} NOT NULL, run ${word} NOT NULL, attempt BIGINT NOT NULL, subtask BIGINT NOT NULL, token ${types.keyBytes(16)} NOT NULL, epoch BIGINT NOT NULL, pruned BIGINT NOT NULL, writes BIGINT NOT NULL, made BIGINT NOT NULL)${tableEnd}`,
    `CREATE TABLE IF NOT EXISTS ${rows} (scope BIGINT NOT NULL, record_key ${types.keyBytes(MOST_KEY_BYTES)} NOT NULL, epoch BIGINT NOT NULL, record ${types.bytes}, PRIMARY KEY (scope, record_key, epoch)${indexInside ? `, INDEX ${index} (scope, epoch)` : ""})${tableEnd}`,
    ...(indexInside ? [] : [`CREATE INDEX IF NOT EXISTS ${index} ON ${rows} (scope, epoch)`]),
  ];
}

/** Makes the scope of a subtask. */
export async function makeScope(
  client: JdbcClient,
  { scopes }: StateTables,
  { run: identity, subtask }: BackendContext,
): Promise<Scope> {
  const token = randomBytes(16);
  const { job, run, attempt } = identity;
  const id = await client.transaction("beginning to keep state", async (statement) => {
    const known = await scopeOf(statement, scopes, token);
    // An attempt before may have made it, and its answer was lost.
    if (known !== undefined) return known;
    await statement(
      `INSERT INTO ${scopes} (job, run, attempt, subtask, token, epoch, pruned, writes, made) VALUES (?, ?, ?, ?, ?, 0, 0, 0, ${client.dialect.nowMillis})`,
      [word(job), word(run), attempt, subtask, token],
    );
    return (await scopeOf(statement, scopes, token))!;
  });
  return { id, token };
}

async function scopeOf(statement: Statement, scopes: string, token: Uint8Array): Promise<number | undefined> {
  const { rows } = await statement(`SELECT id FROM ${scopes} WHERE token = ?`, [token]);
  return rows[0] === undefined ? undefined : numberOf(rows[0], "id");
}

/** Names of jobs may be long; who reads them is a person. */
function word(text: string): Uint8Array {
  return Buffer.from(text).subarray(0, 255);
}

/** Inside of a transaction: the scope is still there, and whoever would remove it waits. Throws RUN_TAKEN_OVER. */
export async function assertOwned(statement: Statement, { scopes }: StateTables, scope: Scope): Promise<void> {
  const { changed } = await statement(`UPDATE ${scopes} SET writes = writes + 1 WHERE id = ? AND token = ?`, [
    scope.id,
    scope.token,
  ]);
  if (changed > 0) return;
  throw new SqlError("RUN_TAKEN_OVER", `the rows of state in the table ${scopes} were removed`, {
    hint: "another process goes on in this run, or somebody has emptied the table",
  });
}

/** All up to the epoch is written, and stays as it is. */
export async function closeEpoch(client: JdbcClient, tables: StateTables, scope: Scope, epoch: number): Promise<void> {
  await client.transaction("completing the state of a checkpoint", async (statement) => {
    await assertOwned(statement, tables, scope);
    await statement(`UPDATE ${tables.scopes} SET epoch = ? WHERE id = ?`, [epoch, scope.id]);
  });
}

/**
 * Inside of a transaction, at whose end the rows may be pruned again: the scope that a checkpoint names is there, and has
 * the rows of its epoch. Throws CHECKPOINT_INVALID.
 */
export async function holdStored(
  statement: Statement,
  { scopes }: StateTables,
  { scope, epoch, token }: StoredRows,
  where: { readonly checkpoint: string; readonly database: string },
): Promise<void> {
  const { rows } = await statement(`SELECT token, epoch, pruned FROM ${scopes} WHERE id = ? FOR UPDATE`, [scope]);
  const { checkpoint, database } = where;
  const found = rows[0];
  const known = found !== undefined && bytesOf(found, "token").toString("hex") === token;
  if (known && numberOf(found, "epoch") >= epoch && numberOf(found, "pruned") <= epoch) return;
  const why = known ? "later checkpoints have replaced them" : "they are not there";
  throw new SqlError(
    "CHECKPOINT_INVALID",
    `the checkpoint ${checkpoint} needs rows of the table ${scopes.replace(/_scopes$/, "")} in ${database}: ${why}`,
    { hint: "look at 'state.backend.jdbc.url' and 'state.backend.jdbc.table-name'; or begin with another checkpoint" },
  );
}

/** Removes rows that no checkpoint from epoch `to` on needs; those that only checkpoints up to `from` needed are gone. `first`: number of the first epoch that has rows. */
export async function prune(
  client: JdbcClient,
  { rows, scopes }: StateTables,
  { id }: Scope,
  { from, to, first }: { readonly from: number; readonly to: number; readonly first: number },
): Promise<void> {
  const same = "former.scope = later.scope AND former.record_key = later.record_key AND former.epoch < later.epoch";
  const changed = "later.scope = ? AND later.epoch > ? AND later.epoch <= ?";
  const what = "removing former state";
  // Said first, and apart: whoever restores holds the scope's row, and whoever writes waits for nobody who removes.
  await client.transaction(what, async (statement) =>
    statement(`UPDATE ${scopes} SET pruned = ? WHERE id = ?`, [to, id]),
  );
  // The rows of the first epoch have none before them.
  await client.transaction(what, async (statement) =>
    statement(client.dialect.deleteJoined(rows, same, changed), [id, Math.max(from, first), to], true),
  );
  await client.transaction(what, async (statement) =>
    statement(
      `DELETE FROM ${rows} WHERE scope = ? AND epoch > ? AND epoch <= ? AND record IS NULL`,
      [id, from, to],
      true,
    ),
  );
}

/** Removes a scope and its rows; whoever still writes there finds it gone. */
export async function removeScope(client: JdbcClient, { rows, scopes }: StateTables, id: number): Promise<void> {
  await client.transaction("removing the state of a former attempt", async (statement) => {
    await statement(`DELETE FROM ${scopes} WHERE id = ?`, [id]);
    await statement(`DELETE FROM ${rows} WHERE scope = ?`, [id], true);
  });
}

/** Removes what former attempts of the run had for this subtask, or for one that there is no more. */
export async function removeFormerScopes(
  client: JdbcClient,
  tables: StateTables,
  { id }: Scope,
  { run: { job, run }, subtask, parallelism }: BackendContext,
): Promise<void> {
  const { rows } = await client.reading("looking for the state of former attempts", async (statement) =>
    statement(`SELECT id, subtask FROM ${tables.scopes} WHERE job = ? AND run = ? AND id < ?`, [
      word(job),
      word(run),
      id,
    ]),
  );
  for (const row of rows) {
    const former = numberOf(row, "subtask");
    if (former === subtask || (subtask === 0 && former >= parallelism))
      await removeScope(client, tables, numberOf(row, "id"));
  }
}
