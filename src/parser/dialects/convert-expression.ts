import type { Binary, Case, CaseBranch, Expression, Is, Literal, Quantified } from "../ast/expression.ts";
import { SqlError } from "../../base/errors.ts";
import { convertAggregate, convertCall, convertExtract, convertWindowCall } from "./convert-call.ts";
import { callOf, numberOf, textOf } from "./context.ts";
import { convertInterval } from "./convert-interval.ts";
import { convertCast } from "./convert-type.ts";
import { convertDivision } from "./division.ts";
import { functionNameOf, nameOf, queryIn } from "./tree-parts.ts";
import { binaryOf, group } from "./precedence.ts";
import type { Item } from "./precedence.ts";
import type { TreeReader } from "./tree-reader.ts";

const COMPARISONS: Readonly<Record<string, Quantified["operator"]>> = {
  "=": "=",
  "<>": "<>",
  "!=": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

const ARITHMETIC: Readonly<Record<string, Binary["operator"]>> = {
  "+": "+",
  "-": "-",
  "*": "*",
  "%": "%",
  MOD: "%",
  AND: "AND",
  "&&": "AND",
  OR: "OR",
};

/** Any expression of the foreign tree. Throws UNSUPPORTED for what has no counterpart, or another meaning. */
export function convertExpression(node: TreeReader): Expression {
  const { span } = node;
  if (node.has("ast")) {
    const query = node.context.query(node.need("ast"));
    return node.done({ kind: "SubQuery", span, query });
  }
  switch (node.type) {
    case "expr": {
      const expression = convertExpression(node.need("expr"));
      node.ignore("as");
      return node.done(expression);
    }
    case "number":
    case "bigint":
      return convertNumber(node);
    case "single_quote_string":
    case "string":
    case "double_quote_string":
      return convertText(node);
    case "bool":
    case "boolean":
      return node.done({ kind: "Literal", span, type: "boolean", text: node.raw("value") === true ? "TRUE" : "FALSE" });
    case "null":
      return node.done({ kind: "Literal", span, type: "null", text: "NULL" });
    case "date":
    case "time":
    case "timestamp":
      return convertTime(node, node.type);
    case "column_ref":
      return convertColumn(node);
    case "star":
      node.ignore("value");
      return node.done({ kind: "Star", span, qualifier: [] });
    case "binary_expr":
    case "unary_expr":
      return convertOperators(node);
    case "case":
      return convertCase(node);
    case "cast":
      return convertCast(node);
    case "interval":
      return convertInterval(node);
    case "extract":
      return convertExtract(node);
    case "function":
      return isCallOfNot(node) ? convertOperators(node) : convertCall(node);
    case "aggr_func":
      return convertAggregate(node);
    case "window_func":
      return convertWindowCall(node);
    case "expr_list": {
      const list = node.list("value");
      // `… ON a = b, c`: the comma belongs to FROM.
      if (list.length > 1 && !node.has("parentheses"))
        throw node.unsupported("a comma after a condition", "write CROSS JOIN in the place of the comma");
      const items = list.map(convertExpression);
      return node.done(items.length === 1 ? items[0]! : { kind: "RowConstructor", span, items });
    }
    default:
      throw node.unsupported(node.type === "" ? "this expression" : `'${node.type.replaceAll("_", " ")}'`);
  }
}

function convertNumber(node: TreeReader): Expression {
  const { span } = node;
  const text = String(node.raw("value"));
  if (!/^-?\d*\.?\d+(e[+-]?\d+)?$/i.test(text)) throw node.unsupported(`the number ${text}`);
  if (!text.startsWith("-")) return node.done(numberOf(text, node.context.locate(text, span)));
  return node.done({ kind: "Unary", span, operator: "-", operand: numberOf(text.slice(1), span) });
}

function convertText(node: TreeReader): Expression {
  const { dialect } = node.context;
  const isDouble = node.type === "double_quote_string";
  if (isDouble && dialect.doubleQuotes === "name") {
    const name = node.context.identifier(node.text("value") ?? "", node.span);
    return node.done({ kind: "ColumnRef", span: name.span, parts: [name] });
  }
  const quote = isDouble ? '"' : "'";
  const text = (node.text("value") ?? "").replaceAll(quote + quote, quote);
  return node.done(textOf(text, node.context.locate(text, node.span)));
}

function convertTime(node: TreeReader, type: Literal["type"]): Expression {
  const text = node.text("value") ?? "";
  return node.done({ kind: "Literal", span: node.context.locate(text, node.span), type, text });
}

function convertColumn(node: TreeReader): Expression {
  const { context, span } = node;
  const column = nameOf(node, "column");
  // How the parts are joined: `a:b` is a path into a document.
  const joined = node.raw("notations");
  if (Array.isArray(joined) && joined.some((sign) => sign !== ".")) throw node.unsupported("a path into a value");
  const parts = ["db", "schema", "table"].flatMap((key) => nameOf(node, key) ?? []);
  if (column === undefined) throw node.unsupported("this column");
  const qualifier = parts.map((name) => context.identifier(name, span));
  if (column === "*") return node.done({ kind: "Star", span, qualifier });
  const last = context.identifier(column, span);
  return node.done({ kind: "ColumnRef", span: parts.length === 0 ? last.span : span, parts: [...qualifier, last] });
}

/** An operator with all that is joined to it without parentheses. */
function convertOperators(node: TreeReader): Expression {
  return group(flatten(node), node);
}

/** The operators and operands in the order of the text; what stands in parentheses is one operand. */
function flatten(node: TreeReader): Item[] {
  if (node.type === "binary_expr") return flattenBinary(node);
  if (node.type === "unary_expr") return flattenUnary(node);
  return isCallOfNot(node) ? flattenCallOfNot(node) : [{ kind: "operand", value: convertExpression(node) }];
}

function flattenInner(node: TreeReader): Item[] {
  return node.has("parentheses") ? [{ kind: "operand", value: convertExpression(node) }] : flatten(node);
}

/** `NOT (a)` comes as the call of a function. */
function isCallOfNot(node: TreeReader): boolean {
  return node.type === "function" && functionNameOf(node) === "NOT";
}

function flattenCallOfNot(node: TreeReader): Item[] {
  const list = node.need("args");
  const [operand, ...more] = list.list("value");
  if (operand === undefined || more.length > 0) throw node.unsupported("NOT of several values");
  node.ignore("name");
  list.done(undefined);
  node.done(undefined);
  return [
    { kind: "prefix", operator: "NOT", node },
    { kind: "operand", value: convertExpression(operand) },
  ];
}

function flattenUnary(node: TreeReader): Item[] {
  const { span } = node;
  const operator = (node.text("operator") ?? "").toUpperCase();
  const inner = node.need("expr");
  node.done(undefined);
  if (operator === "EXISTS" || operator === "NOT EXISTS") {
    const value: Expression = { kind: "Exists", span, query: queryIn(inner) };
    const operand: Item = { kind: "operand", value };
    return operator === "EXISTS" ? [operand] : [{ kind: "prefix", operator: "NOT", node }, operand];
  }
  if (operator === "!") {
    // It binds tighter than all others.
    if (["binary_expr", "unary_expr"].includes(inner.type) && !inner.has("parentheses"))
      throw node.unsupported("! without parentheses", "write NOT (…)");
    return [{ kind: "operand", value: { kind: "Unary", span, operator: "NOT", operand: convertExpression(inner) } }];
  }
  if (operator !== "-" && operator !== "+" && operator !== "NOT") throw node.unsupported(`the operator ${operator}`);
  return [{ kind: "prefix", operator, node }, ...flattenInner(inner)];
}

function flattenBinary(node: TreeReader): Item[] {
  const operator = (node.text("operator") ?? "").toUpperCase();
  const left = node.need("left");
  const right = node.need("right");
  node.done(undefined);
  const not = operator.startsWith("NOT ");
  const postfix = (build: (operand: Expression) => Expression): Item[] => [
    ...flattenInner(left),
    { kind: "postfix", node, build },
  ];
  const infix = (name: string, build: (left: Expression, right: Expression) => Expression): Item[] => [
    ...flattenInner(left),
    { kind: "infix", operator: name, node, build },
    ...flattenInner(right),
  ];
  switch (operator.replace(/^NOT /, "")) {
    case "IN":
      return postfix(convertIn(right, not));
    case "BETWEEN":
      return postfix(convertBetween(right, not));
    case "IS":
    case "IS NOT":
      return postfix(convertIs(right, operator));
    case "LIKE":
    case "ILIKE": {
      const escape = right.child("escape");
      const like = convertLike(node, escape, not, operator.endsWith("ILIKE"));
      if (escape === undefined) return infix("LIKE", like);
      const pattern = convertExpression(right);
      return postfix((operand) => like(operand, pattern));
    }
    default:
  }
  const comparison = COMPARISONS[operator];
  if (comparison !== undefined) {
    const quantified = convertQuantified(right, comparison);
    return quantified === undefined ? infix(comparison, binaryOf(comparison)) : postfix(quantified);
  }
  if (operator === "/") return infix("/", (dividend, divisor) => convertDivision(dividend, divisor, node));
  if (operator === "||" && !node.context.dialect.barsConcatenate)
    throw node.unsupported("the operator ||", "write OR, or CONCAT(a, b) for texts");
  const known = operator === "||" ? "||" : ARITHMETIC[operator];
  if (known === undefined) throw node.unsupported(`the operator ${operator}`, hintFor(operator));
  return infix(known, binaryOf(known));
}

function hintFor(operator: string): string | undefined {
  if (operator === "DIV") return "write FLOOR(a / b), for negative numbers CEIL";
  return operator.startsWith("->") ? "use JSON_VALUE(json, '$.path') in a view written in Flink SQL" : undefined;
}

function convertIn(right: TreeReader, not: boolean): (operand: Expression) => Expression {
  const { span } = right;
  if (right.type !== "expr_list") throw right.unsupported("IN with something other than a list or a query");
  const items = right.list("value");
  if (items.length === 1 && items[0]!.has("ast")) {
    const query = right.done(queryIn(items[0]!));
    return (operand) => ({ kind: "InQuery", span, not, operand, query });
  }
  const values = right.done(items.map(convertExpression));
  return (operand) => ({ kind: "InList", span, not, operand, items: values });
}

function convertBetween(right: TreeReader, not: boolean): (operand: Expression) => Expression {
  const { span } = right;
  const bounds = right.done(right.list("value"));
  const [low, high] = bounds.map((bound) => {
    const value = convertExpression(bound);
    const isNumber = value.kind !== "Binary" || ["+", "-", "*", "/", "%", "||"].includes(value.operator);
    if (!isNumber && !bound.has("parentheses")) throw right.unsupported("this BETWEEN", "write parentheses");
    return value;
  });
  if (low === undefined || high === undefined || bounds.length > 2) throw right.unsupported("this BETWEEN");
  return (operand) => ({ kind: "Between", span, not, symmetric: false, operand, low, high });
}

/** `ANY (query)` and `ALL (query)` come as calls; undefined for anything else. */
function convertQuantified(
  right: TreeReader,
  operator: Quantified["operator"],
): ((operand: Expression) => Expression) | undefined {
  const { span } = right;
  if (right.type !== "function") return undefined;
  const word = functionNameOf(right);
  if (word !== "ALL" && word !== "ANY" && word !== "SOME") return undefined;
  right.ignore("name");
  const query = queryIn(right.need("args"));
  right.done(undefined);
  const quantifier = word === "ALL" ? "ALL" : "ANY";
  const isIn = operator === "=" && quantifier === "ANY";
  if (isIn || (operator === "<>" && quantifier === "ALL"))
    return (operand) => ({ kind: "InQuery", span, not: !isIn, operand, query });
  return (operand) => ({ kind: "Quantified", span, operand, operator, quantifier, query });
}

/** The pattern's escape hangs on the pattern. ILIKE compares in lower case. */
function convertLike(
  node: TreeReader,
  escapeNode: TreeReader | undefined,
  not: boolean,
  folds: boolean,
): (operand: Expression, pattern: Expression) => Expression {
  const { span, context } = node;
  const escape = escapeNode === undefined ? undefined : escapeNode.done(convertExpression(escapeNode.need("value")));
  const fold = (value: Expression): Expression => (folds ? callOf("LOWER", [value], value.span) : value);
  return (operand, pattern) => {
    const plain = pattern.kind === "Literal" && !pattern.text.includes("\\");
    const implied = escape === undefined && context.dialect.likeBackslash && !plain ? textOf("\\", span) : escape;
    return {
      kind: "Like",
      span,
      operator: "LIKE",
      not,
      operand: fold(operand),
      pattern: fold(pattern),
      escape: implied,
    };
  };
}

function convertIs(right: TreeReader, operator: string): (operand: Expression) => Expression {
  const { span } = right;
  const value = ["null", "bool", "boolean"].includes(right.type) ? convertExpression(right) : undefined;
  if (value?.kind !== "Literal") throw right.unsupported("IS with something other than NULL, TRUE or FALSE");
  const test = value.text as Is["test"];
  return (operand) => ({ kind: "Is", span, test, not: operator === "IS NOT", operand, other: undefined });
}

function convertCase(node: TreeReader): Case {
  const { span } = node;
  const operandNode = node.child("expr");
  const operand = operandNode === undefined ? undefined : convertExpression(operandNode);
  const branches: CaseBranch[] = [];
  let otherwise: Expression | undefined;
  for (const part of node.list("args")) {
    const result = convertExpression(part.need("result"));
    if (part.type === "else") otherwise = result;
    else branches.push({ kind: "CaseBranch", span: part.span, when: convertExpression(part.need("cond")), result });
    part.done(undefined);
  }
  if (branches.length === 0) throw new SqlError("SYNTAX", "CASE needs a WHEN", { span });
  return node.done({ kind: "Case", span, operand, branches, otherwise });
}
