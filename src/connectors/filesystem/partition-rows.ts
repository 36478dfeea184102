import type { Column } from "../../batch/column.ts";
import { reader } from "../../batch/get.ts";
import type { Field } from "../../types/data-type.ts";
import { escapePartition, partitionText, type PartitionTexts } from "./partition-value.ts";

/** The rows of a batch that go into one partition. */
export interface PartitionRows {
  /** `k1=v1/k2=v2`, escaped. */
  readonly directory: string;
  readonly partition: PartitionTexts;
  /** Undefined: every row of the batch. */
  readonly rows: Int32Array | undefined;
  readonly count: number;
}

/** Divides the rows of a batch by their partition columns, in order of first appearance. */
export function partitionRows(
  columns: readonly Column[],
  fields: readonly Field[],
  rowCount: number,
  defaultName: string,
): PartitionRows[] {
  const texts = columns.map((column, i) => textReader(column, fields[i]!));
  const indexes = new Map<string, number>();
  const partitions: { directory: string; partition: PartitionTexts; count: number }[] = [];
  const target = new Int32Array(rowCount);
  let lastKey: string | undefined;
  let last = 0;
  for (let row = 0; row < rowCount; row++) {
    let key = "";
    for (const text of texts) key += `${text(row) ?? ""}\0`;
    if (key !== lastKey) {
      const found = indexes.get(key);
      last = found ?? partitions.length;
      if (found === undefined) {
        indexes.set(key, last);
        partitions.push({
          ...directoryOf(
            texts.map((text) => text(row)),
            fields,
            defaultName,
          ),
          count: 0,
        });
      }
      lastKey = key;
    }
    target[row] = last;
    partitions[last]!.count += 1;
  }
  if (partitions.length === 1) return partitions.map((partition) => ({ ...partition, rows: undefined }));
  const filled = new Int32Array(partitions.length);
  const rows = partitions.map(({ count }) => new Int32Array(count));
  for (let row = 0; row < rowCount; row++) {
    const index = target[row]!;
    rows[index]![filled[index]!++] = row;
  }
  return partitions.map((partition, i) => ({ ...partition, rows: rows[i] }));
}

/** The text of a row's value; null for NULL and for the empty text, which both go into the default partition. */
function textReader(column: Column, field: Field): (row: number) => string | null {
  const read = reader(column, field.type);
  return (row) => {
    const value = read(row);
    const text = value === null ? "" : partitionText(value, field.type);
    return text === "" ? null : text;
  };
}

function directoryOf(
  texts: readonly (string | null)[],
  fields: readonly Field[],
  defaultName: string,
): { directory: string; partition: PartitionTexts } {
  const partition: Record<string, string | null> = {};
  const parts = fields.map(({ name }, i) => {
    const text = texts[i] ?? null;
    partition[name] = text;
    return `${escapePartition(name)}=${escapePartition(text ?? defaultName)}`;
  });
  return { directory: parts.join("/"), partition };
}
