import type { Binary, Case, Expression, IntervalUnit, Literal } from "./ast/expression.ts";
import { POWER } from "./power.ts";
import { MAX_REPEATED, printCall } from "./print-call.ts";
import { printIdentifier, printName, printNames, quoteString } from "./print-context.ts";
import type { PrintContext } from "./print-context.ts";
import { printOrderBy } from "./print-window.ts";
import { printCastType } from "./print-type.ts";

/** How tight an expression binds; what needs no parentheses anywhere binds tightest. */
const ATOM = 100;

/** An expression as SQL, with the parentheses it needs and no others. */
export function printExpressionIn(e: Expression, ctx: PrintContext): string {
  switch (e.kind) {
    case "Literal":
      return printLiteral(e, ctx);
    case "IntervalLiteral":
      return `INTERVAL ${e.negative ? "-" : ""}${quoteString(e.text)} ${printUnits(e)}`;
    case "IntervalCast":
      return `(${ctx.expression(e.operand)}) ${printUnits(e)}`;
    case "Adapted":
      return e.operand.kind === "ColumnRef" || e.operand.kind === "FunctionCall"
        ? ctx.expression(e.operand)
        : `(${ctx.expression(e.operand)})`;
    case "ColumnRef":
      return printName(e.parts);
    case "Star":
      return e.qualifier.length === 0 ? "*" : `${printName(e.qualifier)}.*`;
    case "Unary":
      return printUnary(e.operator, e.operand, ctx);
    case "Binary":
      return printBinary(e, ctx);
    case "Is": {
      const test = e.test === "JSON" && !ctx.exact ? "JSON VALUE" : e.test;
      const other = e.other === undefined ? "" : ` ${operand(e.other, POWER.COMPARISON + 1, ctx)}`;
      return `${operand(e.operand, POWER.IS, ctx)} IS ${e.not ? "NOT " : ""}${test}${other}`;
    }
    case "Between": {
      const bounds = `${operand(e.low, POWER.RANGE + 1, ctx)} AND ${operand(e.high, POWER.RANGE + 1, ctx)}`;
      return `${operand(e.operand, POWER.RANGE, ctx)} ${e.not ? "NOT " : ""}BETWEEN ${e.symmetric ? "SYMMETRIC" : "ASYMMETRIC"} ${bounds}`;
    }
    case "InList":
      return `${operand(e.operand, POWER.RANGE, ctx)} ${e.not ? "NOT " : ""}IN (${list(e.items, ctx)})`;
    case "InQuery":
      return `${operand(e.operand, POWER.RANGE, ctx)} ${e.not ? "NOT " : ""}IN (${ctx.query(e.query)})`;
    case "Quantified":
      return `${operand(e.operand, POWER.COMPARISON, ctx)} ${e.operator} ${e.quantifier === "ANY" ? "SOME" : "ALL"} (${ctx.query(e.query)})`;
    case "Exists":
      return `EXISTS (${ctx.query(e.query)})`;
    case "Like": {
      const escape = e.escape === undefined ? "" : ` ESCAPE ${operand(e.escape, POWER.RANGE + 1, ctx)}`;
      return `${operand(e.operand, POWER.RANGE, ctx)} ${e.not ? "NOT " : ""}${e.operator} ${operand(e.pattern, POWER.RANGE + 1, ctx)}${escape}`;
    }
    case "Case":
      return printCase(e, ctx);
    case "Cast":
      return `${e.tolerant ? "TRY_CAST" : "CAST"}(${ctx.expression(e.operand)} AS ${printCastType(e.type)})`;
    case "FunctionCall":
      return printCall(e, ctx);
    case "SubQuery":
      return `(${ctx.query(e.query)})`;
    case "ArrayConstructor":
      return `ARRAY[${list(e.items, ctx)}]`;
    case "MapConstructor":
      return `MAP[${list(e.items, ctx)}]`;
    case "RowConstructor":
      return `ROW(${list(e.items, ctx)})`;
    case "ElementAccess":
      return `${accessed(e.operand, e.operand.kind === "ColumnRef", ctx)}[${ctx.expression(e.index)}]`;
    case "FieldAccess":
      return `${accessed(e.operand, e.operand.kind === "ColumnRef" && !ctx.exact, ctx)}.${e.field.kind === "Star" ? "*" : printIdentifier(e.field)}`;
    case "Descriptor":
      return `DESCRIPTOR(${printNames(e.columns)})`;
    case "TableArgument": {
      const table = e.table.kind === "Query" ? `(${ctx.query(e.table)})` : `TABLE ${printName(e.table)}`;
      const key = e.partitionBy.length === 1 ? list(e.partitionBy, ctx) : `(${list(e.partitionBy, ctx)})`;
      const partition = e.partitionBy.length === 0 ? "" : ` PARTITION BY ${key}`;
      return table + partition + printOrderBy(e.orderBy, " ", ctx);
    }
    case "NamedArgument":
      return `${printIdentifier(e.name)} => ${ctx.expression(e.value)}`;
  }
}

