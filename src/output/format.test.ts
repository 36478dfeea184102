import { describe, expect, it } from "vitest";
import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { T } from "../types/data-type.ts";
import type { Field, Value } from "../types/data-type.ts";
import { resultWriter, showRows } from "./format.ts";
import type { ResultOptions } from "./format.ts";

const KINDS = ["+I", "-U", "+U", "-D"];

function batchOf(
  fields: readonly Field[],
  changes: readonly (readonly [kind: string, ...row: Value[]])[],
): RecordBatch {
  return {
    rowCount: changes.length,
    columns: fields.map((f, i) =>
      columnOf(
        f.type,
        changes.map((c) => c[i + 1] as Value),
      ),
    ),
    kinds: Uint8Array.from(changes, (c) => KINDS.indexOf(c[0])),
    steps: undefined,
  };
}

/** What a result writer writes for changes that come in one batch. */
function shown(
  fields: readonly Field[],
  changes: readonly (readonly [kind: string, ...row: Value[]])[],
  options: Partial<ResultOptions>,
): string {
  let text = "";
  const writer = resultWriter(fields, {
    format: "print",
    zone: "UTC",
    final: false,
    maxRows: -1,
    write: (part) => void (text += part),
    ...options,
  });
  void writer.batch(batchOf(fields, changes));
  writer.prepare?.(1);
  writer.commit?.(1);
  writer.end();
  return text;
}

const KN: readonly Field[] = [
  { name: "k", type: T.string() },
  { name: "n", type: T.bigint() },
];
const UPDATES = [
  ["+I", "x", 1n],
  ["-U", "x", 1n],
  ["+U", "x", 2n],
  ["+I", null, 1n],
] as const;

describe("formats", () => {
  it.each<readonly [what: string, text: string, expected: string]>([
    ["print", shown(KN, UPDATES, {}), "+I[x, 1]\n-U[x, 1]\n+U[x, 2]\n+I[null, 1]\n"],
    ["print, final", shown(KN, UPDATES, { final: true }), "+I[x, 2]\n+I[null, 1]\n"],
    [
      "json",
      shown(KN, UPDATES, { format: "json" }),
      '{"op":"+I","row":{"k":"x","n":1}}\n{"op":"-U","row":{"k":"x","n":1}}\n{"op":"+U","row":{"k":"x","n":2}}\n{"op":"+I","row":{"k":null,"n":1}}\n',
    ],
    ["csv, final", shown(KN, UPDATES, { format: "csv", final: true }), "k,n\nx,2\n,1\n"],
    [
      "csv of texts that need quotes",
      shown([{ name: 'a"b', type: T.string() }], [["+I", 'x,"y"\nz']], { format: "csv" }),
      '"a""b"\n"x,""y""\nz"\n',
    ],
    ["csv of nothing has its head", shown(KN, [], { format: "csv" }), "k,n\n"],
    [
      "tableau",
      shown(KN, UPDATES, { format: "tableau" }),
      "+----+--------+---+\n| op | k      | n |\n+----+--------+---+\n| +I | x      | 1 |\n| -U | x      | 1 |\n| +U | x      | 2 |\n| +I | <NULL> | 1 |\n+----+--------+---+\nReceived a total of 4 rows\n",
    ],
    [
      "tableau, final",
      shown(KN, [["+I", "x", 10n]], { format: "tableau", final: true }),
      "+---+----+\n| k |  n |\n+---+----+\n| x | 10 |\n+---+----+\nReceived a total of 1 row\n",
    ],
    ["tableau of nothing", shown(KN, [], { format: "tableau" }), "Empty set\n"],
    ["at most so many rows", shown(KN, UPDATES, { maxRows: 2 }), "+I[x, 1]\n-U[x, 1]\n"],
    ["none", shown(KN, UPDATES, { maxRows: 0 }), ""],
  ])("%s", (_, text, expected) => {
    expect(text).toBe(expected);
  });

  it("csv refuses updates", () => {
    expect(() => shown(KN, UPDATES, { format: "csv" })).toThrow("csv cannot show a result with updates");
  });

  it("says when the last row is shown", () => {
    let full = 0;
    shown(KN, UPDATES, { maxRows: 2, onFull: () => (full += 1) });
    expect(full).toBe(1);
  });
});

describe("tableau", () => {
  const column = (...values: readonly string[]): string =>
    shown(
      [{ name: "c", type: T.string() }],
      values.map((v) => ["+I", v] as const),
      { format: "tableau", final: true },
    )
      .split("\n")
      .slice(3, 3 + values.length)
      .join("\n");

  it.each<readonly [what: string, values: readonly string[], expected: string]>([
    ["cuts at 30 columns", ["a".repeat(31)], `| ${"a".repeat(27)}... |`],
    ["does not cut 30", ["a".repeat(30)], `| ${"a".repeat(30)} |`],
    ["wide characters take two", ["世界", "abcd"], "| 世界 |\n| abcd |"],
    ["cuts wide characters by their width", ["世".repeat(16)], `| ${"世".repeat(13)}...  |`],
    ["combining marks take none", ["e\u0301", "x"], "| e\u0301 |\n| x |"],
    ["line breaks are shown", ["a\nb", "abcd"], "| a\\nb |\n| abcd |"],
  ])("%s", (_, values, expected) => {
    expect(column(...values)).toBe(expected);
  });
});

