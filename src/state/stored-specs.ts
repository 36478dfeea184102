import { must } from "../base/assert.ts";
import type { DataType } from "../types/data-type.ts";
import type { ChildMapSpec, StateField, TableSpec } from "./api.ts";
import type { ColumnSchema, PartSchema } from "./snapshot-manifest.ts";

const FOR_EVER_MILLIS = Number.MAX_SAFE_INTEGER;

/** Name of a child without that of its table. */
export function childName({ name, parent }: PartSchema): string {
  return name.slice(must(parent, "parent").length + 1);
}

/** A table, declared as it is stored; its rows never expire. */
export function tableSpec(schema: PartSchema): TableSpec {
  return {
    name: schema.name,
    keys: schema.keys.map(column),
    groupKeys: schema.groupKeys,
    fields: fieldsOf(schema),
    ttlMillis: schema.ttl ? FOR_EVER_MILLIS : 0,
  };
}

/** A map under a table or a slice. */
export function childSpec(schema: PartSchema): ChildMapSpec {
  return { name: childName(schema), keys: schema.keys.map(column), fields: fieldsOf(schema) };
}

/** Columns beside the keys; they start as NULL. */
export function fieldsOf({ fields }: PartSchema): StateField[] {
  return fields.map((field): StateField => ({
    ...column(field),
    initial: null,
    ...(field.generic === true ? { storage: "any" } : {}),
    bits: field.bits,
  }));
}

/** A schema holds the type as JSON, without what does not change how it is stored. */
function column({ name, type }: ColumnSchema): { readonly name: string; readonly type: DataType } {
  return { name, type: type as unknown as DataType };
}
