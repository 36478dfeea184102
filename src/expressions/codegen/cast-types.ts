import { isInteger, storageOf, type DataType } from "../../types/data-type.ts";
import type { CallExpr } from "../expr.ts";

/** True for casts of integers to texts that hold all their digits: the digits are written as bytes. */
export function castsToBytes(call: CallExpr): boolean {
  const from = call.args[0]!.type;
  return isInteger(from) && call.type.kind === "VARCHAR" && call.type.length >= 20;
}

/** True when every value of `from` has the same Value form in `to`. */
export function keepsValues(from: DataType, to: DataType): boolean {
  switch (to.kind) {
    case "SMALLINT":
      return from.kind === "TINYINT" || from.kind === "SMALLINT";
    case "INT":
      return from.kind === "TINYINT" || from.kind === "SMALLINT" || from.kind === "INT";
    case "DOUBLE":
      return from.kind === "FLOAT" || from.kind === "DOUBLE";
    case "DECIMAL":
      if (from.kind === "BIGINT") return to.scale === 0 && to.precision >= 19;
      return from.kind === "DECIMAL" && from.scale === to.scale && from.precision <= to.precision;
    case "CHAR":
    case "BINARY":
      return from.kind === to.kind && from.length === to.length;
    case "VARCHAR":
      return (from.kind === "CHAR" || from.kind === "VARCHAR") && from.length <= to.length;
    case "VARBINARY":
      return (from.kind === "BINARY" || from.kind === "VARBINARY") && from.length <= to.length;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return from.kind === to.kind && from.precision <= to.precision && storageOf(from) === storageOf(to);
    case "TIME":
    case "ARRAY":
    case "MAP":
    case "MULTISET":
    case "ROW":
    case "NULL":
      return false;
    default:
      return from.kind === to.kind;
  }
}
