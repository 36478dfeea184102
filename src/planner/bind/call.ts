import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { didYouMean } from "../../base/suggest.ts";
import { call, literal, type Expr } from "../../expressions/expr.ts";
import type { Argument, Resolution } from "../../functions/define.ts";
import type { Expression, FunctionCall } from "../../parser/index.ts";
import { canCast } from "../../types/coerce.ts";
import {
  isText,
  shownTimeAttribute,
  T,
  withNullable,
  withoutTimeAttribute,
  type DataType,
} from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import { APPROX_COUNT_DISTINCT, aggregateNamed } from "./approximate.ts";
import { coerce } from "./coercion.ts";
import type { Binding, Environment } from "./context.ts";
import { bindType } from "./data-types.ts";
import { columnsOf } from "../logical/rewrite.ts";
import { computedFrom } from "../traits/time-attributes.ts";
import { WINDOW_FUNCTIONS } from "./window-functions.ts";

/** A call of a scalar function or operator, its arguments converted to what the function takes. */
export function bindCall(binding: Pick<Binding, "functions">, name: string, args: readonly Expr[], span: Span): Expr {
  const fn = binding.functions.scalar(name);
  if (fn === undefined) throw functionNotFound(binding, name, args, span);
  const resolution = fn.resolve(argumentsOf(args));
  if (resolution === undefined) throw doesNotApply(fn.name, fn.signature, args, span);
  const type = computedFrom(timeSource(fn.name, args), withoutTimeAttribute(resolution.type));
  const bound = coerceArguments(args, resolution);
  // An unreadable text makes the call NULL, whose type may be NOT NULL: it is FALSE then, as in Flink.
  if (resolution.tolerant === true && !type.nullable && bound.some((arg) => arg.type.nullable)) {
    return call("IS TRUE", [call(fn.name, bound, withNullable(type, true), span)], type, span);
  }
  return call(fn.name, bound, type, span);
}

/** Functions that give one of their arguments, or one moved, and whether their first argument is a condition. */
const KEEPS_TIME: ReadonlyMap<string, boolean> = new Map([
  ["CASE", true],
  ["IF", true],
  ...["COALESCE", "IFNULL", "NULLIF", "GREATEST", "LEAST", "FLOOR", "CEIL", "+", "-", "TIMESTAMPADD"].map(
    (name) => [name, false] as const,
  ),
]);

/** The type whose time attribute a call shows: as in Flink that of the first value, which also tells the type. */
function timeSource(name: string, args: readonly Expr[]): DataType | undefined {
  const conditional = KEEPS_TIME.get(name);
  if (conditional === undefined) return undefined;
  const values = conditional ? args.filter((_, i) => i % 2 === 1 || i === args.length - 1) : args;
  return values.find((arg) => arg.type.kind === "TIMESTAMP" || arg.type.kind === "TIMESTAMP_LTZ")?.type;
}

/** What a function is told of its arguments. */
export function argumentsOf(args: readonly Expr[]): readonly Argument[] {
  return args.map((a) => ({
    type: withoutTimeAttribute(a.type),
    literal: a.kind === "literal" ? a.value : undefined,
    // Few functions ask, and all below would be looked through for each call around it.
    get constant() {
      return columnsOf(a).size === 0;
    },
  }));
}

/** The arguments as a resolution wants them. A NULL whose type nothing tells is an error, as in Flink. */
export function coerceArguments(
  args: readonly Expr[],
  resolution: Pick<Resolution, "args" | "tolerant">,
): readonly Expr[] {
  return args.map((arg, i) => {
    const target = resolution.args?.[i];
    if (target !== undefined && target.kind !== "NULL") {
      const coerced = coerce(arg, target);
      return resolution.tolerant === true && coerced !== arg ? tolerantly(coerced) : coerced;
    }
    if (arg.type.kind === "NULL") throw illegalNull(arg.span);
    return arg;
  });
}

/** The CAST of a coercion as a TRY_CAST where the function wants it; that of a literal stays. */
function tolerantly(arg: Expr): Expr {
  if (arg.kind !== "call" || arg.function !== "CAST" || arg.args[0]?.kind === "literal") return arg;
  return call("TRY_CAST", arg.args, withNullable(arg.type, true), arg.span);
}

export function illegalNull(span: Span | undefined): SqlError {
  return new SqlError("INVALID_QUERY", "Illegal use of 'NULL'", { span, hint: "give it a type: CAST(NULL AS INT)" });
}

