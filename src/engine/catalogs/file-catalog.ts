import { randomBytes } from "node:crypto";
import { renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../base/json.ts";
import { SqlError } from "../../base/errors.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import type { CatalogFunction } from "../../catalog/manager.ts";
import type { CatalogObject } from "../../catalog/table.ts";
import { ioError, systemCode } from "../../storage/files.ts";
import { changing, fileName, makeDirectories, namesIn, readJson, writeText } from "./directory.ts";
import { databaseOf, databaseRecord, functionOf, functionRecord, objectOf, objectRecord } from "./record.ts";

const ENDING = ".json";
const DATABASE_FILE = "_database.json";

type JsonMap = { readonly [key: string]: Json };

/**
 * A catalog whose databases, tables, views and functions are files: `database/tables/name.json`. Files are read whenever
 * they are asked for, so that sessions see each other's changes, and written whole, one process at a time. An object
 * that another process has changed since this one read it is not overwritten (CATALOG_CHANGED).
 */
export function createFileCatalog(
  name: string,
  root: string,
  defaultDatabase: string,
  /** Where relative file names of functions start. */
  directory: string,
): Catalog {
  /** By file: the revision that this process has read last. */
  const revisions = new Map<string, number>();
  const cache = new Map<string, { readonly stamp: string; readonly object: CatalogObject }>();

  const databaseDirectory = (database: string): string => join(root, fileName(database));
  const databaseFile = (database: string): string => join(databaseDirectory(database), DATABASE_FILE);
  const fileIn = (database: string, kind: "tables" | "functions", object: string): string =>
    join(databaseDirectory(database), kind, fileName(object) + ENDING);
  const functionFile = (database: string, fn: string): string => fileIn(database, "functions", fn.toLowerCase());

  function write(file: string, record: (revision: number) => JsonMap, present: JsonMap | undefined): void {
    const revision = revisionOf(present) + 1;
    makeDirectories(join(file, ".."));
    writeText(file, `${JSON.stringify(record(revision), null, 2)}\n`);
    revisions.set(file, revision);
  }

  /** False: there is such a file. */
  function create(file: string, record: (revision: number) => JsonMap): boolean {
    return changing(root, () => {
      const present = readJson(file);
      if (present !== undefined) return false;
      write(file, record, present);
      return true;
    });
  }

  function replace(file: string, what: string, record: (revision: number) => JsonMap): void {
    changing(root, () => {
      const present = readJson(file);
      const known = revisions.get(file);
      if (known !== undefined && revisionOf(present) !== known) {
        throw new SqlError("CATALOG_CHANGED", `${what} was changed by another process in the meantime`, {
          hint: "run the statement again",
        });
      }
      write(file, record, present);
    });
  }

  function readObject(database: string, objectName: string): CatalogObject | undefined {
    const file = fileIn(database, "tables", objectName);
    const stamp = stampOf(file);
    if (stamp === undefined) {
      cache.delete(file);
      return undefined;
    }
    const known = cache.get(file);
    if (known?.stamp === stamp) return known.object;
    const record = readJson(file);
    if (record === undefined) return undefined;
    const object = objectOf(record, { catalog: name, database }, file);
    revisions.set(file, revisionOf(record));
    cache.set(file, { stamp, object });
    return object;
  }

  function functions(database: string): readonly CatalogFunction[] {
    const location = { catalog: name, database };
    return namesIn(join(databaseDirectory(database), "functions"), ENDING).flatMap((fn) => {
      const file = functionFile(database, fn);
      const record = readJson(file);
      return record === undefined ? [] : [remembered(file, functionOf(record, location, file))];
    });
  }

  /** The session keeps what belongs to a function by its identity: an unchanged one stays the same. */
  const known = new Map<string, CatalogFunction>();
  function remembered(file: string, fn: CatalogFunction): CatalogFunction {
    const before = known.get(file);
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(fn)) return before;
    known.set(file, fn);
    return fn;
  }

  makeDirectories(root);
  const catalog: Catalog = {
    defaultDatabase,
    databaseNames: () => namesIn(root, "").filter((database) => stampOf(databaseFile(database)) !== undefined),
    database: (database) => {
      const file = databaseFile(database);
      const record = readJson(file);
      if (record !== undefined) revisions.set(file, revisionOf(record));
      return record === undefined ? undefined : databaseOf(record, file);
    },
    createDatabase: (database) => create(databaseFile(database.name), (r) => databaseRecord(database, r)),
    replaceDatabase: (database) =>
      replace(databaseFile(database.name), `database '${database.name}'`, (r) => databaseRecord(database, r)),
    dropDatabase: (database) =>
      changing(root, () => {
        // It is gone with one rename; its files follow.
        const grave = join(root, `_dropped.${randomBytes(6).toString("hex")}`);
        try {
          renameSync(databaseDirectory(database), grave);
        } catch (error) {
          if (systemCode(error) === "ENOENT") return;
          throw ioError("remove", databaseDirectory(database), error);
        }
        rmSync(grave, { recursive: true, force: true });
      }),

    objectNames: (database) => namesIn(join(databaseDirectory(database), "tables"), ENDING),
    object: readObject,
    createObject: (object) => {
      const { database } = object.path;
      return create(fileIn(database, "tables", object.path.object), (r) => objectRecord(object, r));
    },
    replaceObject: (object) =>
      replace(fileIn(object.path.database, "tables", object.path.object), `'${object.path.object}'`, (r) =>
        objectRecord(object, r),
      ),
    dropObject: (database, object) => changing(root, () => rmSync(fileIn(database, "tables", object), { force: true })),

    functions,
    createFunction: (fn) =>
      create(functionFile(fn.location?.database ?? "", fn.name), (r) => functionRecord(fn, directory, r)),
    replaceFunction: (fn) =>
      replace(functionFile(fn.location?.database ?? "", fn.name), `the function '${fn.name}'`, (r) =>
        functionRecord(fn, directory, r),
      ),
    dropFunction: (database, fn) =>
      changing(root, () => {
        const file = functionFile(database, fn);
        if (stampOf(file) === undefined) return false;
        rmSync(file, { force: true });
        return true;
      }),
  };
  if (catalog.database(defaultDatabase) === undefined)
    catalog.createDatabase({ name: defaultDatabase, comment: undefined, options: new Map() });
  return catalog;
}

function revisionOf(record: JsonMap | undefined): number {
  const revision = record?.["revision"];
  return typeof revision === "number" ? revision : 0;
}

/** Changes with every write of a file; undefined: there is none. */
function stampOf(file: string): string | undefined {
  try {
    const { ino, mtimeNs, size } = statSync(file, { bigint: true });
    return `${ino}.${mtimeNs}.${size}`;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw ioError("look at", file, error);
  }
}
