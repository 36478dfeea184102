import { isText, T, type DataType, type Value } from "../../types/data-type.ts";
import { decimalText } from "../../types/decimal.ts";
import { printTextOf } from "../../types/value-text.ts";
import { floatText } from "../../types/double-text.ts";
import { scalar, type ScalarFunction } from "../define.ts";
import { compileJavaFormat, type FormatArgument } from "./java-format.ts";
import { typesOf } from "./shared.ts";

/** How a value of the type goes into a format, by the object that Flink has for it; `undefined`: it has no text. */
function argumentOf(type: DataType): ((value: Value) => FormatArgument) | undefined {
  const integer = (bits: 8 | 16 | 32 | 64) => (value: Value) => ({
    kind: "integer" as const,
    value: BigInt(value as number | bigint),
    bits,
  });
  switch (type.kind) {
    case "TINYINT":
      return integer(8);
    case "SMALLINT":
      return integer(16);
    case "INT":
    case "DATE":
    case "TIME":
    case "INTERVAL_YEAR_MONTH":
      return integer(32);
    case "BIGINT":
    case "INTERVAL_DAY_TIME":
      return integer(64);
    case "DOUBLE":
      return (value) => ({ kind: "double", value: value as number });
    case "FLOAT":
      return (value) => ({ kind: "double", value: value as number, text: floatText(value as number) });
    case "BOOLEAN":
      return (value) => ({ kind: "boolean", value: value as boolean });
    case "CHAR":
    case "VARCHAR":
      return (value) => ({ kind: "object", text: value as string });
    case "DECIMAL":
      return (value) => ({ kind: "object", text: decimalText(value as bigint, type.scale) });
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ": {
      const text = printTextOf(T.timestamp(type.precision));
      return (value) => ({ kind: "object", text: text(value) });
    }
    default:
      return undefined;
  }
}

const printf = scalar({
  name: "PRINTF",
  signature: "PRINTF(<CHARACTER> format[, <PLAIN VALUE>, …])",
  resolve: (args) => {
    const [format, ...values] = typesOf(args);
    if (format === undefined || !(isText(format) || format.kind === "NULL")) return undefined;
    if (!values.every((type) => type.kind === "NULL" || argumentOf(type) !== undefined)) return undefined;
    return { type: T.string(), args: [format, ...values].map((type) => (type.kind === "NULL" ? T.string() : type)) };
  },
  nulls: "handled",
  stability: "pure",
  evaluator: (types) => {
    const wraps = types.args.slice(1).map(argumentOf);
    let last: Value | undefined;
    let compiled: ((args: readonly FormatArgument[]) => string | undefined) | undefined;
    return (format, ...values) => {
      if (format === null) return null;
      if (compiled === undefined || format !== last) {
        compiled = compileJavaFormat(format as string);
        last = format;
      }
      return compiled(values.map((value, i) => (value === null ? null : wraps[i]!(value)))) ?? null;
    };
  },
  doc: {
    summary: "The format of Java's String.format with the values put in; NULL when they do not fit it.",
    examples: [
      ["PRINTF('%05d|%-4s|%s', 42, 'ab', TRUE)", "00042|ab  |true"],
      ["PRINTF('%d', 'x')", "NULL"],
    ],
  },
});

/** PRINTF. */
export const printfFunctions: readonly ScalarFunction[] = [printf];
