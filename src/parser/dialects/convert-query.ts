import type { Expression } from "../ast/expression.ts";
import type {
  CommonTable,
  GroupItem,
  GroupingSets,
  NamedWindow,
  OrderItem,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  TableRef,
} from "../ast/query.ts";
import { walk } from "../walk.ts";
import { convertOrderItem, windowIn } from "./convert-call.ts";
import { functionNameOf, nameOf, queryIn } from "./tree-parts.ts";
import { convertFrom } from "./convert-from.ts";
import type { TreeReader } from "./tree-reader.ts";

interface Tail {
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expression | undefined;
  readonly offset: Expression | undefined;
}

interface Operand {
  readonly node: TreeReader;
  readonly body: Select;
  readonly tail: Tail;
  readonly inParentheses: boolean;
  readonly operator: string | undefined;
}

/**
 * A query with its set operations, which come as a chain of SELECTs. What follows the last operand without parentheses
 * belongs to the whole.
 */
export function convertQuery(first: TreeReader): Query {
  const { span } = first;
  const common = first.list("with").map(convertCommonTable);
  const operands = operandsOf(first);
  const last = operands[operands.length - 1]!;
  const outer = tailOf(first, "_orderby", "_limit");
  for (const { node } of operands) node.done(undefined);
  const single = operands.length === 1;
  for (const { node, tail, inParentheses } of operands.slice(0, -1))
    if (!inParentheses && !isPlain(tail)) throw node.unsupported("ORDER BY or LIMIT before a set operation");
  const lastTailIsOuter = !last.inParentheses || (single && isPlain(outer));
  if (lastTailIsOuter && !isPlain(last.tail) && !isPlain(outer))
    throw first.unsupported("two ORDER BY or LIMIT clauses");
  const body = combine(
    operands.map((operand) => (operand === last && lastTailIsOuter ? operand.body : wrap(operand))),
    operands,
  );
  const tail = lastTailIsOuter && !isPlain(last.tail) ? last.tail : outer;
  return { kind: "Query", span, with: common, body, ...tail };
}

/** The SELECTs of the chain; each has the operator between it and the next. */
function operandsOf(first: TreeReader): Operand[] {
  const operands: Operand[] = [];
  let node: TreeReader | undefined = first;
  while (node !== undefined) {
    if (node.type !== "select") throw node.unsupported(node.type === "" ? "this query" : node.type.toUpperCase());
    operands.push({
      node,
      body: convertSelect(node),
      tail: tailOf(node, "orderby", "limit"),
      inParentheses: node.has("parentheses_symbol") || (node.has("parentheses") && node.has("_next")),
      operator: node.text("set_op")?.toUpperCase(),
    });
    node = node.child("_next");
  }
  return operands;
}

function isPlain(tail: Tail): boolean {
  return tail.orderBy.length === 0 && tail.limit === undefined && tail.offset === undefined;
}

/** An operand with its own ORDER BY and LIMIT. */
function wrap({ body, tail }: Operand): QueryBody {
  return isPlain(tail) ? body : { kind: "Query", span: body.span, with: [], body, ...tail };
}

/** INTERSECT binds tighter than UNION and EXCEPT; the rest goes from left to right. */
function combine(bodies: readonly QueryBody[], operands: readonly Operand[]): QueryBody {
  const terms: QueryBody[] = [bodies[0]!];
  const between: { readonly operator: SetOperation["operator"]; readonly all: boolean }[] = [];
  for (let i = 1; i < bodies.length; i++) {
    const { node, operator } = operands[i - 1]!;
    const parsed = setOperator(operator, node);
    if (parsed.operator === "INTERSECT") terms.push(join(parsed, terms.pop()!, bodies[i]!));
    else {
      terms.push(bodies[i]!);
      between.push(parsed);
    }
  }
  return terms.reduce((left, right, i) => join(between[i - 1]!, left, right));
}

function join(
  { operator, all }: { readonly operator: SetOperation["operator"]; readonly all: boolean },
  left: QueryBody,
  right: QueryBody,
): SetOperation {
  return { kind: "SetOperation", span: { start: left.span.start, end: right.span.end }, operator, all, left, right };
}

function setOperator(text: string | undefined, node: TreeReader) {
  const [word, quantity, ...more] = (text ?? "").split(/\s+/);
  const operator = word === "MINUS" ? "EXCEPT" : word;
  const known = operator === "UNION" || operator === "INTERSECT" || operator === "EXCEPT";
  if (!known || more.length > 0 || (quantity !== undefined && quantity !== "ALL" && quantity !== "DISTINCT"))
    throw node.unsupported(text ?? "this set operation");
  return { operator, all: quantity === "ALL" } as const;
}

function convertCommonTable(node: TreeReader): CommonTable {
  const { context, span } = node;
  const name = context.identifier(nameOf(node, "name") ?? "", span);
  const columns = node
    .list("columns")
    .map((column) =>
      context.identifier(column.done(nameOf(column, column.has("column") ? "column" : "value") ?? ""), span),
    );
  const query = queryIn(node.need("stmt"));
  if (node.raw("recursive") === true) {
    walk(query, (inner) => {
      if (inner.kind === "TableRef" && (inner as TableRef).name.parts[0]!.name === name.name)
        throw node.unsupported("a recursive query");
    });
  }
  return node.done({ kind: "CommonTable", span, name, columns, query });
}

