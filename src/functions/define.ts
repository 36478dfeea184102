import type {
  Argument,
  CallTypes,
  EmitContext,
  Evaluator,
  Resolution,
  SessionFacts,
} from "../expressions/function-types.ts";
import type { DataType, Field, Storage, Value } from "../types/data-type.ts";

export type { Argument, CallTypes, EmitContext, Evaluator, Resolution, SessionFacts };

export interface FunctionDoc {
  readonly summary: string;
  /** Runnable: a test executes each pair; the result is the text of CAST(… AS STRING), `NULL` for NULL. */
  readonly examples: readonly (readonly [sql: string, result: string])[];
}

/**
 * A scalar function: the definition answers every question about itself. Operators (`+`, `=`, `AND`, `CASE`, `CAST`)
 * are functions too. Values have the forms listed at `Value`.
 */
export interface ScalarFunction {
  /** Upper case. */
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  /** Result and coercions, or `undefined` when the arguments do not fit (the binder then reports the signature). */
  readonly resolve: (args: readonly Argument[]) => Resolution | undefined;
  /** What fits, for the error message: `SUBSTRING(<CHARACTER>, <INTEGER>[, <INTEGER>])`. */
  readonly signature: string;
  /** "propagate": any NULL argument gives NULL and neither `evaluator` nor `emit` ever sees one. */
  readonly nulls: "propagate" | "handled";
  /** "pure" may be folded and reordered; "statement" is fixed for one job; "row" is evaluated for each row. */
  readonly stability: "pure" | "statement" | "row";
  /** The reference meaning, one row at a time; called once per bound call, so that set-up is done once. */
  readonly evaluator: (types: CallTypes, session: SessionFacts) => Evaluator;
  /**
   * A faster spelling of the same for fused loops: a JavaScript expression over argument expressions (each a variable
   * name or constant, in Value form, never null for "propagate"). `undefined`: generated code calls `evaluator`.
   * For `nulls: "handled"` the arguments may be `null` and so may the result.
   */
  readonly emit?: ((args: readonly string[], types: CallTypes, context: EmitContext) => string | undefined) | undefined;
  /** False for operators and special forms that are not written as `NAME(…)`; SHOW FUNCTIONS leaves them out. */
  readonly callable?: boolean | undefined;
  readonly doc: FunctionDoc;
}

export function scalar(definition: ScalarFunction): ScalarFunction {
  return definition;
}

/** A column of accumulators, one value a group (slot). Fresh slots hold `initial`. */
export interface AccumulatorColumn {
  readonly storage: Storage;
  /** NULL for storages that start as NULL; else the value in the storage's JavaScript form. */
  readonly initial: Value;
  /** What it is, where the aggregate has several; the first is named as the aggregate. */
  readonly name?: string | undefined;
  /** Type of its values, where they depend on the argument's; a restore converts or refuses by it. */
  readonly type?: DataType | undefined;
}

/** How generated code reads and writes accumulator column `i` of the current slot. Values in Value form. */
export interface AccumulatorAccess {
  /** Expression; unspecified when the cell is NULL. */
  get(index: number): string;
  /** Statement that stores a non-null value. */
  set(index: number, value: string): string;
  /** Boolean expression. */
  isNull(index: number): string;
  /** Statement. */
  setNull(index: number): string;
}

export interface AggregateTypes {
  readonly args: readonly DataType[];
  readonly result: DataType;
  readonly literals: readonly (Value | undefined)[];
}

/**
 * An aggregate as generated statements over accumulator columns, so that the loop over rows is `acc[slot[i]] += v[i]`.
 * `accumulate` and `retract` are only called for rows whose arguments are all non-null unless `nulls` is "handled"
 * (then `args[i]` may be `null`). DISTINCT and FILTER are the operator's work, not the function's.
 */
