import { SqlError } from "../../base/errors.ts";
import { invalidOption } from "../../base/options.ts";
import { MILLIS_PER_DAY } from "../../types/datetime.ts";
import { fitsPrecision, powerOfTen } from "../../types/decimal.ts";
import { instantToLocal } from "../../types/timezone.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import type { SplittableRandom } from "../splittable-random.ts";
import type { FieldOptions } from "./options.ts";

/** What values depend on besides the options. */
export interface GeneratorContext {
  readonly timeZone: string;
  nowMillis(): number;
}

/** Makes the value of a row: a function of the row number and of the random numbers, which are seeded by the row. */
export type Generator = (row: number, random: SplittableRandom) => Value;

const DEFAULT_TEXT_LENGTH = 100;
const DEFAULT_COLLECTION_LENGTH = 3;
const HEX = "0123456789abcdef";

/** The generator of a column. Throws OPTION_INVALID or UNSUPPORTED when the options do not fit its type. */
export function generatorOf(type: DataType, field: FieldOptions, context: GeneratorContext): Generator {
  if (field.kind === "sequence") return sequence(type, field);
  const { nullRate } = field;
  const make = random(type, field, context);
  if (nullRate === 0) return make;
  return (row, numbers) => (numbers.unit() < nullRate ? null : make(row, numbers));
}

function sequence(type: DataType, field: FieldOptions): Generator {
  field.allow(type, ["kind", "start", "end"]);
  const start = field.bigint("start", undefined);
  switch (type.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "FLOAT":
    case "DOUBLE":
      return (row) => Number(start) + row;
    case "BIGINT":
      return (row) => BigInt.asIntN(64, start + BigInt(row));
    case "DECIMAL": {
      const factor = powerOfTen(type.scale);
      return (row) => {
        const value = (start + BigInt(row)) * factor;
        return fitsPrecision(value, type.precision) ? value : null;
      };
    }
    case "CHAR":
    case "VARCHAR":
      return (row) => String(start + BigInt(row));
    case "BOOLEAN":
    case "BINARY":
    case "VARBINARY":
    case "DATE":
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
    case "INTERVAL_YEAR_MONTH":
    case "INTERVAL_DAY_TIME":
    case "ARRAY":
    case "MAP":
    case "MULTISET":
    case "ROW":
    case "VARIANT":
    case "NULL":
      throw new SqlError("UNSUPPORTED", `a sequence for column '${field.path}' of type ${type.kind}`, {
        hint: "use kind 'random'",
      });
  }
}

const RANGE = ["kind", "min", "max", "null-rate"] as const;

function random(type: DataType, field: FieldOptions, context: GeneratorContext): Generator {
  switch (type.kind) {
    case "BOOLEAN":
      field.allow(type, ["kind", "null-rate"]);
      return (_, numbers) => numbers.below(2) === 1;
    case "TINYINT":
      return integers(type, field, -128, 127);
    case "SMALLINT":
      return integers(type, field, -32768, 32767);
    case "INT":
      return integers(type, field, -2147483648, 2147483647);
    case "BIGINT":
      return longs(type, field);
    case "FLOAT":
    case "DOUBLE":
      return doubles(type, field);
    case "DECIMAL":
      return decimals(type, field);
    case "CHAR":
    case "VARCHAR":
    case "BINARY":
    case "VARBINARY":
      return texts(type, field);
    case "DATE":
      field.allow(type, ["kind", "null-rate"]);
      return () => Math.floor(instantToLocal(context.timeZone, context.nowMillis()) / MILLIS_PER_DAY);
    case "TIME":
      field.allow(type, ["kind", "null-rate"]);
      return () => instantToLocal(context.timeZone, context.nowMillis()) % MILLIS_PER_DAY;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return timestamps(type, field, context);
    case "INTERVAL_YEAR_MONTH":
      return integers(type, field, 0, 120_000);
    case "INTERVAL_DAY_TIME":
      return integers(type, field, 0, 1_000_000_000_000);
    case "ARRAY":
      return collection(type, field, generatorOf(type.element, field.inner("element"), context));
    case "MULTISET": {
      const items = collection(type, field, generatorOf(type.element, field.inner("element"), context));
      return (row, numbers) =>
        distinct((items(row, numbers) as readonly Value[]).map((item) => [item, numbers.below(10) + 1]));
    }
    case "MAP": {
      const key = generatorOf(type.key, field.inner("key"), context);
      const value = generatorOf(type.value, field.inner("value"), context);
      const items = collection(type, field, (row, numbers) => [key(row, numbers), value(row, numbers)]);
      return (row, numbers) => distinct(items(row, numbers) as readonly [Value, Value][]);
    }
    case "ROW": {
      field.allow(type, ["kind", "null-rate"]);
      const fields = type.fields.map((inner) => generatorOf(inner.type, field.inner(inner.name), context));
      return (row, numbers) => fields.map((make) => make(row, numbers));
    }
    case "VARIANT":
      throw new SqlError("UNSUPPORTED", `random values for column '${field.path}' of type VARIANT`, {
        hint: "make a text and use PARSE_JSON",
      });
    case "NULL":
      return () => null;
  }
}

