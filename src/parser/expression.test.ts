import { expect, test } from "vitest";
import { parseExpression, parseScript } from "./index.ts";
import type { Expression } from "./index.ts";

/** The structure of an expression: every operator in parentheses. */
function shape(e: Expression): string {
  switch (e.kind) {
    case "Literal":
      return e.type === "string" ? `'${e.text}'` : e.text;
    case "ColumnRef":
      return e.parts.map((part) => part.name).join(".");
    case "Unary":
      return `(${e.operator} ${shape(e.operand)})`;
    case "Binary":
      return `(${shape(e.left)} ${e.operator} ${shape(e.right)})`;
    case "Is":
      return `(${shape(e.operand)} IS ${e.not ? "NOT " : ""}${e.test}${e.other === undefined ? "" : ` ${shape(e.other)}`})`;
    case "Between":
      return `(${shape(e.operand)} ${e.not ? "NOT " : ""}BETWEEN ${shape(e.low)} AND ${shape(e.high)})`;
    case "InList":
      return `(${shape(e.operand)} ${e.not ? "NOT " : ""}IN [${e.items.map(shape).join(", ")}])`;
    case "Like":
      return `(${shape(e.operand)} ${e.not ? "NOT " : ""}${e.operator} ${shape(e.pattern)})`;
    case "ElementAccess":
      return `${shape(e.operand)}[${shape(e.index)}]`;
    case "FieldAccess":
      return `${shape(e.operand)}->${e.field.kind === "Star" ? "*" : e.field.name}`;
    case "FunctionCall": {
      const args = e.args.map((arg, i) => (e.symbols.includes(i) ? "#" : "") + shape(arg));
      return `${e.name.parts.map((part) => part.name).join(".")}(${args.join(", ")})${e.clauses.map((clause) => `{${clause.name}}`).join("")}`;
    }
    case "IntervalLiteral":
      return `INTERVAL ${e.negative ? "-" : ""}'${e.text}' ${e.from}${e.to === undefined ? "" : ` TO ${e.to}`}`;
    case "Star":
      return [...e.qualifier.map((part) => part.name), "*"].join(".");
    case "NamedArgument":
      return `${e.name.name}=>${shape(e.value)}`;
    case "RowConstructor":
    case "ArrayConstructor":
    case "MapConstructor":
      return `${e.kind.slice(0, 3).toUpperCase()}[${e.items.map(shape).join(", ")}]`;
    case "IntervalCast":
      return `(${shape(e.operand)} in ${e.from})`;
    default:
      return e.kind;
  }
}

