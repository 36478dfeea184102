import { SqlError } from "../../base/errors.ts";
import { canCast, sameType } from "../../types/coerce.ts";
import {
  isBinary,
  isNumeric,
  isText,
  withNullable,
  withoutTimeAttribute,
  type DataType,
  type SqlMap,
  type Value,
} from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import {
  scalar,
  type CallTypes,
  type EmitContext,
  type Evaluator,
  type ScalarFunction,
  type SessionFacts,
} from "../define.ts";
import type { Converter } from "./cast-converter.ts";
import { booleanToNumber, emitNumberCast, numberToNumber, shownValue } from "./cast-number.ts";
import { emitTemporalCast, temporalToTemporal } from "./cast-temporal.ts";
import { fitBytes, fromText, toText } from "./cast-text.ts";

/**
 * The type of `CAST(x AS target)`: nullable where the operand or (for TRY_CAST) anything is. `undefined`: the types do
 * not convert.
 */
export function castResultType(from: DataType, target: DataType, tolerant: boolean): DataType | undefined {
  if (!canCast(from, target)) return undefined;
  return withNullable(target, tolerant || from.nullable);
}

/** Prepares the conversion of values of one type to another; `session` gives the time zone. */
export function castConverter(from: DataType, to: DataType, session: SessionFacts): Converter {
  const converter = prepare(from, to, session);
  if (converter === undefined) {
    throw new SqlError("TYPE_MISMATCH", `Cannot cast ${typeText(from)} to ${typeText(to)}.`);
  }
  return converter;
}

function prepare(from: DataType, to: DataType, session: SessionFacts): Converter | undefined {
  const zone = session.timeZone;
  if (from.kind === "NULL") return () => null;
  if (isIdentity(from, to)) return (value) => value;
  if (to.kind === "CHAR" || to.kind === "VARCHAR") return toText(from, to, session);
  if (isText(from)) return fromText(to, session);
  if (isBinary(from) && (to.kind === "BINARY" || to.kind === "VARBINARY")) {
    const fit = fitBytes(to, session.legacyCast);
    return (value) => fit(value as Uint8Array);
  }
  if (isNumeric(from)) return numberToNumber(from, to);
  switch (from.kind) {
    case "BOOLEAN":
      return booleanToNumber(to);
    case "ARRAY":
    case "MULTISET":
    case "MAP":
    case "ROW":
      return nested(from, to, session);
    default:
      return temporalToTemporal(from, to, zone);
  }
}

/** True when every value of one type is a value of the other as it is. */
function isIdentity(from: DataType, to: DataType): boolean {
  if (sameType(from, to)) return true;
  if ((from.kind === "VARCHAR" || from.kind === "CHAR") && to.kind === "VARCHAR") return to.length >= from.length;
  if ((from.kind === "VARBINARY" || from.kind === "BINARY") && to.kind === "VARBINARY") return to.length >= from.length;
  return false;
}

function nested(from: DataType, to: DataType, session: SessionFacts): Converter | undefined {
  if (from.kind === "ARRAY" && to.kind === "ARRAY") {
    const element = item(from.element, to.element, session);
    return element && ((value) => convertList(value as readonly Value[], () => element));
  }
  if (from.kind === "MULTISET" && to.kind === "MULTISET") {
    return convertEntries(item(from.element, to.element, session), (count) => count);
  }
  if (from.kind === "MAP" && to.kind === "MAP") {
    return convertEntries(item(from.key, to.key, session), item(from.value, to.value, session));
  }
  if (from.kind !== "ROW" || to.kind !== "ROW" || from.fields.length !== to.fields.length) return undefined;
  const fields: Converter[] = [];
  for (const [i, field] of from.fields.entries()) {
    const converter = item(field.type, to.fields[i]!.type, session);
    if (converter === undefined) return undefined;
    fields.push(converter);
  }
  return (value) => convertList(value as readonly Value[], (i) => fields[i]!);
}

function item(from: DataType, to: DataType, session: SessionFacts): Converter | undefined {
  const converter = prepare(from, to, session);
  return converter && ((value) => (value === null ? null : converter(value)));
}

function convertList(values: readonly Value[], converterAt: (index: number) => Converter): Value | undefined {
  const result: Value[] = [];
  for (const [i, value] of values.entries()) {
    const converted = converterAt(i)(value);
    if (converted === undefined) return undefined;
    result.push(converted);
  }
  return result;
}

function convertEntries(key: Converter | undefined, value: Converter | undefined): Converter | undefined {
  if (key === undefined || value === undefined) return undefined;
  return (map) => {
    const result: (readonly [Value, Value])[] = [];
    for (const [k, v] of map as SqlMap) {
      const newKey = key(k);
      const newValue = value(v);
      if (newKey === undefined || newValue === undefined) return undefined;
      result.push([newKey, newValue]);
    }
    return result;
  };
}

function castFailure(value: Value, from: DataType, to: DataType): SqlError {
  const shown = shownValue(value);
  if (isText(from) && isNumeric(to)) {
    return new SqlError("INVALID_CAST", `For input string: '${shown}'. It is not a valid ${typeText(to)}.`, {
      hint: "TRY_CAST gives NULL instead",
    });
  }
  return new SqlError("INVALID_CAST", `Cannot cast '${shown}' to ${typeText(to)}.`, {
    hint: "TRY_CAST gives NULL instead",
  });
}

function evaluateCast(tolerant: boolean, types: CallTypes, session: SessionFacts): Evaluator {
  const from = withoutTimeAttribute(types.args[0]!);
  const to = withoutTimeAttribute(types.result);
  const convert = castConverter(from, to, session);
  if (tolerant || session.legacyCast) return (value) => convert(value) ?? null;
  return (value) => {
    const result = convert(value);
    if (result === undefined) throw castFailure(value, from, to);
    return result;
  };
}

function emitCast(value: string, types: CallTypes, context: EmitContext): string | undefined {
  const from = withoutTimeAttribute(types.args[0]!);
  const to = withoutTimeAttribute(types.result);
  if (isIdentity(from, to)) return value;
  if (isNumeric(from) && isNumeric(to))
    return emitNumberCast(value, from, to, (constant) => context.constant(constant));
  return emitTemporalCast(value, from, to, context.session.timeZone);
}

function cast(
  name: "CAST" | "TRY_CAST",
  summary: string,
  examples: readonly (readonly [string, string])[],
): ScalarFunction {
  const tolerant = name === "TRY_CAST";
  return scalar({
    name,
    signature: `${name}(<ANY> AS <TYPE>)`,
    // The target stands in the call's type, which the binder takes from castResultType.
    resolve: (args) =>
      args.length === 1 ? { type: withNullable(args[0]!.type, tolerant || args[0]!.type.nullable) } : undefined,
    nulls: "propagate",
    stability: "pure",
    evaluator: (types, session) => evaluateCast(tolerant, types, session),
    emit: ([value], types, context) => emitCast(value!, types, context),
    callable: false,
    doc: { summary, examples },
  });
}

/** CAST and TRY_CAST. */
export const castFunctions: readonly ScalarFunction[] = [
  cast("CAST", "Converts to another type; a text that cannot be read is an error.", [
    ["CAST('12.7' AS INT)", "12"],
    ["CAST(300 AS TINYINT)", "44"],
    ["CAST(2.345 AS DECIMAL(6, 2))", "2.35"],
  ]),
  cast("TRY_CAST", "Converts to another type; NULL where the value cannot be converted.", [
    ["TRY_CAST('abc' AS INT)", "NULL"],
    ["TRY_CAST('2024-02-30' AS DATE)", "NULL"],
  ]),
];
