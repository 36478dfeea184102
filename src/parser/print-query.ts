import type {
  FromItem,
  GroupItem,
  GroupingSets,
  Hint,
  Join,
  Query,
  QueryBody,
  Select,
  SetOperation,
  TableAlias,
} from "./ast/query.ts";
import { printFunctionName } from "./print-call.ts";
import { printIdentifier, printName, printNames, quote, quoteString } from "./print-context.ts";
import type { PrintContext } from "./print-context.ts";
import { printMatchRecognize } from "./print-match.ts";
import { printOrderBy, printWindowSpec } from "./print-window.ts";

/** A query as SQL. */
export function printQueryIn(query: Query, ctx: PrintContext): string {
  const common = query.with.map(({ name, columns, query: inner }) => {
    const list = columns.length === 0 ? "" : ` (${printNames(columns)})`;
    return `${printIdentifier(name)}${list} AS (${ctx.query(inner)})`;
  });
  const before = common.length === 0 ? "" : `WITH ${common.join(", ")} `;
  const body = query.body.kind === "Query" ? `(${ctx.query(query.body)})` : printBody(query.body, ctx);
  const offset = query.offset === undefined ? "" : `${ctx.separator}OFFSET ${ctx.expression(query.offset)} ROWS`;
  const limit = query.limit === undefined ? "" : `${ctx.separator}FETCH NEXT ${ctx.expression(query.limit)} ROWS ONLY`;
  return before + body + printOrderBy(query.orderBy, ctx.separator, ctx) + offset + limit;
}

function printBody(body: QueryBody, ctx: PrintContext): string {
  switch (body.kind) {
    case "Query":
      return ctx.query(body);
    case "Select":
      return printSelect(body, ctx);
    case "Values":
      return `VALUES ${body.rows.map((row) => `ROW(${row.map(ctx.expression).join(", ")})`).join(`,${ctx.separator}`)}`;
    case "SetOperation": {
      const operator = body.all ? `${body.operator} ALL` : body.operator;
      return [
        printSetOperand(body.left, body, false, ctx),
        operator,
        printSetOperand(body.right, body, true, ctx),
      ].join(ctx.separator);
    }
  }
}

/** An operand of a set operation, in parentheses where precedence or a tail of its own demands them. */
function printSetOperand(operand: QueryBody, parent: SetOperation, right: boolean, ctx: PrintContext): string {
  const text = printBody(operand, ctx);
  if (operand.kind === "Query") return `(${text})`;
  if (operand.kind !== "SetOperation") return text;
  const tighter = operand.operator === "INTERSECT" && parent.operator !== "INTERSECT";
  const looser = operand.operator !== "INTERSECT" && parent.operator === "INTERSECT";
  return !tighter && (right || looser) ? `(${text})` : text;
}

function printSelect(select: Select, ctx: PrintContext): string {
  const items = select.items.map(
    ({ expression, alias }) =>
      ctx.expression(expression) + (alias === undefined ? "" : ` AS ${printIdentifier(alias)}`),
  );
  const words = select.distinct ? " DISTINCT" : "";
  const { separator } = ctx;
  const hints = select.hints.length === 0 ? "" : `${separator}${printHints(select.hints)}`;
  const clauses = [`SELECT${hints}${words}${hints === "" ? " " : separator}${items.join(", ")}`];
  if (select.from !== undefined) clauses.push(`FROM ${printFrom(select.from, ctx.separator, ctx)}`);
  if (select.where !== undefined) clauses.push(`WHERE ${ctx.expression(select.where)}`);
  if (select.groupBy !== undefined)
    clauses.push(`GROUP BY ${select.groupByDistinct ? "DISTINCT " : ""}${printGroupBy(select.groupBy, ctx)}`);
  if (select.having !== undefined) clauses.push(`HAVING ${ctx.expression(select.having)}`);
  if (select.windows.length > 0) {
    clauses.push(
      `WINDOW ${select.windows.map(({ name, spec }) => `${printIdentifier(name)} AS ${printWindowSpec(spec, ctx)}`).join(", ")}`,
    );
  }
  if (select.qualify !== undefined) clauses.push(`QUALIFY ${ctx.expression(select.qualify)}`);
  return clauses.join(ctx.separator);
}

