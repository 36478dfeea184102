import { SqlError, messageOf } from "../base/errors.ts";
import type { RowCollector, TableFunction } from "../functions/define.ts";
import { withNullable, type Field, type Value } from "../types/data-type.ts";
import { typeText } from "../types/type-text.ts";
import { checkedValue, typeFrom } from "./user-values.ts";

/** One row: the values in order, an object with a member for each column, or of one column the value itself. */
type UserRow = Value | Readonly<Record<string, Value | undefined>>;

/** What a user's module exports as a table function: it returns (or yields) rows. */
export interface UserTableFunction {
  (...args: Value[]): Iterable<UserRow> | null | undefined;
  /** SQL types of the columns by name, e.g. `{ word: "STRING", length: "INT" }`. */
  readonly columns: Readonly<Record<string, string>>;
  /** SQL types of the arguments; absent: any, as they come. */
  readonly parameters?: readonly string[] | undefined;
  /** Called for NULL arguments too; default false: no rows then. */
  readonly calledOnNull?: boolean | undefined;
  /** The same arguments always give the same rows; default true. */
  readonly deterministic?: boolean | undefined;
}

/** A user's table function as a definition. Throws INVALID_QUERY for columns that are none. */
export function tableDefinitionOf(name: string, fn: UserTableFunction): TableFunction {
  const columns = columnsOf(name, fn.columns);
  const args = fn.parameters?.map((text) => typeFrom(text, name));
  return {
    name: name.toUpperCase(),
    signature: `${name}(${args === undefined ? "…" : (fn.parameters ?? []).join(", ")})`,
    resolve: (given) => {
      if (args !== undefined && given.length !== args.length) return undefined;
      return { columns, args: args?.map((type, i) => withNullable(type, given[i]!.type.nullable)) };
    },
    nulls: fn.calledOnNull === true ? "handled" : "propagate",
    deterministic: fn.deterministic !== false,
    evaluator: () => (values, rows) => {
      // What it gives may be wrong in its own way: only its own errors are called its failure.
      for (const row of rowsOf(name, fn, values)) collect(name, row, columns, rows);
    },
  };
}

function columnsOf(name: string, columns: unknown): readonly Field[] {
  const entries = typeof columns === "object" && columns !== null ? Object.entries(columns) : [];
  if (entries.length === 0 || entries.some(([, type]) => typeof type !== "string")) {
    throw new SqlError("INVALID_QUERY", `function ${name} has 'columns' that are no types by name`, {
      hint: `write ${name}.columns = { word: "STRING", length: "INT" }`,
    });
  }
  return entries.map(([column, type]) => ({ name: column, type: typeFrom(type as string, name) }));
}

function* rowsOf(name: string, fn: UserTableFunction, args: readonly Value[]): Generator<UserRow> {
  let iterator: Iterator<UserRow>;
  try {
    const rows = fn(...args) ?? [];
    if (typeof rows === "string" || typeof rows !== "object" || !(Symbol.iterator in rows))
      throw new SqlError("USER_FUNCTION_FAILED", `function ${name} gave ${typeof rows} '${String(rows)}' and no rows`, {
        hint: "a table function returns an array of rows, or yields them",
      });
    iterator = rows[Symbol.iterator]();
  } catch (cause) {
    throw failure(name, cause);
  }
  for (;;) {
    let next: IteratorResult<UserRow>;
    try {
      next = iterator.next();
    } catch (cause) {
      throw failure(name, cause);
    }
    if (next.done === true) return;
    yield next.value;
  }
}

function failure(name: string, cause: unknown): SqlError {
  if (cause instanceof SqlError) return cause;
  return new SqlError("USER_FUNCTION_FAILED", `function ${name} failed: ${messageOf(cause)}`, { cause });
}

function collect(name: string, row: UserRow, columns: readonly Field[], rows: RowCollector): void {
  const checked = (value: Value | undefined, { name: column, type }: Field): Value => {
    const result = checkedValue(value ?? null, type);
    if (result !== undefined) return result;
    throw new SqlError(
      "USER_FUNCTION_FAILED",
      `function ${name} gave ${typeof value} '${String(value)}' as column '${column}', which is no ${typeText(type)}`,
    );
  };
  const [only, ...more] = columns as readonly [Field, ...Field[]];
  if (Array.isArray(row) && (more.length > 0 || row.length === 1)) {
    if (row.length !== columns.length) {
      throw new SqlError(
        "USER_FUNCTION_FAILED",
        `function ${name} gave a row of ${row.length} values, but it has ${columns.length} columns`,
      );
    }
    rows.row(columns.map((column, i) => checked(row[i] as Value, column)));
    return;
  }
  if (isRecord(row)) {
    rows.row(columns.map((column) => checked(row[column.name], column)));
    return;
  }
  if (more.length === 0) {
    rows.value(checked(row as Value, only));
    return;
  }
  throw new SqlError("USER_FUNCTION_FAILED", `function ${name} gave ${typeof row} '${String(row)}' as a row`, {
    hint: `give [${columns.map((c) => c.name).join(", ")}] or an object with these members`,
  });
}

function isRecord(row: UserRow): row is Readonly<Record<string, Value | undefined>> {
  return typeof row === "object" && row !== null && !Array.isArray(row) && !(row instanceof Uint8Array);
}
