import { fork } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqlError } from "../../base/errors.ts";
import type { CatalogTable } from "../../catalog/table.ts";
import { T } from "../../types/data-type.ts";
import { createEngine } from "../engine.ts";
import { changing } from "./directory.ts";
import { createFileCatalog } from "./file-catalog.ts";
import { createFileStore } from "./file-store.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-catalog-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const engine = () =>
  createEngine({
    baseDirectory: folder,
    config: { "table.catalog-store.kind": "file", "table.catalog-store.file.path": "store" },
    stdout: () => undefined,
    stderr: () => undefined,
  });

async function rowsOf(sql: string): Promise<readonly string[]> {
  const outcomes = await engine().run(sql);
  return outcomes.flatMap((o) => o.changes.map((c) => c.row.map(String).join("|")));
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SqlError) return `${error.code} ${error.message}`;
    throw error;
  }
  return "no error";
}

function table(object: string, comment?: string): CatalogTable {
  return {
    kind: "table",
    path: { catalog: "c", database: "default", object },
    temporary: false,
    columns: [{ kind: "physical", name: "a", type: T.int() }],
    watermark: undefined,
    primaryKey: undefined,
    partitionKeys: [],
    comment,
    options: new Map(),
  };
}

describe("a catalog in files", () => {
  it("keeps tables, views, functions and databases from one session to the next", async () => {
    writeFileSync(join(folder, "f.js"), "export function twice(x) { return x * 2; }\ntwice.returns = 'INT';\n");
    await engine().run(`
      CREATE CATALOG c COMMENT 'mine' WITH ('type' = 'filesystem', 'path' = 'catalog', 'default-database' = 'main');
      USE CATALOG c;
      CREATE DATABASE extra COMMENT 'more' WITH ('k' = 'v');
      CREATE TABLE t (id INT, name VARCHAR(10) COMMENT 'n', at TIMESTAMP(3), next AS id + 1, r ROW<x INT NOT NULL, y ARRAY<STRING>>,
        f STRING METADATA FROM 'file.path' VIRTUAL, WATERMARK FOR at AS at - INTERVAL '5' SECOND, PRIMARY KEY (id) NOT ENFORCED)
        COMMENT 'it''s' PARTITIONED BY (name) WITH ('connector' = 'filesystem', 'path' = 'data', 'format' = 'json');
      ALTER TABLE t ADD PARTITION (name = 'x');
      CREATE FUNCTION twice AS './f.js#twice' LANGUAGE JAVASCRIPT;
      CREATE TABLE numbers (n INT) WITH ('connector' = 'filesystem', 'path' = 'numbers', 'format' = 'csv');
      CREATE VIEW doubled AS SELECT twice(n) AS d, 'it''s' AS word FROM numbers WHERE n BETWEEN 1 AND 5;
      INSERT INTO numbers VALUES (1), (2), (7);`);
    expect(await rowsOf("SHOW CREATE CATALOG c; DESCRIBE CATALOG c;")).toEqual([
      "CREATE CATALOG `c`\nCOMMENT 'mine'\nWITH (\n  'default-database' = 'main',\n  'path' = 'catalog',\n  'type' = 'filesystem'\n)\n",
      "name|c",
      "type|filesystem",
      "comment|mine",
    ]);
    expect(
      await rowsOf("USE CATALOG c; SHOW CURRENT DATABASE; SHOW DATABASES; SHOW TABLES; SHOW USER FUNCTIONS;"),
    ).toEqual(["main", "extra", "main", "doubled", "numbers", "t", "twice"]);
    expect(await rowsOf("SHOW CREATE TABLE c.main.t; SHOW PARTITIONS c.main.t;")).toMatchInlineSnapshot(`
      [
        "CREATE TABLE \`c\`.\`main\`.\`t\` (
        \`id\` INT NOT NULL,
        \`name\` VARCHAR(10) COMMENT 'n',
        \`at\` TIMESTAMP(3),
        \`next\` AS \`id\` + 1,
        \`r\` ROW<\`x\` INT NOT NULL, \`y\` ARRAY<VARCHAR(2147483647)>>,
        \`f\` VARCHAR(2147483647) METADATA FROM 'file.path' VIRTUAL,
        WATERMARK FOR \`at\` AS \`at\` - INTERVAL '5' SECOND,
        CONSTRAINT \`PK_id\` PRIMARY KEY (\`id\`) NOT ENFORCED
      )
      COMMENT 'it''s'
      PARTITIONED BY (\`name\`)
      WITH (
        'connector' = 'filesystem',
        'format' = 'json',
        'path' = 'data'
      )
      ",
        "name=x",
      ]
    `);
    expect(await rowsOf("USE CATALOG c; SELECT d, word FROM doubled;")).toEqual(["2|it's", "4|it's"]);
    // In a folder of its own, and of another kind of letters.
    expect(readdirSync(join(folder, "catalog", "main", "tables")).sort()).toEqual([
      "doubled.json",
      "numbers.json",
      "t.json",
    ]);
    await engine().run("USE CATALOG c; DROP TABLE t; DROP FUNCTION twice; DROP DATABASE extra;");
    expect(await rowsOf("USE CATALOG c; SHOW TABLES; SHOW USER FUNCTIONS; SHOW DATABASES;")).toEqual([
      "doubled",
      "numbers",
      "main",
    ]);
    await engine().run("DROP CATALOG c;");
    expect(await rowsOf("SHOW CATALOGS;")).toEqual(["default_catalog"]);
  });

  it("takes names that no file system would", () => {
    const catalog = createFileCatalog("c", folder, "default", folder);
    for (const name of ["a/b", "..", "_lock", "x*y", "Ä ", ".hidden"]) catalog.createObject(table(name));
    expect([...catalog.objectNames("default")].sort()).toEqual(["..", ".hidden", "_lock", "a/b", "x*y", "Ä "]);
    expect(catalog.object("default", "a/b")?.path.object).toBe("a/b");
    catalog.createDatabase({ name: "..", comment: undefined, options: new Map() });
    expect([...catalog.databaseNames()].sort()).toEqual(["..", "default"]);
  });

  it("sees what another process changes, and does not overwrite it unseen", () => {
    const mine = createFileCatalog("c", folder, "default", folder);
    const other = createFileCatalog("c", folder, "default", folder);
    expect(mine.createObject(table("t", "first"))).toBe(true);
    expect(other.createObject(table("t", "second"))).toBe(false);
    mine.object("default", "t");
    other.object("default", "t");
    other.replaceObject(table("t", "of the other"));
    expect(errorOf(() => mine.replaceObject(table("t", "mine")))).toBe(
      "CATALOG_CHANGED 't' was changed by another process in the meantime",
    );
    expect(mine.object("default", "t")).toMatchObject({ comment: "of the other" });
    mine.replaceObject(table("t", "mine"));
    expect(other.object("default", "t")).toMatchObject({ comment: "mine" });
  });

  it("says what is wrong with a file", () => {
    const catalog = createFileCatalog("c", folder, "default", folder);
    catalog.createObject(table("t"));
    const file = join(folder, "default", "tables", "t.json");
    writeFileSync(file, "{ not json");
    expect(errorOf(() => catalog.object("default", "t"))).toBe(`IO '${file}' is no file of a catalog, or is damaged`);
    writeFileSync(file, '{"format": 99, "kind": "table"}');
    expect(errorOf(() => catalog.object("default", "t"))).toBe(
      `UNSUPPORTED '${file}' has format 99; this version reads format 1`,
    );
  });

  it("lets two processes create tables at once, each of them once", async () => {
    const script = join(folder, "child.ts");
    writeFileSync(
      script,
      `import { createFileCatalog } from ${JSON.stringify(join(import.meta.dirname, "file-catalog.ts"))};
       const catalog = createFileCatalog("c", ${JSON.stringify(join(folder, "shared"))}, "default", ".");
       let created = 0;
       for (let i = 0; i < 30; i++) created += Number(catalog.createObject({ kind: "table", path: { catalog: "c", database: "default", object: "t" + i },
         temporary: false, columns: [], watermark: undefined, primaryKey: undefined, partitionKeys: [], comment: undefined, options: new Map() }));
       process.send(created);`,
    );
    const children = [1, 2].map(() => fork(script, { execArgv: ["--import", "tsx"], cwd: process.cwd() }));
    const counts = await Promise.all(children.map(async (child) => ((await once(child, "message")) as [number])[0]));
    expect(counts[0]! + counts[1]!).toBe(30);
    expect(readdirSync(join(folder, "shared", "default", "tables"))).toHaveLength(30);
  }, 60_000);
});