function printGroupBy(items: readonly GroupItem[], ctx: PrintContext): string {
  return items
    .map((item) => (item.kind === "GroupExpression" ? ctx.expression(item.expression) : printGroupingSets(item, ctx)))
    .join(", ");
}

function printGroupingSets(item: GroupingSets, ctx: PrintContext): string {
  const sets = item.sets.map((set) => {
    if ("kind" in set) return printGroupingSets(set, ctx);
    return set.length === 1 ? ctx.expression(set[0]!) : `(${set.map(ctx.expression).join(", ")})`;
  });
  const isEmptySet = item.type === "GROUPING SETS" && sets.length === 1 && sets[0] === "()";
  return isEmptySet ? "()" : `${item.type}(${sets.join(", ")})`;
}

/** Hints in their comment. */
export function printHints(hints: readonly Hint[]): string {
  const printed = hints.map(({ name, pairs }) => {
    const list = pairs.map(({ key, value }) =>
      value === undefined ? quoteString(key) : `${quoteString(key)} = ${quoteString(value)}`,
    );
    return `${quote(name)}${pairs.length === 0 ? "" : `(${list.join(", ")})`}`;
  });
  return `/*+ ${printed.join(", ")} */`;
}

function printFrom(item: FromItem, separator: string, ctx: PrintContext): string {
  switch (item.kind) {
    case "TableRef": {
      const hints = item.hints.length === 0 ? "" : `${separator}${printHints(item.hints)}`;
      const asOf = item.asOf === undefined ? "" : ` FOR SYSTEM_TIME AS OF ${ctx.expression(item.asOf)}`;
      return printName(item.name) + hints + asOf + printAlias(item.alias);
    }
    case "DerivedTable":
      return `${item.lateral ? "LATERAL " : ""}(${ctx.query(item.query)})${printAlias(item.alias)}`;
    case "TableFunction":
      return `${item.lateral ? "LATERAL " : ""}TABLE(${printFunctionName(item, ctx.exact)}(${item.args.map(ctx.expression).join(", ")}))${printAlias(item.alias)}`;
    case "Unnest":
      return `UNNEST(${ctx.expression(item.operand)})${item.withOrdinality ? " WITH ORDINALITY" : ""}${printAlias(item.alias)}`;
    case "MatchRecognize":
      return printMatchRecognize(item, printFrom(item.input, separator, ctx), ctx) + printAlias(item.alias);
    case "Join":
      return printJoin(item, separator, ctx);
  }
}

function printJoin(join: Join, separator: string, ctx: PrintContext): string {
  // Behind a comma a join stands as it is, a list does not.
  const isGroup = join.right.kind === "Join" && (join.comma !== true || join.right.comma === true);
  const right = isGroup ? `(${printFrom(join.right, " ", ctx)})` : printFrom(join.right, separator, ctx);
  if (join.comma === true) return `${printFrom(join.left, separator, ctx)},${separator}${right}`;
  const words = `${join.natural ? "NATURAL " : ""}${join.type} JOIN`;
  const on = join.on === undefined ? "" : ` ON ${ctx.expression(join.on)}`;
  const using = join.using === undefined ? "" : ` USING (${printNames(join.using)})`;
  const left = printFrom(join.left, separator, ctx);
  const isList = join.left.kind === "Join" && join.left.comma === true;
  return `${isList ? `(${left})` : left}${separator}${words} ${right}${on}${using}`;
}

function printAlias(alias: TableAlias | undefined): string {
  if (alias === undefined) return "";
  return ` AS ${printIdentifier(alias.name)}${alias.columns.length === 0 ? "" : ` (${printNames(alias.columns)})`}`;
}