/** Entries with different keys. */
function distinct(entries: readonly [Value, Value][]): readonly [Value, Value][] {
  const seen = new Set<string>();
  return entries.filter(([key]) => {
    const text = JSON.stringify(key, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

function collection(type: DataType, field: FieldOptions, item: Generator): Generator {
  field.allow(type, ["kind", "length", "null-rate"]);
  const length = field.length(DEFAULT_COLLECTION_LENGTH);
  return (row, numbers) => Array.from({ length }, () => item(row, numbers));
}

function checkRange(
  field: FieldOptions,
  min: number | bigint,
  max: number | bigint,
  low: number | bigint,
  high: number | bigint,
): void {
  if (min > max) throw invalidOption(`fields.${field.path}.min`, String(min), `at most the maximum, ${max}`);
  if (min < low)
    throw invalidOption(`fields.${field.path}.min`, String(min), `at least ${low}, the least value of the type`);
  if (max > high)
    throw invalidOption(`fields.${field.path}.max`, String(max), `at most ${high}, the greatest value of the type`);
}

function integers(type: DataType, field: FieldOptions, low: number, high: number): Generator {
  field.allow(type, RANGE);
  const min = Number(field.bigint("min", BigInt(low)));
  const max = Number(field.bigint("max", BigInt(high)));
  checkRange(field, min, max, low, high);
  const span = max - min + 1;
  if (span <= 2147483647) return (_, numbers) => min + numbers.below(span);
  return (_, numbers) => min + Math.floor(numbers.unit() * span);
}

function longs(type: DataType, field: FieldOptions): Generator {
  field.allow(type, RANGE);
  const low = -(2n ** 63n);
  const high = 2n ** 63n - 1n;
  const min = field.bigint("min", low);
  const max = field.bigint("max", high);
  checkRange(field, min, max, low, high);
  const span = max - min + 1n;
  if (span <= 2147483647n) return (_, numbers) => min + BigInt(numbers.below(Number(span)));
  return (_, numbers) => {
    const bits = (BigInt(numbers.int32() >>> 0) << 32n) | BigInt(numbers.int32() >>> 0);
    return min + (bits % span);
  };
}

function doubles(type: DataType, field: FieldOptions): Generator {
  field.allow(type, RANGE);
  const single = type.kind === "FLOAT";
  // As Java's MIN_VALUE, which is the least number above zero.
  const min = field.number("min", single ? 1.4e-45 : Number.MIN_VALUE);
  const max = field.number("max", single ? 3.4028234663852886e38 : Number.MAX_VALUE);
  checkRange(field, min, max, -Number.MAX_VALUE, Number.MAX_VALUE);
  return (_, numbers) => {
    const share = numbers.unit();
    const value = min * (1 - share) + max * share;
    return single ? Math.fround(value) : value;
  };
}

function decimals(type: DataType & { kind: "DECIMAL" }, field: FieldOptions): Generator {
  field.allow(type, RANGE);
  const high = powerOfTen(type.precision) - 1n;
  const factor = 10 ** type.scale;
  const bound = (value: number): bigint => {
    const unscaled = BigInt(Math.round(value * factor));
    if (unscaled > high || unscaled < -high) {
      throw invalidOption(
        `fields.${field.path}.max`,
        String(value),
        `a number that fits DECIMAL(${type.precision}, ${type.scale})`,
      );
    }
    return unscaled;
  };
  const min = Number.isNaN(field.number("min", Number.NaN)) ? -high : bound(field.number("min", 0));
  const max = Number.isNaN(field.number("max", Number.NaN)) ? high : bound(field.number("max", 0));
  checkRange(field, min, max, -high, high);
  const span = max - min + 1n;
  return (_, numbers) => {
    let bits = 0n;
    for (let i = 0; i < 5; i++) bits = (bits << 32n) | BigInt(numbers.int32() >>> 0);
    return min + (bits % span);
  };
}

function texts(type: DataType & { readonly length: number }, field: FieldOptions): Generator {
  const fixed = type.kind === "CHAR" || type.kind === "BINARY";
  field.allow(type, fixed ? ["kind", "null-rate"] : ["kind", "length", "var-len", "null-rate"]);
  const bounded = type.length < 2147483647;
  const length = field.length(fixed || bounded ? type.length : DEFAULT_TEXT_LENGTH);
  if (length > type.length)
    throw invalidOption(
      `fields.${field.path}.length`,
      String(length),
      `at most ${type.length}, the length of the type`,
    );
  const variable = field.variableLength;
  const lengthOf = (numbers: SplittableRandom): number => (variable ? 1 + numbers.below(Math.max(length, 1)) : length);
  if (type.kind === "BINARY" || type.kind === "VARBINARY") {
    return (_, numbers) => Uint8Array.from({ length: lengthOf(numbers) }, () => numbers.below(256));
  }
  return (_, numbers) => hexText(numbers, lengthOf(numbers));
}

function hexText(numbers: SplittableRandom, length: number): string {
  let text = "";
  while (text.length < length) {
    let bits = numbers.int32();
    for (let i = 0; i < 8; i++, bits >>>= 4) text += HEX.charAt(bits & 15);
  }
  return text.slice(0, length);
}

function timestamps(
  type: DataType & { readonly precision: number },
  field: FieldOptions,
  context: GeneratorContext,
): Generator {
  field.allow(type, ["kind", "max-past", "null-rate"]);
  const { maxPastMillis } = field;
  const step = type.precision >= 3 ? 1 : 10 ** (3 - type.precision);
  return (_, numbers) => {
    const instant = context.nowMillis() - (maxPastMillis === 0 ? 0 : Math.floor(numbers.unit() * (maxPastMillis + 1)));
    const millis = type.kind === "TIMESTAMP" ? instantToLocal(context.timeZone, instant) : instant;
    return type.precision > 3 ? BigInt(millis) * 1_000_000n : Math.floor(millis / step) * step;
  };
}
