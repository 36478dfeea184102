import { AGGREGATES, SCALAR_FUNCTIONS } from "../../src/functions/index.ts";
import { examplesOf } from "../../src/functions/examples/index.ts";
import type { AggregateFunction, FunctionDoc, ScalarFunction } from "../../src/functions/define.ts";
import { code, codes, GENERATED, page } from "./markdown.ts";

/** docs/functions.md: operators in the order of their definition, then functions and aggregates by name. */
export function functionsPage(): string {
  const operators = SCALAR_FUNCTIONS.filter((f) => f.callable === false);
  const functions = SCALAR_FUNCTIONS.filter((f) => f.callable !== false).toSorted(byName);
  const aggregates = AGGREGATES.filter((f) => f.onlyOver !== true).toSorted(byName);
  const overOnly = AGGREGATES.filter((f) => f.onlyOver === true && !f.name.startsWith("$")).toSorted(byName);
  return page([
    GENERATED,
    "# Functions and operators",
    `${operators.length} operators and special forms, ${functions.length} scalar functions, ${aggregates.length} aggregate functions. The ` +
      "examples run as tests; a result is shown as `CAST(… AS STRING)` gives it. A NULL argument gives NULL, unless a function says that it " +
      "handles NULL. Functions of your own: `CREATE FUNCTION f AS './file.js#name' LANGUAGE JAVASCRIPT`.",
    "## Operators and special forms",
    ...operators.map(scalarEntry),
    "## Scalar functions",
    codes(functions.map((f) => f.name)),
    ...functions.map(scalarEntry),
    "## Aggregate functions",
    "Rows with a NULL argument are left out, unless a function says that it handles NULL. All take `FILTER (WHERE …)`.",
    ...aggregates.map(aggregateEntry),
    "## Window functions",
    "Only with `OVER (PARTITION BY … ORDER BY …)`; all aggregates may have OVER too.",
    ...overOnly.map((f) => entry(f, [])),
    "## Table functions",
    "In FROM. Calls and their meaning: [sql.md](sql.md).",
    TABLE_CALLS.map(([signature, summary]) => `- ${code(signature)} — ${summary}`).join("\n"),
  ]);
}

/** What FROM calls; the windows are syntax, so that no definition holds their text. */
const TABLE_CALLS: readonly (readonly [signature: string, summary: string])[] = [
  ["TUMBLE(TABLE t, DESCRIPTOR(time), size[, offset])", "each row with the window of its time."],
  ["HOP(TABLE t, DESCRIPTOR(time), slide, size[, offset])", "each row once for every window that its time lies in."],
  ["CUMULATE(TABLE t, DESCRIPTOR(time), step, size[, offset])", "each row once for every window that grows over it."],
  ["SESSION(TABLE t [PARTITION BY key], DESCRIPTOR(time), gap)", "each row with its session of activity."],
  ["UNNEST(<ARRAY> | <MAP> | <MULTISET>) [WITH ORDINALITY]", "the items of a collection as rows; none for NULL."],
  ["LATERAL TABLE(f(…))", "the rows that a table function of your own makes of each row."],
];

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function scalarEntry(f: ScalarFunction): string {
  const notes: string[] = [];
  if (f.nulls === "handled") notes.push("Handles NULL.");
  if (f.stability === "row") notes.push("Evaluated anew for each row.");
  if (f.stability === "statement") notes.push("The same for a whole job.");
  return entry(f, notes);
}

function aggregateEntry(f: AggregateFunction): string {
  const notes: string[] = [];
  if (f.nulls === "handled") notes.push("Handles NULL.");
  if (f.onlyOver === true) return entry(f, [...notes, "Only with OVER."]);
  if (f.retract === undefined) notes.push("Not over updating input.");
  if (f.merge === undefined) notes.push("Not in windows that are merged (HOP, CUMULATE, SESSION).");
  return entry(f, notes);
}

interface Documented {
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  readonly signature: string;
  readonly doc: FunctionDoc;
}

function entry(f: Documented, notes: readonly string[]): string {
  const also = f.aliases === undefined || f.aliases.length === 0 ? [] : [`Also ${codes(f.aliases)}.`];
  const examples = examplesOf(f).map(([sql, result]) => `- ${code(sql)} → ${code(result)}`);
  return page([
    `### ${heading(f.name)}`,
    code(f.signature),
    [f.doc.summary, ...also, ...notes].join(" "),
    examples.join("\n"),
  ]).trimEnd();
}

/** Characters that mean something in Markdown stand in code. */
function heading(name: string): string {
  return /^\w+( \w+)*$/.test(name) && !name.includes("_") ? name : code(name);
}
