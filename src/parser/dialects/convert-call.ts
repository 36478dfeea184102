import type { Expression } from "../ast/expression.ts";
import type { Identifier } from "../ast/node.ts";
import type { FrameBound, OrderItem, WindowFrame, WindowSpecNode } from "../ast/query.ts";
import { makeSymbol } from "../make.ts";
import { adapted, callOf, extractOf, numberOf, textOf } from "./context.ts";
import type { Context } from "./context.ts";
import { queryIn } from "./tree-parts.ts";
import { translateCall } from "./functions.ts";
import type { TreeReader } from "./tree-reader.ts";

/** The parts of a function's name, which is a list of names. */
function nameParts(node: TreeReader): string[] {
  const name = node.need("name");
  const parts = ["schema", "db"].flatMap((key) => {
    const child = name.child(key);
    return child === undefined ? [] : [child.done(child.text("value") ?? "")];
  });
  for (const part of name.list("name")) parts.push(part.done(part.text("value") ?? ""));
  return name.done(parts.flatMap((part) => part.split(".")));
}

/** `f(a, b)` */
export function convertCall(node: TreeReader): Expression {
  const { span, context } = node;
  const parts = nameParts(node);
  const name = parts[parts.length - 1]!.toUpperCase();
  const list = node.child("args");
  node.ignore("separator");
  if (parts.length === 1 && name === "EXISTS" && list !== undefined)
    return node.done({ kind: "Exists", span, query: queryIn(list) });
  const items = list === undefined ? [] : list.type === "expr_list" ? list.done(list.list("value")) : [list];
  if (parts.length > 1) return node.done(convertOwnFunction(parts, items, node));
  if (name === "TRIM" && items.some((item) => item.type === "origin")) return node.done(convertTrim(items, node));
  if (name === "POSITION") return node.done(convertPosition(items, node));
  const call = translateCall(name, items.map(context.expression), node);
  return node.done(withOver(call, node));
}

/** A function of the catalog: a full name never means one of Flink's own. */
function convertOwnFunction(parts: readonly string[], items: readonly TreeReader[], node: TreeReader): Expression {
  const { span, context } = node;
  const call = callOf("", items.map(context.expression), span);
  const names = parts.map((part) => context.identifier(part, span));
  return withOver({ ...call, name: { kind: "ObjectName", span, parts: names } }, node);
}

function withOver(call: Expression, node: TreeReader): Expression {
  const over = node.child("over");
  if (over === undefined) return call;
  if (call.kind !== "FunctionCall") throw node.unsupported("OVER here");
  return { ...call, over: convertOver(over) };
}

/** `TRIM(BOTH 'x' FROM text)`: words and values in one list. One character means the same everywhere, several do not. */
function convertTrim(items: readonly TreeReader[], node: TreeReader): Expression {
  const words = items.filter((i) => i.type === "origin").map((i) => i.done(i.text("value") ?? "").toUpperCase());
  const values = items.filter((i) => i.type !== "origin").map(node.context.expression);
  const side = words.find((word) => word !== "FROM") ?? "BOTH";
  const text = values[values.length - 1];
  const characters = values.length === 2 ? values[0]! : textOf(" ", node.span);
  const single = characters.kind === "Literal" && characters.text.length === 1;
  if (text === undefined || values.length > 2 || !single || !["BOTH", "LEADING", "TRAILING"].includes(side))
    throw node.unsupported("TRIM of something other than one character");
  return callOf("TRIM", [makeSymbol(side, node.span), characters, text], node.span, { symbols: [0] });
}

/** `POSITION('a' IN b)`, which comes as a list with the word, or as a comparison. */
function convertPosition(items: readonly TreeReader[], node: TreeReader): Expression {
  const { span, context } = node;
  const values = items.filter((item) => item.type !== "origin").map(context.expression);
  const [only] = values;
  if (values.length === 1 && only?.kind === "InList" && !only.not && only.items.length === 1)
    return callOf("POSITION", [only.operand, only.items[0]!], span);
  if (values.length !== 2) throw node.unsupported("POSITION with these arguments", "write POSITION(part IN text)");
  return callOf("POSITION", values, span);
}

