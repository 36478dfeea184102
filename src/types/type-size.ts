import type { DataType } from "./data-type.ts";

/** What a text or a list is taken for when its type does not say how long it is. */
const TEXT_BYTES = 24;
const LIST_ELEMENTS = 4;

/**
 * Bytes of one value of a type, for estimates (`snapshot size = number of elements × size of type`, data rates). Fixed
 * types are exact; texts count 24 bytes, or their declared length when that is less; collections count four elements.
 */
export function typeBytes(type: DataType): number {
  switch (type.kind) {
    case "NULL":
      return 0;
    case "BOOLEAN":
    case "TINYINT":
      return 1;
    case "SMALLINT":
      return 2;
    case "INT":
    case "FLOAT":
    case "DATE":
    case "TIME":
    case "INTERVAL_YEAR_MONTH":
      return 4;
    case "BIGINT":
    case "DOUBLE":
    case "INTERVAL_DAY_TIME":
      return 8;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return type.precision <= 3 ? 8 : 16;
    case "DECIMAL":
      return type.precision <= 18 ? 8 : 16;
    case "CHAR":
    case "BINARY":
      return type.length;
    case "VARIANT":
      return TEXT_BYTES;
    case "VARCHAR":
    case "VARBINARY":
      return Math.min(type.length, TEXT_BYTES);
    case "ARRAY":
    case "MULTISET":
      return LIST_ELEMENTS * typeBytes(type.element);
    case "MAP":
      return LIST_ELEMENTS * (typeBytes(type.key) + typeBytes(type.value));
    case "ROW":
      return type.fields.reduce((sum, field) => sum + typeBytes(field.type), 0);
  }
}
