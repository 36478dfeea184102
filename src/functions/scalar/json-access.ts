import { SqlError } from "../../base/errors.ts";
import { isText, T, withNullable, type DataType, type Value } from "../../types/data-type.ts";
import { canCast } from "../../types/coerce.ts";
import { typeText } from "../../types/type-text.ts";
import { scalar, type Argument, type CallTypes, type Resolution, type ScalarFunction } from "../define.ts";
import { JsonSyntaxError, parseJson, writeJson, type JsonNode } from "./json/document.ts";
import { JsonNumber } from "./json/number.ts";
import { PathSyntaxError } from "./json/path-parser.ts";
import { compileJsonPath, type JsonPath } from "./json/path.ts";
import { typesOf } from "./shared.ts";
import { convertedTo } from "./text-arguments.ts";

/** What a call asks for when nothing is found or something fails: a word, and for DEFAULT the argument with the value. */
interface Behaviour {
  readonly word: string;
  readonly argument: number;
}

interface Clauses {
  readonly returning: DataType | undefined;
  readonly wrapper: string;
  readonly onEmpty: Behaviour;
  readonly onError: Behaviour;
}

/**
 * The clauses behind text and path: the name of each as a text literal, behind RETURNING a NULL of the type, behind
 * DEFAULT the value. `undefined`: an argument is none.
 */
function readClauses(args: readonly Argument[], otherwise: string): Clauses | undefined {
  let returning: DataType | undefined;
  let wrapper = "WITHOUT WRAPPER";
  let onEmpty: Behaviour = { word: "NULL", argument: -1 };
  let onError: Behaviour = { word: otherwise, argument: -1 };
  for (let i = 2; i < args.length; i++) {
    const name = args[i]!.literal;
    if (typeof name !== "string") return undefined;
    const event = / ON (EMPTY|ERROR)$/.exec(name);
    if (event !== null) {
      const word = name.slice(0, event.index);
      const behaviour: Behaviour = { word, argument: word === "DEFAULT" ? ++i : -1 };
      if (event[1] === "EMPTY") onEmpty = behaviour;
      else onError = behaviour;
    } else if (name === "RETURNING") {
      returning = args[++i]?.type;
    } else if (name.endsWith(" WRAPPER")) {
      wrapper = name;
    } else {
      return undefined;
    }
  }
  return { returning, wrapper, onEmpty, onError };
}

function clausesOf(types: CallTypes, otherwise: string): Clauses {
  const args = types.args.map((type, i): Argument => ({ type, literal: types.literals[i] }));
  const clauses = readClauses(args, otherwise);
  if (clauses === undefined) throw new SqlError("BUG", "a JSON function was bound with clauses it does not have");
  return clauses;
}

/** What a path leads to: a value, or what went wrong. */
type Outcome = { readonly value: JsonNode; readonly lax: boolean } | { readonly failure: string };

/** `lax` and `strict` in front of the path; strict is the default, as in Flink. */
function pathReader(path: string): (text: string) => Outcome {
  const match = /^\s*(strict|lax)\s+(.+)$/is.exec(path);
  const lax = match?.[1]?.toLowerCase() === "lax";
  let find: JsonPath;
  try {
    find = compileJsonPath(match?.[2] ?? path);
  } catch (error) {
    if (error instanceof PathSyntaxError) return () => ({ failure: error.message });
    throw error;
  }
  return (text) => {
    let value: JsonNode | undefined;
    let failure = `No results for path: ${path}`;
    try {
      const document = parseJson(text);
      if (document === null) return { failure: "The document itself is null" };
      value = find(document);
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      failure = error.message;
    }
    if (lax) return { value: value ?? null, lax };
    if (value === null) return { failure: "Strict jsonpath mode requires a non empty returned value, but is null" };
    return value === undefined ? { failure } : { value, lax };
  };
}

/** The reader of the path argument, compiled when it changes. */
function pathReaders(): (text: string, path: Value) => Outcome {
  let last: Value | undefined;
  let read: ((text: string) => Outcome) | undefined;
  return (text, path) => {
    if (read === undefined || path !== last) {
      read = pathReader(path as string);
      last = path;
    }
    return read(text);
  };
}

function isScalarNode(node: JsonNode): boolean {
  return node === null || typeof node !== "object" || node instanceof JsonNumber;
}

function failed(message: string): never {
  throw new SqlError("INVALID_ARGUMENT", message);
}

/** Text and path as texts, the clauses as they are. */
function resolveAccess(
  args: readonly Argument[],
  result: (clauses: Clauses) => DataType | undefined,
): Resolution | undefined {
  const types = typesOf(args);
  const clauses = readClauses(args, "NULL");
  if (types.length < 2 || clauses === undefined) return undefined;
  const [text, path] = [convertedTo(types[0]!, "text"), convertedTo(types[1]!, "text")];
  const type = result(clauses);
  if (text === undefined || path === undefined || type === undefined) return undefined;
  const defaults = new Set([clauses.onEmpty.argument, clauses.onError.argument]);
  const wanted: DataType[] = [text, path];
  for (const [i, other] of types.entries()) {
    if (i < 2) continue;
    if (defaults.has(i) && !canCast(other, type)) return undefined;
    wanted.push(defaults.has(i) ? withNullable(type, other.nullable) : other);
  }
  return { type: withNullable(type, true), args: wanted };
}

