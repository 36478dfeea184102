import { SqlError } from "../../base/errors.ts";
import type { Place } from "../../storage/place.ts";
import { remotePlace, schemeOf } from "../../storage/remote-place.ts";
import type { ConnectorContext } from "../api.ts";

/** Storages whose objects may be the files of a table. (Databases hold checkpoints only.) */
const SCHEMES = new Set(["s3", "s3a", "s3p", "hdfs", "webhdfs", "swebhdfs"]);

/** Whether a table's `path` lies in a storage that is not a disk of this machine. */
export function isRemote(path: string): boolean {
  return SCHEMES.has(schemeOf(path) ?? "");
}

/** The folder that a remote `path` names, with the storage's options of the session. Throws OPTION_MISSING, OPTION_INVALID. */
export async function remoteFolder(path: string, { sessionOptions }: ConnectorContext): Promise<Place> {
  const place = await remotePlace(path, sessionOptions ?? new Map());
  if (place === undefined) throw new SqlError("BUG", `'${path}' is a local path`);
  return place;
}