/** The binding power of an expression as printed. */
function powerOf(e: Expression, exact: boolean): number {
  switch (e.kind) {
    case "Unary":
      if (e.operator === "NOT") return POWER.NOT;
      return e.operator === "-" && isNumber(e.operand) ? ATOM : POWER.SIGN;
    case "Binary":
      return BINARY_POWER[e.operator];
    case "Is":
      return e.test === "DISTINCT FROM" ? POWER.COMPARISON : POWER.IS;
    case "Between":
    case "InList":
    case "InQuery":
    case "Like":
      return POWER.RANGE;
    case "Quantified":
      return POWER.COMPARISON;
    case "FunctionCall":
      // Flink puts `f() OVER …` in parentheses when it is an operand.
      return e.over !== undefined && !exact ? 0 : ATOM;
    default:
      return ATOM;
  }
}

const BINARY_POWER: Readonly<Record<Binary["operator"], number>> = {
  OR: POWER.OR,
  AND: POWER.AND,
  OVERLAPS: POWER.COMPARISON,
  "=": POWER.COMPARISON,
  "<>": POWER.COMPARISON,
  "<": POWER.COMPARISON,
  "<=": POWER.COMPARISON,
  ">": POWER.COMPARISON,
  ">=": POWER.COMPARISON,
  "+": POWER.SUM,
  "-": POWER.SUM,
  "*": POWER.PRODUCT,
  "/": POWER.PRODUCT,
  "%": POWER.PRODUCT,
  "||": POWER.PRODUCT,
};

/** An operand, in parentheses when it binds looser than `least`. */
function operand(e: Expression, least: number, ctx: PrintContext): string {
  return parenthesized(ctx.expression(e), e, least, ctx);
}

function parenthesized(text: string, e: Expression, least: number, ctx: PrintContext): string {
  return powerOf(e, ctx.exact) < least ? `(${text})` : text;
}

/** What `[index]` or `.field` follows: only some expressions can stand there bare. */
function accessed(e: Expression, column: boolean, ctx: PrintContext): string {
  const text = ctx.expression(e);
  const bare =
    column ||
    [
      "ElementAccess",
      "FieldAccess",
      "ArrayConstructor",
      "MapConstructor",
      "RowConstructor",
      "SubQuery",
      "Cast",
    ].includes(e.kind) ||
    (e.kind === "FunctionCall" && e.over === undefined && text.endsWith(")"));
  return bare ? text : `(${text})`;
}

function list(items: readonly Expression[], ctx: PrintContext): string {
  return items.map(ctx.expression).join(", ");
}

function printUnits(e: { readonly from: IntervalUnit; readonly to: IntervalUnit | undefined }): string {
  return e.to === undefined ? e.from : `${e.from} TO ${e.to}`;
}

function isNumber(e: Expression): boolean {
  return e.kind === "Literal" && e.type === "number";
}

function printUnary(operator: "-" | "+" | "NOT", inner: Expression, ctx: PrintContext): string {
  if (operator === "NOT") return `NOT ${operand(inner, POWER.NOT, ctx)}`;
  if (operator === "-" && isNumber(inner)) return `-${ctx.expression(inner)}`;
  const text = operand(inner, POWER.SIGN, ctx);
  // Signs side by side would read as a comment.
  return inner.kind === "Unary" && inner.operator !== "NOT" ? `${operator} (${text})` : `${operator} ${text}`;
}

function printBinary(e: Binary, ctx: PrintContext): string {
  const power = BINARY_POWER[e.operator];
  if (
    e.operator === "OVERLAPS" &&
    !ctx.exact &&
    e.left.kind === "RowConstructor" &&
    e.right.kind === "RowConstructor"
  ) {
    return `PERIOD (${list(e.left.items, ctx)}) OVERLAPS PERIOD (${list(e.right.items, ctx)})`;
  }
  return `${operand(e.left, power, ctx)} ${e.operator} ${operand(e.right, power + 1, ctx)}`;
}

function printCase(e: Case, ctx: PrintContext): string {
  const plain = e.operand === undefined ? "" : ctx.expression(e.operand);
  const spelledOut = e.operand !== undefined && !ctx.exact && plain.length <= MAX_REPEATED;
  const subject = spelledOut ? `${parenthesized(plain, e.operand, POWER.COMPARISON, ctx)} = ` : "";
  const branches = e.branches.map(({ when, result }) => {
    const condition = spelledOut ? operand(when, POWER.COMPARISON + 1, ctx) : ctx.expression(when);
    return ` WHEN ${subject}${condition} THEN ${ctx.expression(result)}`;
  });
  const otherwise = e.otherwise === undefined ? "NULL" : ctx.expression(e.otherwise);
  return `CASE${plain === "" || spelledOut ? "" : ` ${plain}`}${branches.join("")} ELSE ${otherwise} END`;
}

function printLiteral(e: Literal, ctx: PrintContext): string {
  switch (e.type) {
    case "number":
      if (ctx.exact) return e.text;
      return e.text.startsWith(".") ? `0${e.text}` : e.text.toUpperCase();
    case "null":
    case "boolean":
      return e.text;
    case "binary":
      return `X'${ctx.exact ? e.text : e.text.toUpperCase()}'`;
    case "string":
      return printString(e.text);
    case "date":
    case "time":
    case "timestamp":
      return `${e.type.toUpperCase()} ${quoteString(e.text)}`;
  }
}

/** Characters beyond ASCII are written as escapes. */
function printString(text: string): string {
  // eslint-disable-next-line no-control-regex -- the range is what ASCII is
  if (/^[\x00-\x7f]*$/.test(text)) return quoteString(text);
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll(/[^\x00-\x7f]/g, (c) => `\\${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `u&${quoteString(escaped)}`;
}