function tailOf(node: TreeReader, orderKey: string, limitKey: string): Tail {
  const orderBy = node.list(orderKey).map(convertOrderItem);
  const clause = node.child(limitKey);
  if (clause === undefined) return { orderBy, limit: undefined, offset: undefined };
  const separator = (clause.text("seperator") ?? "").toLowerCase();
  const values = clause.list("value").map((value) => {
    if (value.type === "origin" && value.peek("value")?.toLowerCase() === "all") return undefined;
    const count = node.context.expression(value);
    if (count.kind === "Literal" && /^\d+$/.test(count.text)) return count;
    throw value.unsupported("LIMIT or OFFSET with something other than a number");
  });
  clause.done(undefined);
  const [first, second] = values;
  if (separator === ",") return { orderBy, limit: second, offset: first };
  if (separator === "offset" && values.length === 1) return { orderBy, limit: undefined, offset: first };
  return { orderBy, limit: first, offset: second };
}

/** A single SELECT; its ORDER BY and LIMIT are the query's. */
function convertSelect(node: TreeReader): Select {
  const { context, span } = node;
  const distinct = isDistinct(node);
  const items = node.list("columns").map(convertItem);
  const from = convertFrom(node);
  const where = node.child("where");
  const having = node.child("having");
  const qualify = node.child("qualify");
  const windows = node.child("window");
  return {
    kind: "Select",
    span,
    distinct,
    hints: [],
    items,
    from,
    where: where === undefined ? undefined : context.expression(where),
    groupBy: convertGroupBy(node, items),
    groupByDistinct: false,
    having: having === undefined ? undefined : context.expression(having),
    windows: windows === undefined ? [] : windows.done(windows.list("expr").map(convertNamedWindow)),
    qualify: qualify === undefined ? undefined : context.expression(qualify),
  };
}

function isDistinct(node: TreeReader): boolean {
  const value = node.raw("distinct");
  if (value === null || value === undefined) return false;
  const clause = typeof value === "string" ? undefined : node.need("distinct");
  const word = (clause === undefined ? (node.peek("distinct") ?? "") : (clause.peek("type") ?? "")).toUpperCase();
  if (word !== "" && word !== "DISTINCT" && word !== "ALL") throw node.unsupported(word);
  clause?.done(undefined);
  return word === "DISTINCT";
}

function convertItem(node: TreeReader): SelectItem {
  const { context, span } = node;
  const expression = context.expression(node.need("expr"));
  const alias = nameOf(node, "as");
  const identifier = alias === undefined ? undefined : context.identifier(alias, span);
  return node.done({ kind: "SelectItem", span: expression.span, expression, alias: identifier });
}

function convertNamedWindow(node: TreeReader): NamedWindow {
  const { context, span } = node;
  const name = context.identifier(nameOf(node, "name") ?? "", span);
  const inner = node.has("as_window_specification") ? node : node.need("as");
  const spec = windowIn(inner);
  if (spec.kind !== "WindowSpec") throw node.unsupported("a window that is only another's name");
  return node.done({ kind: "NamedWindow", span, name, spec });
}

/** GROUP BY: a number is a place in the select list, which Flink does not know. */
function convertGroupBy(node: TreeReader, items: readonly SelectItem[]): readonly GroupItem[] | undefined {
  const value = node.raw("groupby");
  if (value === null || value === undefined) return undefined;
  const clause = Array.isArray(value) ? undefined : node.need("groupby");
  const columns = (clause ?? node).list(clause === undefined ? "groupby" : "columns");
  const groups = columns.map((column) => convertGroup(column, items));
  clause?.done(undefined);
  return groups.length === 0 ? undefined : groups;
}

function convertGroup(node: TreeReader, items: readonly SelectItem[]): GroupItem {
  const { span } = node;
  const sets = groupingSets(node);
  if (sets !== undefined) return sets;
  const expression = node.context.expression(node);
  if (expression.kind !== "Literal" || expression.type !== "number")
    return { kind: "GroupExpression", span, expression };
  const item = items[Number(expression.text) - 1];
  if (item === undefined || items.slice(0, Number(expression.text)).some((i) => i.expression.kind === "Star"))
    throw node.unsupported(`GROUP BY ${expression.text}`, "there is no such column in the select list");
  return { kind: "GroupExpression", span, expression: item.expression };
}

/** `ROLLUP (a, b)` and `CUBE (a, b)` come as calls. */
function groupingSets(node: TreeReader): GroupingSets | undefined {
  if (node.type !== "function") return undefined;
  const type = functionNameOf(node);
  if (type !== "ROLLUP" && type !== "CUBE") return undefined;
  const list = node.need("args");
  const columns = list.done(list.list("value").map(node.context.expression));
  const sets = columns.map((column) => (column.kind === "RowConstructor" ? column.items : [column]));
  return { kind: "GroupingSets", span: node.span, type, sets };
}
