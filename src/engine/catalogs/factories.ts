import { resolve } from "node:path";
import type { OptionDeclaration } from "../../base/options.ts";
import { validateOptions } from "../../base/options.ts";
import { SqlError } from "../../base/errors.ts";
import type { CatalogDescriptor, CatalogFactory, CatalogStore } from "../../catalog/catalog.ts";
import { createMemoryStore } from "../../catalog/catalog.ts";
import { createMemoryCatalog } from "../../catalog/memory-catalog.ts";
import { createFileCatalog } from "./file-catalog.ts";
import { createFileStore } from "./file-store.ts";

const COMMON: readonly OptionDeclaration[] = [
  { name: "type", summary: "kind of catalog", type: "string", required: true },
  { name: "property-version", summary: "version of these options", type: "int", default: "1" },
  { name: "default-database", summary: "the database after USE CATALOG", type: "string", default: "default" },
];

/** Options of `'type' = 'generic_in_memory'`. */
export const MEMORY_CATALOG_OPTIONS: readonly OptionDeclaration[] = COMMON;

/** Options of `'type' = 'filesystem'`. */
export const FILE_CATALOG_OPTIONS: readonly OptionDeclaration[] = [
  ...COMMON,
  { name: "path", summary: "folder that keeps databases, tables, views and functions", type: "string", required: true },
];

/** The kinds of catalogs. `baseDirectory`: where relative paths start. */
export function catalogFactories(baseDirectory: string): readonly CatalogFactory[] {
  const check = ({ name, options }: CatalogDescriptor, declared: readonly OptionDeclaration[]): void =>
    validateOptions(Object.fromEntries(options), declared, `catalog '${name}'`);
  const databaseOf = ({ options }: CatalogDescriptor): string => options.get("default-database") ?? "default";
  return [
    {
      type: "generic_in_memory",
      create: (descriptor) => {
        check(descriptor, MEMORY_CATALOG_OPTIONS);
        return createMemoryCatalog(databaseOf(descriptor));
      },
    },
    {
      type: "filesystem",
      create: (descriptor) => {
        check(descriptor, FILE_CATALOG_OPTIONS);
        const path = localPath(descriptor.options.get("path") ?? "", baseDirectory);
        return createFileCatalog(descriptor.name, path, databaseOf(descriptor), baseDirectory);
      },
    },
  ];
}

/** The store that `table.catalog-store.*` asks for; asked again whenever catalogs are looked up. */
export function catalogStore(
  config: { get(key: string): string | undefined },
  baseDirectory: string,
): () => CatalogStore {
  const memory = createMemoryStore();
  let files: { readonly path: string; readonly store: CatalogStore } | undefined;
  return () => {
    if (config.get("table.catalog-store.kind")?.toLowerCase() !== "file") return memory;
    const option = config.get("table.catalog-store.file.path");
    if (option === undefined) {
      throw new SqlError("OPTION_MISSING", "'table.catalog-store.kind' = 'file' needs 'table.catalog-store.file.path'");
    }
    const path = localPath(option, baseDirectory);
    if (files?.path !== path) files = { path, store: createFileStore(path) };
    return files.store;
  };
}

function localPath(path: string, baseDirectory: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(path)?.[1];
  if (scheme === undefined) return resolve(baseDirectory, path);
  if (scheme.toLowerCase() === "file")
    return resolve(baseDirectory, path.slice(scheme.length + 1).replace(/^\/\/(?=\/)/, ""));
  throw new SqlError("UNSUPPORTED", `catalogs are kept in local files only, not on '${scheme}:'`);
}
