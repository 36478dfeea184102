import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SqlError, messageOf } from "../base/errors.ts";
import { importModule } from "../base/import-module.ts";
import type { Span } from "../base/span.ts";
import type { ScalarFunction, TableFunction } from "../functions/define.ts";
import { withNullable, type Value } from "../types/data-type.ts";
import { typeText } from "../types/type-text.ts";
import { tableDefinitionOf, type UserTableFunction } from "./user-table-functions.ts";
import { checkedValue, typeFrom } from "./user-values.ts";

/** A function of a user, ready to be called. */
export type UserDefinition =
  | { readonly kind: "scalar"; readonly fn: ScalarFunction }
  | { readonly kind: "table"; readonly fn: TableFunction };

/** What a user's module may export: a function, with its types as properties. */
interface UserFunction {
  (...args: Value[]): Value | undefined;
  /** SQL type of the result, e.g. "BIGINT"; default STRING. */
  readonly returns?: string | undefined;
  /** SQL types of the arguments; absent: any, as they come. */
  readonly parameters?: readonly string[] | undefined;
  /** Called for NULL arguments too; default false: NULL in, NULL out. */
  readonly calledOnNull?: boolean | undefined;
  /** The same arguments always give the same result; default true. */
  readonly deterministic?: boolean | undefined;
}

/**
 * Loads `./file.js#name` (no name: the default export): a table function when it has `columns`, else a scalar one. Values come and go in the forms of
 * `Value`: BIGINT as bigint, TIMESTAMP(3) as epoch millis, STRING as string.
 * Throws SqlError FILE_NOT_FOUND, FUNCTION_NOT_FOUND or INVALID_QUERY.
 */
export async function loadUserFunction(
  name: string,
  identifier: string,
  baseDirectory: string,
  span: Span | undefined,
): Promise<UserDefinition> {
  const hash = identifier.lastIndexOf("#");
  const file = resolve(baseDirectory, hash < 0 ? identifier : identifier.slice(0, hash));
  const exported = hash < 0 ? "default" : identifier.slice(hash + 1);
  if (!existsSync(file))
    throw new SqlError("FILE_NOT_FOUND", `the file '${file}' of function ${name} does not exist`, { span });
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await importModule(pathToFileURL(file).href);
  } catch (cause) {
    throw new SqlError("INVALID_QUERY", `the file '${file}' of function ${name} does not load: ${messageOf(cause)}`, {
      span,
      cause,
    });
  }
  const fn = module[exported];
  if (typeof fn !== "function") {
    throw new SqlError("FUNCTION_NOT_FOUND", `'${file}' exports no function '${exported}'`, {
      span,
      hint: `it exports ${Object.keys(module).sort().join(", ") || "nothing"}`,
    });
  }
  if ("columns" in fn) return { kind: "table", fn: tableDefinitionOf(name, fn as UserTableFunction) };
  return { kind: "scalar", fn: definitionOf(name, fn as UserFunction) };
}

function definitionOf(name: string, fn: UserFunction): ScalarFunction {
  const returns = typeFrom(fn.returns ?? "STRING", name);
  const args = fn.parameters?.map((text) => typeFrom(text, name));
  return {
    name: name.toUpperCase(),
    signature: `${name}(${args === undefined ? "…" : (fn.parameters ?? []).join(", ")})`,
    resolve: (given) => {
      if (args !== undefined && given.length !== args.length) return undefined;
      const nullable = fn.calledOnNull === true || returns.nullable || given.some((a) => a.type.nullable);
      return {
        type: withNullable(returns, nullable),
        args: args?.map((type, i) => withNullable(type, given[i]!.type.nullable)),
      };
    },
    nulls: fn.calledOnNull === true ? "handled" : "propagate",
    stability: fn.deterministic === false ? "row" : "pure",
    evaluator:
      () =>
      (...values) => {
        let value: Value;
        try {
          value = fn(...values) ?? null;
        } catch (cause) {
          throw new SqlError("USER_FUNCTION_FAILED", `function ${name} failed: ${messageOf(cause)}`, { cause });
        }
        const checked = checkedValue(value, returns);
        if (checked !== undefined) return checked;
        throw new SqlError(
          "USER_FUNCTION_FAILED",
          `function ${name} gave ${typeof value} '${String(value)}', which is no ${typeText(returns)}`,
        );
      },
    doc: { summary: `User function ${name}.`, examples: [] },
  };
}
