import type { StateFile } from "../../checkpoint/metadata.ts";
import type { SnapshotTarget } from "../../checkpoint/storage.ts";
import type { BackendContext } from "../backend.ts";
import type { KeyGroupRange } from "../restored-state.ts";
import type { Reading } from "./database.ts";
import { tableRange } from "./key-layout.ts";
import type { SharedState } from "./rocks-operator-state.ts";
import { loadRange } from "./scan-records.ts";
import { declarationOf, schemaTables, type SchemaTable } from "./schema-tables.ts";
import { sliceEnds } from "./slice-ends.ts";
import type { TableRecords } from "./table-records.ts";

/** Records of about so many bytes are brought into memory at once. */
export const CHUNK_BYTES = 48 << 20;

/**
 * Writes the state of an operator as the memory backend does, from a picture of the database: one file for each range of
 * key groups that fits into memory.
 */
export async function exportOperator(
  operatorId: string,
  { subtask, keyGroups }: BackendContext,
  { registry, maxParallelism }: SharedState,
  picture: Reading,
  numbers: Readonly<Record<string, string>>,
  target: SnapshotTarget,
): Promise<readonly StateFile[]> {
  const declarations = registry.tablesOf(operatorId).map(declarationOf);
  let bytes = 0;
  for (const { number } of declarations) bytes += await picture.sizeOf(...tableRange(number));
  const files: StateFile[] = [];
  for (const range of chunksOf(keyGroups, Math.ceil(bytes / CHUNK_BYTES))) {
    const { state, tables } = schemaTables(declarations, maxParallelism);
    for (const [name, text] of Object.entries(numbers)) state.number(name, "highest", 0, () => Number(text));
    for (const table of tables) await loadGroups(picture, table, range);
    const frozen = state.freeze();
    if (frozen.isEmpty) {
      frozen.release();
      continue;
    }
    const name = files.length === 0 ? `${operatorId}#${subtask}` : `${operatorId}#${subtask}#${files.length}`;
    files.push(await target.writeFile(name, frozen.write()));
  }
  return files;
}

/** Brings the records of some key groups into memory. */
export async function loadGroups(reading: Reading, table: SchemaTable, { from, to }: KeyGroupRange): Promise<void> {
  const into = async (records: TableRecords): Promise<void> =>
    loadRange(reading, records, [from, to], { quietly: (action) => action(), read: () => undefined });
  if (table.records !== undefined) return into(table.records);
  for await (const end of sliceEnds(reading, table.number)) await into(table.slice(end));
}

/** Cuts a range of key groups into at most so many of about the same width; at least one. */
export function chunksOf({ from, to }: KeyGroupRange, count: number): KeyGroupRange[] {
  const pieces = Math.max(1, Math.min(count, to - from));
  return Array.from({ length: pieces }, (_, i) => ({
    from: from + Math.floor((i * (to - from)) / pieces),
    to: from + Math.floor(((i + 1) * (to - from)) / pieces),
  }));
}
