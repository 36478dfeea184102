import { expect, test } from "vitest";
import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { T } from "../types/data-type.ts";
import { LiveTable } from "./live-table.ts";

const FIELDS = [
  { name: "word", type: T.string() },
  { name: "n", type: T.int() },
];

function batch(rows: readonly (readonly [kind: number, word: string, n: number])[]): RecordBatch {
  return {
    rowCount: rows.length,
    columns: [
      columnOf(
        T.string(),
        rows.map((r) => r[1]),
      ),
      columnOf(
        T.int(),
        rows.map((r) => r[2]),
      ),
    ],
    kinds: Uint8Array.from(rows, (r) => r[0]),
    steps: undefined,
  };
}

/** A screen that understands what the table sends: text, and "up n lines, clear". */
function screen(rows = 24): { readonly table: LiveTable; readonly lines: () => string[] } {
  let lines: string[] = [""];
  const write = (text: string): void => {
    for (const piece of text.split(/(\r\u001b\[\d+A\u001b\[J)/)) {
      // eslint-disable-next-line no-control-regex
      const up = /^\r\u001b\[(\d+)A/.exec(piece);
      if (up !== null) lines = [...lines.slice(0, lines.length - 1 - Number(up[1])), ""];
      else {
        const [first = "", ...rest] = piece.split("\n");
        lines = [...lines.slice(0, -1), lines.at(-1)! + first, ...rest];
      }
    }
  };
  const table = new LiveTable(FIELDS, { zone: "UTC", write, size: () => ({ columns: 80, rows }), maxRows: 3 });
  return { table, lines: () => lines.filter((line) => line !== "") };
}

test("shows what is left, in place", () => {
  const { table, lines } = screen();
  table.batch(batch([[0, "a", 1]]));
  table.draw();
  table.batch(
    batch([
      [1, "a", 1],
      [2, "a", 2],
      [0, "b", 1],
    ]),
  );
  table.draw();
  expect(lines()).toEqual([
    "+------+---+",
    "| word | n |",
    "+------+---+",
    "| a    | 2 |",
    "| b    | 1 |",
    "+------+---+",
    "2 rows · 4 changes · Ctrl-C ends",
  ]);
  table.end();
  expect(lines().at(-1)).toBe("2 rows in set");
});

test("a small terminal shows the newest rows, and old ones are given up", () => {
  const { table, lines } = screen(8);
  table.batch(
    batch([
      [0, "a", 1],
      [0, "b", 1],
      [0, "c", 1],
      [0, "d", 1],
    ]),
  );
  table.draw();
  expect(lines().slice(3)).toEqual([
    "| c    | 1 |",
    "| d    | 1 |",
    "+------+---+",
    "3 rows, the newest 2 shown · 4 changes · Ctrl-C ends",
  ]);
});

test("nothing left is an empty set", () => {
  const { table, lines } = screen();
  table.batch(
    batch([
      [0, "a", 1],
      [3, "a", 1],
    ]),
  );
  table.end();
  expect(lines()).toEqual(["Empty set"]);
});
