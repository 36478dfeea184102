import { beforeAll, describe, expect, test } from "vitest";
import { BUILTINS } from "../../engine/builtin.ts";
import { execute } from "../../engine/execute.ts";
import { Session } from "../../engine/session.ts";
import { parseScript } from "../../parser/index.ts";
import { completer } from "./completion.ts";

const session = new Session({
  builtins: BUILTINS,
  baseDirectory: ".",
  stdout: () => undefined,
  stderr: () => undefined,
});

beforeAll(async () => {
  const ddl = `
    CREATE TABLE orders (id BIGINT, orderTime TIMESTAMP(3)) WITH ('connector' = 'datagen');
    CREATE TABLE customers (id BIGINT, name STRING) WITH ('connector' = 'datagen');
    CREATE DATABASE archive;
    CREATE TABLE archive.old_orders (id BIGINT) WITH ('connector' = 'datagen');`;
  for (const statement of parseScript(ddl)) {
    await execute(
      statement,
      session,
      { note: () => undefined },
      {
        onQuery: () => {
          throw new Error("no query here");
        },
      },
    );
  }
});

/** What Tab offers behind `line`; `before`: lines of the same statement. */
function offered(line: string, before = ""): readonly string[] {
  return completer(session, () => before)(line)[0];
}

describe("completion", () => {
  test("statements at the start, in the case that was begun", () => {
    expect(offered("DESC")).toEqual(["DESCRIBE"]);
    expect(offered("desc")).toEqual(["describe"]);
    expect(offered("show ta")).toEqual(["tables"]);
  });

  test("tables and databases after FROM, JOIN, INTO and in a list", () => {
    expect(offered("SELECT * FROM ")).toEqual(["archive", "customers", "default_database", "orders"]);
    expect(offered("insert into o")).toEqual(["orders"]);
    expect(offered("SELECT * FROM orders, cu")).toEqual(["customers"]);
    expect(offered("SELECT * FROM archive.")).toEqual(["old_orders"]);
  });

  test("columns of the tables that the statement names, also in former lines", () => {
    expect(offered("WHERE orderT", "SELECT id FROM orders\n")).toEqual(["orderTime"]);
    expect(offered("SELECT nam")).toEqual([]);
  });

  test("columns behind a table or its alias", () => {
    expect(offered("SELECT * FROM orders AS o JOIN customers c ON o.id = c.")).toEqual(["id", "name"]);
    expect(offered("SELECT orders.")).toEqual(["id", "orderTime"]);
    expect(offered("SELECT x.")).toEqual([]);
  });

  test("options of SET, closed when there is only one", () => {
    expect(offered("SET 'table.local-")).toEqual(["table.local-time-zone'"]);
    expect(offered("SET 'restart-strategy.fixed").length).toBeGreaterThan(1);
  });

  test("functions of the session", () => {
    expect(offered("SELECT char_l")).toEqual(["char_length"]);
  });
});
