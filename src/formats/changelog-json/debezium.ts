import { RowKind } from "../../batch/row-kind.ts";
import { T } from "../../types/data-type.ts";
import { BeforeAfter } from "./before-after.ts";
import type { EnvelopeKind } from "./envelope.ts";
import type { EnvelopeMetadata } from "./metadata.ts";

const TIME = T.timestampLtz(3);

/** What can be read beside the row. */
const DEBEZIUM_METADATA: readonly EnvelopeMetadata[] = [
  { key: "schema", type: T.string(), path: ["schema"], as: "value", outside: true },
  { key: "ingestion-timestamp", type: TIME, path: ["ts_ms"], as: "millis" },
  { key: "source.timestamp", type: TIME, path: ["source", "ts_ms"], as: "millis" },
  { key: "source.database", type: T.string(), path: ["source", "db"], as: "value" },
  { key: "source.schema", type: T.string(), path: ["source", "schema"], as: "value" },
  { key: "source.table", type: T.string(), path: ["source", "table"], as: "value" },
  { key: "source.properties", type: T.map(T.string(), T.string()), path: ["source"], as: "value" },
];

const WORDS = { c: RowKind.Insert, r: RowKind.Insert, u: "update", d: RowKind.Delete } as const;

/** `{"before":…,"after":…,"op":…}`; with `schemaInclude` as the payload of `{"schema":…,"payload":…}`. */
export function debezium(schemaInclude: boolean, format = "debezium-json"): EnvelopeKind {
  const root = schemaInclude ? ["payload"] : [];
  return {
    metadata: DEBEZIUM_METADATA,
    root,
    envelope: (physical) =>
      new BeforeAfter(physical, { format, product: "Debezium", root, operation: "op", words: WORDS }),
  };
}
