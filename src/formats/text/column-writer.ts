import type { ByteWriter } from "../../base/byte-writer.ts";
import type { Column } from "../../batch/column.ts";
import { readInt128 } from "../../batch/get.ts";
import { encodeUtf8 } from "../../batch/utf8.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import { wordsOf, writeInteger, writeLong } from "./write.ts";

export const TRUE_TEXT = encodeUtf8("true");
export const FALSE_TEXT = encodeUtf8("false");

/** What text formats write each in their own way. */
export interface FieldWriter {
  /** CHAR and VARCHAR, straight from the column's bytes. */
  text(out: ByteWriter, data: Uint8Array, start: number, length: number): void;
  /** A value of any type. */
  value(out: ByteWriter, type: DataType, value: Value): void;
  /** A DECIMAL of at most 18 digits, of a column's memory in 32-bit words; without it, `value` writes those too. */
  readonly decimal?: ((out: ByteWriter, words: Int32Array, row: number, scale: number) => void) | undefined;
}

/** A function that writes the value of a row that is not NULL; numbers and booleans go from the column into the bytes. */
export function columnWriter(
  column: Column,
  type: DataType,
  out: ByteWriter,
  fields: FieldWriter,
): (row: number) => void {
  switch (column.storage) {
    case "bool": {
      const { values } = column;
      return (row) => (values[row] === 0 ? out.copy(FALSE_TEXT, 0, 5) : out.copy(TRUE_TEXT, 0, 4));
    }
    case "i32": {
      const { values } = column;
      if (type.kind !== "DATE" && type.kind !== "TIME") return (row) => writeInteger(out, values[row]!);
      return (row) => fields.value(out, type, values[row]!);
    }
    case "i64": {
      const { values } = column;
      const words = wordsOf(values);
      if (type.kind === "DECIMAL") {
        const { decimal } = fields;
        if (decimal !== undefined) return (row) => decimal(out, words, row, type.scale);
        return (row) => fields.value(out, type, values[row]!);
      }
      return (row) => writeLong(out, words, row);
    }
    case "i128": {
      const { values } = column;
      return (row) => fields.value(out, type, readInt128(values, row));
    }
    case "bytes": {
      const { starts, lengths, data } = column;
      if (type.kind === "CHAR" || type.kind === "VARCHAR")
        return (row) => fields.text(out, data, starts[row]!, lengths[row]!);
      return (row) => fields.value(out, type, data.subarray(starts[row]!, starts[row]! + lengths[row]!));
    }
    case "f64":
    case "any": {
      const { values } = column;
      return (row) => fields.value(out, type, values[row]!);
    }
  }
}
