import { changesOf } from "../batch/changes.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { DataType, Field } from "../types/data-type.ts";
import { textOf } from "../types/value-text.ts";
import type { ResultWriter } from "./format.ts";
import { QUERY_COLUMN_WIDTH, TableauWriter } from "./tableau.ts";

/** Time between two drawings. */
const REDRAW_MILLIS = 200;

/** Lines of a terminal that are not rows: head, borders, the line below, the cursor's. */
const OTHER_LINES = 6;

export interface LiveTableOptions {
  readonly zone: string;
  readonly write: (text: string) => void;
  /** Size of the terminal now. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Rows kept at most, the oldest go first (`sql-client.execution.max-table-result.rows`). */
  readonly maxRows: number;
  /** Widest column, in terminal columns. */
  readonly maxWidth?: number | undefined;
}

interface KeptRow {
  readonly cells: readonly string[];
  count: number;
}

/**
 * The result as it is now, drawn in place on a terminal while changes come: the newest rows that fit. At the end all of
 * it stands there as a table.
 */
export class LiveTable implements ResultWriter {
  readonly #fields: readonly Field[];
  readonly #types: readonly DataType[];
  readonly #options: LiveTableOptions;
  readonly #rows = new Map<string, KeptRow>();
  readonly #texts: readonly ((value: never) => string)[];
  #total = 0;
  #changes = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Lines on the screen that the next drawing replaces. */
  #drawn = 0;

  constructor(fields: readonly Field[], options: LiveTableOptions) {
    this.#fields = fields;
    this.#types = fields.map((f) => f.type);
    this.#options = options;
    this.#texts = this.#types.map((type) => textOf(type, options.zone));
  }

  batch(batch: RecordBatch): void {
    for (const { kind, row } of changesOf(batch, this.#types)) {
      this.#changes += 1;
      this.#apply(
        kind.startsWith("+"),
        row.map((value, i) => (value === null ? "<NULL>" : this.#texts[i]!(value as never))),
      );
    }
    if (this.#changes > 0) this.#timer ??= setTimeout(() => this.draw(), REDRAW_MILLIS);
  }

  #apply(added: boolean, cells: readonly string[]): void {
    const key = cells.join("\u0000");
    const kept = this.#rows.get(key);
    this.#total += added ? 1 : -1;
    if (kept === undefined) {
      this.#rows.set(key, { cells, count: added ? 1 : -1 });
      if (this.#rows.size > this.#options.maxRows) this.#dropOldest();
      return;
    }
    kept.count += added ? 1 : -1;
    if (kept.count === 0) this.#rows.delete(key);
  }

  #dropOldest(): void {
    const [oldest] = this.#rows;
    if (oldest === undefined) return;
    this.#rows.delete(oldest[0]);
    this.#total -= oldest[1].count;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#drawn > 0) this.#options.write(`\r\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }

  draw(): void {
    const { columns, rows } = this.#options.size();
    const shown = this.#cells().slice(-Math.max(1, rows - OTHER_LINES));
    const hidden = this.#total - shown.length;
    const below = `${this.#total} row${this.#total === 1 ? "" : "s"}${hidden > 0 ? `, the newest ${shown.length} shown` : ""} · ${this.#changes} change${this.#changes === 1 ? "" : "s"} · Ctrl-C ends`;
    const lines = [...this.#table(shown), below].map((line) => (line.length > columns ? line.slice(0, columns) : line));
    this.clear();
    this.#options.write(`${lines.join("\n")}\n`);
    this.#drawn = lines.length;
  }

  end(): void {
    this.clear();
    const lines = this.#table(this.#cells());
    if (this.#total === 0) this.#options.write("Empty set\n");
    else this.#options.write(`${lines.join("\n")}\n${this.#total} row${this.#total === 1 ? "" : "s"} in set\n`);
  }

  #cells(): (readonly string[])[] {
    return [...this.#rows.values()].flatMap(({ cells, count }) =>
      Array.from({ length: Math.max(0, count) }, () => cells),
    );
  }

  /** Head, rows and the border below. */
  #table(rows: readonly (readonly string[])[]): string[] {
    let text = "";
    const style = { plain: true, maxWidth: this.#options.maxWidth ?? QUERY_COLUMN_WIDTH };
    const table = new TableauWriter(this.#fields, style, (piece) => void (text += piece));
    for (const cells of rows) table.change("+I", cells);
    table.close();
    return text.trimEnd().split("\n");
  }
}