function valueType(clauses: Clauses): DataType | undefined {
  const type = clauses.returning ?? T.string();
  if (type.kind === "VARCHAR" || type.kind === "BOOLEAN" || type.kind === "INT" || type.kind === "DOUBLE") return type;
  throw new SqlError("INVALID_QUERY", `Unsupported type '${typeText(type)}' for RETURNING in JSON_VALUE().`, {
    hint: "STRING, BOOLEAN, INT or DOUBLE; CAST the result for others",
  });
}

/** A scalar of a document as a value of the type; a value of another JSON type is an error, as in Flink. */
function toValue(node: JsonNode, type: DataType): Value {
  const number = node instanceof JsonNumber ? node.text : undefined;
  switch (type.kind) {
    case "BOOLEAN":
      if (typeof node === "boolean") return node;
      break;
    case "INT":
      if (number !== undefined && /^-?\d+$/.test(number) && Number(number) === (Number(number) | 0))
        return Number(number);
      break;
    case "DOUBLE":
      if (number !== undefined && !/^-?\d+$/.test(number)) return Number(number);
      break;
    default: {
      const text = number ?? String(node as string | boolean);
      return "length" in type && text.length > type.length ? [...text].slice(0, type.length).join("") : text;
    }
  }
  throw new SqlError("INVALID_CAST", `JSON_VALUE found ${writeJson(node)}, which is no ${typeText(type)}`, {
    hint: "leave RETURNING out and CAST the text",
  });
}

const jsonValue = scalar({
  name: "JSON_VALUE",
  signature:
    "JSON_VALUE(<CHARACTER> json, <CHARACTER> path [RETURNING <TYPE>] [{NULL | ERROR | DEFAULT <VALUE>} ON EMPTY] [{NULL | ERROR | DEFAULT <VALUE>} ON ERROR])",
  resolve: (args) => resolveAccess(args, valueType),
  nulls: "handled",
  stability: "pure",
  evaluator: (types) => {
    const { onEmpty, onError } = clausesOf(types, "NULL");
    const read = pathReaders();
    return (...args) => {
      const [text, path] = args;
      if (text === null || path === null) return null;
      const outcome = read(text as string, path!);
      const react = ({ word, argument }: Behaviour, message: string): Value => {
        if (word === "ERROR") return failed(message);
        return word === "DEFAULT" ? args[argument]! : null;
      };
      if ("failure" in outcome) return react(onError, outcome.failure);
      if (outcome.value === null || (outcome.lax && !isScalarNode(outcome.value))) {
        return react(onEmpty, "Empty result of JSON_VALUE function is not allowed");
      }
      if (!isScalarNode(outcome.value)) {
        return react(
          onError,
          `Strict jsonpath mode requires scalar value, and the actual value is: '${writeJson(outcome.value)}'`,
        );
      }
      return toValue(outcome.value, types.result);
    };
  },
  doc: {
    summary: "The scalar at a path of a JSON text. A path is strict unless it begins with `lax`.",
    examples: [
      [`JSON_VALUE('{"a": {"b": [1, 2]}}', '$.a.b[1]')`, "2"],
      [`JSON_VALUE('{"a": true}', '$.a' RETURNING BOOLEAN)`, "TRUE"],
      [`JSON_VALUE('{}', 'lax $.a' DEFAULT 'none' ON EMPTY)`, "none"],
    ],
  },
});

const jsonExists = scalar({
  name: "JSON_EXISTS",
  signature: "JSON_EXISTS(<CHARACTER> json, <CHARACTER> path [{TRUE | FALSE | UNKNOWN | ERROR} ON ERROR])",
  resolve: (args) => resolveAccess(args, () => T.boolean()),
  nulls: "handled",
  stability: "pure",
  evaluator: (types) => {
    const { word } = clausesOf(types, "FALSE").onError;
    const read = pathReaders();
    return (text, path) => {
      if (text === null || path === null) return null;
      const outcome = read(text as string, path!);
      if (!("failure" in outcome)) return outcome.value !== null;
      if (word === "ERROR") return failed(outcome.failure);
      return word === "UNKNOWN" ? null : word === "TRUE";
    };
  },
  doc: {
    summary: "True when the path leads to something that is not null.",
    examples: [
      [`JSON_EXISTS('{"a": 1}', '$.a')`, "TRUE"],
      [`JSON_EXISTS('{"a": 1}', 'strict $.b' TRUE ON ERROR)`, "TRUE"],
    ],
  },
});

