import { RowKind } from "../../batch/row-kind.ts";
import { T } from "../../types/data-type.ts";
import { BeforeAfter } from "./before-after.ts";
import type { EnvelopeKind } from "./envelope.ts";

const WORDS = { I: RowKind.Insert, U: "update", D: RowKind.Delete } as const;

/** Oracle GoldenGate: `{"table":…,"op_type":…,"op_ts":…,"before":…,"after":…}`. */
export const OGG: EnvelopeKind = {
  metadata: [
    { key: "table", type: T.string(), path: ["table"], as: "value" },
    { key: "primary-keys", type: T.array(T.string()), path: ["primary_keys"], as: "value" },
    { key: "ingestion-timestamp", type: T.timestampLtz(6), path: ["current_ts"], as: "wall clock" },
    { key: "event-timestamp", type: T.timestampLtz(6), path: ["op_ts"], as: "wall clock" },
  ],
  root: [],
  envelope: (physical) =>
    new BeforeAfter(physical, { format: "ogg-json", product: "Ogg", root: [], operation: "op_type", words: WORDS }),
};
