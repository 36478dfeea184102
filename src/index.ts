/** The library: SQL scripts from TypeScript. */
export { createEngine } from "./engine/engine.ts";
export type { Engine, EngineOptions, StatementOutcome } from "./engine/engine.ts";
export { ERRORS, SqlError, SqlErrors } from "./base/errors.ts";
export type { ErrorCode } from "./base/errors.ts";
export type { DataType, Field, Value } from "./types/data-type.ts";
