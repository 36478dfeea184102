import type { Cast, Expression } from "../ast/expression.ts";
import type { SimpleType } from "../ast/type.ts";
import { adapted } from "./context.ts";
import type { Context } from "./context.ts";
import type { DialectName } from "./dialect.ts";
import type { TreeReader } from "./tree-reader.ts";

type TypeName = SimpleType["name"];

/** A type, with its arguments if the dialect gives it fixed ones. */
interface Target {
  readonly name: TypeName;
  readonly args?: readonly number[];
}

const STRING: Target = { name: "VARCHAR", args: [2147483647] };

const INTEGERS: ReadonlySet<TypeName> = new Set(["TINYINT", "SMALLINT", "INT", "BIGINT"]);

/** Texts that are cut to a length, numbers with precision and scale, times with a precision. */
const COMMON: Readonly<Record<string, Target>> = {
  BOOLEAN: { name: "BOOLEAN" },
  BOOL: { name: "BOOLEAN" },
  SMALLINT: { name: "SMALLINT" },
  INT: { name: "INT" },
  INTEGER: { name: "INT" },
  BIGINT: { name: "BIGINT" },
  DOUBLE: { name: "DOUBLE" },
  "DOUBLE PRECISION": { name: "DOUBLE" },
  DECIMAL: { name: "DECIMAL" },
  NUMERIC: { name: "DECIMAL" },
  VARCHAR: { name: "VARCHAR" },
  "CHARACTER VARYING": { name: "VARCHAR" },
  CHAR: { name: "CHAR" },
  TEXT: STRING,
  STRING,
  DATE: { name: "DATE" },
  TIMESTAMP: { name: "TIMESTAMP" },
};

const OWN: Readonly<Record<DialectName, Readonly<Record<string, Target | undefined>>>> = {
  postgresql: {
    INT2: { name: "SMALLINT" },
    INT4: { name: "INT" },
    INT8: { name: "BIGINT" },
    REAL: { name: "FLOAT" },
    FLOAT4: { name: "FLOAT" },
    FLOAT8: { name: "DOUBLE" },
    FLOAT: { name: "DOUBLE" },
    TIMESTAMPTZ: { name: "TIMESTAMP_LTZ" },
  },
  mysql: { ...mysqlTypes() },
  mariadb: { ...mysqlTypes() },
  bigquery: {
    INT64: { name: "BIGINT" },
    INT: { name: "BIGINT" },
    INTEGER: { name: "BIGINT" },
    SMALLINT: { name: "BIGINT" },
    FLOAT64: { name: "DOUBLE" },
    NUMERIC: { name: "DECIMAL", args: [38, 9] },
    DECIMAL: { name: "DECIMAL", args: [38, 9] },
    DATETIME: { name: "TIMESTAMP" },
    TIMESTAMP: { name: "TIMESTAMP_LTZ" },
  },
  snowflake: {
    // Whole numbers are NUMBER(38, 0) there, whatever they are called; BIGINT is what they are used as.
    SMALLINT: { name: "BIGINT" },
    INT: { name: "BIGINT" },
    INTEGER: { name: "BIGINT" },
    FLOAT: { name: "DOUBLE" },
    REAL: { name: "DOUBLE" },
    CHAR: { name: "VARCHAR" },
  },
  trino: { REAL: { name: "FLOAT" }, TINYINT: { name: "TINYINT" } },
};

function mysqlTypes(): Readonly<Record<string, Target | undefined>> {
  const signed: Target = { name: "BIGINT" };
  return {
    SIGNED: signed,
    "SIGNED INTEGER": signed,
    FLOAT: { name: "FLOAT" },
    CHAR: { name: "VARCHAR" },
    DATETIME: { name: "TIMESTAMP" },
    // A TIMESTAMP of MySQL cannot be cast to.
    TIMESTAMP: undefined,
  };
}

