import { describe, expect, test } from "vitest";
import { ENDLESS, folderWith, millrace } from "./support.ts";

const VALUES =
  "SELECT * FROM (VALUES (1, 'a, b', CAST(NULL AS DOUBLE)), (2, 'say \"hi\"', 1.5e0), (3, 'two\nlines', -0.5e0)) AS t(id, txt, d);";
const UPDATES = "SELECT k, COUNT(*) AS n FROM (VALUES 'x', 'y', 'x') AS t(k) GROUP BY k;";
const TYPES = `SELECT 9007199254740993 AS big, CAST(1.50 AS DECIMAL(5, 2)) AS dec_, TIMESTAMP '2024-01-02 03:04:05.600' AS ts, DATE '2024-02-29' AS d, TIME '10:11:12' AS t,
  TRUE AS b, x'00ff' AS bin, ARRAY[1, 2] AS arr, MAP['k', 1] AS m, ROW(1, 'x') AS r, CAST(NULL AS INT) AS nil, CAST('NaN' AS DOUBLE) AS nan, TO_TIMESTAMP_LTZ(0, 3) AS ltz;`;

const CASES: readonly [title: string, args: readonly string[], stdout: string][] = [
  ["print is what a pipe gets", ["-e", VALUES], '+I[1, a, b, null]\n+I[2, say "hi", 1.5]\n+I[3, two\nlines, -0.5]\n'],
  ["print with updates", ["-e", UPDATES], "+I[x, 1]\n+I[y, 1]\n-U[x, 1]\n+U[x, 2]\n"],
  ["print, --final", ["-e", UPDATES, "--final"], "+I[y, 1]\n+I[x, 2]\n"],
  [
    "json",
    ["-e", VALUES, "--format", "json"],
    '{"op":"+I","row":{"id":1,"txt":"a, b","d":null}}\n{"op":"+I","row":{"id":2,"txt":"say \\"hi\\"","d":1.5}}\n{"op":"+I","row":{"id":3,"txt":"two\\nlines","d":-0.5}}\n',
  ],
  [
    "json with updates",
    ["-e", UPDATES, "--format", "json"],
    '{"op":"+I","row":{"k":"x","n":1}}\n{"op":"+I","row":{"k":"y","n":1}}\n{"op":"-U","row":{"k":"x","n":1}}\n{"op":"+U","row":{"k":"x","n":2}}\n',
  ],
  [
    "json of every type",
    ["-e", TYPES, "--format", "json", "-D", "table.local-time-zone=Asia/Tokyo"],
    '{"op":"+I","row":{"big":9007199254740993,"dec_":1.50,"ts":"2024-01-02 03:04:05.600","d":"2024-02-29","t":"10:11:12","b":true,"bin":"AP8=","arr":[1,2],"m":{"k":1},"r":{"EXPR$0":1,"EXPR$1":"x"},"nil":null,"nan":"NaN","ltz":"1970-01-01 09:00:00.000"}}\n',
  ],
  ["csv", ["-e", VALUES, "--format", "csv"], 'id,txt,d\n1,"a, b",\n2,"say ""hi""",1.5\n3,"two\nlines",-0.5\n'],
  ["csv of updates with --final", ["-e", UPDATES, "--format", "csv", "--final"], "k,n\ny,1\nx,2\n"],
  [
    "golden",
    ["-e", UPDATES, "--format", "golden"],
    "changelog\n+I[x, 1]\n+I[y, 1]\n-U[x, 1]\n+U[x, 2]\nfinal\n[x, 2]\n[y, 1]\ncolumns\nk CHAR(1) NOT NULL\nn BIGINT NOT NULL\n",
  ],
  [
    "SHOW in json",
    ["-e", "SHOW CATALOGS", "--format", "json"],
    '{"op":"+I","row":{"catalog name":"default_catalog"}}\n',
  ],
  ["--max-rows", ["-e", VALUES, "--max-rows", "2"], '+I[1, a, b, null]\n+I[2, say "hi", 1.5]\n'],
  ["--max-rows 0", ["-e", VALUES, "--max-rows", "0"], ""],
  [
    "--max-rows goes on with the next statement",
    ["-e", VALUES, "-e", "SELECT 9", "--max-rows", "1"],
    "+I[1, a, b, null]\n+I[9]\n",
  ],
  ["--final --max-rows", ["-e", UPDATES, "--final", "--max-rows", "1"], "+I[y, 1]\n"],
  [
    "--max-rows stops an endless query",
    ["-e", `${ENDLESS} SELECT n FROM endless`, "--max-rows", "3"],
    "+I[1]\n+I[1]\n+I[1]\n",
  ],
  [
    "--final in the order of ORDER BY",
    ["-e", "SELECT v FROM (VALUES 3, 1, 2) AS t(v) ORDER BY v DESC LIMIT 2", "--final"],
    "+I[3]\n+I[2]\n",
  ],
  [
    "print tables write to standard output",
    ["-e", "CREATE TABLE p (a INT, b STRING) WITH ('connector' = 'print'); INSERT INTO p VALUES (1, 'x');"],
    "+I[1, x]\n",
  ],
];