const PARTS = new Set(["YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "DOY", "DAYOFYEAR", "ISODOW"]);

/** `EXTRACT(unit FROM t)`, for the units that count alike. */
export function convertExtract(node: TreeReader): Expression {
  const { span, context } = node;
  const args = node.need("args");
  const unit = (args.text("field") ?? "").toUpperCase();
  const value = timeLiteral(
    (args.text("cast_type") ?? "").toUpperCase(),
    context.expression(args.need("source")),
    args,
  );
  args.done(undefined);
  if (unit === "DOW" && context.dialect.name === "postgresql") {
    // Sunday is 0 there, 1 in Flink.
    return node.done({
      kind: "Binary",
      span,
      operator: "-",
      left: extractOf("DOW", value, span),
      right: numberOf("1", span),
    });
  }
  if (!PARTS.has(unit)) throw node.unsupported(`EXTRACT(${unit} FROM …)`);
  return node.done(extractOf(unit === "DAYOFYEAR" ? "DOY" : unit, value, span));
}

/** `DATE '2024-01-01'` in EXTRACT comes as a word and a text. */
function timeLiteral(word: string, value: Expression, node: TreeReader): Expression {
  if (word === "") return value;
  const known = word === "DATE" || word === "TIME" || word === "TIMESTAMP";
  if (!known || value.kind !== "Literal" || value.type !== "string") throw node.unsupported(`${word} in EXTRACT`);
  return { ...value, type: word.toLowerCase() as "date" | "time" | "timestamp" };
}

const AGGREGATES = new Set(["COUNT", "SUM", "AVG", "MIN", "MAX", "STDDEV_POP", "STDDEV_SAMP", "VAR_POP", "VAR_SAMP"]);

/** `f([DISTINCT] a [ORDER BY …]) [FILTER (WHERE …)] [OVER …]` */
export function convertAggregate(node: TreeReader): Expression {
  const { span, context } = node;
  const name = (node.text("name") ?? "").toUpperCase();
  const args = node.need("args");
  const value = args.need("expr");
  const values = value.type === "expr_list" && !value.has("parentheses") ? value.done(value.list("value")) : [value];
  const distinct = (args.text("distinct") ?? "").toUpperCase();
  if (distinct !== "" && distinct !== "DISTINCT") throw node.unsupported(`${distinct} in ${name}`);
  const orderBy = args.list("orderby").map(convertOrderItem);
  const given = values.map(context.expression);
  const separator = separatorOf(args);
  const isList = name === "STRING_AGG" || name === "GROUP_CONCAT" || name === "LISTAGG";
  if (!isList && !AGGREGATES.has(name)) throw node.unsupported(`the aggregate function ${name}`);
  const filter = node.child("filter");
  const over = node.child("over");
  const call = callOf(isList ? "LISTAGG" : name, argumentsOf(name, given, separator, context), span, {
    distinct: distinct === "DISTINCT",
    withinGroup: orderBy.length > 0 ? orderBy : undefined,
    filter: filter === undefined ? undefined : filter.done(context.expression(filter.need("where"))),
    over: over === undefined ? undefined : convertOver(over),
  });
  args.done(undefined);
  return node.done(call);
}

function argumentsOf(
  name: string,
  values: readonly Expression[],
  separator: Expression | undefined,
  context: Context,
): readonly Expression[] {
  const [first] = values;
  if (values.length === 1 && first !== undefined && first.kind !== "Star") {
    if (name === "AVG") return [adapted("average", first, context)];
    if (name === "SUM") return [adapted("sum", first, context)];
  }
  return separator === undefined ? values : [...values, separator];
}

/** `string_agg(x, ',')`, `GROUP_CONCAT(x SEPARATOR ';')` */
function separatorOf(args: TreeReader): Expression | undefined {
  const separator = args.child("separator");
  if (separator === undefined) return undefined;
  const delimiter = separator.has("delimiter") ? separator.need("delimiter") : separator.need("value");
  return separator.done(args.context.expression(delimiter));
}

/** `ROW_NUMBER() OVER (…)` */
export function convertWindowCall(node: TreeReader): Expression {
  const { context } = node;
  const name = (node.text("name") ?? "").toUpperCase();
  const list = node.child("args");
  const items = list === undefined ? [] : list.type === "expr_list" ? list.done(list.list("value")) : [list];
  return node.done(withOver(translateCall(name, items.map(context.expression), node), node));
}

/** One item of ORDER BY, with the place of NULL that the dialect gives it. */
export function convertOrderItem(node: TreeReader): OrderItem {
  const { span, context } = node;
  const expression = context.expression(node.need("expr"));
  const direction = (node.text("type") ?? "ASC").toUpperCase();
  const nulls = (node.text("nulls") ?? "").toUpperCase();
  const descending = direction === "DESC";
  if (!descending && direction !== "ASC") throw node.unsupported(`ORDER BY … ${direction}`);
  const said = nulls.endsWith("FIRST") ? true : nulls.endsWith("LAST") ? false : undefined;
  const usual = context.dialect.nulls === "last" ? false : context.dialect.nulls === "highest" ? descending : undefined;
  return node.done({ kind: "OrderItem", span, expression, descending, nullsFirst: said ?? usual });
}

/** `OVER w`, `OVER (…)` */
function convertOver(node: TreeReader): WindowSpecNode | Identifier {
  if (node.type !== "window") throw node.unsupported("this OVER");
  return node.done(windowIn(node));
}

/** What stands behind OVER, or behind AS in the WINDOW clause. */
export function windowIn(node: TreeReader): WindowSpecNode | Identifier {
  const name = node.peek("as_window_specification");
  if (name !== undefined) {
    node.ignore("as_window_specification");
    return node.context.identifier(name, node.span);
  }
  const outer = node.need("as_window_specification");
  return outer.done(convertSpec(outer.need("window_specification")));
}

function convertSpec(node: TreeReader): WindowSpecNode {
  const { span, context } = node;
  const base = node.text("name");
  const frame = node.child("window_frame_clause");
  return node.done({
    kind: "WindowSpec",
    span,
    base: base === undefined || base === "" ? undefined : context.identifier(base, span),
    partitionBy: node
      .list("partitionby")
      .map((item) =>
        item.type === "" && item.has("expr")
          ? item.done(context.expression(item.need("expr")))
          : context.expression(item),
      ),
    orderBy: node.list("orderby").map(convertOrderItem),
    frame: frame === undefined ? undefined : convertFrame(frame),
  });
}

/** `ROWS BETWEEN … AND …`, which comes as a comparison of words; `1 PRECEDING` is one word. */
function convertFrame(node: TreeReader): WindowFrame {
  const { span } = node;
  const operator = node.text("operator") ?? "";
  const units = node.child("left")?.text("value")?.toUpperCase();
  if (operator.toUpperCase() !== "BETWEEN" || (units !== "ROWS" && units !== "RANGE"))
    throw node.unsupported("this frame of a window", "write ROWS BETWEEN … AND …");
  const bounds = node.need("right").list("value").map(convertBound);
  if (bounds.length !== 2) throw node.unsupported("this frame of a window");
  return node.done({ kind: "WindowFrame", span, units, start: bounds[0]!, end: bounds[1]! });
}

function convertBound(node: TreeReader): FrameBound {
  const { span } = node;
  const text = (node.peek("value") ?? "").toUpperCase();
  node.ignore("value");
  if (["CURRENT ROW", "UNBOUNDED PRECEDING", "UNBOUNDED FOLLOWING"].includes(text))
    return node.done({ kind: "FrameBound", span, bound: text as FrameBound["bound"], offset: undefined });
  const [, count, bound] = /^(\d+) (PRECEDING|FOLLOWING)$/.exec(text) ?? [];
  if (count === undefined) throw node.unsupported("this bound of a window");
  return node.done({ kind: "FrameBound", span, bound: bound as FrameBound["bound"], offset: numberOf(count, span) });
}