/** `CAST(x AS type)`, `x::type::type`, `TRY_CAST`, `SAFE_CAST`. */
export function convertCast(node: TreeReader): Expression {
  const { span, context } = node;
  const word = node.peek("keyword")?.toLowerCase() ?? "cast";
  if (!["cast", "try_cast", "safe_cast"].includes(word)) throw node.unsupported(word.toUpperCase());
  let operand = context.expression(node.need("expr"));
  for (const target of node.list("target")) {
    const type = convertType(target, context);
    const value = INTEGERS.has(type.name) ? rounded(operand, context) : operand;
    const cast: Cast = { kind: "Cast", span, tolerant: word !== "cast", operand: value, type };
    operand = cast;
  }
  node.ignore("as", "alias");
  return node.done(operand);
}

/** Where a DOUBLE is rounded half to even; a DECIMAL is rounded half away from zero everywhere. */
const HALF_TO_EVEN: ReadonlySet<DialectName> = new Set(["postgresql", "mysql", "mariadb"]);

/** Flink cuts a fraction off, all the others round. */
function rounded(operand: Expression, context: Context): Expression {
  if (operand.kind === "Literal" && (operand.type !== "number" || /^\d+$/.test(operand.text))) return operand;
  return adapted(HALF_TO_EVEN.has(context.dialect.name) ? "rounded-exact" : "rounded", operand, context);
}

function convertType(node: TreeReader, context: Context): SimpleType {
  const { span } = node;
  const written = (node.text("dataType") ?? "").toUpperCase();
  const suffix = suffixOf(node);
  const args = ["length", "scale"].flatMap((key) => {
    const value = node.raw(key);
    return value === undefined || value === null ? [] : [Number(value)];
  });
  // `float8` comes as FLOAT of length 8.
  const named =
    context.dialect.name === "postgresql" && !node.has("parentheses") ? `${written}${args[0] ?? ""}` : written;
  const own = OWN[context.dialect.name];
  const target = Object.hasOwn(own, named) ? own[named] : Object.hasOwn(COMMON, named) ? COMMON[named] : undefined;
  const zoned = suffix === "WITH TIME ZONE" && target?.name === "TIMESTAMP";
  if (target === undefined || (suffix !== "" && suffix !== "WITHOUT TIME ZONE" && !zoned))
    throw node.unsupported(`a cast to ${[written, suffix].filter(Boolean).join(" ")}`);
  const name = zoned ? "TIMESTAMP_LTZ" : target.name;
  const given = node.has("parentheses") ? args : [];
  const type: SimpleType = { kind: "SimpleType", span, name, args: argsOf(name, target, given, node), notNull: false };
  return node.done(type);
}

function suffixOf(node: TreeReader): string {
  const value = node.raw("suffix");
  const words = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  if (!words.every((word) => typeof word === "string" || word === null)) throw node.unsupported("this type");
  return words.filter(Boolean).join(" ").toUpperCase();
}

function argsOf(name: TypeName, target: Target, given: readonly number[], node: TreeReader): readonly number[] {
  const { name: dialect, title } = node.context.dialect;
  switch (name) {
    case "VARCHAR":
      return given.length > 0 ? given : STRING.args!;
    case "CHAR":
      return given.length > 0 ? given : [1];
    case "DECIMAL": {
      if (given.length > 0) return given;
      if (target.args !== undefined) return target.args;
      if (dialect === "mysql" || dialect === "mariadb") return [10, 0];
      if (dialect === "trino" || dialect === "snowflake") return [38, 0];
      throw node.unsupported(
        "DECIMAL without a precision",
        `it is unlimited in ${title}; write DECIMAL(38, 10), or the digits that are needed`,
      );
    }
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      if (given.length > 0 && given[0]! < 6)
        throw node.unsupported(`a cast to a time with ${given[0]} digits`, `${title} rounds, Flink cuts; leave it out`);
      if (given.length > 0) return given;
      if (dialect === "mysql" || dialect === "mariadb" || dialect === "trino")
        throw node.unsupported(
          "a cast to a time without digits",
          `${title} rounds there, Flink cuts; write it with (6)`,
        );
      return [dialect === "snowflake" ? 9 : 6];
    case "DATE":
    case "TIME":
      if (given.length > 0) throw node.unsupported(`${name} with digits`);
      return [];
    default:
      if (given.length > 0) throw node.unsupported(`${name} with a length`);
      return [];
  }
}
