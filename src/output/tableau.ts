import { displayWidth } from "../base/display-width.ts";
import type { DataType, Field } from "../types/data-type.ts";

/** Widest column that Flink's client draws for a query; longer texts are cut with `...`. */
export const QUERY_COLUMN_WIDTH = 30;

export interface TableauStyle {
  /** Without the `op` column that Flink's streaming client shows. */
  readonly plain: boolean;
  /** Terminal columns that a column of the table takes at most. */
  readonly maxWidth: number;
}

/** Results that are this large, or come this slowly, are drawn as they come; smaller ones as wide as they need. */
const ROWS_AT_ONCE = 1000;
const WAIT_MILLIS = 1000;

/** One line of a result. */
interface ResultLine {
  readonly kind: string;
  readonly row: readonly string[];
}

/** Flink's box drawing. */
export class TableauWriter {
  readonly #fields: readonly Field[];
  readonly #style: TableauStyle;
  readonly #write: (text: string) => void | Promise<void>;
  /** Lines that are not drawn yet. */
  #lines: ResultLine[] = [];
  /** Set when the head is drawn. */
  #widths: readonly number[] | undefined;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(fields: readonly Field[], style: TableauStyle, write: (text: string) => void | Promise<void>) {
    this.#fields = fields;
    this.#style = style;
    this.#write = write;
  }

  change(kind: string, row: readonly string[]): void {
    this.#count += 1;
    this.#lines.push({ kind, row: row.map((text) => text.replaceAll("\n", "\\n")) });
  }

  /** Draws what has come, unless there is so little that more may come soon. */
  flush(): void | Promise<void> {
    if (this.#widths !== undefined || this.#lines.length >= ROWS_AT_ONCE) return this.#draw(true);
    if (this.#lines.length > 0) this.#timer ??= setTimeout(() => void this.#draw(true), WAIT_MILLIS).unref();
  }

  end(): void {
    if (this.#count === 0) {
      void this.#write("Empty set\n");
      return;
    }
    this.close();
    void this.#write(`Received a total of ${this.#count} row${this.#count === 1 ? "" : "s"}\n`);
  }

  /** Draws what is left and the line below. */
  close(): void {
    void this.#draw(false);
    void this.#write(this.#border());
  }

  /** `more`: rows will follow that may be wider than those that are here. */
  #draw(more: boolean): void | Promise<void> {
    clearTimeout(this.#timer);
    let text = "";
    if (this.#widths === undefined) {
      this.#widths = this.#fields.map((f, i) => this.#width(f, i, more));
      text =
        this.#border() +
        this.#line(
          "op",
          this.#fields.map((f) => f.name),
        ) +
        this.#border();
    }
    for (const { kind, row } of this.#lines) text += this.#line(kind, row);
    this.#lines = [];
    return text === "" ? undefined : this.#write(text);
  }

  #width(field: Field, column: number, more: boolean): number {
    const { maxWidth } = this.#style;
    let width = Math.max(displayWidth(field.name), more ? Math.min(typeWidth(field.type), maxWidth) : 0);
    for (const { row } of this.#lines) width = Math.max(width, Math.min(displayWidth(row[column]!), maxWidth));
    return width;
  }

  #border(): string {
    return `+${this.#style.plain ? "" : "----+"}${this.#widths!.map((w) => `${"-".repeat(w + 2)}+`).join("")}\n`;
  }

  #line(kind: string, cells: readonly string[]): string {
    const shown = cells.map((c, i) => ` ${fit(c, this.#widths![i]!, alignsLeft(this.#fields[i]!.type))} |`);
    return `|${this.#style.plain ? "" : ` ${kind.padStart(2)} |`}${shown.join("")}\n`;
  }
}

/** What the values of a type take at most, as far as that can be said. */
function typeWidth(type: DataType): number {
  switch (type.kind) {
    case "BOOLEAN":
      return 6;
    case "TINYINT":
      return 4;
    case "SMALLINT":
      return 6;
    case "INT":
      return 11;
    case "BIGINT":
      return 20;
    case "DECIMAL":
      return type.precision + 2;
    case "DATE":
      return 10;
    case "TIME":
      return 8;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return type.precision === 0 ? 19 : 20 + type.precision;
    default:
      return QUERY_COLUMN_WIDTH;
  }
}

function alignsLeft(type: DataType): boolean {
  return type.kind === "VARCHAR" || type.kind === "CHAR";
}

function fit(text: string, width: number, left: boolean): string {
  const shown = displayWidth(text) > width ? cut(text, width) : text;
  const padding = " ".repeat(Math.max(0, width - displayWidth(shown)));
  return left ? shown + padding : padding + shown;
}

function cut(text: string, width: number): string {
  let shown = "";
  for (const character of text) {
    if (displayWidth(shown + character) > width - 3) break;
    shown += character;
  }
  return `${shown}...`;
}
