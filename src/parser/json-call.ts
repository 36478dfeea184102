import type { Expression, FunctionCall } from "./ast/expression.ts";
import type { ObjectName } from "./ast/node.ts";
import type { Cursor } from "./cursor.ts";
import { RESERVED } from "./keywords.ts";
import { makeCall } from "./make.ts";
import { parseOrderBy } from "./window-spec.ts";

type Clause = FunctionCall["clauses"][number];

/**
 * The arguments of a JSON function up to the closing parenthesis. The names of the clauses are: `RETURNING` (with a type),
 * `NULL | ERROR | DEFAULT (with a value) ON EMPTY | ON ERROR`, `EMPTY ARRAY | EMPTY OBJECT ON EMPTY | ON ERROR`,
 * `TRUE | FALSE | UNKNOWN ON ERROR`, `WITHOUT WRAPPER`, `WITH CONDITIONAL WRAPPER`, `WITH UNCONDITIONAL WRAPPER`,
 * `NULL ON NULL`, `ABSENT ON NULL`. JSON_OBJECT and JSON_OBJECTAGG have keys and values in turn.
 */
export function parseJsonCall(c: Cursor, name: ObjectName): FunctionCall {
  const { start } = name.span;
  const clauses: Clause[] = [];
  let args: Expression[] = [];
  let withinGroup: FunctionCall["withinGroup"];
  const upper = name.parts[0]!.name.toUpperCase();
  switch (upper) {
    case "JSON_OBJECT":
    case "JSON_OBJECTAGG":
      if (!c.isSymbol(")") && !atNullClause(c)) args = c.commaList(() => parseKeyValue(c)).flat();
      parseNullClause(c, clauses);
      break;
    case "JSON_ARRAY":
    case "JSON_ARRAYAGG":
      if (!c.isSymbol(")") && !atNullClause(c)) args = c.commaList(() => parseValue(c));
      if (upper === "JSON_ARRAYAGG" && c.isWord("ORDER")) withinGroup = parseOrderBy(c);
      parseNullClause(c, clauses);
      break;
    default:
      args = c.commaList(() => parseValue(c));
      if (c.isWord("PASSING")) throw c.unsupported(`${upper} … PASSING`, c.start);
      while (!c.isSymbol(")")) clauses.push(parsePathClause(c, upper));
  }
  c.expectSymbol(")");
  return makeCall(c, start, name, args, { clauses, withinGroup });
}

function parseValue(c: Cursor): Expression {
  const value = c.grammar.expression(c);
  if (c.isWords("FORMAT", "JSON"))
    throw c.unsupported("FORMAT JSON", c.start, "values made by JSON functions are nested as they are");
  return value;
}

/** `[KEY] k VALUE v`, `k : v`, `k, v` */
function parseKeyValue(c: Cursor): Expression[] {
  if (c.isWord("KEY") && keyIsPrefix(c)) c.take();
  const key = c.grammar.expression(c);
  if (!c.accept("VALUE") && !c.acceptSymbol(":") && !c.acceptSymbol(",")) throw c.failExpected();
  return [key, parseValue(c)];
}

/** `KEY k VALUE v`, and not a column that is called `key`; `KEY value VALUE v`, but not `key VALUE value`. */
function keyIsPrefix(c: Cursor): boolean {
  const next = c.ahead(1);
  if (next.kind !== "word" || next.text !== "VALUE") return next.kind !== "symbol" || next.text === "(";
  return c.isWordAhead(2, "VALUE") && startsValue(c);
}

const STARTS_VALUE = new Set(["CASE", "CAST", "TRY_CAST", "EXISTS", "NULL", "TRUE", "FALSE"]);

/** At `KEY VALUE VALUE`: is what follows an expression, and not the rest of one that begins with a column called `value`? */
function startsValue(c: Cursor): boolean {
  const { kind, text } = c.ahead(3);
  if (kind === "symbol") return text === "(";
  if (kind !== "word") return true;
  return !c.isWordAhead(4, "ON") && (STARTS_VALUE.has(text) || !RESERVED.has(text));
}

function atNullClause(c: Cursor): boolean {
  return c.isWords("NULL", "ON", "NULL") || c.isWords("ABSENT", "ON", "NULL");
}

function parseNullClause(c: Cursor, clauses: Clause[]): void {
  if (c.accept("NULL", "ON", "NULL")) clauses.push({ name: "NULL ON NULL" });
  else if (c.accept("ABSENT", "ON", "NULL")) clauses.push({ name: "ABSENT ON NULL" });
}

const BEHAVIOURS: Readonly<Record<string, readonly string[]>> = {
  JSON_EXISTS: ["TRUE", "FALSE", "UNKNOWN", "ERROR"],
  JSON_VALUE: ["NULL", "ERROR", "DEFAULT"],
  JSON_QUERY: ["NULL", "ERROR", "EMPTY ARRAY", "EMPTY OBJECT"],
};

function parsePathClause(c: Cursor, name: string): Clause {
  if (name !== "JSON_EXISTS" && c.accept("RETURNING")) return { name: "RETURNING", type: c.grammar.type(c) };
  if (name === "JSON_QUERY") {
    if (c.accept("WITHOUT")) {
      c.accept("ARRAY");
      c.expect("WRAPPER");
      return { name: "WITHOUT WRAPPER" };
    }
    if (c.accept("WITH")) {
      const condition = c.acceptOne(["CONDITIONAL", "UNCONDITIONAL"]) ?? "UNCONDITIONAL";
      c.accept("ARRAY");
      c.expect("WRAPPER");
      return { name: `WITH ${condition} WRAPPER` };
    }
  }
  for (const behaviour of BEHAVIOURS[name] ?? []) {
    if (!c.accept(...behaviour.split(" "))) continue;
    const value = behaviour === "DEFAULT" ? c.grammar.expression(c) : undefined;
    c.expect("ON");
    const event = name === "JSON_EXISTS" ? c.expectOne(["ERROR"]) : c.expectOne(["EMPTY", "ERROR"]);
    return value === undefined ? { name: `${behaviour} ON ${event}` } : { name: `${behaviour} ON ${event}`, value };
  }
  c.acceptSymbol(")");
  throw c.failExpected();
}
