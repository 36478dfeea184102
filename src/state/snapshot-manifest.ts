import type { Json } from "../base/json.ts";
import { storageOf, type DataType, type Storage } from "../types/data-type.ts";
import type { StateField, TableSpec } from "./api.ts";

/**
 * Version of the snapshot file; readers refuse others. Version 2: every row carries its slot, rows of lists and maps
 * also the slot of their parent and their place in the order of arrival, so that rows of a base and of the increments
 * on it are matched by slot.
 */
export const SNAPSHOT_FORMAT = 2;

/** What a state column is called and how it is stored. Types are without nullability, which does not change what is stored. */
export interface ColumnSchema {
  readonly name: string;
  readonly storage: Storage;
  readonly type: Json;
  /** The values are an operator's own, not of the type (which is that of what they are made of). */
  readonly generic?: true | undefined;
  /** A mask: what each bit means. */
  readonly bits?: readonly string[] | undefined;
}

/** One state of an operator: a table, the slices of a table as one, or what hangs under either. */
export interface PartSchema {
  /** `table`, or `table/child`. */
  readonly name: string;
  readonly kind: "table" | "slices" | "lists" | "map";
  /** Name of the part whose rows these rows hang under. */
  readonly parent?: string | undefined;
  /** The rows belong to slices of time, and say to which: `slices`, and maps under them. */
  readonly sliced?: boolean | undefined;
  readonly keys: readonly ColumnSchema[];
  /** So many leading key columns decide the key group; absent: all. */
  readonly groupKeys?: number | undefined;
  readonly fields: readonly ColumnSchema[];
  /** There is a column of last-write times. */
  readonly ttl: boolean;
}

/** Where the rows of one key group are: bytes of whole Arrow record batches. */
export interface GroupRange {
  readonly keyGroup: number;
  /** From the start of the file. */
  readonly offset: number;
  readonly length: number;
  readonly rows: number;
  readonly batches: number;
  readonly crc32: number;
}

/** Where a list of slots is (see `slot-list.ts`). */
export interface SlotListRange {
  readonly offset: number;
  readonly length: number;
  readonly crc32: number;
}

/** One store of a part in an increment: the table, one slice, or what hangs under one of these. */
export interface UnitManifest {
  /** Of a slice; as text, as numbers are. */
  readonly sliceEnd?: string | undefined;
  /**
   * The slots that were written or freed since the snapshot before: what older files hold at them does not count. Absent:
   * the store is new, and nothing of older files counts.
   */
  readonly changed?: SlotListRange | undefined;
}

/** A part in the file: an Arrow stream, schema first, then the record batches of one key group after another. */
export interface PartManifest extends PartSchema {
  readonly rows: number;
  readonly schemaOffset: number;
  readonly schemaLength: number;
  readonly groups: readonly GroupRange[];
  /** In an increment: all stores of the part. What older files hold of other slices does not count. */
  readonly units?: readonly UnitManifest[] | undefined;
}

/** The index at the end of a snapshot file. */
export interface SnapshotManifest {
  readonly format: number;
  /** Version of the row hash that the key groups come from. */
  readonly hashVersion: number;
  readonly maxParallelism: number;
  /** Name of the chain: a base and the increments on it. */
  readonly chain: string;
  /** 0: a base, complete in itself; n: the n-th increment on it. */
  readonly position: number;
  readonly parts: readonly PartManifest[];
  /** Numbers without a key, by name; as text, since some are infinite. */
  readonly numbers: { readonly [name: string]: string };
}

/**
 * Columns of the file that are not the operator's: slice end, slot, slot of the parent and order of arrival first,
 * last-write time at the end. The slot is there because rows lie by key group, and a restored table goes on in the order
 * that it had.
 */
const SLICE_END: ColumnSchema = { name: "$slice_end", storage: "f64", type: { kind: "DOUBLE" } };
const SLOT: ColumnSchema = { name: "$slot", storage: "i32", type: { kind: "INT" } };
const PARENT: ColumnSchema = { name: "$parent", storage: "i32", type: { kind: "INT" } };
const SEQUENCE: ColumnSchema = { name: "$sequence", storage: "f64", type: { kind: "DOUBLE" } };
const LAST_WRITE: ColumnSchema = { name: "$last_write", storage: "f64", type: { kind: "DOUBLE" } };

/** All columns of a part's file, in order. */
export function fileColumns(part: PartSchema): ColumnSchema[] {
  return [...leadColumns(part), ...part.keys, ...part.fields, ...(part.ttl ? [LAST_WRITE] : [])];
}

/** Columns of the file before the keys. */
export function leadColumns(part: Pick<PartSchema, "kind" | "sliced">): readonly ColumnSchema[] {
  const own = part.kind === "lists" || part.kind === "map" ? [SLOT, PARENT, SEQUENCE] : [SLOT];
  return part.sliced === true ? [SLICE_END, ...own] : own;
}

/** Where the slot stands among the columns of the file; parent and sequence follow it, the slice end precedes it. */
export function slotColumn(part: Pick<PartSchema, "sliced">): number {
  return part.sliced === true ? 1 : 0;
}

export function keySchemas(keys: TableSpec["keys"]): ColumnSchema[] {
  return keys.map(({ name, type }) => ({ name, storage: storageOf(type), type: storedType(type) }));
}

export function fieldSchemas(fields: readonly StateField[]): ColumnSchema[] {
  return fields.map(({ name, type, storage, bits }) => ({
    name,
    storage: storage ?? storageOf(type),
    type: storedType(type),
    ...(storage === undefined ? {} : { generic: true }),
    ...(bits === undefined ? {} : { bits }),
  }));
}

/** The type as JSON without nullability, time attribute and comments. */
function storedType(type: DataType): Json {
  return JSON.parse(JSON.stringify(type, (key, value: unknown) => (IGNORED.has(key) ? undefined : value))) as Json;
}

const IGNORED: ReadonlySet<string> = new Set(["nullable", "timeAttribute", "computedFrom", "comment"]);
