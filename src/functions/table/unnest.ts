import { T, type DataType, type Field, type SqlMap, type Value } from "../../types/data-type.ts";
import type { TableEvaluator, TableFunction } from "../define.ts";

/**
 * The items of an ARRAY, MAP or MULTISET as rows. Fields of items that are rows become columns, and as in Flink such an
 * item that is NULL gives no row. A collection that is NULL gives no rows.
 */
export const unnest: TableFunction = {
  name: "UNNEST",
  signature: "UNNEST(<ARRAY> | <MAP> | <MULTISET>)",
  resolve([arg, ...others]) {
    const columns = arg === undefined || others.length > 0 ? undefined : columnsOf(arg.type);
    return columns === undefined ? undefined : { columns };
  },
  nulls: "propagate",
  evaluator: ({ args }) => evaluatorOf(args[0]!),
};

function columnsOf(type: DataType): readonly Field[] | undefined {
  switch (type.kind) {
    case "ARRAY":
    case "MULTISET":
      return type.element.kind === "ROW" ? type.element.fields : [{ name: "EXPR$0", type: type.element }];
    case "MAP":
      return [
        { name: "KEY", type: type.key },
        { name: "VALUE", type: type.value },
      ];
    default:
      return undefined;
  }
}

function evaluatorOf(type: DataType): TableEvaluator {
  const ofRows = (type.kind === "ARRAY" || type.kind === "MULTISET") && type.element.kind === "ROW";
  switch (type.kind) {
    case "MULTISET":
      return ([collection], rows) => {
        for (const [item, count] of collection as SqlMap)
          for (let i = 0; i < (count as number); i++) {
            if (!ofRows) rows.value(item);
            else if (item !== null) rows.row(item as readonly Value[]);
          }
      };
    case "MAP":
      return ([collection], rows) => {
        for (const entry of collection as SqlMap) rows.row(entry);
      };
    default:
      return ([collection], rows) => {
        for (const item of collection as readonly Value[]) {
          if (!ofRows) rows.value(item);
          else if (item !== null) rows.row(item as readonly Value[]);
        }
      };
  }
}

/** The type of the number that WITH ORDINALITY adds. */
export const ORDINALITY: Field = { name: "ORDINALITY", type: T.int(false) };
