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

/** Flink's box drawing. */
export function tableauText(
  fields: readonly Field[],
  types: readonly DataType[],
  results: readonly { readonly kind: string; readonly row: readonly string[] }[],
  { plain, maxWidth }: TableauStyle,
): string {
  const withOp = !plain;
  const changes = results.map(({ kind, row }) => ({ kind, row: row.map((text) => text.replaceAll("\n", "\\n")) }));
  const names = fields.map((f) => f.name);
  const widths = names.map((name, i) => {
    let width = displayWidth(name);
    for (const { row } of changes) width = Math.max(width, Math.min(displayWidth(row[i]!), maxWidth));
    return width;
  });
  const border = `+${withOp ? "----+" : ""}${widths.map((w) => `${"-".repeat(w + 2)}+`).join("")}\n`;
  const line = (op: string, cells: readonly string[]): string =>
    `|${withOp ? ` ${op.padStart(2)} |` : ""}${cells.map((c, i) => ` ${fit(c, widths[i]!, alignsLeft(types[i]!))} |`).join("")}\n`;
  const count = `Received a total of ${changes.length} row${changes.length === 1 ? "" : "s"}\n`;
  if (changes.length === 0) return "Empty set\n";
  return border + line("op", names) + border + changes.map((c) => line(c.kind, c.row)).join("") + border + count;
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
