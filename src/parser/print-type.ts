import type { SimpleType, TypeNode } from "./ast/type.ts";
import { quote, quoteString } from "./print-context.ts";

const UNBOUNDED = 2147483647;

/** A type as SHOW CREATE TABLE writes it: ``ROW<`a` INT NOT NULL, `b` VARCHAR(2147483647)>``. */
export function printType(type: TypeNode): string {
  return printNested(type, printType, printSimple(type), "");
}

/** A type as it stands in a printed CAST: ``ROW< `a` INTEGER NOT NULL, `b` STRING >``. */
export function printCastType(type: TypeNode): string {
  return printNested(type, printCastType, printCastSimple(type), " ");
}

function printNested(type: TypeNode, inner: (type: TypeNode) => string, simple: string, pad: string): string {
  const nullability = type.notNull ? " NOT NULL" : "";
  const angle = (name: string, content: string): string => `${name}<${pad}${content}${pad}>${nullability}`;
  switch (type.kind) {
    case "SimpleType":
      return simple + nullability;
    case "CollectionType":
      return angle(type.collection, inner(type.element));
    case "MapType":
      return angle("MAP", `${inner(type.key)}, ${inner(type.value)}`);
    case "RowType": {
      const fields = type.fields.map((field) => {
        const comment = field.comment === undefined ? "" : ` ${quoteString(field.comment)}`;
        return `${quote(field.name.name)} ${inner(field.type)}${comment}`;
      });
      return fields.length === 0 ? `ROW<>${nullability}` : angle("ROW", fields.join(", "));
    }
  }
}

function printSimple(type: TypeNode): string {
  if (type.kind !== "SimpleType") return "";
  const [first, second] = type.args;
  switch (type.name) {
    case "TIMESTAMP_LTZ":
      return `TIMESTAMP${printArgs(type)} WITH LOCAL TIME ZONE`;
    case "INTERVAL_YEAR_MONTH":
      return `INTERVAL YEAR${printArgs(type)} TO MONTH`;
    case "INTERVAL_DAY_TIME":
      return first === undefined ? "INTERVAL DAY TO SECOND" : `INTERVAL DAY(${first}) TO SECOND(${second ?? 6})`;
    default:
      return type.name + printArgs(type);
  }
}

function printCastSimple(type: TypeNode): string {
  if (type.kind !== "SimpleType") return "";
  switch (type.name) {
    case "INT":
      return "INTEGER";
    case "TIMESTAMP_LTZ":
      return `TIMESTAMP_LTZ${printArgs(type)}`;
    case "VARCHAR":
      return type.args[0] === UNBOUNDED ? "STRING" : printSimple(type);
    case "VARBINARY":
      return type.args[0] === UNBOUNDED ? "BYTES" : printSimple(type);
    default:
      return printSimple(type);
  }
}

function printArgs(type: SimpleType): string {
  return type.args.length === 0 ? "" : `(${type.args.join(", ")})`;
}
