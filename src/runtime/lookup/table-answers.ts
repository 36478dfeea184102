import type { Column } from "../../batch/column.ts";
import { takeColumn } from "../../batch/take.ts";
import type { Lookup, LookupAnswer, Source } from "../../connectors/api.ts";
import type { DataType } from "../../types/data-type.ts";
import type { LookupJoinSpec } from "../spec.ts";
import type { Answers } from "./answers.ts";
import { KeyedRows } from "./keyed-rows.ts";
import { loadTable } from "./loaded-table.ts";
import { nextReload } from "./reload-clock.ts";

interface TableAnswersOptions {
  readonly spec: LookupJoinSpec;
  /** A new reading of the table. */
  open(): Source;
  /** Read again when this is another text; undefined: when the cache's clock says so. */
  readonly version: (() => string) | undefined;
  nowMillis(): number;
  readonly zone: string;
}

/** A table that is held in memory as a whole. */
export class TableAnswers implements Answers {
  readonly #options: TableAnswersOptions;
  readonly #types: readonly DataType[];
  readonly #keys: readonly number[];
  rows: KeyedRows;
  #loaded: string | undefined;
  #reloadAtMillis = -Infinity;

  constructor(options: TableAnswersOptions) {
    this.#options = options;
    const { spec } = options;
    this.#types = spec.columns.map(({ type }) => type);
    this.#keys = spec.keys.map(({ column }) => column);
    this.rows = new KeyedRows([], []);
  }

  ready(): boolean {
    const { version } = this.#options;
    return version === undefined
      ? this.#options.nowMillis() < this.#reloadAtMillis
      : this.#loaded !== undefined && this.#loaded === version();
  }

  async prepare(): Promise<void> {
    if (this.ready()) return;
    const { spec, version, zone } = this.#options;
    const started = this.#options.nowMillis();
    const loaded = version?.();
    this.rows = await loadTable(this.#options.open(), this.#types, this.#keys);
    this.#loaded = loaded;
    if (spec.cache.kind === "full")
      this.#reloadAtMillis = nextReload(spec.cache.reload, started, this.#options.nowMillis(), zone);
  }

  /** The table as one that finds the rows of given keys. */
  asLookup(): Extract<Lookup, { kind: "keys" }> {
    return {
      kind: "keys",
      find: async (keys, count) => {
        await this.prepare();
        return this.#find(keys, count);
      },
    };
  }

  #find(keys: readonly Column[], count: number): LookupAnswer {
    const { table, lists } = this.rows;
    const slots = new Int32Array(count);
    void table.find(keys, undefined, count, slots);
    const found: number[] = [];
    const keyOf: number[] = [];
    for (let key = 0; key < count; key++) {
      if (slots[key]! < 0) continue;
      for (let row = lists.head(slots[key]!); row >= 0; row = lists.next(row)) {
        found.push(row);
        keyOf.push(key);
      }
    }
    const columns = lists.gather(Int32Array.from(found), found.length);
    return {
      rows: { rowCount: found.length, columns, kinds: undefined, steps: undefined },
      keyOf: Int32Array.from(keyOf),
    };
  }

  close(): void {
    // Nothing is open between two readings.
  }
}

/** Rows of key columns. */
export function takeKeys(keys: readonly Column[], rows: readonly number[]): Column[] {
  const selected = Int32Array.from(rows);
  return keys.map((key) => takeColumn(key, selected, rows.length));
}
