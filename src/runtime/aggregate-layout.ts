import { SqlError } from "../base/errors.ts";
import type { AccumulatorColumn, AggregateFunction, AggregateTypes } from "../functions/define.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { ChildMapSpec, StateField } from "../state/api.ts";
import { isBinary, storageOf, T, type DataType } from "../types/data-type.ts";
import type { AggregateCallSpec } from "./spec.ts";
import { columnName, stateKeys } from "./state-names.ts";

/** One aggregate with accumulators of its own; equal calls share one. */
export interface AggregateUnit {
  readonly function: AggregateFunction;
  readonly types: AggregateTypes;
  readonly args: readonly number[];
  readonly filter: number | undefined;
  /** Its accumulators are columns `first` … of the table. */
  readonly first: number;
  readonly count: number;
  readonly distinct: { readonly set: number; readonly bit: number } | undefined;
}

/** The distinct argument lists that several calls may share; one bit or counter for each filter. */
export interface DistinctSet {
  readonly args: readonly number[];
  readonly argTypes: readonly DataType[];
  /** Filters by bit; `undefined`: all rows. */
  readonly filters: readonly (number | undefined)[];
  /** NULL arguments count too. */
  readonly keepsNulls: boolean;
}

/** What a list of aggregate calls needs of state. */
export interface AggregateLayout {
  readonly units: readonly AggregateUnit[];
  /** The unit of each call. */
  readonly unitOf: readonly number[];
  /** Accumulator columns, in order. */
  readonly fields: readonly StateField[];
  readonly sets: readonly DistinctSet[];
  readonly children: readonly ChildMapSpec[];
  readonly retracting: boolean;
}

/** Bits of one mask; more filters over one distinct argument go to another set. */
const MASK_BITS = 31;

/** Why an aggregate cannot start empty where rows are taken back. */
const TAKEN_BACK = "the input takes rows back, also such as came before and were not counted in it";

/** Lays out accumulators and distinct sets; `inputNames` name them. Fails with UNSUPPORTED when a function cannot take rows back but must. */
export function layoutAggregates(
  calls: readonly AggregateCallSpec[],
  registry: FunctionRegistry,
  retracting: boolean,
  inputNames?: readonly string[],
): AggregateLayout {
  const units: AggregateUnit[] = [];
  const unitBySignature = new Map<string, number>();
  const fields: StateField[] = [];
  const sets: {
    args: readonly number[];
    argTypes: readonly DataType[];
    filters: (number | undefined)[];
    keepsNulls: boolean;
  }[] = [];

  const claimBit = (
    call: AggregateCallSpec,
    args: readonly number[],
    argTypes: readonly DataType[],
    keepsNulls: boolean,
  ): { set: number; bit: number } => {
    let set = sets.findIndex(
      (each) =>
        each.args.join() === args.join() && (each.filters.includes(call.filter) || each.filters.length < MASK_BITS),
    );
    if (set < 0) {
      set = sets.length;
      sets.push({ args, argTypes, filters: [], keepsNulls });
    }
    const chosen = sets[set]!;
    chosen.keepsNulls ||= keepsNulls;
    if (!chosen.filters.includes(call.filter)) chosen.filters.push(call.filter);
    return { set, bit: chosen.filters.indexOf(call.filter) };
  };

  const unitOf = calls.map((call) => {
    const literals = call.literals.map((literal) => (literal === undefined ? "" : String(literal)));
    const signature = JSON.stringify([call.function, call.args, literals, call.distinct, call.filter ?? -1]);
    const known = unitBySignature.get(signature);
    if (known !== undefined) return known;
    const fn = registry.overFunction(call.function);
    if (fn === undefined) throw new SqlError("BUG", `no aggregate function ${call.function}`);
    if (retracting && fn.retract === undefined) {
      throw new SqlError("UNSUPPORTED", `${fn.name} over rows that are updated or deleted is not supported`);
    }
    const types: AggregateTypes = { args: call.argTypes, result: call.result, literals: call.literals };
    const columns = fn.state(types, retracting);
    const first = fields.length;
    const own = nameBeside(
      call.name,
      units.map((unit) => fields[unit.first]?.name),
    );
    columns.forEach((column, i) => {
      const name = i === 0 ? own : `${own}.${column.name ?? i}`;
      const missing = retracting ? TAKEN_BACK : undefined;
      fields.push({ name, ...fieldType(column, call.argTypes[0]), initial: column.initial, missing });
    });
    // Only the aggregated value is distinct, not a literal beside it (the separator of LISTAGG).
    const distinctArgs = call.args.filter((_, i) => i === 0 || call.literals[i] === undefined);
    const distinctTypes = call.argTypes.filter((_, i) => i === 0 || call.literals[i] === undefined);
    const distinct = call.distinct ? claimBit(call, distinctArgs, distinctTypes, fn.nulls === "handled") : undefined;
    units.push({ function: fn, types, args: call.args, filter: call.filter, first, count: columns.length, distinct });
    unitBySignature.set(signature, units.length - 1);
    return units.length - 1;
  });

  const children: ChildMapSpec[] = [];
  for (const set of sets) {
    const keys = stateKeys(set.args, [], inputNames).map(({ name }, k) => ({ name, type: set.argTypes[k]! }));
    const of = set.filters.map((filter) =>
      filter === undefined ? "rows" : `rows WHERE ${columnName(inputNames, filter)}`,
    );
    const name = nameBeside(
      `DISTINCT ${keys.map((key) => key.name).join(", ")}`,
      children.map((child) => child.name),
    );
    const fields = retracting
      ? of.map((rows): StateField => ({ name: rows, type: T.double(false), initial: 0 }))
      : [{ name: "in", type: T.int(false), initial: 0, bits: of }];
    children.push({ name, keys, fields });
  }
  return { units, unitOf, fields, sets, children, retracting };
}

/** The name, with a number when it is taken. */
function nameBeside(name: string, taken: readonly (string | undefined)[]): string {
  let free = name;
  for (let n = 2; taken.includes(free); n++) free = `${name} #${n}`;
  return free;
}

/** The type is what a restore compares: one that holds values of the argument has its type, also where it holds many. */
function fieldType(
  { storage, type }: AccumulatorColumn,
  argument: DataType | undefined,
): { type: DataType; storage?: "any" } {
  if (type !== undefined && storageOf(type) === storage) return { type };
  switch (storage) {
    case "bool":
      return { type: T.boolean() };
    case "i32":
      return { type: T.int() };
    case "i64":
      return { type: T.bigint() };
    case "f64":
      return { type: T.double() };
    case "i128":
      return { type: T.decimal(38, 0) };
    case "bytes":
      return { type: argument !== undefined && isBinary(argument) ? T.bytes() : T.string() };
    case "any":
      return { type: argument ?? T.string(), storage: "any" };
  }
}

/** The accumulators whose change is one of the row, whatever the results are (`AggregateFunction.changesWith`). */
export function changeMarkers({ units }: AggregateLayout): readonly number[] {
  return units.flatMap(({ first, function: fn }) => (fn.changesWith === undefined ? [] : [first + fn.changesWith]));
}
