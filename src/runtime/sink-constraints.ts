import { SqlError } from "../base/errors.ts";
import { columnOf } from "../batch/column-builder.ts";
import type { Column } from "../batch/column.ts";
import { valueAt } from "../batch/get.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { takeBatch } from "../batch/take.ts";
import type { DataType, SqlMap, Value } from "../types/data-type.ts";
import { typeText } from "../types/type-text.ts";
import type { SinkSpec } from "./spec.ts";

/** A value as the table takes it. Throws for one that it refuses; `DROPPED`: its row goes. */
type Fit = (value: Value, path: string) => Value | typeof DROPPED;

const DROPPED = Symbol("dropped");

type Limited = DataType & { readonly kind: "CHAR" | "VARCHAR" | "BINARY" | "VARBINARY"; readonly length: number };

/** NOT NULL and lengths of a table's columns, over the batches that are written into it. Undefined: it has none. */
export function sinkConstraints(spec: SinkSpec): ((batch: RecordBatch) => RecordBatch) | undefined {
  const inside = fitsInside(spec);
  const lengths = spec.lengthMode === "ignore" ? [] : spec.fields.flatMap((f, i) => (isLimited(f.type) ? [i] : []));
  if (spec.notNull.length === 0 && lengths.length === 0 && inside.length === 0) return undefined;
  return (batch) => {
    const rows = withoutNulls(spec, batch);
    return fitInside(spec, inside, lengths.length === 0 ? rows : fitLengths(spec, lengths, rows));
  };
}

function withoutNulls(spec: SinkSpec, batch: RecordBatch): RecordBatch {
  let dropped: Uint8Array | undefined;
  for (const index of spec.notNull) {
    const nulls = batch.columns[index]!.nulls;
    if (nulls === undefined) continue;
    for (let row = 0; row < batch.rowCount; row++) {
      if (nulls[row] !== 1) continue;
      if (spec.notNullMode === "error") throw nullError(spec.fields[index]?.name ?? "");
      dropped ??= new Uint8Array(batch.rowCount);
      dropped[row] = 1;
    }
  }
  return dropped === undefined ? batch : withoutRows(batch, dropped);
}

function withoutRows(batch: RecordBatch, dropped: Uint8Array): RecordBatch {
  const kept = new Int32Array(batch.rowCount);
  let count = 0;
  for (let row = 0; row < batch.rowCount; row++) if (dropped[row] === 0) kept[count++] = row;
  return takeBatch(batch, kept, count);
}

function nullError(path: string): SqlError {
  return new SqlError(
    "NOT_NULL_VIOLATION",
    `Column '${path}' is NOT NULL, however, a null value is being written into it.`,
    { hint: "SET 'table.exec.sink.not-null-enforcer' = 'DROP' drops such rows silently" },
  );
}

function fitLengths(spec: SinkSpec, lengths: readonly number[], batch: RecordBatch): RecordBatch {
  const columns = [...batch.columns];
  for (const index of lengths) {
    const { name, type } = spec.fields[index]!;
    const column = columns[index]!;
    const values: Value[] = [];
    for (let row = 0; row < batch.rowCount; row++)
      values.push(fitLength(valueAt(column, row, type), type as Limited, name, spec.lengthMode));
    columns[index] = columnOf(type, values);
  }
  return { ...batch, columns };
}

/** TRIM_PAD cuts and pads CHAR, VARCHAR, BINARY, VARBINARY; ERROR refuses what does not fit. */
function fitLength(value: Value, type: Limited, path: string, mode: SinkSpec["lengthMode"]): Value {
  if (value === null) return null;
  const fixed = type.kind === "CHAR" || type.kind === "BINARY";
  const length = typeof value === "string" ? [...value].length : (value as Uint8Array).length;
  if (length === type.length || (length < type.length && !fixed)) return value;
  if (mode === "error") {
    const what = typeof value === "string" ? "characters" : "bytes";
    throw new SqlError(
      "VALUE_OUT_OF_RANGE",
      `Column '${path}' is ${typeText({ ...type, nullable: true })}, however, a value of ${length} ${what} is being written into it.`,
      { hint: "SET 'table.exec.sink.type-length-enforcer' = 'TRIM_PAD' cuts and pads silently" },
    );
  }
  if (typeof value === "string")
    return length > type.length
      ? [...value].slice(0, type.length).join("")
      : value.padEnd(value.length + type.length - length);
  const bytes = value as Uint8Array;
  const fitted = new Uint8Array(type.length);
  fitted.set(bytes.subarray(0, type.length));
  return fitted;
}

