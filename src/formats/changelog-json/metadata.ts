import { SqlError } from "../../base/errors.ts";
import { columnOf } from "../../batch/column-builder.ts";
import type { Column } from "../../batch/column.ts";
import { valueAt } from "../../batch/get.ts";
import { storageOf, T, type DataType, type SqlMap, type Value } from "../../types/data-type.ts";
import { parseTimestamp, toTimestampPrecision } from "../../types/datetime.ts";
import { timestampFromInstant, timestampToInstant } from "../../types/timezone.ts";
import type { FormatMetadata } from "../api.ts";
import type { PlannedField } from "../planned-fields.ts";

/** A metadata column and where in the record it stands. */
export interface EnvelopeMetadata extends FormatMetadata {
  readonly path: readonly string[];
  /** It stands beside the envelope and not in it. */
  readonly outside?: boolean | undefined;
  /** `millis`, `seconds`: a number since 1970; `wall clock`: a text in the session's zone. */
  readonly as: "value" | "millis" | "seconds" | "wall clock";
}

/** Makes the metadata columns of an envelope's batch. */
export interface MetadataReader {
  readonly projection: readonly PlannedField[];
  /** `columns`: those of the projection. One row for each record. */
  column(columns: readonly Column[], recordCount: number): Column;
}

const STRINGS = T.map(T.string(), T.string());

/** Reads one metadata column; `whole`: its first step is a member that is read whole, as a map. */
export function metadataReader(
  metadata: EnvelopeMetadata,
  type: DataType,
  root: readonly string[],
  timeZone: string,
  whole: boolean,
): MetadataReader {
  const accepted = type.kind === metadata.type.kind || (isTimestamp(type) && isTimestamp(metadata.type));
  if (!accepted) {
    throw new SqlError("UNSUPPORTED", `the metadata '${metadata.key}' as ${type.kind}`, {
      hint: `declare the column as ${metadata.type.kind} and CAST it in the query`,
    });
  }
  const convert = converter(metadata.as, type, timeZone);
  const read = metadata.as === "value" ? metadata.type : metadata.as === "wall clock" ? T.string() : T.bigint();
  const outer = [...(metadata.outside === true ? [] : root), ...metadata.path];
  if (whole && metadata.path.length > 1) {
    const name = metadata.path[1]!;
    return {
      projection: [{ path: outer.slice(0, -1), type: STRINGS }],
      column: ([map], count) => {
        const texts = Array.from({ length: count }, (_, row) => memberOf(valueAt(map!, row, STRINGS), name));
        return columnOf(
          type,
          texts.map((text) => (text === null ? null : convert(read.kind === "BIGINT" ? BigInt(text) : text))),
        );
      },
    };
  }
  const plain = metadata.as === "value" && storageOf(type) === storageOf(metadata.type);
  return {
    projection: [{ path: outer, type: read }],
    column: ([column], count) => {
      if (plain) return column!;
      const values = Array.from({ length: count }, (_, row) => valueAt(column!, row, read));
      return columnOf(
        type,
        values.map((value) => (value === null ? null : convert(value))),
      );
    },
  };
}

function memberOf(map: Value, name: string): string | null {
  if (map === null) return null;
  const entry = (map as unknown as SqlMap).find(([key]) => key === name);
  return (entry?.[1] ?? null) as string | null;
}

function isTimestamp(type: DataType): boolean {
  return type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ";
}

/** What makes a Value of the type of what was read, which is not NULL. */
function converter(as: EnvelopeMetadata["as"], type: DataType, timeZone: string): (value: Value) => Value {
  if (!isTimestamp(type) || as === "value") return (value) => value;
  const { precision } = type as Extract<DataType, { kind: "TIMESTAMP" | "TIMESTAMP_LTZ" }>;
  const local = type.kind === "TIMESTAMP";
  if (as === "wall clock") {
    return (value) => {
      const text = (value as string).replace("T", " ");
      const parsed = parseTimestamp(text, precision);
      return parsed === undefined || local ? (parsed ?? null) : timestampToInstant(timeZone, parsed);
    };
  }
  const factor = as === "seconds" ? 1000 : 1;
  return (value) => {
    const instant = toTimestampPrecision(Number(value) * factor, 3, precision);
    return local ? timestampFromInstant(timeZone, instant) : instant;
  };
}
