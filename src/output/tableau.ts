import { displayWidth } from "../base/display-width.ts";
import type { DataType, Field } from "../types/data-type.ts";

/** Widest column that Flink's client draws; longer texts are cut with `...`. */
const MAX_WIDTH = 30;

/** Flink's box drawing: an `op` column when the result has updates (always, as Flink's streaming client does, unless `plain`). */
export function tableauText(
  fields: readonly Field[],
  types: readonly DataType[],
  changes: readonly { readonly kind: string; readonly row: readonly string[] }[],
  plain: boolean,
): string {
  const withOp = !plain;
  const names = fields.map((f) => f.name);
  const widths = names.map((name, i) => {
    let width = displayWidth(name);
    for (const { row } of changes) width = Math.max(width, Math.min(displayWidth(row[i]!), MAX_WIDTH));
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
  const flat = text.replaceAll("\n", "\\n");
  const shown = displayWidth(flat) > width ? `${[...flat].slice(0, Math.max(0, width - 3)).join("")}...` : flat;
  const padding = " ".repeat(Math.max(0, width - displayWidth(shown)));
  return left ? shown + padding : padding + shown;
}
