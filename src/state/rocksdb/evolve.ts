import type { KeyGroupRange } from "../restored-state.ts";
import { readSnapshots } from "../restored-state.ts";
import type { Clock } from "../ttl.ts";
import type { Reading } from "./database.ts";
import { CHUNK_BYTES, chunksOf, loadGroups } from "./export.ts";
import { writeRows } from "./import.ts";
import { tableRange } from "./key-layout.ts";
import type { StoredTable } from "./manifest.ts";
import type { RecordWriter } from "./record-writer.ts";
import { declarationOf, schemaTables, type TableDeclaration } from "./schema-tables.ts";

/** Where the records of a thread lie, and which key groups it has. */
export interface EvolveContext {
  readonly reading: Reading;
  readonly writer: RecordWriter;
  readonly keyGroups: KeyGroupRange;
  readonly maxParallelism: number;
  /** For times to live. */
  readonly clock: Clock;
}

/**
 * Writes the rows of a stored table anew in the form in which a query declares it, under a number of its own, and removes
 * the old ones: some key groups at a time go through memory, as a snapshot of the one form that is restored as the other.
 */
export async function evolveTable(
  stored: StoredTable,
  into: TableDeclaration,
  { reading, writer, keyGroups, maxParallelism, clock }: EvolveContext,
): Promise<void> {
  const old = declarationOf(stored);
  const [first, last] = tableRange(stored.number);
  const bytes = await reading.sizeOf(first, last);
  for (const range of chunksOf(keyGroups, Math.ceil(bytes / CHUNK_BYTES))) {
    const before = schemaTables([old], maxParallelism);
    for (const table of before.tables) await loadGroups(reading, table, range);
    const frozen = before.state.freeze();
    try {
      if (frozen.isEmpty) continue;
      const { bytes: snapshot } = await frozen.toBytes();
      const restored = await readSnapshots([snapshot], range);
      const after = schemaTables([into], maxParallelism, restored, clock);
      for (const table of after.tables) await writeRows(table, writer);
      await writer.flush();
    } finally {
      frozen.release();
    }
  }
  writer.removeRange(first, last);
  await writer.flush();
}
