import { contextOf, locate } from "./error-context.ts";
import type { Span } from "./span.ts";

/** Who has to act: the author of the SQL, the operator of an outside system, or us. */
export type ErrorDomain = "user" | "external" | "internal";

/**
 * The one list of error codes. `phase` says when it is raised: `parse`, `validation` and `planning` reject a
 * statement before anything ran (exit status 2), `runtime` fails a job (exit status 1).
 */
export const ERRORS = {
  SYNTAX: { domain: "user", phase: "parse", sqlState: "42601" },
  TOO_DEEP: { domain: "user", phase: "parse", sqlState: "54001" },
  UNSUPPORTED: { domain: "user", phase: "validation", sqlState: "0A000" },
  TABLE_NOT_FOUND: { domain: "user", phase: "validation", sqlState: "42P01" },
  TABLE_EXISTS: { domain: "user", phase: "validation", sqlState: "42P07" },
  DATABASE_NOT_FOUND: { domain: "user", phase: "validation", sqlState: "3D000" },
  DATABASE_EXISTS: { domain: "user", phase: "validation", sqlState: "42P04" },
  CATALOG_NOT_FOUND: { domain: "user", phase: "validation", sqlState: "3D000" },
  CATALOG_EXISTS: { domain: "user", phase: "validation", sqlState: "42710" },
  CATALOG_CHANGED: { domain: "external", phase: "validation", sqlState: "40001" },
  COLUMN_NOT_FOUND: { domain: "user", phase: "validation", sqlState: "42703" },
  AMBIGUOUS_COLUMN: { domain: "user", phase: "validation", sqlState: "42702" },
  DUPLICATE_COLUMN: { domain: "user", phase: "validation", sqlState: "42701" },
  FUNCTION_NOT_FOUND: { domain: "user", phase: "validation", sqlState: "42883" },
  FUNCTION_EXISTS: { domain: "user", phase: "validation", sqlState: "42723" },
  TYPE_MISMATCH: { domain: "user", phase: "validation", sqlState: "42804" },
  INVALID_LITERAL: { domain: "user", phase: "validation", sqlState: "22007" },
  INVALID_QUERY: { domain: "user", phase: "validation", sqlState: "42000" },
  GROUPING: { domain: "user", phase: "validation", sqlState: "42803" },
  SINK_MISMATCH: { domain: "user", phase: "validation", sqlState: "42804" },
  CHANGELOG_MODE: { domain: "user", phase: "planning", sqlState: "42P10" },
  PLANNING: { domain: "user", phase: "planning", sqlState: "42000" },
  OPTION_UNKNOWN: { domain: "user", phase: "validation", sqlState: "HV00D" },
  OPTION_INVALID: { domain: "user", phase: "validation", sqlState: "HV024" },
  OPTION_MISSING: { domain: "user", phase: "validation", sqlState: "HV00D" },
  OPTION_CONFLICT: { domain: "user", phase: "validation", sqlState: "HV00D" },
  CONNECTOR_UNKNOWN: { domain: "user", phase: "validation", sqlState: "HV00N" },
  FORMAT_UNKNOWN: { domain: "user", phase: "validation", sqlState: "HV00N" },
  FILE_NOT_FOUND: { domain: "user", phase: "validation", sqlState: "58P01" },
  USAGE: { domain: "user", phase: "validation", sqlState: "42000" },
  JOB_NOT_FOUND: { domain: "user", phase: "validation", sqlState: "42704" },
  CHECKPOINT_NOT_FOUND: { domain: "user", phase: "validation", sqlState: "58P01" },
  CHECKPOINT_INVALID: { domain: "external", phase: "runtime", sqlState: "58030" },
  ENCRYPTION_KEY: { domain: "user", phase: "validation", sqlState: "28000" },
  CHECKPOINT_FAILED: { domain: "external", phase: "runtime", sqlState: "58030" },
  STATE_INCOMPATIBLE: { domain: "user", phase: "validation", sqlState: "42P17" },
  RUN_TAKEN_OVER: { domain: "external", phase: "runtime", sqlState: "55006" },
  THREAD_FAILED: { domain: "external", phase: "runtime", sqlState: "58000" },
  RUN_LOCKED: { domain: "user", phase: "validation", sqlState: "55006" },
  DIVISION_BY_ZERO: { domain: "user", phase: "runtime", sqlState: "22012" },
  INVALID_CAST: { domain: "user", phase: "runtime", sqlState: "22018" },
  VALUE_OUT_OF_RANGE: { domain: "user", phase: "runtime", sqlState: "22003" },
  INVALID_ARGUMENT: { domain: "user", phase: "runtime", sqlState: "22023" },
  NOT_NULL_VIOLATION: { domain: "user", phase: "runtime", sqlState: "23502" },
  KEY_CONFLICT: { domain: "user", phase: "runtime", sqlState: "23505" },
  BAD_RECORD: { domain: "user", phase: "runtime", sqlState: "22P04" },
  USER_FUNCTION_FAILED: { domain: "user", phase: "runtime", sqlState: "38000" },
  IO: { domain: "external", phase: "runtime", sqlState: "58030" },
  OUT_OF_MEMORY: { domain: "external", phase: "runtime", sqlState: "53200" },
  CONNECTOR_UNAVAILABLE: { domain: "external", phase: "runtime", sqlState: "08001" },
  BUG: { domain: "internal", phase: "runtime", sqlState: "XX000" },
} as const satisfies Record<
  string,
  { domain: ErrorDomain; phase: "parse" | "validation" | "planning" | "runtime"; sqlState: string }
>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** Where in the script text. */
  readonly span?: Span | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Restarting the job may help; only meaningful for the external domain. */
  readonly retryable?: boolean | undefined;
}

/** What was thrown, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const BRAND = Symbol.for("millrace.SqlError");

/** The only error class that users meet. The message speaks in the words of the SQL author. */
export class SqlError extends Error {
  /** The command line and the library are two bundles: an error of a user's module is of the other one's class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== SqlError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && BRAND in value;
  }

  override readonly name = "SqlError";
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly span: Span | undefined;
  readonly hint: string | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.span = details.span;
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
  }

  get domain(): ErrorDomain {
    return ERRORS[this.code].domain;
  }

  get phase(): "parse" | "validation" | "planning" | "runtime" {
    return ERRORS[this.code].phase;
  }

  /** The same error with a span, when it has none yet. */
  at(span: Span | undefined): SqlError {
    if (this.span !== undefined || span === undefined) return this;
    const placed = new SqlError(this.code, this.message, {
      span,
      hint: this.hint,
      cause: this.cause,
      retryable: this.retryable,
    });
    return locate(placed, contextOf(this) ?? {});
  }
}

/** Several errors of one script (all its syntax errors), in text order. */
export class SqlErrors extends Error {
  override readonly name = "SqlErrors";
  readonly errors: readonly SqlError[];

  constructor(errors: readonly SqlError[]) {
    super(errors.map((e) => e.message).join("\n"));
    this.errors = errors;
  }
}