/** Binds a call by name: a scalar function, or an aggregate or window function where the clause allows them. */
export function bindFunctionCall(
  node: FunctionCall,
  env: Environment,
  bindExpression: (node: Expression, env: Environment) => Expr,
): Expr {
  const { binding } = env;
  const name = functionName(node);
  if (node.over !== undefined) {
    if (env.over !== undefined) return env.over(node);
    throw new SqlError("INVALID_QUERY", `Windowed aggregate expression is illegal in ${env.clause} clause`, {
      span: node.span,
    });
  }
  const special = env.special?.(node);
  if (special !== undefined) return special;
  if (binding.functions.scalar(name) === undefined) {
    if (aggregateNamed(name, binding).fn !== undefined) {
      if (env.aggregate !== undefined) return env.aggregate(node);
      throw new SqlError("INVALID_QUERY", `Aggregate expression is illegal in ${env.clause} clause`, {
        span: node.span,
      });
    }
    if (name === APPROX_COUNT_DISTINCT) {
      throw new SqlError(
        "UNSUPPORTED",
        "APPROX_COUNT_DISTINCT aggregate function does not support yet for streaming.",
        {
          span: node.span,
          hint: "use COUNT(DISTINCT …), which is exact; batch mode has both",
        },
      );
    }
    if (WINDOW_FUNCTIONS.has(name))
      throw new SqlError("INVALID_QUERY", `OVER clause is necessary for window functions`, { span: node.span });
  }
  if (node.distinct || node.filter !== undefined || node.withinGroup !== undefined) {
    throw new SqlError("INVALID_QUERY", `DISTINCT, FILTER and ORDER BY are for aggregates: ${name} is none`, {
      span: node.span,
    });
  }
  if (name === "JSON" && binding.functions.scalar(name) !== undefined) throw strayJson(node);
  const args = node.args.map((arg, i) =>
    node.symbols.includes(i) ? symbolOf(arg) : (rawJson(name, arg, env, bindExpression) ?? bindExpression(arg, env)),
  );
  if (name === "JSON_STRING" && args.length === 1 && isJson(args[0]!)) return coerce(args[0]!, T.string(false));
  const options = JSON_CONSTRUCTORS.has(name)
    ? [constructorOptions(node, args)]
    : clauseArguments(node, (value) => bindExpression(value, env));
  if (name === "TYPEOF" && args[0]?.type.kind === "NULL") return literal("NULL", T.string(), node.span);
  const bound = bindCall(binding, name, [...args, ...options], node.span);
  if (name === "CURRENT_WATERMARK") checkRowtimeArgument(args[0]!, node);
  if (name === "CURRENT_DATABASE") return literal(binding.catalog.current().database, T.string(false), node.span);
  if (name === "PROCTIME")
    return { ...bound, type: { kind: "TIMESTAMP_LTZ", precision: 3, nullable: false, timeAttribute: "proctime" } };
  return bound;
}

function checkRowtimeArgument(argument: Expr, node: FunctionCall): void {
  // What reads no column is never asked (the examples of the documentation); it is an error where it is.
  if (shownTimeAttribute(argument.type) === "rowtime" || columnsOf(argument).size === 0) return;
  throw new SqlError(
    "TYPE_MISMATCH",
    `The argument of CURRENT_WATERMARK() must be a rowtime attribute, but was '${typeText(argument.type)}'.`,
    { span: node.span, hint: "name the column of the table's WATERMARK" },
  );
}

/** The upper-case name by which a call's function is registered. */
export function functionName(node: FunctionCall): string {
  return node.name.parts.at(-1)!.name.toUpperCase();
}

/** A unit or a word such as BOTH as a text literal. */
function symbolOf(node: Expression): Expr {
  const text = node.kind === "ColumnRef" ? (node.parts[0]?.name ?? "") : "";
  return literal(text, T.char(text.length, false), node.span);
}

/**
 * The extra words of JSON functions as further arguments: the name of each clause as a text literal, then its value
 * when it has one; RETURNING is followed by a NULL of the type.
 */
export function clauseArguments(node: FunctionCall, bind: (value: Expression) => Expr): readonly Expr[] {
  return node.clauses.flatMap((clause) => {
    const words = literal(clause.name, T.char(clause.name.length, false), node.span);
    if (clause.type !== undefined)
      return [words, literal(null, withNullable(bindType(clause.type), true), clause.type.span)];
    return clause.value === undefined ? [words] : [words, bind(clause.value)];
  });
}

