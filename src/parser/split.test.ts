import { describe, expect, test } from "vitest";
import { oneLine, splitStatements } from "./split.ts";

describe("splitStatements", () => {
  test.each([
    ["SELECT 1", [], "SELECT 1", true],
    ["SELECT 1;", ["SELECT 1;"], "", false],
    [" SELECT ';' ; -- done;\n", ["SELECT ';' ;"], " -- done;\n", false],
    ["a; b", ["a;"], " b", true],
    [";;", [], "", false],
    ["SELECT 'it''s; not", [], "SELECT 'it''s; not", true],
    ["SELECT /* ; */ `a;b`;", ["SELECT /* ; */ `a;b`;"], "", false],
  ])("%j", (text, complete, rest, open) => {
    expect(splitStatements(text)).toEqual({ complete, rest, open });
  });

  test("a statement set is one statement, to its END", () => {
    const begun = "EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT 1;\nINSERT INTO b SELECT 2;";
    expect(splitStatements(begun)).toEqual({ complete: [], rest: begun, open: true });
    expect(splitStatements(`${begun}\nEND;`).complete).toEqual([`${begun}\nEND;`]);
    const older = "BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END; SHOW JOBS;";
    expect(splitStatements(older).complete).toEqual([older.slice(0, older.indexOf(" SHOW")), "SHOW JOBS;"]);
  });

  test("CASE … END in a set does not end it", () => {
    const text = "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT CASE WHEN x THEN 1 END; END;";
    expect(splitStatements(text).complete).toEqual([text]);
  });
});

test("oneLine keeps hints and drops comments", () => {
  expect(oneLine("SELECT a, -- it's\n  b /* c */\n FROM t /*+ OPTIONS('x' = '1') */ WHERE s = '-- no';")).toBe(
    "SELECT a, b FROM t /*+ OPTIONS('x' = '1') */ WHERE s = '-- no';",
  );
});
