import { sameType } from "../types/coerce.ts";
import { T, type DataType, type Value } from "../types/data-type.ts";
import { parseDate, parseTime, parseTimestamp } from "../types/datetime.ts";
import { parseDecimal } from "../types/decimal.ts";
import { parseInterval, type IntervalUnitName } from "../types/interval.ts";
import { typeText } from "../types/type-text.ts";
import { valueText } from "../types/value-text.ts";
import type { CallTypes, EmitContext, ScalarFunction, SessionFacts } from "./define.ts";
import { SCALAR_FUNCTIONS } from "./index.ts";
import { castConverter, castResultType } from "./scalar/cast.ts";

/** A typed value; `literal` says that the function may see it at bind time. */
export interface Term {
  readonly type: DataType;
  readonly value: Value;
  readonly literal: boolean;
}

/** Facts of a session for tests: fixed clock, seeded randomness. */
export function testSession(timeZone = "UTC", legacyCast = false): SessionFacts {
  let state = 1;
  return {
    timeZone,
    legacyCast,
    nowMillis: () => 0,
    random: () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    },
  };
}

/** A literal of a type. */
export function lit(type: DataType, value: Value): Term {
  return { type: value === null ? type : { ...type, nullable: false }, value, literal: true };
}

/** The same value as a column would give it. */
export function col(term: Term, nullable = term.type.nullable): Term {
  return { type: { ...term.type, nullable }, value: term.value, literal: false };
}

export const int = (value: number | null): Term => lit(T.int(), value);
export const bigint = (value: bigint | null): Term => lit(T.bigint(), value);
export const double = (value: number): Term => lit(T.double(), value);
export const bool = (value: boolean | null): Term => lit(T.boolean(), value);
export const text = (value: string): Term => lit(T.char([...value].length), value);
export const date = (value: string): Term => lit(T.date(), parseDate(value)!);
export const time = (value: string): Term => lit(T.time(), parseTime(value)!);

/** A decimal literal as written: its digits give precision and scale. */
export function dec(written: string): Term {
  const parsed = parseDecimal(written)!;
  const digits = (parsed.unscaled < 0n ? -parsed.unscaled : parsed.unscaled).toString().length;
  return lit(T.decimal(Math.max(digits, parsed.scale), parsed.scale), parsed.unscaled);
}

/** A timestamp literal: the digits of its fraction are its precision. */
export function timestamp(written: string): Term {
  const precision = /\.(\d+)$/.exec(written)?.[1]?.length ?? 0;
  return lit(T.timestamp(precision), parseTimestamp(written, precision)!);
}

export function interval(written: string, from: IntervalUnitName, to?: IntervalUnitName): Term {
  const parsed = parseInterval(written, from, to)!;
  return lit(parsed.kind === "INTERVAL_YEAR_MONTH" ? T.intervalMonth() : T.intervalMillis(), parsed.value);
}

/** CAST or TRY_CAST of a term. */
export function cast(term: Term, target: DataType, tolerant = false, session = testSession()): Term {
  const type = castResultType(term.type, target, tolerant);
  if (type === undefined) throw new TypeError(`no cast from ${typeText(term.type)} to ${typeText(target)}`);
  const types: CallTypes = { args: [term.type], result: type, literals: [undefined] };
  return { type, value: run(find(tolerant ? "TRY_CAST" : "CAST"), [term], types, session), literal: false };
}

/** Resolves a call, converts the arguments, and evaluates it both ways, which must agree. `undefined`: it does not fit. */
export function tryCall(name: string, args: readonly Term[], session = testSession()): Term | undefined {
  const definition = find(name);
  const resolution = definition.resolve(
    args.map((arg) => (arg.literal ? { type: arg.type, literal: arg.value } : { type: arg.type })),
  );
  if (resolution === undefined) return undefined;
  const wanted = resolution.args ?? args.map((arg) => arg.type);
  const converted = args.map((arg, i) => coerce(arg, wanted[i] ?? arg.type, session));
  const types: CallTypes = {
    args: converted.map((arg) => arg.type),
    result: resolution.type,
    literals: converted.map((arg) => (arg.literal ? arg.value : undefined)),
  };
  return { type: resolution.type, value: run(definition, converted, types, session), literal: false };
}

/** `tryCall` that must fit. */
export function call(name: string, args: readonly Term[], session = testSession()): Term {
  const result = tryCall(name, args, session);
  if (result === undefined)
    throw new TypeError(`${name} does not take ${args.map((a) => typeText(a.type)).join(", ")}`);
  return result;
}

/** Value and type as a golden file shows them: `1.00 DECIMAL(12, 2) NOT NULL`. */
export function shown(term: Term, zone = "UTC"): string {
  return `${valueText(term.value, term.type, zone)} ${typeText(term.type, { withNullability: true })}`;
}

function find(name: string): ScalarFunction {
  const definition = SCALAR_FUNCTIONS.find((f) => f.name === name || f.aliases?.includes(name) === true);
  if (definition === undefined) throw new TypeError(`no function ${name}`);
  return definition;
}

function coerce(term: Term, wanted: DataType, session: SessionFacts): Term {
  if (sameType(term.type, wanted)) return { ...term, type: wanted };
  const value = term.value === null ? null : castConverter(term.type, wanted, session)(term.value);
  if (value === undefined) throw new TypeError(`cannot convert ${String(term.value)} to ${typeText(wanted)}`);
  return { type: wanted, value, literal: term.literal };
}

function run(definition: ScalarFunction, args: readonly Term[], types: CallTypes, session: SessionFacts): Value {
  const values = args.map((arg) => arg.value);
  if (definition.nulls === "propagate" && values.includes(null)) return null;
  const value = definition.evaluator(types, session)(...values);
  const emitted = runEmitted(definition, values, types, session);
  if (emitted !== undefined && valueText(emitted, types.result, "UTC") !== valueText(value, types.result, "UTC")) {
    throw new TypeError(`${definition.name}: emitted code gives ${String(emitted)}, the evaluator ${String(value)}`);
  }
  return value;
}

function runEmitted(
  definition: ScalarFunction,
  values: readonly Value[],
  types: CallTypes,
  session: SessionFacts,
): Value | undefined {
  const constants: unknown[] = [];
  const context: EmitContext = {
    session,
    constant: (value) => {
      constants.push(value);
      return `k[${constants.length - 1}]`;
    },
  };
  const names = values.map((_, i) => `a${i}`);
  const code = definition.emit?.(names, types, context);
  if (code === undefined) return undefined;
  return new Function("k", ...names, `return ${code};`)(constants, ...values) as Value;
}
