import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { createEngine } from "./engine.ts";

const CONNECTOR = `
const column = (values) => ({ storage: "i32", values: Int32Array.from(values), nulls: undefined });
export default {
  name: "countdown",
  options: [{ name: "from", type: "int", required: true, summary: "First number." }],
  metadata: [],
  sinkMode: "append",
  isBounded: () => true,
  source: (request) => ({
    bounded: true,
    discoverSplits: async () => [{ id: "all", data: null }],
    openSplit: (_split, position) => {
      let next = position?.next ?? Number(request.options.from);
      return {
        poll: () => {
          if (next === 0) return "end";
          const columns = request.columns.map(() => column([next]));
          next -= 1;
          return { rowCount: 1, columns, kinds: undefined, steps: undefined };
        },
        position: () => ({ next }),
        close: () => undefined,
      };
    },
  }),
};
export const notOne = 1;
`;

/** Lines of \`a=1\`: what is behind the sign is the text. */
const FORMAT = `
export const pairs = {
  name: "pairs",
  options: [{ name: "sign", type: "char", default: "=", summary: "What stands between name and value." }],
  changelog: "insert-only",
  encoder: ({ fields, options }) => ({
    rowWriter: (batch, out) => (row) => {
      fields.forEach(({ name }, i) => {
        const { data, starts, lengths } = batch.columns[i];
        out.text((i === 0 ? "" : ",") + name + (options.sign ?? "="));
        out.copy(data, starts[row], lengths[row]);
      });
      return true;
    },
  }),
};
`;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "millrace-extensions-"));
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  writeFileSync(join(directory, "countdown.js"), CONNECTOR);
  writeFileSync(join(directory, "formats.js"), FORMAT);
  const pack = join(directory, "node_modules", "millrace-countdown");
  mkdirSync(pack, { recursive: true });
  writeFileSync(
    join(pack, "package.json"),
    '{"name":"millrace-countdown","type":"module","exports":{"import":"./i.js"}}',
  );
  writeFileSync(join(pack, "i.js"), CONNECTOR);
});

async function last(sql: string): Promise<unknown[]> {
  const outcomes = await createEngine({ baseDirectory: directory, stderr: () => undefined }).run(sql);
  return outcomes.at(-1)!.changes.map(({ row }) => row[0]);
}

test.each(["./countdown.js", "npm:millrace-countdown"])("a connector from %s", async (name) => {
  const sql = `CREATE TABLE t (n INT) WITH ('connector' = '${name}', 'from' = '3'); SELECT n FROM t;`;
  expect(await last(sql)).toEqual([3, 2, 1]);
});

test("in several threads it is loaded in each of them", async () => {
  const sql = `SET 'parallelism.default' = '2'; CREATE TABLE t (n INT) WITH ('connector' = './countdown.js', 'from' = '3');
    SELECT COUNT(*) FROM t;`;
  expect((await last(sql)).at(-1)).toBe(3n);
});

test("a format from a module, with its options", async () => {
  const sql = `CREATE TABLE t (a STRING, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = './formats.js#pairs', 'pairs.sign' = ':');
    INSERT INTO t VALUES ('x', 'y');
    CREATE TABLE r (line STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'raw');
    SELECT line FROM r;`;
  expect(await last(sql)).toEqual(["a:x,b:y"]);
});

test.each([
  ["./nowhere.js", "FILE_NOT_FOUND", "nowhere.js"],
  ["npm:nothing-of-that-name", "FILE_NOT_FOUND", "no package 'nothing-of-that-name'"],
  ["./countdown.js#notOne", "INVALID_QUERY", "the export 'notOne'"],
])("%s is refused", async (name, code, message) => {
  const failure = last(`CREATE TABLE t (n INT) WITH ('connector' = '${name}', 'from' = '3');`);
  await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
});

test("options of its own are checked", async () => {
  const sql = "CREATE TABLE t (n INT) WITH ('connector' = './countdown.js', 'form' = '3'); SELECT n FROM t;";
  await expect(last(sql)).rejects.toMatchObject({
    code: "OPTION_UNKNOWN",
    message: expect.stringContaining("from") as string,
  });
});
