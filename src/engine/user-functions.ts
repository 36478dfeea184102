import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import type { ScalarFunction } from "../functions/define.ts";
import { parseType } from "../parser/index.ts";
import { bindType } from "../planner/bind/data-types.ts";
import { withNullable } from "../types/data-type.ts";
import type { DataType, Value } from "../types/data-type.ts";

/** What a user's module may export: a function, with its types as properties. */
interface UserFunction {
  (...args: Value[]): Value | undefined;
  /** SQL type of the result, e.g. "BIGINT"; default STRING. */
  readonly returns?: string | undefined;
  /** SQL types of the arguments; absent: any, as they come. */
  readonly arguments?: readonly string[] | undefined;
  /** Called for NULL arguments too; default false: NULL in, NULL out. */
  readonly calledOnNull?: boolean | undefined;
  /** The same arguments always give the same result; default true. */
  readonly deterministic?: boolean | undefined;
}

/**
 * Loads `./file.js#name` (no name: the default export) as a scalar function. Values come and go in the forms of
 * `Value`: BIGINT as bigint, TIMESTAMP(3) as epoch millis, STRING as string.
 * Throws SqlError FILE_NOT_FOUND, FUNCTION_NOT_FOUND or INVALID_ARGUMENT.
 */
export async function loadUserFunction(name: string, identifier: string, baseDirectory: string, span: Span | undefined): Promise<ScalarFunction> {
  const hash = identifier.lastIndexOf("#");
  const file = resolve(baseDirectory, hash < 0 ? identifier : identifier.slice(0, hash));
  const exported = hash < 0 ? "default" : identifier.slice(hash + 1);
  if (!existsSync(file)) throw new SqlError("FILE_NOT_FOUND", `the file '${file}' of function ${name} does not exist`, { span });
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new SqlError("INVALID_ARGUMENT", `the file '${file}' of function ${name} does not load: ${messageOf(cause)}`, { span, cause });
  }
  const fn = module[exported];
  if (typeof fn !== "function") {
    throw new SqlError("FUNCTION_NOT_FOUND", `'${file}' exports no function '${exported}'`, {
      span,
      hint: `it exports ${Object.keys(module).join(", ") || "nothing"}`,
    });
  }
  return definitionOf(name, fn as UserFunction);
}

function definitionOf(name: string, fn: UserFunction): ScalarFunction {
  const returns = typeFrom(fn.returns ?? "STRING", name);
  const args = fn.arguments?.map((text) => typeFrom(text, name));
  return {
    name: name.toUpperCase(),
    signature: `${name}(${args === undefined ? "…" : (fn.arguments ?? []).join(", ")})`,
    resolve: (given) => {
      if (args !== undefined && given.length !== args.length) return undefined;
      const nullable = fn.calledOnNull === true || returns.nullable || given.some((a) => a.type.nullable);
      return { type: withNullable(returns, nullable), args: args?.map((type, i) => withNullable(type, given[i]!.type.nullable)) };
    },
    nulls: fn.calledOnNull === true ? "handled" : "propagate",
    stability: fn.deterministic === false ? "row" : "pure",
    evaluator: () => (...values) => {
      try {
        return fn(...values) ?? null;
      } catch (cause) {
        throw new SqlError("USER_FUNCTION_FAILED", `function ${name} failed: ${messageOf(cause)}`, { cause });
      }
    },
    doc: { summary: `User function ${name}.`, examples: [] },
  };
}

function typeFrom(text: string, name: string): DataType {
  try {
    return bindType(parseType(text));
  } catch (cause) {
    throw new SqlError("INVALID_ARGUMENT", `function ${name} names the type '${text}': ${messageOf(cause)}`, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
