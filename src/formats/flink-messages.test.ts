import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { must } from "../base/assert.ts";
import { valueAt } from "../batch/get.ts";
import { T, type Value } from "../types/data-type.ts";
import { FORMATS } from "./index.ts";
import { messagesOf } from "./test-support.ts";

/** A message, the rows that Flink 2.2's classes make of it, and whether they fail then. */
type Answer = readonly [message: string | null, rows: readonly string[], fails?: "fails"];

interface Case {
  readonly format: string;
  readonly options: Readonly<Record<string, string>>;
  readonly messages: readonly Answer[];
}

const CASES = JSON.parse(readFileSync(join(import.meta.dirname, "flink-messages.json"), "utf8")) as readonly Case[];

/** What is different on purpose: format and options, message, rows here. */
const DIFFERENT: readonly (readonly [variant: string, message: string, rows: readonly string[]])[] = [
  // The elements of an array are records of their own: a bad one takes no other along, and makes no row of NULLs.
  ["json", '[5,{"id":1}]', ["+I(1,null)", "fails"]],
  ["json", '[null,{"id":1}]', ["+I(1,null)", "fails"]],
  ["json", '[{"id":1},{"id":"x"},{"id":3}]', ["+I(1,null)", "+I(3,null)", "fails"]],
  ["json ignore-parse-errors", '[{"id":1},5]', ["+I(1,null)"]],
  ["json ignore-parse-errors", '[5,{"id":1}]', ["+I(1,null)"]],
  ["json ignore-parse-errors", '[null,{"id":1}]', ["+I(1,null)"]],
  ["json ignore-parse-errors", '[[{"id":1}]]', []],
  ["json decode.json-parser.enabled", '[5,{"id":1}]', ["+I(1,null)", "fails"]],
  ["json decode.json-parser.enabled", '[{"id":1},{"id":"x"},{"id":3}]', ["+I(1,null)", "+I(3,null)", "fails"]],
  // An array without an end is one bad record.
  ["json", '[{"id":1}', ["fails"]],
  ["json ignore-parse-errors", '[{"id":1}', []],
  // The last of several members of one name counts; Flink's parser stops looking when it has seen as many as it wants.
  ["json", '{"id":1,"v":"x","id":2}', ["+I(2,x)"]],
  ["json ignore-parse-errors", '{"id":1,"v":"x","id":2}', ["+I(2,x)"]],
  // No record, no row.
  ["json ignore-parse-errors", '{"id":1,"v":NaN}', []],
  ["json ignore-parse-errors", '{"id":1,}', []],
  ["json ignore-parse-errors", "{'id':1}", []],
  // docs/differences.md: fields of `old` are looked up row by row.
  [
    "canal-json",
    '{"type":"UPDATE","data":[{"id":1,"v":"a"},{"id":2,"v":"b"}],"old":[{"v":"z"},{"id":9}]}',
    ["-U(1,z)", "+U(1,a)", "-U(9,b)", "+U(2,b)"],
  ],
  [
    "canal-json ignore-parse-errors",
    '{"type":"UPDATE","data":[{"id":1,"v":"a"},{"id":2,"v":"b"}],"old":[{"v":"z"},{"id":9}]}',
    ["-U(1,z)", "+U(1,a)", "-U(9,b)", "+U(2,b)"],
  ],
  // A record is read as a whole or not at all.
  [
    "canal-json ignore-parse-errors",
    '{"type":"UPDATE","data":[{"id":1,"v":"a"},{"id":2,"v":"b"}],"old":[{"v":"z"}]}',
    [],
  ],
];

const KINDS = ["+I", "-U", "+U", "-D"];

const show = (value: Value): string => (value === null ? "null" : String(value));

/** Rows in Flink's form, then "fails". */
function decode(format: string, options: Readonly<Record<string, string>>, message: string | null): string[] {
  const physical = [
    { name: "id", type: T.int() },
    { name: "v", type: T.string() },
  ];
  const found = must(
    FORMATS.find(({ name }) => name === format),
    format,
  );
  const rows: string[] = [];
  const decoder = must(
    found.decoder,
    "decoder",
  )({
    physical,
    projection: physical.map(({ name, type }) => ({ path: [name], type })),
    options,
    timeZone: "UTC",
    onBadRecord: () => rows.push("fails"),
  });
  const decoded = must(decoder.decodeMessages?.(messagesOf([message ?? undefined]), 0, 1), "messages");
  const values = decoded.flatMap(({ batch }) =>
    Array.from({ length: batch.rowCount }, (_, row) => {
      const shown = physical.map(({ type }, i) => show(valueAt(batch.columns[i]!, row, type)));
      return `${KINDS[batch.kinds?.[row] ?? 0]}(${shown.join(",")})`;
    }),
  );
  return [...values, ...rows];
}

describe.each(CASES)("$format $options", ({ format, options, messages }) => {
  const variant = [format, ...Object.keys(options)].join(" ");
  for (const [message, rows, fails] of messages) {
    test(`message ${JSON.stringify(message)}`, () => {
      const different = DIFFERENT.find((one) => one[0] === variant && one[1] === message);
      const flink = fails === undefined ? rows : [...rows, fails];
      const got = decode(format, options, message);
      expect(got).toEqual(different?.[2] ?? flink);
      if (different !== undefined) expect(got, "is not different any more").not.toEqual(flink);
    });
  }
});
