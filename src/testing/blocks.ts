import { ERRORS } from "../base/errors.ts";

/** One block of a golden file. */
export interface Block {
  /** `changelog`, `final`, `rows`, `print`, `error`. */
  readonly kind: string;
  /** The first line, e.g. `error runtime`. */
  readonly head: string;
  readonly rows: readonly string[];
  /** Changelog: the rows that are left. */
  readonly final: readonly string[];
  readonly columns: readonly string[];
}

/** The blocks of a golden text. */
export function blocksOf(text: string): readonly Block[] {
  const trimmed = text.replace(/\n+$/, "");
  if (trimmed === "") return [];
  return trimmed.split("\n---\n").map(parseBlock);
}

function parseBlock(body: string): Block {
  const [head = "", ...lines] = body.split("\n");
  const kind = head.split(" ")[0] ?? "";
  const rows: string[] = [];
  const final: string[] = [];
  const columns: string[] = [];
  let part = rows;
  for (const line of lines) {
    if (line === "final" && kind === "changelog") part = final;
    else if (line === "columns") part = columns;
    else part.push(line);
  }
  return { kind, head, rows, final, columns };
}

/** How a case's header asks to be compared; chaos modes compare final rows only. */
export type Comparison = "changelog" | "final" | "multiset";

/** The differences as lines `- expected`, `+ actual`; none: the outcome is as expected. */
export function differences(
  expected: readonly Block[],
  actual: readonly Block[],
  comparison: Comparison,
  ordered: boolean,
): readonly string[] {
  const lines: string[] = [];
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const want = expected[i];
    const got = actual[i];
    if (want === undefined) lines.push(`block ${i + 1}: + ${got?.head ?? ""} (not expected)`);
    else if (got === undefined) lines.push(`block ${i + 1}: - ${want.head} (missing)`);
    else lines.push(...blockDifferences(want, got, comparison, ordered).map((line) => `block ${i + 1}: ${line}`));
  }
  return lines;
}

function blockDifferences(want: Block, got: Block, comparison: Comparison, ordered: boolean): readonly string[] {
  if (want.kind !== got.kind) return [`- ${want.head}`, `+ ${got.head}`];
  switch (want.kind) {
    case "error":
      return errorDifferences(want, got);
    case "rows":
      return [...listDifferences(want.rows, got.rows), ...listDifferences(want.columns, got.columns)];
    case "final":
      return [...bagDifferences(want.rows, got.rows), ...listDifferences(want.columns, got.columns)];
    case "print":
      return comparison === "final" ? [] : bagDifferences(want.rows, got.rows);
    default: {
      const illegal = fold(want.rows) && !fold(got.rows) ? ["+ a change removes a row that is not there"] : [];
      const final = bagDifferences(want.final, got.final);
      const changes =
        comparison === "final"
          ? []
          : ordered
            ? listDifferences(want.rows, got.rows)
            : bagDifferences(want.rows, got.rows);
      return [...illegal, ...final, ...changes, ...listDifferences(want.columns, got.columns)];
    }
  }
}

/**
 * Errors agree in when they come. Where the expected reason is one of ours (`CODE: message`, or `CODE` alone for any
 * message) it is compared too; Flink's reasons are worded differently.
 */
function errorDifferences(want: Block, got: Block): readonly string[] {
  if (rejected(want.head) !== rejected(got.head)) return [`- ${want.head}`, `+ ${got.head}`];
  const reason = want.rows.find((line) => line.startsWith("reason ")) ?? "";
  const code = /^reason ([A-Z_]+)(?::|$)/.exec(reason)?.[1] ?? "";
  if (!Object.hasOwn(ERRORS, code)) return [];
  const actual = got.rows.find((line) => line.startsWith("reason ")) ?? "";
  const same = reason.includes(":") ? actual === reason : actual.startsWith(`${reason}:`);
  return same ? [] : [`- ${reason}`, `+ ${actual}`];
}

/** An error before anything ran, or one while running. */
function rejected(head: string): boolean {
  return !head.includes("runtime");
}

/** Whether every change that takes a row away finds it. */
function fold(changes: readonly string[]): boolean {
  const rows = new Map<string, number>();
  for (const change of changes) {
    const row = change.slice(2);
    const count = (rows.get(row) ?? 0) + (change.startsWith("+") ? 1 : -1);
    if (count < 0) return false;
    rows.set(row, count);
  }
  return true;
}

function listDifferences(want: readonly string[], got: readonly string[]): readonly string[] {
  if (want.length === got.length && want.every((line, i) => line === got[i])) return [];
  const bag = bagDifferences(want, got);
  return bag.length > 0 ? bag : ["the order differs"];
}

/** Lines that only one of the two bags has: `- expected`, `+ actual`. */
export function bagDifferences(want: readonly string[], got: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of want) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of got) counts.set(line, (counts.get(line) ?? 0) - 1);
  return [...counts].flatMap(([line, count]) =>
    Array.from({ length: Math.abs(count) }, () => `${count > 0 ? "-" : "+"} ${line}`),
  );
}
