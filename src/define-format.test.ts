import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { columnOf, createEngine, defineFormat, valueAt, type Value } from "./index.ts";

/** Lines of `name=value` pairs, written with what the library exports. */
const pairs = defineFormat({
  name: "pairs",
  options: [{ name: "separator", type: "char", default: "=", summary: "Between name and value." }],
  changelog: "insert-only",
  decoder: ({ projection, options, onBadRecord }) => ({
    skippedRecords: 0,
    skippedFields: 0,
    decode(data, start, end, maxRows, last) {
      const rows: Map<string, string>[] = [];
      let position = start;
      while (position < end && rows.length < maxRows) {
        const newline = data.indexOf(10, position);
        if (newline < 0 && !last) break;
        const stop = newline < 0 ? end : newline;
        const raw = Buffer.from(data.subarray(position, stop)).toString();
        const separator = options["separator"] ?? "=";
        if (raw.includes(separator))
          rows.push(new Map(raw.split(" ").map((pair) => pair.split(separator) as [string, string])));
        else onBadRecord?.({ raw, reason: "no pair", offset: position });
        position = stop + 1;
      }
      const columns = projection.map(({ path, type }) => {
        const values: Value[] = rows.map((row) => {
          const text = row.get(path[0]!);
          if (text === undefined) return null;
          return type.kind === "BIGINT" ? BigInt(text) : text;
        });
        return columnOf(type, values);
      });
      const batch = { rowCount: rows.length, columns, kinds: undefined, steps: undefined };
      return { batch, consumed: Math.min(position, end) - start };
    },
  }),
  encoder: ({ fields, options }) => ({
    rowWriter:
      ({ columns }, out) =>
      (row) => {
        const separator = options["separator"] ?? "=";
        out.text(
          fields.map(({ name, type }, i) => `${name}${separator}${String(valueAt(columns[i]!, row, type))}`).join(" "),
        );
        return true;
      },
  }),
});

test("a format of one's own reads and writes tables", async () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-format-"));
  try {
    writeFileSync(join(folder, "in.txt"), "id=1 name=a\nid=2\nname=c id=3");
    const engine = createEngine({ baseDirectory: folder, extensions: { formats: [pairs] } });
    const outcomes = await engine.run(`
      CREATE TABLE i (name STRING, id BIGINT) WITH ('connector' = 'filesystem', 'path' = 'in.txt', 'format' = 'pairs');
      CREATE TABLE o (id BIGINT, name STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'pairs', 'pairs.separator' = ':');
      INSERT INTO o SELECT id, name FROM i WHERE id <> 2;
      SELECT * FROM i;`);
    expect(outcomes.at(-1)!.changes.map(({ row }) => row)).toEqual([
      ["a", 1n],
      [null, 2n],
      ["c", 3n],
    ]);
    const [file] = readdirSync(join(folder, "out")).filter((name) => name.startsWith("part-"));
    expect(readFileSync(join(folder, "out", file!), "utf8")).toBe("id:1 name:a\nid:3 name:c\n");
    await expect(
      engine.run(
        "CREATE TABLE x (a INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'pairs', 'pairs.separtor' = ':');\nSELECT * FROM x;",
      ),
    ).rejects.toMatchObject({ code: "OPTION_UNKNOWN" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
