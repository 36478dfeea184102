import { SqlError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import type { CatalogDescriptor } from "../catalog/catalog.ts";
import type {
  AlterCatalog,
  AlterFunction,
  CreateCatalog,
  CreateFunction,
  DescribeCatalog,
  DescribeFunction,
} from "../parser/index.ts";
import { checkReset, shownValue } from "../planner/bind/index.ts";
import { infoRows, partsOf } from "./result-rows.ts";
import type { ResultRows } from "./result-rows.ts";
import type { Session } from "./session.ts";
import { loadUserFunction } from "./user-functions.ts";

/** CREATE CATALOG. */
export function createCatalog(statement: CreateCatalog, session: Session): void {
  const { name, comment, options, ifNotExists } = statement;
  session.catalog.createCatalog(
    { name: name.name, comment, options: new Map(options.map((o) => [o.key, o.value])) },
    { ifNotExists, span: name.span },
  );
}

/** ALTER CATALOG … SET, RESET, COMMENT. */
export function alterCatalog({ name, change, span }: AlterCatalog, session: Session): void {
  if (change.action === "RESET") checkReset(change.keys, "CATALOG", "type", span);
  const changed = (descriptor: CatalogDescriptor): CatalogDescriptor => {
    switch (change.action) {
      case "SET": {
        const added = change.options.map((o) => [o.key, o.value] as const);
        return { ...descriptor, options: new Map([...descriptor.options, ...added]) };
      }
      case "RESET":
        return {
          ...descriptor,
          options: new Map([...descriptor.options].filter(([key]) => !change.keys.includes(key))),
        };
      case "COMMENT":
        return { ...descriptor, comment: change.comment };
    }
  };
  session.catalog.alterCatalog(name.name, changed, name.span);
}

/** DESCRIBE CATALOG [EXTENDED]. */
export function describeCatalog({ name, extended }: DescribeCatalog, session: Session): ResultRows {
  const { comment, options } = session.catalog.catalogDescriptor(name.name, name.span);
  const shown = [...options].filter(([key]) => key !== "type").sort(([a], [b]) => (a < b ? -1 : 1));
  return infoRows([
    ["name", name.name],
    ["type", options.get("type") ?? ""],
    ["comment", comment ?? null],
    ...(extended ? shown.map(([key, value]) => [`option:${key}`, shownValue(key, value)] as const) : []),
  ]);
}

/** CREATE FUNCTION. */
export async function createFunction(statement: CreateFunction, session: Session): Promise<void> {
  const parts = partsOf(statement.name);
  const name = parts.at(-1) ?? "";
  const { system, temporary, identifier } = statement;
  const language = checkLanguage(statement, `CREATE FUNCTION f AS './file.js#name' LANGUAGE JAVASCRIPT`);
  const { baseDirectory } = session.options;
  const definition = await loadUserFunction(name, identifier, baseDirectory, statement.span);
  const { catalog, database } = session.catalog.resolvePath(parts);
  session.createFunction(
    { name, location: system ? undefined : { catalog, database }, temporary, identifier, language },
    definition,
    { ifNotExists: statement.ifNotExists, span: statement.name.span },
  );
}

/** ALTER FUNCTION: another file or name for a function. */
export async function alterFunction(statement: AlterFunction, session: Session): Promise<void> {
  if (statement.temporary) {
    const what = statement.system ? "system function" : "catalog function";
    throw new SqlError("INVALID_QUERY", `Alter temporary ${what} is not supported`, {
      span: statement.span,
      hint: "use DROP FUNCTION and CREATE FUNCTION",
    });
  }
  const parts = partsOf(statement.name);
  const name = parts.at(-1) ?? "";
  const { catalog, database } = session.catalog.resolvePath(parts);
  const location = { catalog, database };
  const known = session.catalog
    .functions(location)
    .find((f) => !f.temporary && f.name.toLowerCase() === name.toLowerCase());
  if (known === undefined) {
    if (statement.ifExists) return;
    throw new SqlError("FUNCTION_NOT_FOUND", `Function '${name}' does not exist`, { span: statement.name.span });
  }
  const language = checkLanguage(statement, `ALTER FUNCTION f AS './file.js#name' LANGUAGE JAVASCRIPT`);
  const { identifier, ifExists } = statement;
  const definition = await loadUserFunction(name, identifier, session.options.baseDirectory, statement.span);
  session.replaceFunction({ name: known.name, location, temporary: false, identifier, language }, definition, {
    ifExists,
    span: statement.name.span,
  });
}

function checkLanguage(statement: CreateFunction | AlterFunction, hint: string): string {
  const language = statement.language ?? "JAVA";
  if (language === "JAVASCRIPT") return language;
  throw new SqlError("UNSUPPORTED", `functions in ${language} cannot run here`, { span: statement.span, hint });
}

/** DESCRIBE FUNCTION [EXTENDED]. */
export function describeFunction({ name, extended }: DescribeFunction, session: Session): ResultRows {
  const parts = partsOf(name);
  const bare = parts.at(-1) ?? "";
  const own = session.catalog.findFunction(parts);
  const upper = bare.toUpperCase();
  const builtIn = parts.length === 1 && (own === undefined || own.location !== undefined);
  const scalar = session.functions.scalar(upper);
  const aggregate = session.functions.aggregate(upper);
  const isBuiltIn = builtIn && own === undefined && (scalar !== undefined || aggregate !== undefined);
  if (own === undefined && !isBuiltIn) {
    throw new SqlError(
      "FUNCTION_NOT_FOUND",
      `Function with the identifier '${parts.map((p) => `\`${p}\``).join(".")}' doesn't exist.`,
      {
        span: name.span,
        hint: didYouMean(
          bare.toLowerCase(),
          session.functions.names().map((n) => n.toLowerCase()),
        ),
      },
    );
  }
  const system = isBuiltIn || own?.location === undefined;
  const rows: (readonly [string, string])[] = [
    ["is system function", String(system)],
    ["is temporary", String(own?.temporary ?? false)],
  ];
  if (!extended) return infoRows(rows);
  const table = session.functions.table(upper);
  const definition = scalar ?? aggregate ?? table;
  const pure = scalar === undefined ? table?.deterministic !== false : scalar.stability === "pure";
  const kind = scalar !== undefined ? "SCALAR" : aggregate === undefined && table !== undefined ? "TABLE" : "AGGREGATE";
  rows.push(
    ["kind", kind],
    ["requirements", "[]"],
    ["is deterministic", String(pure)],
    ["supports constant folding", String(pure)],
    ["signature", definition?.signature ?? `${bare}(…)`],
  );
  if (own !== undefined) rows.push(["identifier", own.identifier], ["language", own.language]);
  return infoRows(rows);
}
