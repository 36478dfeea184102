import { createEngine } from "../../../src/index.ts";
import { tableOf, type ExchangeCase } from "./cases.ts";

/** Runs statements and gives the changes of the last one, as `+I[a, b]`. */
export async function runHere(statements: readonly string[]): Promise<string[]> {
  const outcomes = await createEngine({ stderr: () => undefined }).run(`${statements.join(";\n")};`);
  return (outcomes.at(-1)?.changes ?? []).map(({ kind, row }) => rowText(kind, row));
}

/** The cases show texts only. */
export function rowText(kind: string, row: readonly unknown[]): string {
  return `${kind}[${row.map((value) => (value === null ? "NULL" : (value as string))).join(", ")}]`;
}

export function writing(one: ExchangeCase, topic: string, bootstrap: string): string[] {
  return [...(one.settings ?? []), tableOf(one, topic, bootstrap), `INSERT INTO t ${one.rows}`];
}

export function reading(one: ExchangeCase, topic: string, bootstrap: string): string[] {
  return [tableOf(one, topic, bootstrap), `SELECT ${one.shown} FROM t`];
}
