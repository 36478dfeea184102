import { didYouMean } from "../base/suggest.ts";
import { SqlError } from "../base/errors.ts";
import type { StateBackend } from "./backend.ts";
import { JDBC } from "./jdbc/backend.ts";
import { FILESYSTEM, HDFS, MEMORY, S3 } from "./memory-backend.ts";
import { ROCKSDB } from "./rocksdb/backend.ts";

/** The list of state backends. */
const STATE_BACKENDS: readonly StateBackend[] = [MEMORY, FILESYSTEM, ROCKSDB, S3, HDFS, JDBC];

/** Backends that Flink or the documentation names and this version does not have. */
const NOT_YET: readonly string[] = ["forst"];

/** The backend of `state.backend.type`. Throws UNSUPPORTED for a known one that is missing, OPTION_INVALID otherwise. */
export function stateBackend(name: string): StateBackend {
  const wanted = name.toLowerCase();
  const backend = STATE_BACKENDS.find((each) => each.names.includes(wanted));
  if (backend !== undefined) return backend;
  const names = STATE_BACKENDS.flatMap((each) => each.names);
  if (NOT_YET.includes(wanted)) {
    throw new SqlError("UNSUPPORTED", `the state backend '${name}' is not supported yet`, {
      hint: `set 'state.backend.type' to one of ${names.join(", ")}`,
    });
  }
  throw new SqlError(
    "OPTION_INVALID",
    `'state.backend.type' = '${name}' is not a state backend; it is one of ${names.join(", ")}`,
    {
      hint: didYouMean(name, names),
    },
  );
}