describe("results", () => {
  test.concurrent.each(CASES)("%s", async (_, args, stdout) => {
    expect(await millrace(args)).toEqual({ code: 0, signal: null, stdout, stderr: "" });
  });

  test("csv refuses updates", async () => {
    expect(await millrace(["-e", UPDATES, "--format", "csv"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^error\[CHANGELOG_MODE\]: csv cannot show a result with updates\n[^]*hint: add --final/,
      ),
    });
  });

  test("tableau: boxes, an op column, wide characters, NULL, the count", async () => {
    const ended = await millrace([
      "-e",
      "SELECT 1 AS id, 'Zoë 日本' AS name, CAST(NULL AS STRING) AS nothing;",
      "--format",
      "tableau",
    ]);
    expect(ended).toEqual({
      code: 0,
      signal: null,
      stdout: `+----+----+----------+---------+
| op | id | name     | nothing |
+----+----+----------+---------+
| +I |  1 | Zoë 日本 | <NULL>  |
+----+----+----------+---------+
Received a total of 1 row
`,
      stderr: "",
    });
    expect((await millrace(["-e", "SELECT a FROM (VALUES 1) AS t(a) WHERE FALSE", "--format", "tableau"])).stdout).toBe(
      "Empty set\n",
    );
    expect((await millrace(["-e", UPDATES, "--format", "tableau", "--final"])).stdout).toBe(
      "+---+---+\n| k | n |\n+---+---+\n| y | 1 |\n| x | 2 |\n+---+---+\nReceived a total of 2 rows\n",
    );
  });
});

describe("what goes to stderr", () => {
  const cwd = folderWith({ "in.csv": "1\n2\n3\n" });
  const insert =
    "CREATE TABLE a (v INT) WITH ('connector' = 'filesystem', 'path' = 'in.csv', 'format' = 'csv'); CREATE TABLE h (v INT) WITH ('connector' = 'blackhole', 'checksum' = 'true'); INSERT INTO h SELECT v FROM a;";

  test("--verbose: the checksum of blackhole does not depend on the batches", async () => {
    const runs = await Promise.all(
      ["4096", "1"].map((rows) => millrace(["-e", insert, "--verbose", "-D", `execution.batch-rows=${rows}`], { cwd })),
    );
    const checksums = runs.map((run) => /"rows":3,"checksum":"([0-9a-f]{8})"/.exec(run.stderr)?.[1]);
    expect(checksums[0]).toMatch(/^[0-9a-f]{8}$/);
    expect(checksums[1]).toBe(checksums[0]);
    expect(runs.map((run) => [run.code, run.stdout])).toEqual([
      [0, ""],
      [0, ""],
    ]);
  });

  test("notes, and --quiet", async () => {
    const args = ["-e", insert, "-D", "execution.checkpointing.interval=1 s", "--from", "latest"];
    expect(await millrace(args, { cwd: folderWith({ "in.csv": "1\n" }) })).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(/^note: h has no run to go on with/),
    });
    expect(await millrace([...args, "--quiet"], { cwd: folderWith({ "in.csv": "1\n" }) })).toEqual({
      code: 0,
      signal: null,
      stdout: "",
      stderr: "",
    });
  });
});
