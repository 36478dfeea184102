import { expect, test } from "vitest";
import { blocksOf, differences } from "./blocks.ts";
import type { Comparison } from "./blocks.ts";

const CHANGES = "changelog\n+I[a, 1]\n-U[a, 1]\n+U[a, 2]\nfinal\n[a, 2]\ncolumns\nk STRING\nn BIGINT NOT NULL\n";

const CASES: readonly [
  title: string,
  want: string,
  got: string,
  comparison: Comparison,
  ordered: boolean,
  lines: readonly string[],
][] = [
  ["the same", CHANGES, CHANGES, "changelog", false, []],
  [
    "other changes, same rows left",
    CHANGES,
    CHANGES.replace("-U[a, 1]\n+U[a, 2]", "-D[a, 1]\n+I[a, 2]"),
    "final",
    false,
    [],
  ],
  [
    "other changes",
    CHANGES,
    CHANGES.replace("-U[a, 1]\n+U[a, 2]", "-D[a, 1]\n+I[a, 2]"),
    "changelog",
    false,
    ["block 1: - -U[a, 1]", "block 1: - +U[a, 2]", "block 1: + -D[a, 1]", "block 1: + +I[a, 2]"],
  ],
  [
    "another type",
    CHANGES,
    CHANGES.replace("k STRING", "k CHAR(1)"),
    "final",
    false,
    ["block 1: - k STRING", "block 1: + k CHAR(1)"],
  ],
  [
    "a row that was not there is taken away",
    CHANGES,
    CHANGES.replace("-U[a, 1]", "-U[b, 1]"),
    "final",
    false,
    ["block 1: + a change removes a row that is not there"],
  ],
  [
    "order does not matter",
    "changelog\n+I[1]\n+I[2]\nfinal\n[1]\n[2]\n",
    "changelog\n+I[2]\n+I[1]\nfinal\n[1]\n[2]\n",
    "changelog",
    false,
    [],
  ],
  [
    "order matters",
    "changelog\n+I[1]\n+I[2]\nfinal\n[1]\n[2]\n",
    "changelog\n+I[2]\n+I[1]\nfinal\n[1]\n[2]\n",
    "changelog",
    true,
    ["block 1: the order differs"],
  ],
  ["rows of SHOW are in order", "rows\n[a]\n[b]\n", "rows\n[b]\n[a]\n", "final", false, ["block 1: the order differs"]],
  ["a block too few", "rows\n[a]\n---\nrows\n[b]\n", "rows\n[a]\n", "changelog", false, ["block 2: - rows (missing)"]],
  ["a block too many", "", "rows\n[a]\n", "changelog", false, ["block 1: + rows (not expected)"]],
  [
    "an error in place of rows",
    "rows\n[a]\n",
    "error runtime\nreason IO: no\n",
    "changelog",
    false,
    ["block 1: - rows", "block 1: + error runtime"],
  ],
  [
    "an error of Flink's: only when it came",
    "error validation\nreason org.apache.X: no\n",
    "error planning\nreason PLANNING: nein\n",
    "changelog",
    false,
    [],
  ],
  [
    "an error of Flink's at another time",
    "error runtime\nreason java.lang.X: no\n",
    "error planning\nreason PLANNING: no\n",
    "changelog",
    false,
    ["block 1: - error runtime", "block 1: + error planning"],
  ],
  [
    "another code",
    "error validation\nreason SYNTAX\n",
    "error validation\nreason PLANNING: no\n",
    "changelog",
    false,
    ["block 1: - reason SYNTAX", "block 1: + reason PLANNING: no"],
  ],
  ["any message", "error runtime\nreason IO\n", "error runtime\nreason IO: no\n", "changelog", false, []],
  [
    "another message",
    "error runtime\nreason IO: yes\n",
    "error runtime\nreason IO: no\n",
    "changelog",
    false,
    ["block 1: - reason IO: yes", "block 1: + reason IO: no"],
  ],
];

test.each(CASES)("%s", (_, want, got, comparison, ordered, lines) => {
  expect(differences(blocksOf(want), blocksOf(got), comparison, ordered)).toEqual(lines);
});