test.each([
  ["a + b * c", "(a + (b * c))"],
  ["a * b + c", "((a * b) + c)"],
  ["a - b - c", "((a - b) - c)"],
  ["a || b + c", "((a || b) + c)"],
  ["a + b || c", "(a + (b || c))"],
  ["- a * b", "((- a) * b)"],
  ["- a.b[1]", "(- a.b[1])"],
  ["a = b = c", "((a = b) = c)"],
  ["a + 1 = b * 2", "((a + 1) = (b * 2))"],
  ["a != b", "(a <> b)"],
  ["NOT a = b AND c", "((NOT (a = b)) AND c)"],
  ["NOT a IS NULL", "(NOT (a IS NULL))"],
  ["a = b IS NULL", "((a = b) IS NULL)"],
  ["a IS NULL = b", "((a IS NULL) = b)"],
  ["a OR b AND c", "(a OR (b AND c))"],
  ["a AND b OR c AND d", "((a AND b) OR (c AND d))"],
  ["a AND b AND c", "((a AND b) AND c)"],
  ["a BETWEEN 1 AND 2 AND b", "((a BETWEEN 1 AND 2) AND b)"],
  ["a NOT BETWEEN 1 + 1 AND 2 * 2 OR b", "((a NOT BETWEEN (1 + 1) AND (2 * 2)) OR b)"],
  ["a = b BETWEEN c AND d", "(a = (b BETWEEN c AND d))"],
  ["a + 1 IN (1, 2)", "((a + 1) IN [1, 2])"],
  ["a IN (1) = b", "((a IN [1]) = b)"],
  ["a LIKE 'x' || 'y' AND b", "((a LIKE ('x' || 'y')) AND b)"],
  ["a NOT SIMILAR TO 'x'", "(a NOT SIMILAR TO 'x')"],
  ["a IS NOT DISTINCT FROM b + 1", "(a IS NOT DISTINCT FROM (b + 1))"],
  ["a IS NOT JSON OBJECT", "(a IS NOT JSON OBJECT)"],
  ["a[1][2].b.c", "a[1][2]->b->c"],
  ["(a).b", "a->b"],
  ["f(x).b[1]", "f(x)->b[1]"],
  ["a.b.c.d", "a.b.c.d"],
  ["db.f(a => 1, b)", "db.f(a=>1, b)"],
  ["COUNT(*)", "COUNT(*)"],
  ["EXTRACT(year FROM x)", "EXTRACT(#YEAR, x)"],
  ["FLOOR(x TO DAY)", "FLOOR(x, #DAY)"],
  ["CEILING(x)", "CEIL(x)"],
  ["POSITION(a || b IN c)", "POSITION((a || b), c)"],
  ["SUBSTRING(a FROM 2 FOR 3)", "SUBSTRING(a, 2, 3)"],
  ["TRIM(a)", "TRIM(#BOTH, ' ', a)"],
  ["TRIM(LEADING FROM a)", "TRIM(#LEADING, ' ', a)"],
  ["TRIM('x' FROM a)", "TRIM(#BOTH, 'x', a)"],
  ["TRIM(BOTH 'x' FROM a)", "TRIM(#BOTH, 'x', a)"],
  ["OVERLAY(a PLACING b FROM 1 FOR 2)", "OVERLAY(a, b, 1, 2)"],
  ["TIMESTAMPADD(SQL_TSI_DAY, 1, x)", "TIMESTAMPADD(#DAY, 1, x)"],
  ["TIMESTAMPDIFF(SECOND, a, b)", "TIMESTAMPDIFF(#SECOND, a, b)"],
  [
    "JSON_VALUE(j, '$' RETURNING INT NULL ON EMPTY DEFAULT 1 ON ERROR)",
    "JSON_VALUE(j, '$'){RETURNING}{NULL ON EMPTY}{DEFAULT ON ERROR}",
  ],
  [
    "JSON_QUERY(j, '$' WITH ARRAY WRAPPER EMPTY OBJECT ON ERROR)",
    "JSON_QUERY(j, '$'){WITH UNCONDITIONAL WRAPPER}{EMPTY OBJECT ON ERROR}",
  ],
  ["JSON_OBJECT(KEY 'a' VALUE 1, 'b' : 2 ABSENT ON NULL)", "JSON_OBJECT('a', 1, 'b', 2){ABSENT ON NULL}"],
  ["JSON_OBJECTAGG(key VALUE value)", "JSON_OBJECTAGG(key, value)"],
  ["JSON_OBJECTAGG(KEY value VALUE key)", "JSON_OBJECTAGG(value, key)"],
  ["JSON_ARRAY(NULL ON NULL)", "JSON_ARRAY(){NULL ON NULL}"],
  ["CURRENT_DATE", "CURRENT_DATE()"],
  ["LEFT(a, 1)", "LEFT(a, 1)"],
  ["`left`", "left"],
  ["timestamp", "timestamp"],
  ["TIMESTAMP '2024-01-01 00:00:00'", "2024-01-01 00:00:00"],
  ["interval + 1", "(interval + 1)"],
  ["INTERVAL '1' DAYS", "INTERVAL '1' DAY"],
  ["INTERVAL -'1 2' DAY TO HOUR", "INTERVAL -'1 2' DAY TO HOUR"],
  ["INTERVAL '1' DAY(3)", "INTERVAL '1' DAY"],
  ["INTERVAL 5 DAY", "INTERVAL '5' DAY"],
  ["INTERVAL -5 DAYS", "INTERVAL -'5' DAY"],
  ["INTERVAL a DAY", "(a * INTERVAL '1' DAY)"],
  ["INTERVAL (a + 1) HOUR", "((a + 1) * INTERVAL '1' HOUR)"],
  ["{d '2024-01-01'}", "2024-01-01"],
  ["{fn ABS(1)}", "ABS(1)"],
  ["POSITION(a IN b FROM 2)", "POSITION(a, b, 2)"],
  ["(a - b) DAY", "((a - b) in DAY)"],
  ["(a, b)", "ROW[a, b]"],
  ["ROW()", "ROW[]"],
  ["ARRAY[1, 2]", "ARR[1, 2]"],
  ["MAP['k', 1]", "MAP['k', 1]"],
  ["'a'\n'b'", "'ab'"],
  ["'a' -- x\n 'b'\n'c'", "'abc'"],
  ["U&'snow!2603' UESCAPE '!'", "'snow\u2603'"],
  ["U&'\\+01f600'", "'😀'"],
  ["x'00'\n'ff'", "00ff"],
  ["a = ANY (1, 2)", "(a IN [1, 2])"],
  ["a <> ALL (1, 2)", "(a NOT IN [1, 2])"],
  ["key.value.user", "key.value.user"],
])("%s", (text, expected) => {
  expect(shape(parseExpression(text))).toBe(expected);
});

test("names that Flink reserves are columns where nothing else can be meant", () => {
  const names =
    "key value timestamp date time user day year month hour method at language result offset left right start row rows interval map array percent position by begin limit set";
  for (const name of names.split(" ")) {
    const [table, query] = parseScript(
      `CREATE TABLE t (${name} STRING, x INT) WITH ('a'='b'); SELECT ${name}, t.${name}, ${name} AS ${name} FROM t WHERE ${name} = 1 ORDER BY ${name}`,
    );
    expect(table).toMatchObject({ columns: [{ name: { name } }, {}] });
    expect(query).toMatchObject({
      query: { body: { items: [{ expression: { kind: "ColumnRef" } }, {}, { alias: { name } }] } },
    });
  }
});

test("a long chain of AND or OR is a balanced tree in the same order", () => {
  const height = (e: Expression): number => (e.kind === "Binary" ? 1 + Math.max(height(e.left), height(e.right)) : 0);
  const leaves = (e: Expression): string[] =>
    e.kind === "Binary" ? [...leaves(e.left), ...leaves(e.right)] : [shape(e)];
  const names = Array.from({ length: 5000 }, (_, i) => `a${i}`);
  const tree = parseExpression(names.join(" OR "));
  expect(leaves(tree)).toEqual(names);
  expect(height(tree)).toBeLessThanOrEqual(13);
});
