import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { cli } from "../recovery/support.ts";
import { folderWith, millrace } from "./support.ts";

const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

/** The first code block of a language. */
function block(language: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(README)?.[1];
  if (found === undefined) throw new TypeError(`the README has no ${language} block`);
  return found;
}

const CLICKS = `/home,2026-11-21 09:00:01
/cart,2026-11-21 09:00:20
/home,2026-11-21 09:00:10
/home,2026-11-21 09:00:59
/home,2026-11-21 09:01:00
/home,2026-11-21 09:01:30
`;

test("the first example gives what the README shows", async () => {
  const cwd = folderWith({ "clicks.sql": block("sql"), "clicks.csv": CLICKS });
  const [command = "", ...lines] = block("console").trimEnd().split("\n");
  const [prompt, program, ...args] = command.split(" ");
  expect([prompt, program]).toEqual(["$", "millrace"]);
  const ended = await millrace(args, { cwd });
  expect({ code: ended.code, rows: ended.stdout.trimEnd().split("\n").sort() }).toEqual({
    code: 0,
    rows: lines.sort(),
  });
  // Run again, the job has finished: nothing is written twice.
  expect(await millrace(args, { cwd })).toMatchObject({ code: 0, stdout: ended.stdout });
});

test("the library example runs from the package", async () => {
  const text = block("ts");
  expect(text).toContain('import { createEngine } from "millrace";');
  const folder = folderWith();
  const library = pathToFileURL(join(dirname(cli()), "index.js")).href;
  writeFileSync(
    join(folder, "example.mjs"),
    `${text.replace('"millrace"', JSON.stringify(library))}\nexport { result };\n`,
  );
  const { result } = (await import(pathToFileURL(join(folder, "example.mjs")).href)) as { result: unknown };
  expect(result).toEqual({
    fields: [{ name: "one", type: { kind: "INT", nullable: false } }],
    changes: [{ kind: "+I", row: [1] }],
  });
});
