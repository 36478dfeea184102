import { columnOf } from "../../batch/column-builder.ts";
import { valueAt } from "../../batch/get.ts";
import { T } from "../../types/data-type.ts";
import type { KeyedTable, TableSpec } from "../api.ts";
import type { BackendState, OpenStateBackend, StateBackend } from "../backend.ts";
import { opened } from "./test-support.ts";

/** A table of texts by number. */
export const SPEC: TableSpec = {
  name: "t",
  keys: [{ name: "k", type: T.int() }],
  fields: [{ name: "v", type: T.string(), initial: null }],
  ttlMillis: 0,
};

export interface Subject {
  readonly backend: OpenStateBackend;
  readonly handle: BackendState;
  readonly table: KeyedTable;
}

/** Opens a backend with the table as the state of one operator. */
export async function openTable(
  backend: StateBackend,
  folder: string,
  more: Parameters<typeof opened>[2] = {},
  spec: Partial<TableSpec> = {},
): Promise<Subject> {
  const open = await opened(backend, folder, more);
  const handle = open.operatorState("op");
  return { backend: open, handle, table: handle.state.table({ ...SPEC, ...spec }) };
}

/** Asks for keys as a batch does. */
export async function near({ handle, table }: Subject, keys: readonly number[]): Promise<Int32Array> {
  await handle.state.makeRoom();
  const columns = [columnOf(T.int(), keys)];
  await table.load(columns, undefined, keys.length);
  const slots = new Int32Array(keys.length);
  await table.find(columns, undefined, keys.length, slots);
  return slots;
}

export async function write(subject: Subject, keys: readonly number[], text: (key: number) => string): Promise<void> {
  await near(subject, keys);
  const slots = new Int32Array(keys.length);
  await subject.table.prepare([columnOf(T.int(), keys)], undefined, keys.length, slots);
  subject.table.touch(slots, keys.length);
  keys.forEach((key, i) => {
    const bytes = Buffer.from(text(key));
    const column = subject.table.columns[0]!;
    if (column.storage === "bytes") column.setBytes(slots[i]!, bytes, 0, bytes.length);
  });
}

export async function read(subject: Subject, keys: readonly number[]): Promise<unknown[]> {
  const slots = await near(subject, keys);
  return Array.from(slots, (slot) =>
    slot < 0 ? undefined : valueAt(subject.table.gather(Int32Array.of(slot), 1)[0]!, 0, T.string()),
  );
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
