import { SqlError } from "../base/errors.ts";
import { isBinary, isText, T, type DataType, type SqlMap, type Value } from "../types/data-type.ts";
import { createColumnBuilder } from "./column-builder.ts";
import { valueAt } from "./get.ts";
import type { RecordBatch, WatermarkSteps } from "./record-batch.ts";
import { ROW_KIND_TEXT, type RowKind } from "./row-kind.ts";

/** `["+U", 5n, "abc"]` or, without a kind, `[5n, "abc"]` (an insert). A first text that is a kind is always taken as one. */
export type RowLiteral = readonly Value[];

/**
 * A batch for tests, of row literals or of text with one row a line: `+I 5 abc NULL` (fields divided by blanks) or
 * `-U[5, a b, null]` (divided by commas); without a kind the row is an insert. `NULL`/`null` is NULL, a text in single
 * quotes is taken as it stands. Values in text are read by type: DECIMAL with its point, times as their epoch number,
 * BINARY as hex; nested values only in row literals.
 */
export function batchOf(
  types: readonly DataType[],
  rows: readonly RowLiteral[] | string,
  steps?: WatermarkSteps,
): RecordBatch {
  const parsed = typeof rows === "string" ? parseRows(types, rows) : rows.map((row) => splitKind(types, row));
  const builders = types.map((type) => createColumnBuilder(type, parsed.length));
  const kinds = new Uint8Array(parsed.length);
  parsed.forEach(({ kind, values }, i) => {
    if (values.length !== types.length)
      throw new SqlError("BUG", `row ${i} has ${values.length} values, not ${types.length}`);
    kinds[i] = kind;
    builders.forEach((builder, c) => builder.append(values[c]!));
  });
  return {
    rowCount: parsed.length,
    columns: builders.map((builder) => builder.finish()),
    kinds: kinds.some((kind) => kind !== 0) ? kinds : undefined,
    steps,
  };
}

/** The rows of a batch as Values. */
export function rowsOf(batch: RecordBatch, types: readonly DataType[]): Value[][] {
  return Array.from({ length: batch.rowCount }, (_, row) =>
    batch.columns.map((column, c) => valueAt(column, row, types[c]!)),
  );
}

/** One line a row: `+I[5, abc, NULL]`, values as `batchOf` reads them. */
export function changelogText(batch: RecordBatch, types: readonly DataType[]): string[] {
  return rowsOf(batch, types).map((values, row) => {
    const kind = ROW_KIND_TEXT[batch.kinds?.[row] ?? 0];
    return `${kind}[${values.map((value, c) => showValue(value, types[c]!)).join(", ")}]`;
  });
}

interface ParsedRow {
  readonly kind: RowKind;
  readonly values: readonly Value[];
}

function kindOf(word: Value | undefined): RowKind | undefined {
  const kind = ROW_KIND_TEXT.indexOf(word as (typeof ROW_KIND_TEXT)[number]);
  return kind < 0 ? undefined : (kind as RowKind);
}

function splitKind(types: readonly DataType[], row: RowLiteral): ParsedRow {
  const kind = row.length > types.length ? kindOf(row[0]) : undefined;
  return kind === undefined ? { kind: 0, values: row } : { kind, values: row.slice(1) };
}

function parseRows(types: readonly DataType[], text: string): ParsedRow[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").map((line) => parseRow(types, line));
}

function parseRow(types: readonly DataType[], line: string): ParsedRow {
  const kind = kindOf(line.slice(0, 2));
  const rest = kind === undefined ? line : line.slice(2).trim();
  const bracketed = rest.startsWith("[") && rest.endsWith("]");
  const fields = bracketed ? splitFields(rest.slice(1, -1), ",") : splitFields(rest, " ");
  if (fields.length !== types.length)
    throw new SqlError("BUG", `'${line}' has ${fields.length} fields, not ${types.length}`);
  return { kind: kind ?? 0, values: fields.map((field, c) => parseValue(field, types[c]!)) };
}

/** Splits at the divider, outside quotes; blanks around fields go. */
function splitFields(text: string, divider: string): string[] {
  const fields: string[] = [];
  let field = "";
  let quoted = false;
  for (const character of text) {
    if (character === "'") quoted = !quoted;
    if (character === divider && !quoted) {
      fields.push(field);
      field = "";
    } else {
      field += character;
    }
  }
  fields.push(field);
  const trimmed = fields.map((each) => each.trim());
  return divider === " " ? trimmed.filter((each) => each !== "") : trimmed;
}

function parseValue(field: string, type: DataType): Value {
  if (field === "NULL" || field === "null") return null;
  const text = field.startsWith("'") && field.endsWith("'") && field.length >= 2 ? field.slice(1, -1) : field;
  if (isText(type)) return text;
  if (isBinary(type)) return Uint8Array.from(Buffer.from(text, "hex"));
  switch (type.kind) {
    case "BOOLEAN":
      return text.toLowerCase() === "true";
    case "BIGINT":
      return BigInt(text);
    case "DECIMAL":
      return parseUnscaled(text, type.scale);
    case "FLOAT":
      return Math.fround(Number(text));
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return type.precision <= 3 ? Number(text) : BigInt(text);
    case "ARRAY":
    case "MAP":
    case "MULTISET":
    case "ROW":
      throw new SqlError("BUG", `write a row literal for values of type ${type.kind}`);
    case "VARIANT":
      return text;
    default:
      return Number(text);
  }
}

function parseUnscaled(text: string, scale: number): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(scale, "0").slice(0, scale));
}

function showValue(value: Value, type: DataType): string {
  if (value === null) return "NULL";
  if (type.kind === "DECIMAL") return showUnscaled(value as bigint, type.scale);
  if (isBinary(type)) return Buffer.from(value as Uint8Array).toString("hex");
  switch (type.kind) {
    case "ARRAY":
      return `[${(value as readonly Value[]).map((item) => showValue(item, type.element)).join(", ")}]`;
    case "MULTISET":
      return showEntries(value, type.element, T.int());
    case "MAP":
      return showEntries(value, type.key, type.value);
    case "ROW":
      return `(${(value as readonly Value[]).map((item, i) => showValue(item, type.fields[i]!.type)).join(", ")})`;
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

function showEntries(value: Value, keyType: DataType, valueType: DataType): string {
  const entries = (value as SqlMap).map(([key, item]) => `${showValue(key, keyType)}=${showValue(item, valueType)}`);
  return `{${entries.join(", ")}}`;
}

function showUnscaled(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
