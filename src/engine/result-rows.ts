import type { Field, Value } from "../types/data-type.ts";
import { T } from "../types/data-type.ts";

/** A finished table, as SHOW and DESCRIBE give it. */
export interface ResultRows {
  readonly kind: "rows";
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly Value[])[];
}

/** One column of texts. */
export function textRows(column: string, texts: readonly string[]): ResultRows {
  return { kind: "rows", fields: [{ name: column, type: T.string() }], rows: texts.map((text) => [text]) };
}

/** Names and values: DESCRIBE CATALOG, DESCRIBE FUNCTION. */
export function infoRows(rows: readonly (readonly [name: string, value: string | null])[]): ResultRows {
  const fields = ["info name", "info value"].map((name) => ({ name, type: T.string() }));
  return { kind: "rows", fields, rows };
}

/** The names of the parts of a name. */
export function partsOf(name: { readonly parts: readonly { readonly name: string }[] }): string[] {
  return name.parts.map((p) => p.name);
}
