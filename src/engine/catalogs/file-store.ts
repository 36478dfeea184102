import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { CatalogDescriptor, CatalogStore } from "../../catalog/catalog.ts";
import { changing, fileName, namesIn, readText, writeText } from "./directory.ts";
import { damaged } from "./record.ts";

const ENDING = ".yaml";
/** Under this key stands the comment, which is no option. */
const COMMENT = "$comment";

/** Catalogs as files `name.yaml` of their options, as Flink's file store keeps them. */
export function createFileStore(directory: string): CatalogStore {
  const fileOf = (name: string): string => join(directory, fileName(name) + ENDING);
  const write = (descriptor: CatalogDescriptor): void => writeText(fileOf(descriptor.name), textOf(descriptor));
  return {
    names: () => namesIn(directory, ENDING),
    get: (name) => {
      const file = fileOf(name);
      const text = readText(file);
      return text === undefined ? undefined : descriptorOf(name, text, file);
    },
    create: (descriptor) =>
      changing(directory, () => {
        if (readText(fileOf(descriptor.name)) !== undefined) return false;
        write(descriptor);
        return true;
      }),
    replace: (descriptor) => changing(directory, () => write(descriptor)),
    drop: (name) => changing(directory, () => rmSync(fileOf(name), { force: true })),
  };
}

/** JSON strings are YAML. */
function textOf({ comment, options }: CatalogDescriptor): string {
  const entries = [...options, ...(comment === undefined ? [] : [[COMMENT, comment] as const])];
  return entries.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}\n`).join("");
}

function descriptorOf(name: string, text: string, file: string): CatalogDescriptor {
  let document: unknown;
  try {
    // Loaded when a store in files is used, and without waiting: names are looked up while statements are bound.
    const { parse } = createRequire(import.meta.url)("yaml") as { readonly parse: (text: string) => unknown };
    document = parse(text);
  } catch (cause) {
    throw damaged(file, cause);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) throw damaged(file, undefined);
  const options = new Map(Object.entries(document).map(([key, value]) => [key, String(value)]));
  const comment = options.get(COMMENT);
  options.delete(COMMENT);
  return { name, comment, options };
}
