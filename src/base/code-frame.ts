import { contextLines, contextOf } from "./error-context.ts";
import { displayWidth } from "./display-width.ts";
import type { SqlError } from "./errors.ts";
import { positionOf } from "./span.ts";

/** Longest part of a source line that a frame shows. */
const FRAME_WIDTH = 160;

/**
 * The error as users see it everywhere: `error[CODE]: message`, then file:line:column with the source line and a caret,
 * where in the job it happened, then `hint:`. Causes are not shown: the message says what is wrong.
 */
export function errorText(error: SqlError, source?: { readonly file: string; readonly text: string }): string {
  const lines = [`error[${error.code}]: ${error.message}`];
  if (source !== undefined && error.span !== undefined) {
    const { line, column } = positionOf(source.text, error.span.start);
    const sourceLine = source.text.split("\n")[line - 1]?.replace(/\r$/, "") ?? "";
    const from = Math.max(0, column - 1 - FRAME_WIDTH / 2);
    const shown = sourceLine.slice(from, from + FRAME_WIDTH).replaceAll("\t", " ");
    // Carets stand under what the terminal shows: wide characters take two columns.
    const before = shown.slice(0, column - 1 - from);
    const marked = shown.slice(before.length, before.length + error.span.end - error.span.start);
    const carets = "^".repeat(Math.max(1, displayWidth(marked)));
    const margin = String(line).replace(/./g, " ");
    lines.push(
      `${margin}--> ${source.file}:${line}:${column}`,
      `${line} | ${shown}`,
      `${margin} | ${" ".repeat(displayWidth(before))}${carets}`,
    );
  }
  const context = contextOf(error);
  if (context !== undefined) lines.push(...contextLines(context));
  if (error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  return `${lines.join("\n")}\n`;
}
