import type { Column } from "../../batch/column.ts";
import { RowKind } from "../../batch/row-kind.ts";
import { T } from "../../types/data-type.ts";
import type { ProjectedField } from "../api.ts";
import type { ReviewedRows } from "../json/decoder.ts";
import type { PlannedField } from "../planned-fields.ts";
import type { ChangeList } from "./changes.ts";
import { addUpdate, kindOf, textAt, textField, type Envelope, type EnvelopeKind } from "./envelope.ts";
import { changedFields, oldImages } from "./old-fields.ts";

const WORDS = { insert: RowKind.Insert, update: "update", delete: RowKind.Delete } as const;

/** `data` is the row, `old` has the former values of the fields that an update has changed. */
class Maxwell implements Envelope {
  readonly format = "maxwell-json";
  readonly projection: readonly PlannedField[];
  private readonly width: number;

  constructor(physical: readonly ProjectedField[]) {
    this.width = physical.length;
    this.projection = [
      textField("type"),
      { path: ["data"], type: T.boolean(), take: "object" },
      { path: ["old"], type: T.boolean(), take: "object" },
      ...physical.map(({ path, type }) => ({ path: ["data", ...path], type })),
      ...changedFields(physical, ["old"]),
    ];
  }

  review(rows: ReviewedRows, changes: ChangeList): void {
    const [type, data, old] = rows.slots as [
      ReviewedRows["slots"][0],
      ReviewedRows["slots"][0],
      ReviewedRows["slots"][0],
    ];
    for (let row = 0; row < rows.rowCount; row++) {
      const word = textAt(type, row, rows.data);
      const kind = word === undefined ? undefined : kindOf(word, WORDS);
      if (kind === undefined)
        rows.reject(row, word === undefined ? `the "type" field is missing` : `Unknown "type" value "${word}"`);
      else if (data.nulls[row] === 1) rows.reject(row, `the "data" field of the message is null`);
      else if (kind !== "update") changes.add(kind, row, row, 0);
      else if (old.nulls[row] === 1) rows.reject(row, `the "old" field of an update message is null`);
      else addUpdate(changes, row, row);
    }
  }

  images(columns: readonly Column[], changes: ChangeList): readonly Column[] {
    const data = columns.slice(3, 3 + this.width);
    return changes.isPlain(changes.count) ? data : oldImages(data, columns.slice(3 + this.width), changes);
  }
}

/** Maxwell's daemon. */
export const MAXWELL: EnvelopeKind = {
  metadata: [
    { key: "database", type: T.string(), path: ["database"], as: "value" },
    { key: "table", type: T.string(), path: ["table"], as: "value" },
    { key: "primary-key-columns", type: T.array(T.string()), path: ["primary_key_columns"], as: "value" },
    // Maxwell counts seconds.
    { key: "ingestion-timestamp", type: T.timestampLtz(3), path: ["ts"], as: "seconds" },
  ],
  root: [],
  envelope: (physical) => new Maxwell(physical),
};
