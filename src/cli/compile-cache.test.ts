import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const MODULE = `
const path = require("node:path");
exports.answer = async () => {
  const { sep } = await moduleImport("node:path");
  return [6 * 7, path.sep === sep, moduleUrl.slice(moduleUrl.lastIndexOf("/") + 1), "µ"].join(" ");
};`;

/** What a process prints that loads the module with the given folder for compiled code. */
function run(file: string, build: string, cache: string): string {
  const loader = pathToFileURL(join(import.meta.dirname, "compile-cache.ts")).href;
  const code = `import { loadCompiled } from ${JSON.stringify(loader)};
    const { module, leave } = loadCompiled(${JSON.stringify(file)}, ${JSON.stringify(build)}, "run");
    console.log(await module.answer());
    leave();`;
  const args = ["--import", "tsx", "--input-type=module", "-e", code];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, MILLRACE_COMPILE_CACHE: cache },
  });
  return stdout + stderr;
}

test("compiled code is left behind once, and used; what is no such code is made anew", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-compile-cache-"));
  const file = join(folder, "main.cjs");
  const cache = join(folder, "cache");
  writeFileSync(file, MODULE);
  const expected = "42 true main.cjs µ\n";
  expect(run(file, "a", cache)).toBe(expected);
  const names = readdirSync(cache);
  expect(names).toEqual([`a-${process.version}-${process.arch}-run`]);
  const compiled = join(cache, names[0]!);
  const before = readFileSync(compiled);
  expect(run(file, "a", cache)).toBe(expected);
  expect(readFileSync(compiled).equals(before)).toBe(true);
  writeFileSync(compiled, "no code");
  expect(run(file, "a", cache)).toBe(expected);
  expect(readFileSync(compiled).length).toBe(before.length);
  expect(run(file, "b", cache)).toBe(expected);
  expect(readdirSync(cache)).toHaveLength(2);
});

test("where nothing can be written, or nothing is wished, it is compiled", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-compile-cache-"));
  const file = join(folder, "main.cjs");
  writeFileSync(file, MODULE);
  expect(run(file, "a", join(file, "no-folder"))).toBe("42 true main.cjs µ\n");
  expect(run(file, "a", "0")).toBe("42 true main.cjs µ\n");
  expect(readdirSync(folder)).toEqual(["main.cjs"]);
});