const JSON_CONSTRUCTORS: ReadonlySet<string> = new Set(["JSON_OBJECT", "JSON_ARRAY"]);

/**
 * The options of JSON_OBJECT and JSON_ARRAY in one text: the words about NULL, and behind `;` the positions of arguments
 * that are JSON themselves (`ABSENT ON NULL;1,3`), which their types do not tell.
 */
function constructorOptions(node: FunctionCall, args: readonly Expr[]): Expr {
  const nested = args.flatMap((arg, i) => (isJson(arg) ? [i] : []));
  const text = `${node.clauses[0]?.name ?? ""};${nested.join(",")}`;
  return literal(text, T.char(text.length, false), node.span);
}

/** The arguments of JSON_ARRAYAGG and JSON_OBJECTAGG with the value as JSON text: as it is where it is JSON already. */
export function withJsonValues(
  name: string,
  args: readonly Expr[],
  binding: Pick<Binding, "functions">,
  span: Span,
): readonly Expr[] {
  const at = name === "JSON_ARRAYAGG" ? 0 : name === "JSON_OBJECTAGG" ? 1 : -1;
  return args.map((arg, i) => {
    if (i !== at || arg.type.kind === "NULL") return arg;
    return isJson(arg) ? coerce(arg, T.string()) : bindCall(binding, "JSON_STRING", [arg], span);
  });
}

function isJson(arg: Expr): boolean {
  if (arg.kind !== "call") return false;
  if (arg.function === "CAST" && isText(arg.type)) return isJson(arg.args[0]!);
  return JSON_CONSTRUCTORS.has(arg.function) || arg.function === "JSON";
}

/** `JSON(text)` where a constructor wants a value. */
function rawJson(
  constructor: string,
  node: Expression,
  env: Environment,
  bindExpression: (node: Expression, env: Environment) => Expr,
): Expr | undefined {
  if (!JSON_CONSTRUCTORS.has(constructor) || node.kind !== "FunctionCall" || functionName(node) !== "JSON")
    return undefined;
  return bindCall(
    env.binding,
    "JSON",
    node.args.map((arg) => bindExpression(arg, env)),
    node.span,
  );
}

function strayJson(node: FunctionCall): SqlError {
  return new SqlError(
    "INVALID_QUERY",
    "The JSON() function is only supported inside JSON_ARRAY() or as a value of JSON_OBJECT()",
    { span: node.span, hint: "JSON_QUERY(text, '$') gives the JSON of a text" },
  );
}

/** CAST and TRY_CAST as written. Throws TYPE_MISMATCH for types that cannot be converted. */
export function explicitCast(operand: Expr, target: DataType, tolerant: boolean, span: Span): Expr {
  const type = withNullable(target, operand.type.nullable || tolerant);
  if (operand.type.kind === "NULL" || (operand.kind === "literal" && operand.value === null))
    return literal(null, withNullable(target, true), span);
  if (!canCast(operand.type, target)) {
    throw new SqlError(
      "TYPE_MISMATCH",
      `Cast function cannot convert value of type ${typeText(withoutTimeAttribute(operand.type))} to type ${typeText(target)}`,
      { span },
    );
  }
  return call(tolerant ? "TRY_CAST" : "CAST", [operand], type, span);
}

/** "No match found for function signature F(<INT>)". */
export function functionNotFound(
  binding: Pick<Binding, "functions">,
  name: string,
  args: readonly Expr[],
  span: Span,
): SqlError {
  const types = args.map((a) => `<${typeText(withoutTimeAttribute(a.type))}>`).join(", ");
  return new SqlError("FUNCTION_NOT_FOUND", `No match found for function signature ${name}(${types})`, {
    span,
    hint: didYouMean(name, binding.functions.names()),
  });
}

const OPERATOR = /^[^A-Z]+$/;

/** "Cannot apply '*' to arguments of type '<CHAR(1)> * <DATE>'", with the types that fit. */
export function doesNotApply(name: string, signature: string, args: readonly Expr[], span: Span): SqlError {
  const types = args.map((a) => `<${typeText(withoutTimeAttribute(a.type))}>`);
  const text =
    OPERATOR.test(name) && types.length === 2 ? `${types[0]} ${name} ${types[1]}` : `${name}(${types.join(", ")})`;
  return new SqlError("TYPE_MISMATCH", `Cannot apply '${name}' to arguments of type '${text}'`, {
    span,
    hint: `supported: ${signature}`,
  });
}