describe("rows that are left", () => {
  const one: readonly Field[] = [{ name: "c", type: T.string() }];
  const final = (
    fields: readonly Field[],
    changes: Parameters<typeof shown>[1],
    options: Partial<ResultOptions> = {},
  ): string => shown(fields, changes, { final: true, ...options });

  it.each<readonly [what: string, text: string, expected: string]>([
    [
      "NULL is not the text NULL",
      final(one, [
        ["+I", null],
        ["+I", "NULL"],
        ["-D", null],
      ]),
      "+I[NULL]\n",
    ],
    [
      "equal rows count",
      final(one, [
        ["+I", "x"],
        ["+I", "x"],
        ["+I", "x"],
        ["-D", "x"],
      ]),
      "+I[x]\n+I[x]\n",
    ],
    [
      "a deletion may come first",
      final(one, [
        ["-D", "x"],
        ["+I", "x"],
        ["+I", "y"],
      ]),
      "+I[y]\n",
    ],
    [
      "arrays with commas in them",
      final(
        [{ name: "c", type: { kind: "ARRAY", element: T.string(), nullable: true } }],
        [
          ["+I", ["a, b"]],
          ["+I", ["a", "b"]],
          ["-D", ["a, b"]],
        ],
      ),
      "+I[[a, b]]\n",
    ],
    [
      "in the order of the query",
      final(
        KN,
        [
          ["+I", "x", 1n],
          ["+I", "y", 3n],
          ["+I", "z", null],
          ["+I", "a", 3n],
        ],
        {
          order: [
            { column: 1, descending: true, nullsFirst: true },
            { column: 0, descending: false, nullsFirst: true },
          ],
        },
      ),
      "+I[z, null]\n+I[a, 3]\n+I[y, 3]\n+I[x, 1]\n",
    ],
    [
      "in the order of their coming without one",
      final(one, [
        ["+I", "b"],
        ["+I", "a"],
      ]),
      "+I[b]\n+I[a]\n",
    ],
  ])("%s", (_, text, expected) => {
    expect(text).toBe(expected);
  });

  it("what a restore took back does not count", () => {
    let text = "";
    const writer = resultWriter(one, {
      format: "print",
      zone: "UTC",
      final: true,
      maxRows: -1,
      write: (part) => void (text += part),
    });
    void writer.batch(batchOf(one, [["+I", "kept"]]));
    writer.prepare!(1);
    void writer.batch(batchOf(one, [["+I", "lost"]]));
    writer.commit!(1);
    writer.discardAfter!();
    void writer.batch(batchOf(one, [["+I", "again"]]));
    writer.prepare!(2);
    writer.commit!(2);
    writer.commit!(2);
    writer.end();
    expect(text).toBe("+I[kept]\n+I[again]\n");
  });
});

describe("finished tables", () => {
  const table = (
    fields: readonly Field[],
    rows: readonly (readonly Value[])[],
    format: ResultOptions["format"],
  ): string => {
    let text = "";
    showRows(fields, rows, { format, zone: "UTC", final: false, maxRows: -1, write: (part) => void (text += part) });
    return text;
  };
  const name: readonly Field[] = [{ name: "table name", type: T.string() }];
  const result: readonly Field[] = [{ name: "result", type: T.string() }];

  it.each<readonly [what: string, text: string, expected: string]>([
    ["print", table(name, [["a"], ["b"]], "print"), "+I[a]\n+I[b]\n"],
    [
      "tableau has no op",
      table(name, [["a"]], "tableau"),
      "+------------+\n| table name |\n+------------+\n| a          |\n+------------+\nReceived a total of 1 row\n",
    ],
    ["tableau cuts nothing", table(name, [["a".repeat(50)]], "tableau").split("\n")[3]!, `| ${"a".repeat(50)} |`],
    ["csv", table(name, [["a"]], "csv"), "table name\na\n"],
    ["a plan is shown as it is", table(result, [["== Plan ==\nScan\n"]], "print"), "== Plan ==\nScan\n"],
    ["also in a terminal", table(result, [["CREATE TABLE t (\n)"]], "tableau"), "CREATE TABLE t (\n)\n"],
    ["but not in JSON", table(result, [["a\nb"]], "json"), '{"op":"+I","row":{"result":"a\\nb"}}\n'],
  ])("%s", (_, text, expected) => {
    expect(text).toBe(expected);
  });
});
