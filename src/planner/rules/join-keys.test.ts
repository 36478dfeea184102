import { describe, expect, it } from "vitest";
import { column, literal } from "../../expressions/expr.ts";
import type { Expr } from "../../expressions/expr.ts";
import { T } from "../../types/data-type.ts";
import type { DataType } from "../../types/data-type.ts";
import { bound, lines } from "../plan.test-helper.ts";
import { transformUp } from "../logical/rewrite.ts";
import { equiKey, joinKeys } from "./join-keys.ts";

describe("keys of equal bytes", () => {
  const equal = (a: DataType, b: DataType): boolean =>
    equiKey({ kind: "call", function: "=", args: [column(0, a), column(1, b)], type: T.boolean() }, 1) !== undefined;

  it.each<readonly [a: DataType, b: DataType, key: boolean]>([
    [T.int(), T.int(), true],
    [T.int(), { kind: "INT", nullable: false }, true],
    [T.int(), T.bigint(), false],
    [T.string(), { kind: "CHAR", length: 3, nullable: true }, true],
    [T.double(), T.double(), false],
    [T.decimal(10, 2), T.decimal(12, 2), true],
    [T.decimal(10, 2), T.decimal(10, 3), false],
    [T.decimal(18, 2), T.decimal(19, 2), false],
    [T.timestamp(0), T.timestamp(3), true],
    [T.timestamp(3), T.timestamp(6), false],
    [{ kind: "ARRAY", element: T.int(), nullable: true }, { kind: "ARRAY", element: T.int(), nullable: true }, true],
    [
      { kind: "ARRAY", element: T.int(), nullable: true },
      { kind: "ARRAY", element: T.bigint(), nullable: true },
      false,
    ],
  ])("%j and %j: %s", (a, b, key) => {
    expect(equal(a, b)).toBe(key);
  });

  it("needs a column of each side", () => {
    const one = literal(1, T.int());
    const key = (...args: readonly Expr[]): unknown =>
      equiKey({ kind: "call", function: "=", args, type: T.boolean() }, 1);
    expect(key(column(0, T.int()), one)).toBeUndefined();
    expect(key(column(1, T.int()), one)).toBeUndefined();
    expect(key(column(1, T.int()), column(0, T.int()))).toEqual({
      left: column(0, T.int()),
      right: column(1, T.int()),
      nullSafe: false,
    });
  });
});

describe("expressions become columns", () => {
  it.each<readonly [sql: string, plan: readonly string[]]>([
    [
      "SELECT * FROM l JOIN r ON a + 1 = x * 2 AND b = y AND c < z",
      [
        "Project $0, $1, $2, $4, $5, $6",
        "  Join inner on ((($3 = $7) AND ($1 = $5)) AND ($2 < $6))",
        "    Project $0, $1, $2, ($0 + 1)",
        "      Scan l [a, b, c]",
        "    Project $0, $1, $2, ($0 * 2)",
        "      Scan r [x, y, z]",
      ],
    ],
    [
      "SELECT * FROM l LEFT JOIN r ON a = z",
      [
        "Project $0, $1, $2, $4, $5, $6",
        "  Join left on ($3 = $6)",
        "    Project $0, $1, $2, CAST($0 AS BIGINT)",
        "      Scan l [a, b, c]",
        "    Scan r [x, y, z]",
      ],
    ],
    [
      "SELECT a FROM l WHERE EXISTS (SELECT 1 FROM r WHERE a + 1 = x AND c < z)",
      [
        "Project $0",
        "  Project $0, $1, $2",
        "    Join semi on (($3 = $4) AND ($2 < $6))",
        "      Project $0, $1, $2, ($0 + 1)",
        "        Scan l [a, b, c]",
        "      Scan r [x, y, z]",
      ],
    ],
    // A value of chance is drawn for each pair.
    [
      "SELECT a FROM l JOIN r ON a + RAND() = x + RAND()",
      [
        "Project $0",
        "  Join inner on ((CAST($0 AS DOUBLE) + RAND()) = (CAST($3 AS DOUBLE) + RAND()))",
        "    Scan l [a, b, c]",
        "    Scan r [x, y, z]",
      ],
    ],
  ])("%s", (sql, plan) => {
    const { roots, facts } = bound(sql);
    expect(lines(transformUp(roots.at(-1)!, (node) => joinKeys(node, facts)))).toEqual(plan);
  });
});
