import { didYouMean } from "../base/suggest.ts";
import type { RowFieldNode, SimpleType, TypeNode } from "./ast/type.ts";
import type { Cursor } from "./cursor.ts";
import { isIntervalUnit, parseIntervalQualifier } from "./interval.ts";

type Simple = SimpleType["name"];

const UNBOUNDED = 2147483647;

const SYNONYMS: Readonly<Record<string, Simple>> = {
  BOOLEAN: "BOOLEAN",
  TINYINT: "TINYINT",
  SMALLINT: "SMALLINT",
  INT: "INT",
  INTEGER: "INT",
  BIGINT: "BIGINT",
  FLOAT: "FLOAT",
  REAL: "FLOAT",
  DOUBLE: "DOUBLE",
  DECIMAL: "DECIMAL",
  DEC: "DECIMAL",
  NUMERIC: "DECIMAL",
  CHAR: "CHAR",
  CHARACTER: "CHAR",
  VARCHAR: "VARCHAR",
  STRING: "VARCHAR",
  BINARY: "BINARY",
  VARBINARY: "VARBINARY",
  BYTES: "VARBINARY",
  DATE: "DATE",
  TIME: "TIME",
  TIMESTAMP: "TIMESTAMP",
  TIMESTAMP_LTZ: "TIMESTAMP_LTZ",
  VARIANT: "VARIANT",
};

const KNOWN_ELSEWHERE = [
  "STRUCTURED",
  "RAW",
  "NULL",
  "TIMESTAMP_TZ",
  "BITMAP",
  "UUID",
  "GEOMETRY",
  "ANY",
  "SYMBOL",
  "JSON",
];

const TYPE_WORDS = [...Object.keys(SYNONYMS), "INTERVAL", "ARRAY", "MAP", "MULTISET", "ROW"];

/** A type with its `NOT NULL`. Throws SYNTAX, UNSUPPORTED, TOO_DEEP. */
export function parseType(c: Cursor): TypeNode {
  const outer = c.open();
  const { start } = c;
  let type = parseBase(c);
  for (;;) {
    if (c.accept("NOT", "NULL")) {
      type = { ...type, span: c.span(start), notNull: true };
    } else if (!c.isWordAhead(1, "ON") && c.accept("NULL")) {
      // In JSON_VALUE(… RETURNING INT NULL ON EMPTY) the word is not the type's.
      type = { ...type, span: c.span(start), notNull: false };
    } else {
      const collection = c.acceptOne(["ARRAY", "MULTISET"]);
      if (collection === undefined) break;
      type = { kind: "CollectionType", span: c.span(start), collection, element: type, notNull: false };
      c.grow();
    }
  }
  c.close(outer);
  return type;
}

function parseBase(c: Cursor): TypeNode {
  const { token } = c;
  if (token.kind !== "word") throw c.fail("a type");
  switch (token.text) {
    case "ARRAY":
    case "MULTISET":
      return parseCollection(c, token.text);
    case "MAP":
      return parseMap(c);
    case "ROW":
      return parseRow(c);
    case "INTERVAL":
      return parseInterval(c);
    default: {
      const name = Object.hasOwn(SYNONYMS, token.text) ? SYNONYMS[token.text] : undefined;
      if (name !== undefined) return parseSimple(c, name);
      if (KNOWN_ELSEWHERE.includes(token.text)) {
        c.take();
        throw c.error("UNSUPPORTED", `type ${token.text} is not supported yet`, token);
      }
      throw c.fail("a type", didYouMean(token.text, TYPE_WORDS));
    }
  }
}

function parseSimple(c: Cursor, name: Simple): SimpleType {
  const { start } = c;
  const word = c.take().text;
  const simple = (args: readonly number[], folded: Simple = name): SimpleType => ({
    kind: "SimpleType",
    span: c.span(start),
    name: folded,
    args,
    notNull: false,
  });
  switch (word) {
    case "DOUBLE":
      c.accept("PRECISION");
      return simple([]);
    case "DECIMAL":
    case "DEC":
    case "NUMERIC":
      return simple(parseArgs(c, 2));
    case "CHAR":
    case "CHARACTER":
      if (c.accept("VARYING")) return simple(orUnbounded(parseArgs(c, 1)), "VARCHAR");
      return simple(parseArgs(c, 1));
    case "BINARY":
      if (c.accept("VARYING")) return simple(orUnbounded(parseArgs(c, 1)), "VARBINARY");
      return simple(parseArgs(c, 1));
    case "VARCHAR":
    case "VARBINARY":
      return simple(orUnbounded(parseArgs(c, 1)));
    case "STRING":
    case "BYTES":
      return simple([UNBOUNDED]);
    case "TIMESTAMP_LTZ":
      return simple(parseArgs(c, 1));
    case "TIME":
      return simple(parseArgs(c, 1), parseZone(c, "TIME"));
    case "TIMESTAMP":
      return simple(parseArgs(c, 1), parseZone(c, "TIMESTAMP"));
    default:
      return simple([]);
  }
}

