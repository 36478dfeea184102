import type { Expression, FunctionCall } from "./ast/expression.ts";
import { NILADIC_FUNCTIONS, RESERVED, SPECIAL_SYNTAX } from "./keywords.ts";
import { printIdentifier, printName, quote } from "./print-context.ts";
import type { PrintContext } from "./print-context.ts";
import { printCastType } from "./print-type.ts";
import { printOrderBy, printWindowSpec } from "./print-window.ts";

/** Functions that are operators of Flink's or Calcite's own table: their names print bare and in upper case, all others in backquotes. */
const BARE = new Set(
  `ABS ACOS APPROX_COUNT_DISTINCT ASCII ASIN ATAN ATAN2 AVG BIN CARDINALITY CEIL CHARACTER_LENGTH CHAR_LENGTH CHR COALESCE COLLECT CONCAT
  CONCAT_WS CONVERT_TZ COS COSH COT COUNT CUME_DIST CUMULATE CURRENT_DATABASE CURRENT_DATE CURRENT_ROW_TIMESTAMP CURRENT_TIME
  CURRENT_TIMESTAMP DATE_FORMAT DECODE DEGREES DENSE_RANK E ELEMENT ENCODE EXP EXTRACT FIRST_VALUE FLOOR FROM_BASE64 FROM_UNIXTIME GROUPING
  GROUPING_ID GROUP_ID HASH_CODE HEX HOP HOP_END HOP_PROCTIME HOP_ROWTIME HOP_START IF INITCAP INSTR IS_ALPHA IS_DECIMAL IS_DIGIT JSON_ARRAY
  JSON_ARRAYAGG JSON_EXISTS JSON_OBJECT JSON_OBJECTAGG JSON_QUERY JSON_VALUE LAG LAST_VALUE LEAD LEFT LISTAGG LN LOCALTIME LOCALTIMESTAMP
  LOCATE LOG LOG10 LOG2 LOWER LPAD LTRIM MAX MD5 MIN MOD NOW NTILE NULLIF OVERLAY PARSE_URL PERCENT_RANK PI POSITION POWER PROCTIME RADIANS
  RAND RAND_INTEGER RANK REGEXP REGEXP_EXTRACT REGEXP_REPLACE REPEAT REPLACE REVERSE RIGHT ROUND ROW_NUMBER RPAD RTRIM SESSION SESSION_END
  SESSION_PROCTIME SESSION_ROWTIME SESSION_START SHA1 SHA2 SHA224 SHA256 SHA384 SHA512 SIGN SIN SINGLE_VALUE SINH SPLIT_INDEX SQRT
  STDDEV STDDEV_POP STDDEV_SAMP STR_TO_MAP SUBSTR SUBSTRING SUM TAN TANH TIMESTAMPADD TIMESTAMPDIFF TO_BASE64 TO_DATE TO_TIMESTAMP TRIM
  TRUNCATE TUMBLE TUMBLE_END TUMBLE_PROCTIME TUMBLE_ROWTIME TUMBLE_START UNIX_TIMESTAMP UPPER UUID VARIANCE VAR_POP VAR_SAMP
  YEAR QUARTER MONTH WEEK DAYOFYEAR DAYOFMONTH DAYOFWEEK HOUR MINUTE SECOND`.split(/\s+/),
);

/** A text longer than this is not written twice, so that nested calls cannot grow without bound. */
export const MAX_REPEATED = 1000;

/** Functions that Flink shows as an EXTRACT of this unit. */
const EXTRACTED: Readonly<Record<string, string>> = {
  YEAR: "YEAR",
  QUARTER: "QUARTER",
  MONTH: "MONTH",
  WEEK: "WEEK",
  DAYOFYEAR: "DOY",
  DAYOFMONTH: "DAY",
  DAYOFWEEK: "DOW",
  HOUR: "HOUR",
  MINUTE: "MINUTE",
  SECOND: "SECOND",
};

/** A call with everything that follows it. */
export function printCall(call: FunctionCall, ctx: PrintContext): string {
  const parts = [printArguments(call, ctx)];
  if (call.nulls !== undefined) parts.push(`${call.nulls} NULLS`);
  if (call.withinGroup !== undefined) parts.push(`WITHIN GROUP (${printOrderBy(call.withinGroup, "", ctx)})`);
  if (call.filter !== undefined) parts.push(`FILTER (WHERE ${ctx.expression(call.filter)})`);
  if (call.over !== undefined)
    parts.push(
      `OVER ${call.over.kind === "Identifier" ? printIdentifier(call.over) : printWindowSpec(call.over, ctx)}`,
    );
  return parts.join(" ");
}

/** The name of a function as printed: bare, or in backquotes. */
export function printFunctionName(call: Pick<FunctionCall, "name">, exact: boolean): string {
  const { parts } = call.name;
  const name = parts[0]!.name.toUpperCase();
  if (parts.length > 1 || (parts[0]!.quoted && (exact || SPECIAL_SYNTAX.has(name)))) return printName(call.name);
  if (exact) return RESERVED.has(name) ? quote(parts[0]!.name) : parts[0]!.name;
  return BARE.has(name) ? name : name === "TRANSLATE" ? "`TRANSLATE3`" : quote(parts[0]!.name);
}

