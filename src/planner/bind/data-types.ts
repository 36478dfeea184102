import { SqlError } from "../../base/errors.ts";
import type { TypeNode } from "../../parser/index.ts";
import { MAX_LENGTH, T, type DataType } from "../../types/data-type.ts";

/** The type that a type as written means, with Flink's defaults. Throws INVALID_LITERAL for lengths out of range. */
export function bindType(node: TypeNode): DataType {
  const nullable = !node.notNull;
  switch (node.kind) {
    case "CollectionType":
      return { kind: node.collection, element: bindType(node.element), nullable };
    case "MapType":
      return T.map(bindType(node.key), bindType(node.value), nullable);
    case "RowType": {
      const seen = new Set<string>();
      for (const { name } of node.fields) {
        if (seen.has(name.name))
          throw new SqlError("DUPLICATE_COLUMN", `Field names must be unique. Found duplicate: '${name.name}'`, {
            span: name.span,
          });
        seen.add(name.name);
      }
      return T.row(
        node.fields.map((f) => ({ name: f.name.name, type: bindType(f.type), comment: f.comment })),
        nullable,
      );
    }
    case "SimpleType": {
      const [first, second] = node.args;
      const inRange = (value: number, low: number, high: number): number => {
        if (value >= low && value <= high) return value;
        throw new SqlError("INVALID_LITERAL", `${value} is not between ${low} and ${high} for ${node.name}`, {
          span: node.span,
        });
      };
      switch (node.name) {
        case "CHAR":
        case "BINARY":
          return { kind: node.name, length: inRange(first ?? 1, 1, MAX_LENGTH), nullable };
        case "VARCHAR":
        case "VARBINARY":
          return { kind: node.name, length: inRange(first ?? MAX_LENGTH, 1, MAX_LENGTH), nullable };
        case "DECIMAL": {
          const precision = inRange(first ?? 10, 1, 38);
          return T.decimal(precision, inRange(second ?? 0, 0, precision), nullable);
        }
        case "TIME":
          return T.time(inRange(first ?? 0, 0, 9), nullable);
        case "TIMESTAMP":
        case "TIMESTAMP_LTZ":
          return { kind: node.name, precision: inRange(first ?? 6, 0, 9), nullable };
        default:
          return { kind: node.name, nullable };
      }
    }
  }
}
