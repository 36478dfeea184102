// Builds dist/: the CLI and the library bundled into a few files (400 modules loaded one by one cost 90 ms at every start),
// types beside them. Dependencies stay outside and load on first use. The CLI is one CommonJS file, and so are the threads
// of jobs, because only of such a one compiled code can be kept (src/cli/compile-cache.ts).
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(`${root}/dist`, { recursive: true, force: true });
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  packages: "external",
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: "warning",
};
const content = createHash("sha256");
for (const [entry, outfile] of [
  ["src/cli/main.ts", "dist/main.cjs"],
  ["src/engine/threads/worker.ts", "dist/thread.cjs"],
]) {
  await build({
    ...common,
    entryPoints: [entry],
    outfile,
    format: "cjs",
    define: { "import.meta.url": "moduleUrl", BUNDLE_IMPORT: "moduleImport" },
  });
  const bundle = readFileSync(`${root}/${outfile}`, "utf8");
  // One is that of base/import-module.ts itself.
  if (bundle.match(/\bimport\(/g)?.length !== 1) throw new Error("use importModule() to import packages");
  // Plain ASCII is read in no time (src/cli/compile-cache.ts); in regular expressions others are written as \u00b5.
  if (/[^\0-\x7f]/.test(bundle)) throw new Error(`${outfile} is not plain ASCII`);
  content.update(bundle);
}
await build({
  ...common,
  entryPoints: ["src/cli.ts", "src/index.ts", "src/worker.ts"],
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  splitting: true,
  format: "esm",
  define: { BUILD: JSON.stringify(content.digest("hex").slice(0, 16)) },
});
const tsc = createRequire(import.meta.url)
  .resolve("typescript/package.json")
  .replace("package.json", "bin/tsc");
const types = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
process.exit(types.status ?? 1);