function printArguments(call: FunctionCall, ctx: PrintContext): string {
  const name = printFunctionName(call, ctx.exact);
  const { args } = call;
  const upper = call.name.parts.length > 1 || name.startsWith("`") ? "" : name.toUpperCase();
  if (args.length === 0 && NILADIC_FUNCTIONS.has(upper)) return name;
  const printed = args.map((arg, i) => printArgument(call, arg, i, ctx));
  const special = printSpecial(name, upper, call, printed, ctx);
  if (special !== undefined) return special;
  return `${name}(${call.distinct ? "DISTINCT " : ""}${printed.join(", ")})`;
}

function printArgument(call: FunctionCall, arg: Expression, index: number, ctx: PrintContext): string {
  if (call.symbols.includes(index) && arg.kind === "ColumnRef") return arg.parts[0]!.name;
  return ctx.expression(arg);
}

/** The syntaxes of their own; `args` are the arguments as printed. */
function printSpecial(
  name: string,
  upper: string,
  call: FunctionCall,
  args: readonly string[],
  ctx: PrintContext,
): string | undefined {
  const [a, b, c, d] = args;
  switch (upper) {
    case "EXTRACT":
      return call.symbols.length > 0 ? `${name}(${a} FROM ${b})` : undefined;
    case "FLOOR":
    case "CEIL":
      // After an interval, TO would belong to it.
      return call.symbols.length > 0
        ? `${name}(${/ (?:YEAR|DAY|HOUR|MINUTE)$/.test(a!) ? `(${a})` : a} TO ${b})`
        : undefined;
    case "POSITION":
      if (args.length < 2) return undefined;
      return `${name}(${loose(call.args[0]!) ? `(${a})` : a} IN ${b}${c === undefined ? "" : ` FROM ${c}`})`;
    case "TRIM":
      return call.symbols.length > 0 ? `${name}(${a} ${b} FROM ${c})` : undefined;
    case "OVERLAY":
      return args.length < 3 ? undefined : `${name}(${a} PLACING ${b} FROM ${c}${d === undefined ? "" : ` FOR ${d}`})`;
    case "NULLIF":
      if (ctx.exact || args.length !== 2 || a!.length > MAX_REPEATED) return undefined;
      return `CASE WHEN ${ctx.expression(equality(call))} THEN NULL ELSE ${a} END`;
    case "JSON_OBJECT":
    case "JSON_OBJECTAGG":
      return printKeyValues(name, upper, call, args, ctx);
    case "JSON_ARRAY":
    case "JSON_ARRAYAGG":
      return `${name}(${args.join(", ")}${printNullClause(call, upper === "JSON_ARRAY", "ABSENT ON NULL", ctx)})`;
    case "JSON_VALUE":
    case "JSON_QUERY":
    case "JSON_EXISTS":
      return `${name}(${args.join(", ")}${printClauses(call, upper, ctx)})`;
    default:
      if (!ctx.exact && args.length === 1 && Object.hasOwn(EXTRACTED, upper))
        return `EXTRACT(${EXTRACTED[upper]} FROM ${a})`;
      return undefined;
  }
}

/** `a = b` of the two arguments. */
function equality({ span, args }: FunctionCall): Expression {
  return { kind: "Binary", span, operator: "=", left: args[0]!, right: args[1]! };
}

/** Is this an operator, or a call that is printed with OVER? */
function loose(e: Expression): boolean {
  return (
    ["Unary", "Binary", "Is", "Between", "InList", "InQuery", "Quantified", "Like"].includes(e.kind) ||
    (e.kind === "FunctionCall" && e.over !== undefined)
  );
}

function printKeyValues(
  name: string,
  upper: string,
  call: FunctionCall,
  args: readonly string[],
  ctx: PrintContext,
): string {
  const pairs: string[] = [];
  for (let i = 0; i + 1 < args.length; i += 2) pairs.push(`KEY ${args[i]} VALUE ${args[i + 1]}`);
  const clause = printNullClause(call, upper === "JSON_OBJECT" || upper === "JSON_OBJECTAGG", "NULL ON NULL", ctx);
  return `${name}(${(pairs.join(", ") + clause).trimStart()})`;
}

function printNullClause(call: FunctionCall, always: boolean, standard: string, ctx: PrintContext): string {
  const written = call.clauses[0]?.name;
  if (written !== undefined) return ` ${written}`;
  return always && !ctx.exact ? ` ${standard}` : "";
}

function printClauses(call: FunctionCall, upper: string, ctx: PrintContext): string {
  let clauses = call.clauses;
  if (upper === "JSON_QUERY" && !ctx.exact) {
    const has = (ending: string): boolean => clauses.some((clause) => clause.name.endsWith(ending));
    const order = ["RETURNING", "WRAPPER", "ON EMPTY", "ON ERROR"];
    const added = [
      ...(has("WRAPPER") ? [] : [{ name: "WITHOUT WRAPPER" }]),
      ...(has("ON EMPTY") ? [] : [{ name: "NULL ON EMPTY" }]),
      ...(has("ON ERROR") ? [] : [{ name: "NULL ON ERROR" }]),
    ];
    const rank = (clauseName: string): number => order.findIndex((ending) => clauseName.endsWith(ending));
    clauses = [...clauses, ...added].toSorted((x, y) => rank(x.name) - rank(y.name));
  }
  return clauses
    .map((clause) => {
      if (clause.type !== undefined) return ` ${clause.name} ${printCastType(clause.type)}`;
      if (clause.value !== undefined)
        return ` ${clause.name.replace("DEFAULT", () => `DEFAULT ${ctx.expression(clause.value!)}`)}`;
      return ` ${clause.name.replace(/ WRAPPER$/, " ARRAY WRAPPER")}`;
    })
    .join("");
}
