import type { DataType, Value } from "../types/data-type.ts";

/** What a function may know of the session; fixed for one job. */
export interface SessionFacts {
  /** IANA zone of `table.local-time-zone`, e.g. `UTC`, `America/New_York`, `GMT+08:00`. */
  readonly timeZone: string;
  /** `table.exec.legacy-cast-behaviour` = enabled: a failing CAST gives NULL. */
  readonly legacyCast: boolean;
  /** Wall clock, epoch millis; fixed by `-- clock:` in golden tests. */
  nowMillis(): number;
  /** In [0, 1); seeded by `-- seed:` in golden tests. */
  random(): number;
}

/** One argument at a call site: its type, and its value when it is a literal (`undefined` otherwise). */
export interface Argument {
  readonly type: DataType;
  readonly literal?: Value | undefined;
  /** It reads no column. */
  readonly constant?: boolean | undefined;
}

/** What a function answers when its arguments fit. */
export interface Resolution {
  readonly type: DataType;
  /** The types that the arguments must have; the binder inserts CASTs. Absent: as they are. */
  readonly args?: readonly DataType[] | undefined;
  /** A value that cannot be read as the type of `args` is NULL; else it is an error, as a literal's always is. */
  readonly tolerant?: boolean | undefined;
}

/** The types of a bound call, after coercion. */
export interface CallTypes {
  readonly args: readonly DataType[];
  readonly result: DataType;
  /** Values of literal arguments, by position. */
  readonly literals: readonly (Value | undefined)[];
}

export interface EmitContext {
  /** Puts a value in the constant pool and returns the JavaScript name that refers to it. */
  constant(value: unknown): string;
  readonly session: SessionFacts;
}

export type Evaluator = (...args: Value[]) => Value;
