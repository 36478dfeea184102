import { resolve } from "node:path";
import { SqlError } from "../base/errors.ts";

/** `file:///dir`, `file:/dir` or a path; other schemes come with their storage. Throws UNSUPPORTED. */
export function directoryOf(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return resolve(text);
  if (scheme !== "file")
    throw new SqlError("UNSUPPORTED", `checkpoints on '${scheme}:' are not supported yet`, {
      hint: "use a folder or a file: URI",
    });
  return text.replace(/^file:(\/\/)?/i, "");
}

/** The folder for savepoints: the one that is named, else `execution.checkpointing.savepoint-dir`. Throws OPTION_MISSING. */
export function savepointDirectory(
  named: string | undefined,
  values: ReadonlyMap<string, string>,
  job: string,
): string {
  const text = named ?? values.get("execution.checkpointing.savepoint-dir");
  if (text === undefined)
    throw new SqlError("OPTION_MISSING", `there is no folder for a savepoint of '${job}'`, {
      hint: "SET 'execution.checkpointing.savepoint-dir' = 'file:///…' before the job starts",
    });
  return directoryOf(text);
}
