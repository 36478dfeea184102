import type { RowKind } from "../../batch/row-kind.ts";

/** The changes that the records of a batch stand for, in order. */
export class ChangeList {
  kinds = new Uint8Array(1024);
  /** For each change its record (row of the envelope's batch). */
  records = new Int32Array(1024);
  /** For each change the row of its image; the record itself where a record has one image of each kind. */
  rows = new Int32Array(1024);
  /** 1: the old image of the row, 0: the new one. */
  old = new Uint8Array(1024);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  add(kind: RowKind, record: number, row: number, old: 0 | 1): void {
    const at = this.count++;
    if (at === this.kinds.length) this.grow();
    this.kinds[at] = kind;
    this.records[at] = record;
    this.rows[at] = row;
    this.old[at] = old;
  }

  /** Each of `count` records is an insert, and nothing else is here. */
  isPlain(count: number): boolean {
    if (this.count !== count) return false;
    const { kinds, records, rows } = this;
    for (let i = 0; i < count; i++) if (kinds[i] !== 0 || records[i] !== i || rows[i] !== i) return false;
    return true;
  }

  private grow(): void {
    const size = 2 * this.kinds.length;
    const { kinds, records, rows, old } = this;
    this.kinds = new Uint8Array(size);
    this.records = new Int32Array(size);
    this.rows = new Int32Array(size);
    this.old = new Uint8Array(size);
    this.kinds.set(kinds);
    this.records.set(records);
    this.rows.set(rows);
    this.old.set(old);
  }
}
