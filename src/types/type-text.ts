import { MAX_LENGTH, shownTimeAttribute, type DataType } from "./data-type.ts";

export interface TypeTextOptions {
  /** Append ` NOT NULL` where it applies (inner types always show it). */
  readonly withNullability?: boolean | undefined;
}

/**
 * The short text of a type, as DESCRIBE, TYPEOF and result columns show it: `STRING`, `DECIMAL(10, 2)`,
 * ``ROW<`x` INT NOT NULL>``, `TIMESTAMP(3) *ROWTIME*`. TIME is always `TIME(0)`, an interval `INTERVAL MONTH` or `INTERVAL SECOND(3)`.
 */
export function typeText(type: DataType, options: TypeTextOptions = {}): string {
  return `${shortText(type)}${options.withNullability === true && !type.nullable ? " NOT NULL" : ""}`;
}

/** The full text of a type, as SHOW CREATE TABLE prints it: `VARCHAR(2147483647)`, `TIMESTAMP(3) WITH LOCAL TIME ZONE`. */
export function fullTypeText(type: DataType): string {
  const text = fullText(type);
  return type.nullable ? text : `${text} NOT NULL`;
}

function shortText(type: DataType): string {
  switch (type.kind) {
    case "VARCHAR":
      return type.length === MAX_LENGTH ? "STRING" : `VARCHAR(${type.length})`;
    case "VARBINARY":
      return type.length === MAX_LENGTH ? "BYTES" : `VARBINARY(${type.length})`;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ": {
      const attribute = shownTimeAttribute(type);
      return `${type.kind}(${type.precision})${attribute === undefined ? "" : ` *${attribute.toUpperCase()}*`}`;
    }
    default:
      return nestedText(type, (inner) => typeText(inner, { withNullability: true }));
  }
}

function fullText(type: DataType): string {
  switch (type.kind) {
    case "VARCHAR":
    case "VARBINARY":
      return `${type.kind}(${type.length})`;
    case "TIMESTAMP":
      return `TIMESTAMP(${type.precision})`;
    case "TIMESTAMP_LTZ":
      return `TIMESTAMP(${type.precision}) WITH LOCAL TIME ZONE`;
    default:
      return nestedText(type, fullTypeText);
  }
}

function nestedText(type: DataType, inner: (type: DataType) => string): string {
  switch (type.kind) {
    case "CHAR":
    case "BINARY":
      return `${type.kind}(${type.length})`;
    case "DECIMAL":
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case "TIME":
      return "TIME(0)";
    case "INTERVAL_YEAR_MONTH":
      return "INTERVAL MONTH";
    case "INTERVAL_DAY_TIME":
      return "INTERVAL SECOND(3)";
    case "ARRAY":
    case "MULTISET":
      return `${type.kind}<${inner(type.element)}>`;
    case "MAP":
      return `MAP<${inner(type.key)}, ${inner(type.value)}>`;
    case "ROW":
      return `ROW<${type.fields.map((f) => `${quoteName(f.name)} ${inner(f.type)}`).join(", ")}>`;
    default:
      return type.kind;
  }
}

function quoteName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
