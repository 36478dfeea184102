/** The library: SQL scripts from TypeScript. */
export { createEngine } from "./engine/engine.ts";
export type { Engine, EngineOptions, StatementOutcome } from "./engine/engine.ts";
export { ERRORS, SqlError, SqlErrors } from "./base/errors.ts";
export type { ErrorCode } from "./base/errors.ts";
export type { DataType, Field, Value } from "./types/data-type.ts";
export { defineConnector, defineFormat } from "./define.ts";
export type {
  Connector,
  ConnectorContext,
  ConnectorOption,
  Polled,
  Prepared,
  RunIdentity,
  ScanColumn,
  ScanRequest,
  Sink,
  SinkWriter,
  Source,
  Split,
  SplitReader,
  TableRequest,
} from "./connectors/api.ts";
export type {
  BadRecord,
  DecodeRequest,
  Decoded,
  Decoder,
  EncodeRequest,
  Encoder,
  Format,
  FormatOption,
  MessageRows,
  Messages,
  ProjectedField,
  RowWriter,
} from "./formats/api.ts";
export type { Column } from "./batch/column.ts";
export type { RecordBatch } from "./batch/record-batch.ts";
export { columnOf, createColumnBuilder } from "./batch/column-builder.ts";
export { reader as columnReader, valueAt } from "./batch/get.ts";
