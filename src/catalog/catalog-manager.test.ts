import { describe, expect, it } from "vitest";
import { SqlError } from "../base/errors.ts";
import { T } from "../types/data-type.ts";
import { createCatalogManager } from "./catalog-manager.ts";
import type { CatalogTable } from "./table.ts";

function table(object: string, temporary = false, database = "default_database"): CatalogTable {
  return {
    kind: "table",
    path: { catalog: "default_catalog", database, object },
    temporary,
    columns: [{ kind: "physical", name: "a", type: T.int() }],
    watermark: undefined,
    primaryKey: undefined,
    partitionKeys: [],
    comment: undefined,
    options: new Map(),
  };
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SqlError)
      return `${error.code} ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}`;
    throw error;
  }
  return "no error";
}

describe("tables", () => {
  it("lists them in order, temporary ones included once", () => {
    const catalog = createCatalogManager();
    for (const t of [table("b"), table("a"), table("b", true), table("c", true)]) catalog.create(t);
    expect(catalog.tableNames()).toEqual(["a", "b", "c"]);
    expect(catalog.viewNames()).toEqual([]);
  });

  it("finds a temporary table before the one it shadows", () => {
    const catalog = createCatalogManager();
    catalog.create(table("t"));
    catalog.create(table("t", true));
    const path = catalog.resolvePath(["t"]);
    expect(catalog.get(path).temporary).toBe(true);
    expect(errorOf(() => catalog.drop("table", path))).toMatch(/^INVALID_QUERY Temporary table .* exists/);
    catalog.drop("table", path, { temporary: true });
    expect(catalog.get(path).temporary).toBe(false);
  });

  it("says what is wrong", () => {
    const catalog = createCatalogManager();
    catalog.create(table("orders"));
    expect(errorOf(() => catalog.create(table("orders")))).toMatch(
      /^TABLE_EXISTS Table \(or view\) 'default_catalog.default_database.orders' already exists/,
    );
    expect(catalog.create(table("orders"), { ifNotExists: true })).toBe(false);
    expect(errorOf(() => catalog.get(catalog.resolvePath(["ordres"])))).toBe(
      "TABLE_NOT_FOUND Object 'ordres' not found (did you mean 'orders'?)",
    );
    expect(errorOf(() => catalog.get(catalog.resolvePath(["db", "t"])))).toBe(
      "DATABASE_NOT_FOUND Database 'db' does not exist in catalog 'default_catalog'",
    );
    expect(errorOf(() => catalog.get(catalog.resolvePath(["c", "db", "t"])))).toBe(
      "CATALOG_NOT_FOUND A catalog with name 'c' does not exist",
    );
    expect(errorOf(() => catalog.drop("view", catalog.resolvePath(["orders"])))).toBe(
      "TABLE_NOT_FOUND View 'default_catalog.default_database.orders' does not exist (it is a table: use DROP TABLE)",
    );
    expect(catalog.drop("table", catalog.resolvePath(["nothing"]), { ifExists: true })).toBe(false);
  });

  it("renames", () => {
    const catalog = createCatalogManager();
    catalog.create(table("a"));
    catalog.create(table("b"));
    expect(errorOf(() => catalog.rename(catalog.resolvePath(["a"]), catalog.resolvePath(["b"])))).toMatch(
      /^TABLE_EXISTS/,
    );
    catalog.rename(catalog.resolvePath(["a"]), catalog.resolvePath(["c"]));
    expect(catalog.tableNames()).toEqual(["b", "c"]);
  });
});

describe("databases", () => {
  it("creates, uses and drops them", () => {
    const catalog = createCatalogManager();
    catalog.createDatabase(["lab"], { comment: "x", options: new Map() });
    expect(errorOf(() => catalog.createDatabase(["lab"], { comment: undefined, options: new Map() }))).toMatch(
      /^DATABASE_EXISTS/,
    );
    expect(catalog.databaseNames()).toEqual(["default_database", "lab"]);
    catalog.useDatabase(["lab"]);
    expect(catalog.current()).toEqual({ catalog: "default_catalog", database: "lab" });
    catalog.create(table("t", false, "lab"));
    expect(errorOf(() => catalog.dropDatabase(["lab"]))).toMatch(/in use/);
    catalog.useDatabase(["default_database"]);
    expect(errorOf(() => catalog.dropDatabase(["lab"]))).toMatch(/not empty/);
    catalog.dropDatabase(["lab"], { cascade: true });
    expect(catalog.databaseNames()).toEqual(["default_database"]);
    expect(errorOf(() => catalog.useDatabase(["lab"]))).toMatch(/^DATABASE_NOT_FOUND/);
  });
});

describe("functions", () => {
  it("are found without regard to case, temporary system ones first", () => {
    const catalog = createCatalogManager();
    const fn = {
      name: "Twice",
      location: catalog.current(),
      temporary: false,
      identifier: "./f.js",
      language: "JAVASCRIPT",
    };
    catalog.createFunction(fn);
    expect(errorOf(() => catalog.createFunction(fn))).toMatch(/^FUNCTION_EXISTS/);
    catalog.createFunction({ ...fn, location: undefined, temporary: true, identifier: "./g.js" });
    expect(catalog.findFunction(["TWICE"])?.identifier).toBe("./g.js");
    expect(catalog.dropFunction(["twice"], { temporary: true, system: true })).toBe(true);
    expect(catalog.findFunction(["twice"])?.identifier).toBe("./f.js");
    expect(catalog.functions().map((f) => f.name)).toEqual(["Twice"]);
    expect(errorOf(() => catalog.dropFunction(["thrice"]))).toMatch(/^FUNCTION_NOT_FOUND/);
  });
});
