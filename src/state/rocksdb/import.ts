import type { BackendContext } from "../backend.ts";
import { readManifest, readSnapshots } from "../restored-state.ts";
import type { PartSchema } from "../snapshot-manifest.ts";
import { chunksOf } from "./export.ts";
import type { RecordWriter } from "./record-writer.ts";
import { declarationOf, schemaTables, type SchemaTable } from "./schema-tables.ts";
import type { TableRegistry } from "./table-registry.ts";

/** Bytes of snapshot files that are decoded at once. */
const CHUNK_BYTES = 16 << 20;
const PORTION_BYTES = 4 << 20;

/** Puts the state of an operator from snapshots of the memory backend, or from a savepoint, into the database. */
export async function importSnapshots(
  operatorId: string,
  files: readonly Uint8Array[],
  {
    context,
    registry,
    writer,
  }: { readonly context: BackendContext; readonly registry: TableRegistry; readonly writer: RecordWriter },
): Promise<void> {
  const schemas = new Map<string, PartSchema>();
  for (const bytes of files) {
    const manifest = readManifest(bytes);
    for (const part of manifest.parts) schemas.set(part.name, schemaOf(part));
    registry.restoreNumbers(operatorId, manifest.numbers);
  }
  const declarations = [...schemas.values()]
    .filter(({ parent }) => parent === undefined)
    .map((schema) => {
      const children = [...schemas.values()].filter(({ parent }) => parent === schema.name);
      const number = registry.restore(operatorId, { number: 0, schema, children }, false);
      return declarationOf({ number, schema, children });
    });
  const bytes = files.reduce((sum, file) => sum + file.length, 0);
  for (const range of chunksOf(context.keyGroups, Math.ceil(bytes / CHUNK_BYTES))) {
    const restored = await readSnapshots(files, range);
    const { tables } = schemaTables(declarations, context.maxParallelism, restored);
    for (const table of tables) await writeRows(table, writer);
  }
}

/** Puts all rows of a table that is in memory into the database. */
export async function writeRows(table: SchemaTable, writer: RecordWriter): Promise<void> {
  for (const records of table.records === undefined ? table.slices() : [table.records]) {
    for (const slot of records.table.store.liveSlots()) {
      records.write(slot, writer);
      if (writer.waitingBytes > PORTION_BYTES) await writer.flush();
    }
  }
}

/** What of a part of a file is its declaration. */
function schemaOf({ name, kind, sliced, parent, keys, groupKeys, fields, ttl }: PartSchema): PartSchema {
  return { name, kind, sliced, parent, keys, groupKeys, fields, ttl };
}