/** `WITHOUT TIME ZONE`, `WITH LOCAL TIME ZONE` */
function parseZone(c: Cursor, name: "TIME" | "TIMESTAMP"): Simple {
  const { start } = c;
  if (c.accept("WITHOUT", "TIME", "ZONE")) return name;
  if (c.isWords("WITH", "TIME", "ZONE")) {
    c.take();
    throw c.fail("LOCAL", "a timestamp keeps no time zone: use TIMESTAMP_LTZ");
  }
  if (!c.accept("WITH", "LOCAL", "TIME", "ZONE")) return name;
  if (name === "TIME") throw c.error("UNSUPPORTED", "TIME WITH LOCAL TIME ZONE is not supported yet", c.span(start));
  return "TIMESTAMP_LTZ";
}

/** `(n)` or `(n, m)`, or nothing. */
function parseArgs(c: Cursor, most: number): number[] {
  if (!c.acceptSymbol("(")) return [];
  const args = [c.integer("a length or precision")];
  if (most > 1 && c.acceptSymbol(",")) args.push(c.integer("a scale"));
  c.expectSymbol(")");
  return args;
}

function orUnbounded(args: number[]): number[] {
  return args.length === 0 ? [UNBOUNDED] : args;
}

/**
 * `INTERVAL DAY(3) TO SECOND(3)`: the digits, when any are written, are the precision of the leading field (default 2) and of the fraction of
 * the second (default 6).
 */
function parseInterval(c: Cursor): SimpleType {
  const { start } = c;
  c.take();
  if (!isIntervalUnit(c.token)) throw c.fail("a unit such as DAY, HOUR, MINUTE or SECOND");
  const { from, leading, fraction } = parseIntervalQualifier(c);
  const months = from === "YEAR" || from === "QUARTER" || from === "MONTH";
  const written = leading !== undefined || fraction !== undefined;
  const args = months ? (leading === undefined ? [] : [leading]) : written ? [leading ?? 2, fraction ?? 6] : [];
  return {
    kind: "SimpleType",
    span: c.span(start),
    name: months ? "INTERVAL_YEAR_MONTH" : "INTERVAL_DAY_TIME",
    args,
    notNull: false,
  };
}

function parseCollection(c: Cursor, collection: "ARRAY" | "MULTISET"): TypeNode {
  const { start } = c;
  c.take();
  c.expectSymbol("<");
  const element = c.grammar.type(c);
  c.expectSymbol(">");
  return { kind: "CollectionType", span: c.span(start), collection, element, notNull: false };
}

function parseMap(c: Cursor): TypeNode {
  const { start } = c;
  c.take();
  c.expectSymbol("<");
  const key = c.grammar.type(c);
  c.expectSymbol(",");
  const value = c.grammar.type(c);
  c.expectSymbol(">");
  return { kind: "MapType", span: c.span(start), key, value, notNull: false };
}

/** `ROW<a INT, b STRING 'comment'>`, `ROW(a INT)` */
function parseRow(c: Cursor): TypeNode {
  const { start } = c;
  c.take();
  let fields: RowFieldNode[] = [];
  if (!c.acceptSymbol("<>")) {
    const close = c.acceptSymbol("<") ? ">" : ")";
    if (close === ")") c.expectSymbol("(");
    if (!c.isSymbol(close)) fields = c.commaList(() => parseRowField(c));
    c.expectSymbol(close);
  }
  return { kind: "RowType", span: c.span(start), fields, notNull: false };
}

function parseRowField(c: Cursor): RowFieldNode {
  const { start } = c;
  const name = c.identifier("a field name");
  const type = c.grammar.type(c);
  const comment = c.isString() ? c.string() : undefined;
  return { kind: "RowField", span: c.span(start), name, type, comment };
}
