import { resolve, sep } from "node:path";
import { SqlError } from "../../base/errors.ts";
import { invalidOption } from "../../base/options.ts";
import { statIfExists } from "../../storage/files.ts";

/**
 * The absolute local path of a table's `path` option: `file:///x`, `file:/x`, or a plain path, which resolves against
 * `baseDirectory`. Other schemes throw UNSUPPORTED.
 */
export function localPath(option: string, baseDirectory: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(option)?.[1]?.toLowerCase();
  if (scheme === undefined) return withoutSlashAtEnd(resolve(baseDirectory, option));
  if (scheme !== "file") {
    throw new SqlError(
      "UNSUPPORTED",
      `the filesystem connector reads and writes local files, S3 and HDFS, not '${scheme}:'`,
      {
        hint: "use a path such as 'file:///data/events' or '/data/events'",
      },
    );
  }
  const rest = option.slice("file:".length);
  const path = rest.startsWith("//") ? rest.slice(2) : rest;
  const absolute = path.startsWith("localhost/") ? path.slice("localhost".length) : path;
  if (!absolute.startsWith("/"))
    throw invalidOption("path", option, "an absolute path behind 'file:' (file:///data/events)");
  return withoutSlashAtEnd(resolve(decodePercent(absolute)));
}

function withoutSlashAtEnd(path: string): string {
  return path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path;
}

/** `%20` → blank, where what follows the percent sign is well formed and nothing of that literal name exists. */
function decodePercent(path: string): string {
  if (!path.includes("%") || statIfExists(path) !== undefined) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** True when the path has a wildcard (`*`, `?`, `[ab]`, `{a,b}`). */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** The deepest directory of a glob that has no wildcard in it. */
export function globRoot(glob: string): string {
  const parts = glob.split("/");
  const first = parts.findIndex((part) => isGlob(part));
  return parts.slice(0, first).join("/") || "/";
}

/** Matches whole paths: `*` and `?` stay inside one name, `**` crosses directories. */
export function globPattern(glob: string): RegExp {
  let source = "";
  let depth = 0;
  for (let i = 0; i < glob.length; i++) {
    const c = glob.charAt(i);
    if (c === "*" && glob.startsWith("**/", i)) {
      source += "(?:[^/]+/)*";
      i += 2;
    } else if (c === "*" && glob.charAt(i + 1) === "*") {
      source += ".*";
      i += 1;
    } else if (c === "*") source += "[^/]*";
    else if (c === "?") source += "[^/]";
    else if (c === "[") {
      const end = glob.indexOf("]", i + 2);
      if (end < 0) source += "\\[";
      else {
        const negated = glob.charAt(i + 1) === "!" || glob.charAt(i + 1) === "^";
        source += `[${negated ? "^/" : ""}${glob.slice(i + (negated ? 2 : 1), end).replace(/[\\\]^]/g, "\\$&")}]`;
        i = end;
      }
    } else if (c === "{") {
      depth += 1;
      source += "(?:";
    } else if (c === "}" && depth > 0) {
      depth -= 1;
      source += ")";
    } else if (c === "," && depth > 0) source += "|";
    else source += c.replace(/[\\^$.|+()}\]]/, "\\$&");
  }
  return new RegExp(`^${source}${")".repeat(depth)}$`, "u");
}
