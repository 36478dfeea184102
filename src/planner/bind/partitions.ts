import { SqlError } from "../../base/errors.ts";
import type { CatalogPartition, ObjectPath } from "../../catalog/table.ts";
import type { AlterTableAction, PartitionSpecNode } from "../../parser/index.ts";
import type { TableDraft } from "./table-draft.ts";

type Added = Extract<AlterTableAction, { action: "ADD PARTITION" }>;
type Dropped = Extract<AlterTableAction, { action: "DROP PARTITION" }>;

/** ADD PARTITION: the catalog takes note of it; files come with INSERT. */
export function addPartitions(draft: TableDraft, change: Added, path: ObjectPath): TableDraft {
  const partitions = [...(draft.partitions ?? [])];
  for (const { spec, options } of change.partitions) {
    const values = fullSpec(draft, spec, path);
    if (partitions.some((p) => sameValues(p.values, values))) {
      if (change.ifNotExists) continue;
      throw new SqlError(
        "INVALID_QUERY",
        `Partition ${partitionText(values)} of table '${path.object}' already exists`,
        {
          span: spec.span,
          hint: "use ADD IF NOT EXISTS PARTITION",
        },
      );
    }
    partitions.push({ values, options: new Map(options.map((o) => [o.key, o.value])) });
  }
  return { ...draft, partitions };
}

/** DROP PARTITION: the catalog forgets it. */
export function dropPartitions(draft: TableDraft, change: Dropped, path: ObjectPath): TableDraft {
  let partitions = draft.partitions ?? [];
  for (const spec of change.partitions) {
    const values = fullSpec(draft, spec, path);
    const rest = partitions.filter((p) => !sameValues(p.values, values));
    if (rest.length === partitions.length && !change.ifExists) {
      throw new SqlError(
        "INVALID_QUERY",
        `Partition ${partitionText(values)} of table '${path.object}' does not exist`,
        {
          span: spec.span,
          hint: "use DROP IF EXISTS PARTITION",
        },
      );
    }
    partitions = rest;
  }
  return { ...draft, partitions };
}

/** The partitions of a table that a (partial) specification means, as SHOW PARTITIONS prints them. */
export function partitionNames(
  table: {
    readonly path: ObjectPath;
    readonly partitionKeys: readonly string[];
    readonly partitions?: readonly CatalogPartition[] | undefined;
  },
  spec: PartitionSpecNode | undefined,
): readonly string[] {
  checkPartitioned(table.partitionKeys, table.path, spec);
  const wanted = spec === undefined ? [] : spec.values.map((v) => [v.column.name, v.value] as const);
  for (const { column } of spec?.values ?? []) {
    if (!table.partitionKeys.includes(column.name))
      throw mismatch(spec as PartitionSpecNode, table.partitionKeys, table.path);
  }
  return (table.partitions ?? [])
    .filter((p) => wanted.every(([key, value]) => p.values.get(key) === value))
    .map((p) => partitionText(p.values));
}

function fullSpec(draft: TableDraft, spec: PartitionSpecNode, path: ObjectPath): ReadonlyMap<string, string> {
  const keys = draft.partitionKeys.map((k) => k.name);
  checkPartitioned(keys, path, spec);
  const given = new Map(spec.values.map((v) => [v.column.name, v.value]));
  if (given.size !== keys.length || keys.some((key) => !given.has(key))) throw mismatch(spec, keys, path);
  return given;
}

function checkPartitioned(keys: readonly string[], path: ObjectPath, spec: PartitionSpecNode | undefined): void {
  if (keys.length > 0) return;
  throw new SqlError(
    "PLANNING",
    `Table ${path.database}.${path.object} in catalog ${path.catalog} is not partitioned.`,
    { span: spec?.span },
  );
}

function mismatch(spec: PartitionSpecNode, keys: readonly string[], path: ObjectPath): SqlError {
  const given = spec.values.map((v) => `${v.column.name}=${v.value}`).join(", ");
  return new SqlError(
    "PLANNING",
    `The partition (${given}) does not match the partition keys [${keys.join(", ")}] of table ${path.database}.${path.object} in catalog ${path.catalog}.`,
    { span: spec.span },
  );
}

function sameValues(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** `b=x/c=y` */
function partitionText(values: ReadonlyMap<string, string>): string {
  return [...values].map(([key, value]) => `${key}=${value}`).join("/");
}