describe("the lock of a catalog", () => {
  it("of a process that has died is taken over", () => {
    const owner = { pid: 1, processStart: "0", bootId: "gone", host: hostname(), token: "x" };
    writeFileSync(join(folder, "_lock"), JSON.stringify(owner));
    expect(changing(folder, () => 7)).toBe(7);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("the store of catalogs", () => {
  it("reads what Flink's file store writes", () => {
    writeFileSync(join(folder, "c.yaml"), 'type: "generic_in_memory"\ndefault-database: main\n');
    const store = createFileStore(folder);
    expect(store.names()).toEqual(["c"]);
    expect(store.get("c")?.options).toEqual(
      new Map([
        ["type", "generic_in_memory"],
        ["default-database", "main"],
      ]),
    );
    expect(store.create({ name: "c", comment: undefined, options: new Map() })).toBe(false);
    store.replace({ name: "c", comment: "now", options: new Map([["type", "filesystem"]]) });
    expect(readFileSync(join(folder, "c.yaml"), "utf8")).toBe('"type": "filesystem"\n"$comment": "now"\n');
    expect(store.get("c")?.comment).toBe("now");
    writeFileSync(join(folder, "d.yaml"), "- 1");
    expect(errorOf(() => store.get("d"))).toMatch(/^IO .* is damaged$/);
  });
});
