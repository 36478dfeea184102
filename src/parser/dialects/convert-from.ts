import type { FromItem, Join, TableAlias } from "../ast/query.ts";
import type { ObjectName } from "../ast/node.ts";
import { makeCrossJoin } from "../make.ts";
import { nameOf, queryIn } from "./tree-parts.ts";
import type { TreeReader } from "./tree-reader.ts";

const JOINS: Readonly<Record<string, Join["type"]>> = {
  JOIN: "INNER",
  "INNER JOIN": "INNER",
  "LEFT JOIN": "LEFT",
  "LEFT OUTER JOIN": "LEFT",
  "RIGHT JOIN": "RIGHT",
  "RIGHT OUTER JOIN": "RIGHT",
  "FULL JOIN": "FULL",
  "FULL OUTER JOIN": "FULL",
  "CROSS JOIN": "CROSS",
};

/** Some grammars take these words for the alias of the table before them. */
const NO_ALIAS = new Set(
  "NATURAL CROSS FULL LEFT RIGHT INNER OUTER JOIN ON USING LATERAL SEMI ANTI ASOF TABLESAMPLE PIVOT UNPIVOT QUALIFY FETCH FOR WINDOW STRAIGHT_JOIN USE FORCE IGNORE".split(
    " ",
  ),
);

/** The flat list of tables after FROM: one without a join word starts a new operand of the comma. */
export function convertFrom(node: TreeReader): FromItem | undefined {
  if (node.has("from") && !Array.isArray(node.raw("from"))) {
    // `(a JOIN b …) JOIN c …`
    const group = node.need("from");
    const [first, ...rest] = [...group.list("expr"), ...group.list("joins")];
    return group.done(first === undefined ? undefined : convertTables([first, ...rest]));
  }
  const items = node.list("from");
  if (items.length === 1 && items[0]!.type === "dual") return undefined;
  return items.length === 0 ? undefined : convertTables(items);
}

function convertTables(items: readonly TreeReader[]): FromItem {
  const operands: FromItem[] = [];
  let crosses = false;
  for (const item of items) {
    const join = item.text("join");
    const left = operands.pop();
    // `a CROSS JOIN b` comes as a table a with the alias CROSS, and a join without a condition.
    const wasCross = crosses;
    crosses = item.peek("as")?.toUpperCase() === "CROSS";
    if (join === undefined || left === undefined) {
      if (left !== undefined) operands.push(left);
      if (join !== undefined || wasCross) throw item.unsupported("this join");
      operands.push(convertTable(item, crosses));
      continue;
    }
    operands.push(convertJoin(item, left, join.toUpperCase(), wasCross, crosses));
  }
  if (crosses) throw items[items.length - 1]!.unsupported("the alias CROSS");
  return operands.reduce((left, right) => makeCrossJoin(left, right, { start: left.span.start, end: right.span.end }));
}

function convertJoin(node: TreeReader, left: FromItem, word: string, afterCross: boolean, crosses: boolean): Join {
  const { context, span } = node;
  const condition = node.child("on");
  const on = condition === undefined ? undefined : context.expression(condition);
  const names = node.list("using").map((name) => {
    const identifier = context.identifier(nameOf(name, name.has("column") ? "column" : "value") ?? "", span);
    return name.done(identifier);
  });
  const using = names.length === 0 ? undefined : names;
  const bare = on === undefined && using === undefined;
  const type = afterCross && bare && word === "INNER JOIN" ? "CROSS" : JOINS[word];
  if (type === undefined) throw node.unsupported(word);
  if (type === "CROSS" ? !bare : bare)
    throw node.unsupported(type === "CROSS" ? "CROSS JOIN with a condition" : `${word} without a condition`);
  const right = convertTable(node, crosses);
  return {
    kind: "Join",
    span: { start: left.span.start, end: right.span.end },
    type,
    natural: false,
    left,
    right,
    on,
    using,
  };
}

/** One table or sub-query. `aliasIsCross`: what looks like its alias is the word of the join behind it. */
function convertTable(node: TreeReader, aliasIsCross: boolean): FromItem {
  const { context, span } = node;
  const alias = aliasOf(node, aliasIsCross);
  const prefix = (node.text("prefix") ?? "").toUpperCase();
  if (prefix !== "" && prefix !== "LATERAL") throw node.unsupported(prefix);
  if (node.has("expr")) {
    const inner = node.need("expr");
    if (inner.type === "tables") {
      if (alias !== undefined || prefix !== "") throw node.unsupported("an alias of joined tables");
      return node.done(inner.done(convertTables(inner.list("expr"))));
    }
    if (inner.type !== "select" && !inner.has("ast"))
      throw node.unsupported("a function in FROM", "use a view in Flink SQL");
    return node.done({ kind: "DerivedTable", span, query: queryIn(inner), lateral: prefix !== "", alias });
  }
  if (!node.has("table") || prefix !== "") throw node.unsupported("this table");
  const names = ["server", "catalog", "db", "schema", "table"].flatMap((key) => nameOf(node, key) ?? []);
  const parts = names.map((name) => context.identifier(name, span));
  const last = parts[parts.length - 1]!;
  const name: ObjectName = { kind: "ObjectName", span: last.span, parts };
  return node.done({ kind: "TableRef", span: last.span, name, hints: [], asOf: undefined, alias });
}

/** The alias; its columns come in the same text: `q(x, y)`. */
function aliasOf(node: TreeReader, aliasIsCross: boolean): TableAlias | undefined {
  const text = nameOf(node, "as");
  if (text === undefined || aliasIsCross) return undefined;
  const [, name, list] = /^([^(]*?)\s*(?:\((.*)\))?$/.exec(text) ?? [];
  if (name === undefined || name === "" || NO_ALIAS.has(name.toUpperCase()))
    throw node.unsupported(`'${text}' after a table`);
  const { context, span } = node;
  const columns = list === undefined ? [] : list.split(",").map((column) => column.trim());
  if (columns.some((column) => !/^[\p{L}_][\p{L}\p{N}_$]*$/u.test(column)))
    throw node.unsupported(`the columns (${list}) of an alias`, "name the columns in the sub-query");
  const identifiers = columns.map((column) => context.identifier(column, span));
  return { kind: "TableAlias", span, name: context.identifier(name, span), columns: identifiers };
}
