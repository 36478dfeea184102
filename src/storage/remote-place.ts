import { SqlError } from "../base/errors.ts";
import type { Place } from "./place.ts";

const S3_SCHEMES = new Set(["s3", "s3a", "s3p"]);
const HDFS_SCHEMES = new Set(["hdfs", "webhdfs", "swebhdfs"]);

/** The scheme of a URI, in lower case; undefined: a path. */
export function schemeOf(location: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
}

/**
 * The storage that a URI such as `s3://bucket/folder` names, with the options for it; undefined: a path or a
 * `file:` URI. Throws UNSUPPORTED for other schemes, OPTION_MISSING, OPTION_INVALID.
 */
export async function remotePlace(location: string, options: ReadonlyMap<string, string>): Promise<Place | undefined> {
  const scheme = schemeOf(location);
  if (scheme === undefined || scheme === "file") return undefined;
  if (S3_SCHEMES.has(scheme)) return await s3Place(location, options);
  if (HDFS_SCHEMES.has(scheme)) return await hdfsPlace(location, options);
  if (scheme === "jdbc") return await jdbcPlace(location, options);
  throw new SqlError("UNSUPPORTED", `checkpoints on '${scheme}:' are not supported yet`, {
    hint: "use a folder, a file: URI, s3://bucket/folder, hdfs://namenode:9000/folder or jdbc:postgresql://host/database/folder",
  });
}

async function s3Place(location: string, options: ReadonlyMap<string, string>): Promise<Place> {
  const [, bucket, folder] = /^[a-z0-9]+:\/\/([^/@?#]+)(?:\/(.*))?$/is.exec(location) ?? [];
  if (bucket === undefined)
    throw new SqlError("OPTION_INVALID", `'${location.replace(/\/\/[^/]*@/, "//")}' names no bucket`, {
      hint: "write s3://bucket/folder; credentials come from the environment or the options 's3.*'",
    });
  // Loaded when there is something in S3.
  const { S3Storage } = await import("./s3/s3-storage.ts");
  const { s3Settings } = await import("./s3/settings.ts");
  const path = (folder ?? "")
    .split("/")
    .filter((part) => part !== "")
    .join("/");
  return {
    storage: new S3Storage(s3Settings(bucket, options)),
    path,
    location: `s3://${bucket}${path === "" ? "" : `/${path}`}`,
  };
}

async function hdfsPlace(text: string, options: ReadonlyMap<string, string>): Promise<Place> {
  const { HdfsStorage } = await import("./hdfs/hdfs-storage.ts");
  const { hdfsSettings } = await import("./hdfs/settings.ts");
  const settings = hdfsSettings(text, options);
  const { name, folder } = settings;
  return { storage: new HdfsStorage(settings), path: folder, location: folder === "" ? name : `${name}/${folder}` };
}

async function jdbcPlace(url: string, options: ReadonlyMap<string, string>): Promise<Place> {
  const { JdbcStorage } = await import("./jdbc/jdbc-storage.ts");
  const { jdbcLocation, jdbcSettings, tableName } = await import("./jdbc/settings.ts");
  const location = jdbcLocation(url);
  const table = tableName(
    "jdbc.table-name",
    options.get("jdbc.table-name") ?? process.env["MILLRACE_JDBC_TABLE_NAME"] ?? "millrace_checkpoints",
  );
  return {
    storage: new JdbcStorage(jdbcSettings(location, options), table),
    path: location.folder,
    location: `${location.name}${location.folder === "" ? "" : `/${location.folder}`}`,
  };
}
