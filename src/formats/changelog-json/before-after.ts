import type { Column } from "../../batch/column.ts";
import { RowKind } from "../../batch/row-kind.ts";
import { T } from "../../types/data-type.ts";
import type { ProjectedField } from "../api.ts";
import type { ReviewedRows } from "../json/decoder.ts";
import type { PlannedField } from "../planned-fields.ts";
import type { ChangeList } from "./changes.ts";
import { addUpdate, kindOf, textAt, textField, type Envelope } from "./envelope.ts";
import { pickColumn } from "./pick-column.ts";

export interface BeforeAfterFormat {
  readonly format: string;
  /** In messages: `Debezium`. */
  readonly product: string;
  readonly root: readonly string[];
  /** Member that says what happened, and its words. */
  readonly operation: string;
  readonly words: Readonly<Record<string, RowKind | "update">>;
}

/** Records with whole rows in `before` and `after` (Debezium, Oracle GoldenGate). */
export class BeforeAfter implements Envelope {
  readonly format: string;
  readonly projection: readonly PlannedField[];
  private readonly about: BeforeAfterFormat;
  private readonly width: number;

  constructor(physical: readonly ProjectedField[], about: BeforeAfterFormat) {
    const { root } = about;
    const image = (name: string): PlannedField[] =>
      physical.map(({ path, type }) => ({ path: [...root, name, ...path], type }));
    const isThere = (name: string): PlannedField => ({ path: [...root, name], type: T.boolean(), take: "object" });
    this.format = about.format;
    this.about = about;
    this.width = physical.length;
    this.projection = [
      textField(...root, about.operation),
      isThere("before"),
      isThere("after"),
      ...image("before"),
      ...image("after"),
    ];
  }

  review(rows: ReviewedRows, changes: ChangeList): void {
    const [operation, before, after] = rows.slots as [
      ReviewedRows["slots"][0],
      ReviewedRows["slots"][0],
      ReviewedRows["slots"][0],
    ];
    const { words } = this.about;
    for (let row = 0; row < rows.rowCount; row++) {
      const word = textAt(operation, row, rows.data, rows.marks !== undefined);
      const kind = word === undefined ? undefined : kindOf(word, words);
      if (kind === undefined) {
        rows.reject(row, this.unknown(word));
      } else if (kind !== RowKind.Insert && before.nulls[row] === 1) {
        rows.reject(row, this.withoutBefore(kind));
      } else if (kind !== RowKind.Delete && after.nulls[row] === 1) {
        rows.reject(row, `the "after" field of the message is null`);
      } else if (kind === "update") addUpdate(changes, row, row);
      else changes.add(kind, row, row, kind === RowKind.Delete ? 1 : 0);
    }
  }

  images(columns: readonly Column[], changes: ChangeList): readonly Column[] {
    const { width } = this;
    const after = columns.slice(3 + width, 3 + 2 * width);
    if (changes.isPlain(changes.count)) return after;
    return after.map((column, i) => pickColumn(columns[3 + i]!, column, changes.old, changes.rows, changes.count));
  }

  private unknown(word: string | undefined): string {
    const { operation } = this.about;
    return word === undefined ? `the "${operation}" field is missing` : `Unknown "${operation}" value "${word}"`;
  }

  private withoutBefore(kind: RowKind | "update"): string {
    const { product } = this.about;
    const message = kind === "update" ? "UPDATE" : "DELETE";
    return `The "before" field of ${message} message is null, if you are using ${product} Postgres Connector, please check the Postgres table has been set REPLICA IDENTITY to FULL level.`;
  }
}