export interface AggregateFunction {
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  readonly signature: string;
  readonly resolve: (args: readonly Argument[]) => Resolution | undefined;
  readonly nulls: "skip" | "handled";
  /** Only with OVER: `FunctionRegistry.aggregate` does not know it. */
  readonly onlyOver?: boolean | undefined;
  /** The accumulator columns; `retracting`: rows may be taken away again (MIN and MAX then keep a multiset in an `any` column). */
  readonly state: (types: AggregateTypes, retracting: boolean) => readonly AccumulatorColumn[];
  /** Statements. */
  readonly accumulate: (
    args: readonly string[],
    acc: AccumulatorAccess,
    types: AggregateTypes,
    context: AggregateEmitContext,
  ) => string;
  /** Absent: the planner must not place this aggregate on an updating input. */
  readonly retract?:
    | ((
        args: readonly string[],
        acc: AccumulatorAccess,
        types: AggregateTypes,
        context: AggregateEmitContext,
      ) => string)
    | undefined;
  /** Statements that add accumulators `from` to `into` (slices, sessions). Absent: no window merging. */
  readonly merge?:
    | ((
        into: AccumulatorAccess,
        from: AccumulatorAccess,
        types: AggregateTypes,
        context: AggregateEmitContext,
      ) => string)
    | undefined;
  /**
   * Statements for a row with a NULL argument although the argument's type is NOT NULL (a DECIMAL that overflowed).
   * Absent: such rows are skipped like all rows with NULL.
   */
  readonly accumulateNull?:
    | ((acc: AccumulatorAccess, types: AggregateTypes, context: AggregateEmitContext) => string)
    | undefined;
  /**
   * Boolean expression: the result is NULL; then `result` is evaluated only where it is false, so that generated code
   * never holds `null | bigint`. Absent or `undefined`: `result` may give `null`.
   */
  readonly resultIsNull?:
    | ((acc: AccumulatorAccess, types: AggregateTypes, context: AggregateEmitContext) => string | undefined)
    | undefined;
  /** Expression: the result in Value form, or `null`. */
  readonly result: (acc: AccumulatorAccess, types: AggregateTypes, context: AggregateEmitContext) => string;
  /**
   * The accumulator that numbers the values, for a function that Flink computes from a COUNT and others: GROUP BY gives an
   * update out where that number changes, even with the same result.
   */
  readonly changesWith?: number | undefined;
  readonly doc: FunctionDoc;
}

export interface AggregateEmitContext extends EmitContext {
  readonly retracting: boolean;
  /** Expression (in `accumulate`): the sequence number of the row, which ascends with arrival. */
  readonly row: string;
  /** A fresh local variable name. */
  temp(): string;
  /**
   * Expression: how two values of text or bytes compare (negative, 0, positive) where they lie; undefined: they do not
   * lie in columns, and have to be made.
   */
  comparison(a: string, b: string): string | undefined;
}

export function aggregate(definition: AggregateFunction): AggregateFunction {
  return definition;
}

/** What a table function answers when its arguments fit. */
export interface TableResolution {
  /** The columns of its rows. */
  readonly columns: readonly Field[];
  /** As at `Resolution`. */
  readonly args?: readonly DataType[] | undefined;
}

/** The types of a bound call of a table function, after coercion. */
export interface TableCallTypes {
  readonly args: readonly DataType[];
  readonly columns: readonly DataType[];
}

/** Takes the rows of one call. */
export interface RowCollector {
  /** One row, a value for each column. */
  row(values: readonly Value[]): void;
  /** One row of a function with one column. */
  value(value: Value): void;
}

/** The rows for one set of arguments, in order. The arguments are valid during the call. */
export type TableEvaluator = (args: readonly Value[], rows: RowCollector) => void;

/** A function that gives rows: `UNNEST`, and user functions in `LATERAL TABLE(f(x))`. */
export interface TableFunction {
  /** Upper case. */
  readonly name: string;
  readonly signature: string;
  /** Columns and coercions, or `undefined` when the arguments do not fit. */
  readonly resolve: (args: readonly Argument[]) => TableResolution | undefined;
  /** "propagate": any NULL argument gives no row, and `evaluator` never sees one. */
  readonly nulls: "propagate" | "handled";
  /** false: the same arguments may give other rows; such a call is never shared. Default true. */
  readonly deterministic?: boolean | undefined;
  /** Called once per bound call. */
  readonly evaluator: (types: TableCallTypes, session: SessionFacts) => TableEvaluator;
}
