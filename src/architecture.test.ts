import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { expect, test } from "vitest";

const SRC = import.meta.dirname;

/** The layer table of ARCHITECTURE.md, so that document and rule cannot part. `x:type` allows types only. */
function layers(): Map<string, string[]> {
  const text = readFileSync(join(SRC, "..", "ARCHITECTURE.md"), "utf8");
  const rows = [...text.matchAll(/^\| `([^`]+)` \| ([^|]*) \|$/gm)];
  return new Map(
    rows.map((m) => [
      m[1]!,
      m[2]!
        .replace("–", "")
        .split(/\s+/)
        .filter((word) => word !== ""),
    ]),
  );
}

const IMPORT = /(?:(?:import|export)(\s+type)?\s[^;"]*?from\s*|import\s*\(?\s*)"(\.[^"]+)"/g;

function layerOf(file: string): string {
  const parts = relative(SRC, file).split(sep);
  return parts.length === 1 ? "src/*.ts" : (parts[0] ?? "");
}

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test|\.test-helper)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

test("the layer table only points downwards", () => {
  const below = new Set<string>();
  const upward: string[] = [];
  for (const [layer, row] of layers()) {
    for (const name of row) if (!below.has(name.replace(":type", ""))) upward.push(`${layer} -> ${name}`);
    below.add(layer);
  }
  expect(below.size).toBeGreaterThan(15);
  expect(upward).toEqual([]);
});

test("every folder has its row, and every import follows the table", () => {
  const table = layers();
  const wrong: string[] = [];
  for (const file of sourceFiles()) {
    const from = layerOf(file);
    const row = table.get(from);
    if (row === undefined) {
      wrong.push(`${relative(SRC, file)}: no row for ${from}`);
      continue;
    }
    for (const match of readFileSync(file, "utf8").matchAll(IMPORT)) {
      const to = layerOf(resolve(dirname(file), match[2] ?? ""));
      const fine = to === from || row.includes(to) || (match[1] !== undefined && row.includes(`${to}:type`));
      if (!fine) wrong.push(`${relative(SRC, file)} must not import ${to}`);
    }
  }
  expect(wrong).toEqual([]);
});