function isLimited(type: DataType): type is Limited {
  return type.kind === "CHAR" || type.kind === "VARCHAR" || type.kind === "BINARY" || type.kind === "VARBINARY";
}

/** Columns with constraints inside of their values (`table.exec.sink.nested-constraint-enforcer`). */
function fitsInside(spec: SinkSpec): readonly { readonly index: number; readonly fit: Fit }[] {
  const { inside } = spec;
  if (inside === undefined) return [];
  return inside.types.flatMap((type, index) => {
    const fit = isNested(type) ? fitOf(type, spec, inside.collections) : undefined;
    return fit === undefined ? [] : [{ index, fit }];
  });
}

function isNested({ kind }: DataType): boolean {
  return kind === "ROW" || kind === "ARRAY" || kind === "MAP" || kind === "MULTISET";
}

function fitInside(
  spec: SinkSpec,
  inside: readonly { readonly index: number; readonly fit: Fit }[],
  batch: RecordBatch,
): RecordBatch {
  if (inside.length === 0 || batch.rowCount === 0) return batch;
  const dropped = new Uint8Array(batch.rowCount);
  const columns: Column[] = [...batch.columns];
  for (const { index, fit } of inside) {
    const { name, type } = spec.fields[index]!;
    const values: Value[] = [];
    for (let row = 0; row < batch.rowCount; row++) {
      const value = valueAt(columns[index]!, row, type);
      const fitted = value === null ? null : fit(value, name);
      if (fitted === DROPPED) dropped[row] = 1;
      values.push(fitted === DROPPED ? value : fitted);
    }
    columns[index] = columnOf(type, values);
  }
  const fitted = { ...batch, columns };
  return dropped.includes(1) ? withoutRows(fitted, dropped) : fitted;
}

/** Of the value of a column or of a part of one, which is not NULL; undefined: nothing in it is constrained. */
function fitOf(type: DataType, spec: SinkSpec, collections: boolean): Fit | undefined {
  if (isLimited(type)) {
    const mode = spec.lengthMode;
    return mode === "ignore" ? undefined : (value, path) => fitLength(value, type, path, mode);
  }
  if (type.kind === "ROW") {
    const parts = type.fields.map((field) => partOf(field.type, spec, collections));
    if (parts.every((part) => part === undefined)) return undefined;
    return (row, path) =>
      each(row as readonly Value[], (value, i) => parts[i]?.(value, `${path}.${type.fields[i]!.name}`) ?? value);
  }
  if (!collections) return undefined;
  if (type.kind === "ARRAY") {
    const part = partOf(type.element, spec, collections);
    if (part === undefined) return undefined;
    return (list, path) => each(list as readonly Value[], (value, i) => part(value, `${path}[${i}]`));
  }
  if (type.kind !== "MAP" && type.kind !== "MULTISET") return undefined;
  const key = partOf(type.kind === "MAP" ? type.key : type.element, spec, collections);
  const value = type.kind === "MAP" ? partOf(type.value, spec, collections) : undefined;
  if (key === undefined && value === undefined) return undefined;
  return (map, path) =>
    each(map as SqlMap, (entry) =>
      each(
        entry as readonly Value[],
        (part, i) => (i === 0 ? key?.(part, `${path}[key]`) : value?.(part, `${path}[value]`)) ?? part,
      ),
    );
}

/** As `fitOf`, for a part that may be NULL. */
function partOf(type: DataType, spec: SinkSpec, collections: boolean): Fit | undefined {
  const fit = fitOf(type, spec, collections);
  if (type.nullable) return fit && ((value, path) => (value === null ? null : fit(value, path)));
  return (value, path) => {
    if (value !== null) return fit === undefined ? value : fit(value, path);
    if (spec.notNullMode === "error") throw nullError(path);
    return DROPPED;
  };
}

/** The parts as they fit; `DROPPED` when one of them is. */
function each(
  values: readonly Value[],
  fit: (value: Value, index: number) => Value | typeof DROPPED,
): Value | typeof DROPPED {
  const fitted: Value[] = [];
  for (let i = 0; i < values.length; i++) {
    const part = fit(values[i]!, i);
    if (part === DROPPED) return DROPPED;
    fitted.push(part);
  }
  return fitted;
}
