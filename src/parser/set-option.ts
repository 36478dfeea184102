import type { ResetOption, SetOption } from "./ast/statement.ts";
import type { Cursor } from "./cursor.ts";

/** `SET 'key' = 'value'`, `SET`, and the old `SET key = value` whose value is the rest of the statement. */
export function parseSet(c: Cursor): SetOption {
  const { start } = c;
  c.expect("SET");
  if (atEnd(c)) return { kind: "Set", span: c.span(start), key: undefined, value: undefined };
  if (c.isString()) {
    const key = c.string();
    c.expectSymbol("=");
    const value = c.string("the value in single quotes");
    return { kind: "Set", span: c.span(start), key, value };
  }
  const key = takeRaw(c, (symbol) => symbol === "=");
  if (key === "") throw c.fail("an option name in single quotes");
  c.expectSymbol("=");
  const value = c.isString() ? c.string() : takeRaw(c, () => false);
  return { kind: "Set", span: c.span(start), key, value };
}

/** `RESET 'key'`, `RESET`, and the old `RESET key`. */
export function parseReset(c: Cursor): ResetOption {
  const { start } = c;
  c.expect("RESET");
  if (atEnd(c)) return { kind: "Reset", span: c.span(start), key: undefined };
  const key = c.isString() ? c.string() : takeRaw(c, () => false);
  return { kind: "Reset", span: c.span(start), key };
}

function atEnd(c: Cursor): boolean {
  return c.isSymbol(";") || c.token.kind === "end";
}

/** The text of the tokens up to `;` or a symbol that stops, without blanks around. */
function takeRaw(c: Cursor, stops: (symbol: string) => boolean): string {
  const { start } = c;
  while (!atEnd(c) && !(c.token.kind === "symbol" && stops(c.token.text))) c.take();
  return c.source.slice(start, Math.max(start, c.lastEnd)).trim();
}
