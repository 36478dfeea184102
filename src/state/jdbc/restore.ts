import { must } from "../../base/assert.ts";
import type { JdbcClient } from "../../storage/jdbc/client.ts";
import type { BackendContext } from "../backend.ts";
import { importSnapshots } from "../rocksdb/import.ts";
import { rangeOfGroups, tableRange } from "../rocksdb/key-layout.ts";
import type { OperatorManifest, StoredRows } from "../rocksdb/manifest.ts";
import type { RecordWriter } from "../rocksdb/record-writer.ts";
import { readStates, sameRange, sharedRange } from "../rocksdb/restored-records.ts";
import { sliceEnds } from "../rocksdb/slice-ends.ts";
import type { TableRegistry } from "../rocksdb/table-registry.ts";
import { RowReading, type RowStore } from "./row-store.ts";
import { holdStored, type StateTables } from "./scopes.ts";

interface Restoring {
  readonly context: BackendContext;
  readonly client: JdbcClient;
  readonly tables: StateTables;
  readonly store: RowStore;
  readonly writer: RecordWriter;
  readonly registry: TableRegistry;
}

/** Rows that become rows of the new scope. */
interface CopiedRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Number of the table in the new scope; undefined: as it was. */
  readonly number: number | undefined;
}

/**
 * Fills a new scope with what a checkpoint or savepoint of any backend holds for this thread. Rows are copied inside of the
 * database: the former ones stay as they are, for whoever else may begin with the checkpoint.
 */
export async function restoreRows(restoring: Restoring): Promise<void> {
  const { context, registry, writer } = restoring;
  const found = await readStates("jdbc", context);
  const own = found.carriers.length === 1 && sameRange(found.carriers[0]!.manifest.keyGroups, context.keyGroups);
  const only = own && found.canonical.size === 0;
  for (const manifest of found.manifests) {
    for (const table of manifest.tables) registry.restore(manifest.operatorId, table, only);
    registry.restoreNumbers(manifest.operatorId, manifest.numbers);
  }
  for (const { manifest } of found.carriers) {
    const stored = must(manifest.rows, "rows of a database");
    if (only)
      await copy(restoring, stored, [{ from: Uint8Array.of(0), to: Uint8Array.of(0xff, 0xff), number: undefined }]);
    else await copy(restoring, stored, await rangesOf(restoring, manifest, stored, found.manifests));
  }
  for (const [operatorId, files] of found.canonical)
    await importSnapshots(operatorId, files, { context, registry, writer });
  await writer.flush();
}

/** The ranges of the key groups that this thread takes over in the rows of a former subtask. */
async function rangesOf(
  { context, client, tables, registry }: Restoring,
  { subtask: former, keyGroups }: OperatorManifest,
  { scope, epoch }: StoredRows,
  manifests: readonly OperatorManifest[],
): Promise<CopiedRange[]> {
  const groups = sharedRange(keyGroups, context.keyGroups);
  if (groups === undefined) return [];
  const reading = new RowReading(client, tables, scope, () => epoch);
  const ranges: CopiedRange[] = [];
  for (const { operatorId, subtask, tables: states } of manifests) {
    if (subtask !== former) continue;
    for (const table of states) {
      const number = registry.restore(operatorId, table, false);
      const ends: (number | undefined)[] = [];
      if (table.schema.kind === "slices") for await (const end of sliceEnds(reading, table.number)) ends.push(end);
      else ends.push(undefined);
      for (const end of ends) {
        const [from, to] = rangeOfGroups(table.number, end, groups);
        ranges.push({ from, to, number });
      }
    }
  }
  return ranges;
}

async function copy(
  { context, client, tables, store }: Restoring,
  stored: StoredRows,
  ranges: readonly CopiedRange[],
): Promise<void> {
  const { dialect, settings } = client;
  const where = { checkpoint: must(context.restore, "checkpoint").location, database: settings.name };
  const later = `SELECT 1 FROM ${tables.rows} l WHERE l.scope = r.scope AND l.record_key = r.record_key AND l.epoch > r.epoch AND l.epoch <= ?`;
  await client.transaction("restoring state", async (statement) => {
    await holdStored(statement, tables, stored, where);
    for (const { from, to, number } of ranges) {
      const key =
        number === undefined
          ? "r.record_key"
          : dialect.concat(dialect.bytesValue, dialect.substring("r.record_key", 3));
      await statement(
        `INSERT INTO ${tables.rows} (scope, record_key, epoch, record) SELECT ${store.scope.id}, ${key}, 0, r.record FROM ${tables.rows} r WHERE r.scope = ? AND r.record_key >= ? AND r.record_key < ? AND r.epoch <= ? AND r.record IS NOT NULL AND NOT EXISTS (${later}) ${dialect.upsert(["scope", "record_key", "epoch"], ["record"])}`,
        [...(number === undefined ? [] : [tableRange(number)[0]]), stored.scope, from, to, stored.epoch, stored.epoch],
        true,
      );
    }
  });
}