function queryType(clauses: Clauses): DataType | undefined {
  const type = clauses.returning ?? T.string();
  if (type.kind === "VARCHAR") return type;
  if (type.kind === "ARRAY" && type.element.kind === "VARCHAR") return type;
  throw new SqlError("INVALID_QUERY", `Unsupported type '${typeText(type)}' for RETURNING in JSON_QUERY().`, {
    hint: "STRING or ARRAY<STRING>",
  });
}

function wrapped(node: JsonNode, wrapper: string): JsonNode {
  if (wrapper === "WITH UNCONDITIONAL WRAPPER") return [node];
  return wrapper === "WITH CONDITIONAL WRAPPER" && !Array.isArray(node) ? [node] : node;
}

function itemText(node: JsonNode): Value {
  if (node === null) return null;
  return typeof node === "string" ? node : writeJson(node);
}

const jsonQuery = scalar({
  name: "JSON_QUERY",
  signature:
    "JSON_QUERY(<CHARACTER> json, <CHARACTER> path [RETURNING <TYPE>] [{WITHOUT | WITH [CONDITIONAL | UNCONDITIONAL]} WRAPPER] [{NULL | EMPTY ARRAY | EMPTY OBJECT | ERROR} ON EMPTY | ON ERROR])",
  resolve: (args) => resolveAccess(args, queryType),
  nulls: "handled",
  stability: "pure",
  evaluator: (types) => {
    const { wrapper, onEmpty, onError } = clausesOf(types, "NULL");
    const read = pathReaders();
    const asArray = types.result.kind === "ARRAY";
    const react = ({ word }: Behaviour, message: string): Value => {
      if (word === "ERROR") return failed(message);
      if (word === "EMPTY ARRAY") return asArray ? [] : "[]";
      return word === "EMPTY OBJECT" && !asArray ? "{}" : null;
    };
    return (text, path) => {
      if (text === null || path === null) return null;
      const outcome = read(text as string, path!);
      if ("failure" in outcome) return react(onError, outcome.failure);
      const node = outcome.value === null ? null : wrapped(outcome.value, wrapper);
      if (node === null || (outcome.lax && isScalarNode(node))) {
        return react(onEmpty, "Empty result of JSON_QUERY function is not allowed");
      }
      if (isScalarNode(node)) {
        return react(
          onError,
          `Strict jsonpath mode requires array or object value, and the actual value is: '${writeJson(node)}'`,
        );
      }
      if (!asArray) return writeJson(node);
      return Array.isArray(node) ? node.map(itemText) : react(onError, "JSON_QUERY found an object and no array");
    };
  },
  doc: {
    summary: "The array or object at a path of a JSON text, as JSON with sorted keys; with WRAPPER also scalars.",
    examples: [
      [`JSON_QUERY('{"a": {"c": 1, "b": [2]}}', '$.a')`, `{"b":[2],"c":1}`],
      [`JSON_QUERY('{"a": 1}', '$.a' WITH WRAPPER)`, "[1]"],
      [`JSON_QUERY('{"a": [1, "x"]}', '$.a' RETURNING ARRAY<STRING>)`, "[1, x]"],
    ],
  },
});

function isJson(
  kind: "VALUE" | "OBJECT" | "ARRAY" | "SCALAR",
  summary: string,
  example: readonly [string, string],
): ScalarFunction {
  const test = (node: JsonNode): boolean => {
    if (kind === "VALUE") return true;
    return kind === "SCALAR" ? isScalarNode(node) : node instanceof Map === (kind === "OBJECT") && !isScalarNode(node);
  };
  return scalar({
    name: `IS JSON ${kind}`,
    signature: `<CHARACTER> IS JSON ${kind}`,
    resolve: (args) => {
      const [type] = typesOf(args);
      return type !== undefined && args.length === 1 && isText(type) ? { type: T.boolean(false) } : undefined;
    },
    nulls: "handled",
    stability: "pure",
    evaluator: () => (text) => {
      if (text === null) return false;
      try {
        return test(parseJson(text as string));
      } catch (error) {
        if (error instanceof JsonSyntaxError) return false;
        throw error;
      }
    },
    callable: false,
    doc: { summary, examples: [example] },
  });
}

/** Functions that read JSON. */
export const jsonAccessFunctions: readonly ScalarFunction[] = [
  jsonValue,
  jsonExists,
  jsonQuery,
  isJson("VALUE", "True when the text is JSON.", [`'{"a": 1}' IS JSON`, "TRUE"]),
  isJson("OBJECT", "True when the text is a JSON object.", [`'[1]' IS JSON OBJECT`, "FALSE"]),
  isJson("ARRAY", "True when the text is a JSON array.", [`'[1]' IS JSON ARRAY`, "TRUE"]),
  isJson("SCALAR", "True when the text is a JSON scalar.", [`'null' IS JSON SCALAR`, "TRUE"]),
];
